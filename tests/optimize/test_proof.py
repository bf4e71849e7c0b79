"""What is written wrongly is found, whether it was copied or made anew, and is not left there."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.errors import WriteError
from layerscope.exporter import ExportOptions, Format
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize import rereading
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from layerscope.targets import files
from tests.oci.build import built, docker_archive, layout
from tests.optimize.stacks import tar_of
from tests.sources.images import packed
from tests.union.dsl import file, whiteout

BASE = tar_of([file("base", b"x")])
OWN = (tar_of([file("a", b"four")]), tar_of([whiteout("a"), file("c", b"y")]))
FORMATS: list[Format] = ["docker-archive", "oci-archive", "oci"]
BLOBS = {"copied": b"base\0", "new": b"c\0"}
"""The name of the file in each, by which its header is found in what was written."""


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def squashed(source: Path, destination: Path, form: Format, steps: Steps | None = None) -> Optimized:
    """The two layers above the base become one."""
    steps = steps or Steps(squash_own=True)
    return optimize(str(source), steps, destination, Options(base_layers=1), ExportOptions(format=form))


def damaging(monkeypatch: pytest.MonkeyPatch, name: bytes, at: int) -> None:
    """Change a byte of what was written before it is read again, so far behind the header of a member."""
    write = files._written  # noqa: SLF001

    def written(made: Any, path: Path, *more: Any) -> int:
        size_bytes = write(made, path, *more)
        for place in [path] if path.is_file() else path.rglob("blobs/*/*"):
            data = bytearray(place.read_bytes()) if place.is_file() else bytearray()
            found = data.find(name + bytes(90 - len(name)))
            if found >= 0:
                data[found + at] ^= 1
                place.write_bytes(data)
                return size_bytes
        raise AssertionError("there is no such member")

    monkeypatch.setattr(files, "_written", written)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("blob", BLOBS)
@pytest.mark.parametrize("at", [512, 600, 100], ids=["content", "padding", "mode"])
def test_a_single_wrong_bit_is_found(
    form: Format, blob: str, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaging(monkeypatch, BLOBS[blob], at)
    source = packed(tmp_path / "in.tar", docker_archive(built(BASE, *OWN)))

    with pytest.raises(WriteError):
        squashed(source, tmp_path / "out", form)

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_copied_is_not_scanned_again(
    form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed or not: the tar of a layer that is now stored as such has the diff ID that it had."""
    scanned: list[str] = []
    read = rereading._Some.read_layer  # noqa: SLF001

    def told(some: Any, layer: Any) -> Any:
        scanned.append(layer.blob)
        return read(some, layer)

    monkeypatch.setattr(rereading._Some, "read_layer", told)  # noqa: SLF001
    stored = [gzip.compress(tar, mtime=0) for tar in (BASE, *OWN)]
    source = packed(tmp_path / "in.tar", layout(built(BASE, *OWN), stored=stored))

    done = squashed(source, tmp_path / "out", form)

    assert [layer.what for layer in done.layers] == ["as it is", "joined"]
    assert len(scanned) == 1


def test_a_tar_that_is_now_compressed_is_proven_too(tmp_path: Path) -> None:
    """An archive that tells no digests has only the diff ID of a layer that is another blob now."""
    source = packed(tmp_path / "in.tar", docker_archive(built(BASE, *OWN)))
    steps = Steps(prune=True, recompress=parse_codec("gzip:9"), include_base=True)

    done = squashed(source, tmp_path / "out", "docker-archive", steps)

    assert done.layers[0].what == "recompressed"
