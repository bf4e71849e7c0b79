"""Every step on the sample images, and what comes out read by a checker that shares no code with us."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.config import Options
from layerscope.errors import UsageError
from layerscope.exporter import ExportOptions, Format
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from tests.oci.write.outputs import NAMES
from tests.optimize.checker import Read, differences, read_image
from tests.sources.samples import LEAN, ODD, WASTEFUL

OWN = 2
FORMATS = tuple(NAMES)


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def made(image: Path, steps: Steps, folder: Path, form: Format = "docker-archive") -> tuple[Optimized, Read]:
    """What becomes of an image whose base is its lowest layers, as the checker reads it."""
    destination = folder / NAMES[form]
    how = ExportOptions(format=form, replace=True)
    return optimize(str(image), steps, destination, Options(base_layers=OWN), how), read_image(destination)


def folders(folder: Path) -> tuple[Path, Path]:
    """One for a first run and one for a second."""
    made = folder / "first", folder / "second"
    for one in made:
        one.mkdir()
    return made


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("image", [WASTEFUL, LEAN, ODD], ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "steps",
    [
        Steps(dedupe=True),
        Steps(latest_s=1_000_000_000),
        Steps(latest_s=0, dedupe=True, squash_own=True),
        Steps(recompress=parse_codec("gzip:9")),
        Steps(flatten=True, latest_s=0, recompress=parse_codec("gzip:1")),
    ],
    ids=str,
)
def test_nothing_changes_but_what_was_asked_for(
    steps: Steps, image: Path, form: Format, tmp_path: Path
) -> None:
    before = read_image(image)

    _, after = made(image, steps, tmp_path, form)

    latest = None if steps.latest_s is None else float(steps.latest_s)
    assert list(differences(before, after, latest=latest, linked=steps.dedupe)) == []
    if not steps.flatten:
        assert after.tars[:OWN] == before.tars[:OWN]


@pytest.mark.parametrize(
    "steps",
    [
        Steps(drop=("/usr/share/doc", "*.py")),
        Steps(drop=("/usr/share/doc", "*.py"), include_base=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("image", [WASTEFUL, LEAN], ids=lambda path: path.stem)
def test_what_is_dropped_is_gone_with_what_is_below_it(image: Path, steps: Steps, tmp_path: Path) -> None:
    before = read_image(image)

    done, after = made(image, steps, tmp_path)

    gone = frozenset(
        path
        for path in before.tree
        if path == "usr/share/doc" or path.startswith("usr/share/doc/") or path.endswith(".py")
    )
    assert gone
    assert list(differences(before, after, dropped=gone)) == []
    assert {one.path for one in done.removed if one.visible} == gone
    assert (after.tars[:OWN] == before.tars[:OWN]) is not steps.include_base


@pytest.mark.parametrize("algorithm", ["gzip", "zstd"])
def test_compressing_again_keeps_diff_ids_and_says_the_media_type(algorithm: str, tmp_path: Path) -> None:
    before = read_image(WASTEFUL)

    done, after = made(WASTEFUL, Steps(recompress=parse_codec(algorithm)), tmp_path, "oci-archive")

    assert after.tars == before.tars
    assert [layer.what for layer in done.layers] == ["as it is"] * OWN + ["recompressed"] * (
        len(before.tars) - OWN
    )
    assert {kind.rpartition("tar")[2] for kind in after.media_types[OWN:]} == {f"+{algorithm}"}
    assert after.blobs[:OWN] == before.blobs[:OWN]


def test_a_layer_that_gets_no_smaller_stays_the_blob_that_it_was(tmp_path: Path) -> None:
    """Compressed well already, and then not so well."""
    small, again = folders(tmp_path)
    _, well = made(WASTEFUL, Steps(recompress=parse_codec("gzip:9")), small, "oci")

    done, after = made(small / NAMES["oci"], Steps(recompress=parse_codec("gzip:1")), again, "oci")

    assert after.blobs == well.blobs
    assert not done.changed


def test_an_archive_for_docker_can_hold_gzip_and_is_refused_zstd(tmp_path: Path) -> None:
    done, after = made(WASTEFUL, Steps(recompress=parse_codec("gzip")), tmp_path)
    assert all(blob.startswith(b"\x1f\x8b") for blob in after.blobs[OWN:])
    assert done.exported is not None

    with pytest.raises(UsageError, match="takes no zstd"):
        made(WASTEFUL, Steps(recompress=parse_codec("zstd")), tmp_path)


def test_uncompressed_is_what_is_asked_for_even_if_it_is_larger(tmp_path: Path) -> None:
    small, again = folders(tmp_path)
    made(WASTEFUL, Steps(recompress=parse_codec("zstd")), small, "oci")

    done, after = made(small / NAMES["oci"], Steps(recompress=parse_codec("none")), again, "oci")

    assert after.blobs == after.tars
    assert [layer.actual for layer in done.layers] == [layer.predicted for layer in done.layers]


@pytest.mark.parametrize(
    "steps",
    [
        Steps(recompress=parse_codec("gzip")),
        Steps(recompress=parse_codec("zstd:12"), squash_own=True),
        Steps(latest_s=0),
        Steps(dedupe=True, prune=True),
        Steps(drop=("/usr/share/",)),
    ],
    ids=str,
)
def test_what_was_predicted_is_what_comes(steps: Steps, tmp_path: Path) -> None:
    """The tars exactly, what is compressed nearly."""
    done, after = made(WASTEFUL, steps, tmp_path, "oci")

    for layer, tar, blob in zip(done.layers, after.tars, after.blobs, strict=True):
        assert layer.actual is not None
        assert (layer.actual.tar_bytes, layer.actual.stored_bytes) == (len(tar), len(blob))
        assert layer.predicted.tar_bytes == len(tar)
        assert layer.predicted.stored_bytes == pytest.approx(len(blob), rel=0.08, abs=4096)


def test_layers_that_are_compressed_in_several_ways_are_predicted_as_well(tmp_path: Path) -> None:
    done, after = made(ODD, Steps(flatten=True), tmp_path, "oci")

    [layer] = done.layers
    assert layer.predicted.tar_bytes == len(after.tars[0])
    assert layer.predicted.stored_bytes == pytest.approx(len(after.blobs[0]), rel=0.1)


@pytest.mark.parametrize(
    "steps",
    [Steps(latest_s=0), Steps(dedupe=True), Steps(drop=("*.pyc",)), Steps(recompress=parse_codec("zstd:3"))],
    ids=str,
)
@pytest.mark.parametrize("image", [WASTEFUL, ODD], ids=lambda path: path.stem)
def test_a_second_run_changes_nothing(image: Path, steps: Steps, tmp_path: Path) -> None:
    once, twice = folders(tmp_path)
    made(image, steps, once, "oci")

    done, _ = made(once / NAMES["oci"], steps, twice, "oci")

    assert not done.changed
    first, second = (
        {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        for folder in (once, twice)
    )
    assert first == second
