"""Export: from any source, checked before and after it is written, whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from layerscope import exporter
from layerscope.config import Options
from layerscope.errors import (
    BlobMismatch,
    ImageError,
    ImageNotFound,
    IncompleteImage,
    LimitExceeded,
    UsageError,
    WriteError,
)
from layerscope.exporter import FORMATS, Exported, ExportOptions, Format, export
from layerscope.extensions import Access, Opened, ScanOptions, Source
from layerscope.inspection import inspect
from layerscope.oci.blobs.pipe import PipedBlobs
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.write.content import CheckedImage, Member
from layerscope.oci.write.docker_archive import docker_archive as docker_archive_members
from layerscope.spool import TEMP_VARIABLE
from layerscope.targets import docker_archive as docker_archive_target
from tests.oci.build import (
    BASE,
    LAYERS,
    TOP,
    Files,
    as_tar,
    blob_path,
    built,
    digest,
    docker_archive,
    hybrid,
    layout,
)
from tests.oci.write.outputs import NAMES, content_of, docker_image, exported, oci_image
from tests.sources.images import packed
from tests.sources.samples import NAMES as SAMPLE_NAMES
from tests.sources.samples import SAMPLES

IMAGE = built()
GZIPPED = tuple(gzip.compress(layer, mtime=0) for layer in LAYERS)


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    return tmp_path / "temp"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[Files | bytes], None]:
    """A function that makes ``engine:NAME`` an engine that streams this archive."""

    def offer(files: Files | bytes) -> None:
        content = files if isinstance(files, bytes) else as_tar(files)

        @contextmanager
        def stream(name: str, access: Access, scan: ScanOptions) -> Iterator[Opened]:
            yield OpenedBlobs(PipedBlobs(io.BytesIO(content), "engine", scan), None, access.platform, name)

        source = Source(id="engine", help="", open=stream, rank=1)
        monkeypatch.setattr(
            exporter, "find_source", lambda reference, _access: (source, reference.removeprefix("engine:"))
        )

    return offer


def left_in(folder: Path) -> list[str]:
    """What is in a folder, hidden files too, without what tests put there."""
    return sorted(path.name for path in folder.iterdir() if path.name not in {"in.tar", "temp"})


def temporary(temp: Path) -> list[Path]:
    """Temporary data that are left."""
    return list(temp.iterdir()) if temp.exists() else []


def to_stream(image: Path) -> tuple[Exported, bytes]:
    """Export to a stream."""
    target = io.BytesIO()
    said = export(str(image), target)
    return said, target.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("sample", SAMPLE_NAMES)
def test_a_sample_is_the_same_image_afterwards(sample: str, form: Format, tmp_path: Path) -> None:
    said, _ = exported(SAMPLES / sample, form, tmp_path)

    before, after = inspect(str(SAMPLES / sample)), inspect(str(tmp_path / NAMES[form]), Options(verify=True))
    assert [change.entries for change in after.changesets] == [c.entries for c in before.changesets]
    assert after.image.config == before.image.config
    assert after.image.image_id == before.image.image_id == said.image_id
    assert said.layers == len(before.image.layers)
    assert said.read_again


@pytest.mark.parametrize("form", FORMATS)
def test_what_passes_only_once_is_the_same_as_from_a_file(
    form: Format, piped: Callable[[Files], None], tmp_path: Path, temp: Path
) -> None:
    (tmp_path / "piped").mkdir()
    _, from_file = exported(packed(tmp_path / "in.tar", layout(IMAGE, stored=GZIPPED)), form, tmp_path)
    piped(layout(IMAGE, stored=GZIPPED))

    destination = tmp_path / "piped" / NAMES[form]
    export("engine:app:1", destination, how=ExportOptions(format=form))

    assert content_of(destination) == from_file
    assert temporary(temp) == []


def test_a_stream_gets_the_same_bytes_as_a_file(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(IMAGE, stored=GZIPPED))
    exported(image, "docker-archive", tmp_path)

    said, written = to_stream(image)

    assert written == (tmp_path / "out.tar").read_bytes()
    assert (said.size_bytes, said.read_again) == (len(written), False)


def test_sizes_digests_and_ids_are_those_of_what_was_written(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", hybrid(IMAGE))

    said, content = exported(image, "oci-archive", tmp_path)

    assert said.size_bytes == (tmp_path / "out.oci.tar").stat().st_size
    assert said.digest == digest(oci_image(content)[0])
    assert said.image_id == digest(IMAGE.config)
    assert (said.layers, said.names) == (3, ("app:1",))


def test_the_chosen_image_of_several_is_written(tmp_path: Path) -> None:
    several = docker_archive(built(BASE, names=("one:1",)), built(TOP, names=("two:2",)))
    image = packed(tmp_path / "in.tar", several)

    export(f"{image}:two:2", tmp_path / "out.tar")

    entry, _, layers = docker_image(content_of(tmp_path / "out.tar"))
    assert (entry["RepoTags"], layers) == (["docker.io/library/two:2"], [TOP])


def test_an_image_without_a_name_gets_that_by_which_it_was_asked_for(
    piped: Callable[[Files], None], tmp_path: Path
) -> None:
    piped(docker_archive(built(names=())))

    said = export("engine:team/app", tmp_path / "out.tar")

    assert said.names == ("team/app:latest",)


@pytest.mark.parametrize("reference", ["0123456789ab", f"team/app@sha256:{'a' * 64}"])
def test_an_id_or_a_digest_is_no_name(reference: str, piped: Callable[[Files], None], tmp_path: Path) -> None:
    piped(docker_archive(built(names=())))

    said = export(f"engine:{reference}", tmp_path / "out.tar")

    assert said.names == ()


def without_top(files: Files) -> Files:
    """An archive that lacks its last layer."""
    return {name: content for name, content in files.items() if content != TOP}


def with_other_top(files: Files) -> Files:
    """An archive whose last layer is another of the same size."""
    other = TOP.replace(b"odd", b"ODD")
    return {name: other if content == TOP else content for name, content in files.items()}


def with_other_config(files: Files) -> Files:
    """An archive whose config is another of the same size."""
    other = IMAGE.config.replace(b"PATH=/bin", b"PATH=/xyz")
    return {name: other if content == IMAGE.config else content for name, content in files.items()}


BAD: dict[str, tuple[Files, type[ImageError]]] = {
    "layout without a layer": (without_top(layout(IMAGE)), IncompleteImage),
    "archive without a layer": (without_top(docker_archive(IMAGE)), IncompleteImage),
    "layout without a config": (
        {name: content for name, content in layout(IMAGE).items() if content != IMAGE.config},
        IncompleteImage,
    ),
    "layout with a changed layer": (with_other_top(layout(IMAGE)), BlobMismatch),
    "archive with a changed layer": (with_other_top(docker_archive(IMAGE)), BlobMismatch),
    "layout with a changed config": (with_other_config(layout(IMAGE)), BlobMismatch),
    "archive with a changed config": (with_other_config(docker_archive(IMAGE)), BlobMismatch),
    "archive with a cut layer": (docker_archive(IMAGE) | {"manifest.json": b"[]"}, ImageError),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_image_is_refused_and_nothing_is_written(bad: str, form: Format, tmp_path: Path) -> None:
    files, kind = BAD[bad]
    image = packed(tmp_path / "in.tar", files)

    with pytest.raises(kind) as caught:
        exported(image, form, tmp_path)

    assert caught.value.exit_code == 4
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_stream_is_refused_and_nothing_is_kept(
    bad: str, piped: Callable[[Files], None], tmp_path: Path, temp: Path
) -> None:
    files, kind = BAD[bad]
    piped(files)

    with pytest.raises(kind):
        export("engine:app:1", tmp_path / "out.tar")

    assert left_in(tmp_path) == []
    assert temporary(temp) == []


def test_a_stream_that_is_cut_off_is_refused(piped: Callable[[bytes], None], tmp_path: Path) -> None:
    piped(as_tar(docker_archive(IMAGE))[:7000])

    with pytest.raises(ImageError):
        export("engine:app:1", tmp_path / "out.tar")

    assert left_in(tmp_path) == []


def test_a_layer_that_changes_between_reading_and_writing_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not by the size, which stays: by reading again what was written."""
    image = packed(tmp_path / "in.tar", layout(IMAGE))
    change_after_reading(monkeypatch, image)

    with pytest.raises(WriteError, match="another image"):
        exported(image, "docker-archive", tmp_path)

    assert left_in(tmp_path) == []


