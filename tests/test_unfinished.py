"""Outputs that are complete or absent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from layerscope.errors import WriteError
from layerscope.unfinished import unfinished

# A process that has begun an output and waits.
RUN = """
import sys
from pathlib import Path
from layerscope.unfinished import unfinished
with unfinished(Path(sys.argv[1]), folder=sys.argv[2] == "folder", replace=False) as path:
    file = path / "blob" if path.is_dir() else path
    file.write_bytes(b"half")
    print("begun", flush=True)
    sys.stdin.readline()
"""
LAYOUT = {"oci-layout": b"{}", "index.json": b"{}"}


def write(destination: Path, content: bytes, *, folder: bool = False, replace: bool = False) -> None:
    """Write an output to its end."""
    with unfinished(destination, folder=folder, replace=replace) as path:
        (path / "oci-layout" if folder else path).write_bytes(content)


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def layout(folder: Path) -> Path:
    """A folder with something like an image layout."""
    folder.mkdir()
    for name, content in LAYOUT.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_file_is_not_there_before_it_is_complete(tmp_path: Path) -> None:
    with unfinished(tmp_path / "out", folder=False, replace=False) as path:
        path.write_bytes(b"content")
        meanwhile = (tmp_path / "out").exists()

    assert not meanwhile
    assert (tmp_path / "out").read_bytes() == b"content"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_mode_is_that_of_any_new_file(folder: bool, mask: int, tmp_path: Path) -> None:  # noqa: FBT001
    before = os.umask(mask)
    try:
        write(tmp_path / "out", b"content", folder=folder)
    finally:
        os.umask(before)

    assert (tmp_path / "out").stat().st_mode & 0o777 == (0o777 if folder else 0o666) & ~mask


@pytest.mark.parametrize("folder", [False, True])
def test_an_error_leaves_nothing(folder: bool, tmp_path: Path) -> None:  # noqa: FBT001
    with (
        suppress(KeyboardInterrupt),
        unfinished(tmp_path / "out", folder=folder, replace=False) as path,
    ):
        (path / "blob" if folder else path).write_bytes(b"half")
        raise KeyboardInterrupt

    assert names(tmp_path) == []


def test_an_existing_file_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"before")

    with pytest.raises(WriteError, match="exists") as caught:
        write(tmp_path / "out", b"after")

    assert "--force" in (caught.value.hint or "")
    assert (tmp_path / "out").read_bytes() == b"before"


def test_an_existing_file_is_replaced_if_asked_for(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"before")

    write(tmp_path / "out", b"after", replace=True)

    assert (tmp_path / "out").read_bytes() == b"after"
    assert names(tmp_path) == ["out"]


def test_a_failing_replacement_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"before")

    with suppress(RuntimeError), unfinished(tmp_path / "out", folder=False, replace=True) as path:
        path.write_bytes(b"half")
        raise RuntimeError

    assert (tmp_path / "out").read_bytes() == b"before"
    assert names(tmp_path) == ["out"]


def test_what_appeared_meanwhile_stays(tmp_path: Path) -> None:
    with (
        pytest.raises(WriteError, match="exists"),
        unfinished(tmp_path / "out", folder=False, replace=False),
    ):
        (tmp_path / "out").write_bytes(b"of somebody else")

    assert (tmp_path / "out").read_bytes() == b"of somebody else"
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    write(tmp_path / "out", b"content", folder=True)

    assert (tmp_path / "out/oci-layout").read_bytes() == b"content"


def test_a_layout_is_replaced_only_if_asked_for(tmp_path: Path) -> None:
    destination = layout(tmp_path / "out")

    with pytest.raises(WriteError, match="exists"):
        write(destination, b"after", folder=True)
    write(destination, b"after", folder=True, replace=True)

    assert names(destination) == ["oci-layout"]
    assert (destination / "oci-layout").read_bytes() == b"after"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("held", ["thesis.txt", "blobs.bak", ".git"])
def test_a_folder_with_anything_else_in_it_is_never_replaced(held: str, tmp_path: Path) -> None:
    destination = layout(tmp_path / "out")
    (destination / held).touch()

    with pytest.raises(WriteError, match="other things"):
        write(destination, b"after", folder=True, replace=True)

    assert names(destination) == sorted([*LAYOUT, held])


def test_blobs_alone_are_no_layout_to_replace(tmp_path: Path) -> None:
    (tmp_path / "out/blobs").mkdir(parents=True)

    with pytest.raises(WriteError, match="other things"):
        write(tmp_path / "out", b"after", folder=True, replace=True)


def test_a_file_takes_no_folders_place_nor_a_folder_a_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(WriteError, match="is a folder"):
        write(tmp_path / "folder", b"", replace=True)
    with pytest.raises(WriteError, match="is no folder"):
        write(tmp_path / "file", b"", folder=True, replace=True)


@pytest.mark.parametrize("place", ["none/out", "file/out"])
def test_a_missing_folder_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(WriteError) as caught:
        write(tmp_path / place, b"")

    assert str((tmp_path / place).parent) in caught.value.message


@pytest.mark.parametrize("name", ["n" * 300, "n" * 5000])
def test_a_name_that_no_file_can_have_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="too long"):
        write(tmp_path / name, b"")


def test_a_folder_that_takes_no_files_is_an_error() -> None:
    """Not even from root."""
    with pytest.raises(WriteError, match="/proc/self"):
        write(Path("/proc/self/out"), b"")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_run_left_is_removed_by_the_next(kind: str, tmp_path: Path) -> None:
    with begun(tmp_path / "out", kind) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = names(tmp_path)

    write(tmp_path / "out", b"content", folder=kind == "folder")

    assert len(left) == 1
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_living_run_has_begun_is_left_alone(kind: str, tmp_path: Path) -> None:
    with begun(tmp_path / "out", kind) as process:
        write(tmp_path / "other", b"content")
        write(tmp_path / "out", b"content", folder=kind == "folder")
        meanwhile = names(tmp_path)
        process.communicate("go on\n", timeout=30)

    assert len(meanwhile) == 3
    assert process.returncode != 0  # the place was taken
    assert names(tmp_path) == ["other", "out"]


def begun(destination: Path, kind: str) -> subprocess.Popen[str]:
    """A process in the middle of its output."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, destination, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process
