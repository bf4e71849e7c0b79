"""``layerscope extract`` as a command: what it says, what it ends with."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.command import launch
from tests.cli.looking import Run
from tests.oci.build import built, layout
from tests.oci.tar.raw import member
from tests.sources.images import file, layer, packed, saved, whiteout

BASE = layer(
    member(b"srv/app", b"#!/bin/sh\n", mode=0o4755),
    member(b"srv/also", typeflag=b"1", link=b"srv/app"),
    member(b"srv/tty", typeflag=b"3", devmajor=5),
    member(b"old/f", b"old"),
    member(b"lib", typeflag=b"2", link=b"srv"),
)
TOP = layer(whiteout(b"old"), member(b"srv/new", b"new"))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with two layers."""
    return saved(tmp_path, BASE, TOP)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder to write into."""
    return tmp_path / "out"


def test_it_says_what_it_wrote(image: Path, out: Path, look: Run) -> None:
    outcome = look("extract", image, "/srv", "-o", out)

    summary = f"{out}: 2 files, 1 folder, 1 link, 13 B; 1 device or pipe left out (--devices)\n"
    assert outcome == (0, "", summary)
    assert (out / "srv/also").read_bytes() == b"#!/bin/sh\n"


def test_quiet_says_nothing(image: Path, out: Path, look: Run) -> None:
    assert look("extract", image, "/srv", "-o", out, "-q") == (0, "", "")


def test_a_folder_that_was_deleted_is_written_with_a_note(image: Path, out: Path, look: Run) -> None:
    outcome = look("extract", image, "old", "-o", out)

    assert outcome.err == f"note: /old is as of layer 0; layer 1 hides it\n{out}: 1 file, 1 folder, 3 B\n"
    assert (out / "old/f").read_bytes() == b"old"


def test_as_of_a_layer(image: Path, out: Path, look: Run) -> None:
    look("extract", image, "srv", "-o", out, "--layer", "0")

    assert sorted(path.name for path in (out / "srv").iterdir()) == ["also", "app"]


def test_symlinks_on_the_way_are_followed_and_one_at_the_end_is_not(
    image: Path, out: Path, look: Run
) -> None:
    look("extract", image, "lib/new", "-o", out)
    look("extract", image, "lib", "-o", out)

    assert (out / "new").read_bytes() == b"new"
    assert str((out / "lib").readlink()) == "srv"


@pytest.mark.parametrize(
    ("options", "mode"),
    [((), 0o755), (("--keep-special",), 0o4755), (("--owners", "--keep-special"), 0o4755)],
)
def test_the_options_reach_the_files(
    options: tuple[str, ...], mode: int, image: Path, out: Path, look: Run
) -> None:
    if "--owners" in options:
        look("extract", image, "srv/app", "-o", out, "-q")
        options = (*options, "--force")
    outcome = look("extract", image, "srv/app", "-o", out, "-q", *options)

    assert outcome == (0, "", "")
    assert (out / "app").stat().st_mode & 0o7777 == mode


def test_what_is_there_is_an_error_without_force(image: Path, out: Path, look: Run) -> None:
    look("extract", image, "srv", "-o", out)

    outcome = look("extract", image, "srv", "-o", out)

    assert (outcome.code, outcome.out) == (5, "")
    assert outcome.err == f"error: {out}/srv exists\nhint: --force replaces what is in the way\n"


def test_more_than_the_limit_is_an_error(image: Path, out: Path, look: Run) -> None:
    outcome = look("extract", image, "srv", "-o", out, "--max-size", "12")

    assert outcome.code == 4
    assert outcome.err == (
        "error: /srv takes 13 bytes, 12 are allowed\nhint: raise --max-size if you trust the image\n"
    )


def test_what_is_missing_is_listed_and_is_an_error(tmp_path: Path, out: Path, look: Run) -> None:
    name = b"n" * 256
    image = saved(tmp_path, layer(file(name, b"x"), member(b"good", b"y"), *(
        member(b"h%02d" % number, typeflag=b"1", link=b"nowhere") for number in range(30)
    )))  # fmt: skip

    outcome = look("extract", image, "/", "-o", out)

    lines = outcome.err.splitlines()
    assert outcome.code == 5
    assert lines[0] == f"{out}: 1 file, 1 B"
    assert lines[1] == f"error: {out}: 31 entries are missing or not whole"
    assert lines[2] == "  /h00: it is a hard link that names nothing"
    assert lines[-1] == "  … and 11 more"


def test_without_a_folder_it_is_wrong_usage(image: Path, look: Run) -> None:
    outcome = look("extract", image, "/srv")

    assert outcome.code == 2
    assert "-o" in outcome.err


def test_an_image_that_lacks_a_layer_is_written_as_far_as_it_goes(
    tmp_path: Path, out: Path, look: Run
) -> None:
    stored = [gzip.compress(BASE, mtime=0), gzip.compress(TOP, mtime=0)]
    files = layout(built(BASE, TOP), stored=stored)
    lacking = {name: content for name, content in files.items() if content != stored[1]}
    image = packed(tmp_path / "image.tar", lacking)

    outcome = look("extract", image, "/srv", "-o", out)

    assert outcome.code == 0
    assert "note: layers are missing, and what was in them" in outcome.err.splitlines()
    assert (out / "srv/app").exists()


def test_in_a_process_of_its_own(image: Path, out: Path) -> None:
    outcome = launch("extract", image, "/srv/new", "-o", out)

    assert outcome == (0, "", f"{out}: 1 file, 3 B\n")