def test_a_layer_that_changes_is_noticed_in_a_stream_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = packed(tmp_path / "in.tar", layout(IMAGE))
    change_after_reading(monkeypatch, image)

    with pytest.raises(BlobMismatch, match="changed while it was read"):
        to_stream(image)


def change_after_reading(monkeypatch: pytest.MonkeyPatch, image: Path) -> None:
    """Have somebody change a layer once it has been checked."""

    def changed(checked: CheckedImage, names: Sequence[str]) -> tuple[Member, ...]:
        image.write_bytes(image.read_bytes().replace(b"odd", b"ODD"))
        return docker_archive_members(checked, names)

    monkeypatch.setattr(docker_archive_target, "docker_archive", changed)


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(IMAGE, stored=GZIPPED))

    with pytest.raises(LimitExceeded):
        export(str(image), tmp_path / "out.tar", Options(max_unpacked_bytes=1000))

    assert left_in(tmp_path) == []


def test_temporary_data_are_bounded(piped: Callable[[Files], None], tmp_path: Path, temp: Path) -> None:
    piped(layout(IMAGE, stored=GZIPPED))

    with pytest.raises(WriteError, match="more than 100 bytes of temporary data"):
        export("engine:app:1", tmp_path / "out.tar", how=ExportOptions(max_temp_bytes=100))

    assert left_in(tmp_path) == []
    assert temporary(temp) == []


def test_a_file_needs_no_temporary_data(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(IMAGE, stored=GZIPPED))

    export(str(image), tmp_path / "out.tar", how=ExportOptions(max_temp_bytes=0))

    assert docker_image(content_of(tmp_path / "out.tar"))[2] == list(LAYERS)


def test_the_destination_is_looked_at_before_the_image(tmp_path: Path) -> None:
    (tmp_path / "out.tar").touch()

    with pytest.raises(WriteError):
        export("registry:127.0.0.1:1/never/asked", tmp_path / "out.tar")


def test_an_unknown_image_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        export(str(tmp_path / "none.tar"), tmp_path / "out.tar")

    assert left_in(tmp_path) == []


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(IMAGE))
    (tmp_path / "link.tar").symlink_to("real.tar")

    export(str(image), tmp_path / "link.tar")

    assert left_in(tmp_path) == ["link.tar", "real.tar"]
    assert (tmp_path / "link.tar").is_symlink()
    assert tarfile.is_tarfile(tmp_path / "real.tar")


def test_an_image_can_replace_itself(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(IMAGE, stored=GZIPPED))

    export(str(image), image, how=ExportOptions(replace=True))

    assert docker_image(content_of(image))[2] == list(LAYERS)


def test_a_folder_goes_into_no_stream(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(IMAGE))

    with pytest.raises(UsageError, match="stream"):
        export(str(image), io.BytesIO(), how=ExportOptions(format="oci"))


def test_a_reader_that_goes_away_is_no_error_of_ours(tmp_path: Path) -> None:
    """What a closed pipe says comes through as it is, also past the sources' own error handling."""
    image = packed(tmp_path / "in.tar", docker_archive(IMAGE))
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb", buffering=0) as pipe, pytest.raises(BrokenPipeError):
        export(str(image), pipe)


def test_memory_does_not_grow_with_a_layer(tmp_path: Path) -> None:
    """Under a limit on the address space that the layer alone would break."""
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(400 << 20)
    with (tmp_path / "layer.tar").open("wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(big, "big")
    stored = subprocess.run(["gzip", "-1c", tmp_path / "layer.tar"], capture_output=True, check=True).stdout
    with (tmp_path / "layer.tar").open("rb") as layer:
        diff_id = f"sha256:{hashlib.file_digest(layer, 'sha256').hexdigest()}"
    image = built(b"", rootfs={"type": "layers", "diff_ids": [diff_id]})
    packed(tmp_path / "in.tar", layout(image, stored=[stored]))
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n"
        "from pathlib import Path\n"
        "from layerscope.exporter import export\n"
        "export(sys.argv[1], Path(sys.argv[2]))\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "in.tar", tmp_path / "out.tar"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert tar.getmember(f"{diff_id[7:]}.tar").size == (tmp_path / "layer.tar").stat().st_size


def test_blobs_lie_where_a_layout_has_them(tmp_path: Path) -> None:
    _, content = exported(packed(tmp_path / "in.tar", docker_archive(IMAGE)), "oci", tmp_path)

    assert {blob_path(layer) for layer in LAYERS} <= set(content)
