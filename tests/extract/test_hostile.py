"""Nothing is written outside of the folder, whatever is in the image or happens meanwhile."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from layerscope.errors import WriteError
from layerscope.extract import Wishes, extract, making
from layerscope.inspection import Options, inspecting
from layerscope.union.places import find_place
from tests.extract.written import EVERYTHING, directory, sentinel, symlink, tree, write
from tests.oci.tar.raw import END, member
from tests.sources.images import file, layer, saved, whiteout
from tests.union.folder import IS_ROOT


def hostile(home: Path) -> dict[str, list[bytes]]:
    """Layers that try to get out of the folder, by what they try."""
    target = os.fsencode(home / "sentinel")
    up = b"../" * 40 + target.removeprefix(b"/")
    through = [
        (b"absolute symlink", symlink(b"l", target)),
        (b"relative symlink", symlink(b"l", up)),
        (b"sibling", symlink(b"l", b"../sentinel")),
    ]
    cases = {
        "dot-dot": [member(b"../sentinel/file", b"evil") + member(up + b"/file", b"evil")],
        "inner dot-dot": [directory(b"d") + member(b"d/../../sentinel/file", b"evil")],
        "absolute": [member(target + b"/file", b"evil") + directory(target)],
        "hard link out": [
            member(b"h", typeflag=b"1", link=b"../sentinel/file")
            + member(b"h2", typeflag=b"1", link=target + b"/file")
            + member(b"h2", b"evil")
        ],
        "hard link through a symlink": [
            symlink(b"l", target) + member(b"h", typeflag=b"1", link=b"l/file") + member(b"h", b"evil")
        ],
        "hard link to a symlink": [
            symlink(b"l", target + b"/file") + member(b"h", typeflag=b"1", link=b"l", mode=0o777)
        ],
        "symlink over symlink": [
            symlink(b"a", b".")
            + symlink(b"a/b", target)
            + member(b"a/b/file", b"evil")
            + member(b"b", b"evil")
        ],
        "circle": [symlink(b"a", b"b") + symlink(b"b", b"a") + member(b"a/file", b"evil")],
        "directory over symlink": [
            symlink(b"l", target) + directory(b"l", uid=7) + member(b"l/file", b"evil"),
            symlink(b"l", target),
        ],
        "whiteout": [symlink(b"l", target) + whiteout(b"l/file") + whiteout(b"../sentinel/file")],
        "names": [member(b"..", b"evil") + member(b"./../..", b"evil") + file(b"d/..\\..\\file", b"evil")],
    }
    for name, link in through:
        cases[f"{name.decode()}, then a file through it"] = [link + member(b"l/file", b"evil")]
        cases[f"{name.decode()}, then a file in the next layer"] = [link, member(b"l/file", b"evil")]
        cases[f"{name.decode()} in the place of a folder"] = [
            directory(b"l") + member(b"l/file", b"evil"),
            whiteout(b"l") + link,
        ]
        cases[f"{name.decode()} twice"] = [
            link + link + member(b"l", b"evil") + link + member(b"l/x/y", b"evil")
        ]
    return cases


@pytest.mark.parametrize("case", hostile(Path("/home")))
@pytest.mark.parametrize("wishes", [Wishes(), Wishes(force=True), EVERYTHING])
def test_nothing_is_written_outside_the_folder(case: str, wishes: Wishes, tmp_path: Path) -> None:
    layers = [tar + END for tar in hostile(tmp_path)[case]]
    image = saved(tmp_path, *layers)

    with sentinel(tmp_path):
        for number in range(len(layers)):
            write(image, "/", tmp_path / "out", layer=number, wishes=wishes)
            subprocess.run(["rm", "-rf", tmp_path / "out"], check=True)


@pytest.mark.parametrize("moment", ["make_file", "make_symlink", "make_link", "make_folder", "dress"])
def test_a_folder_that_is_replaced_by_a_symlink_meanwhile_is_noticed(
    moment: str, image: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else who may write there swaps a folder after the first file, link or folder was made."""
    import layerscope.extract as module

    plain = getattr(module, moment)
    swapped: list[Path] = []

    def swap(*arguments: Any, **more: Any) -> Any:
        result = plain(*arguments, **more)
        deep = out / "srv/d/deep"
        if not swapped and deep.is_dir():
            swapped.append(deep.rename(out / "aside"))
            deep.symlink_to(out.parent / "sentinel")
        return result

    monkeypatch.setattr(module, moment, swap)

    with sentinel(out.parent), suppress(WriteError):
        write(image, "/srv", out, wishes=Wishes(force=True))

    assert swapped


def test_a_folder_that_is_moved_elsewhere_meanwhile_is_not_left_to_there(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ``..`` leads to the sentinel then."""
    import layerscope.extract as module

    image = saved(tmp_path, layer(member(b"a/b/first", b"1"), member(b"a/second", b"2"), directory(b"a/c")))
    plain = making.make_file

    def move(*arguments: Any, **more: Any) -> None:
        plain(*arguments, **more)
        if (out / "a/b").exists():
            (out / "a/b").rename(out.parent / "sentinel/folder/b")

    monkeypatch.setattr(module, "make_file", move)
    (out.parent / "sentinel/folder").mkdir(parents=True)

    with pytest.raises(WriteError, match="moved or replaced"):
        write(image, "/", out)

    assert sorted(path.name for path in (out.parent / "sentinel").iterdir()) == ["folder"]


def test_a_folder_that_is_replaced_before_it_is_entered_is_not_entered(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import layerscope.extract as module

    image = saved(tmp_path, layer(member(b"a/file", b"evil")))
    plain = making.make_folder

    def swap(*arguments: Any, **more: Any) -> bool:
        made = plain(*arguments, **more)
        (out / "a").rmdir()
        (out / "a").symlink_to(out.parent / "sentinel")
        return made

    monkeypatch.setattr(module, "make_folder", swap)

    with sentinel(out.parent):
        done = write(image, "/", out, wishes=Wishes(force=True))

    assert [missing.path for missing in done.missing] == ["a", "a/file"]


def test_folders_that_their_owner_may_not_enter_are_written_by_others_than_root() -> None:
    """Each gets its mode when everything below it is done."""
    tar = layer(
        directory(b"a", mode=0o000), directory(b"a/b", mode=0o500), member(b"a/b/f", b"x", mode=0o400)
    )
    with tempfile.TemporaryDirectory(prefix="layerscope-extract-") as name:
        home = Path(name)
        home.chmod(0o777)
        image = saved(home, tar)
        with inspecting(str(image), Options(jobs=1)) as inspection:
            place = find_place(inspection.analysis.index, "/")
            assert place is not None
            with nobody():
                done = extract(inspection.content, place, home / "out")
        modes = [stat.S_IMODE((home / "out" / path).stat().st_mode) for path in ("a", "a/b", "a/b/f")]

    assert (done.missing, modes) == ((), [0o000, 0o500, 0o400])


@contextmanager
def nobody() -> Iterator[None]:
    """Without root's rights."""
    before = os.geteuid()
    if IS_ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_folders_that_the_file_system_takes_for_one_are_not_mixed(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that does not tell upper from lower case."""
    image = saved(tmp_path, layer(member(b"Doc/upper", b"1"), member(b"doc/lower", b"2")))
    for name in ("mkdir", "open", "stat"):
        plain = getattr(os, name)

        def folded(path: Any, *arguments: Any, plain: Any = plain, **more: Any) -> Any:
            return plain(path.lower() if more.get("dir_fd") is not None else path, *arguments, **more)

        monkeypatch.setattr(os, name, folded)

    done = write(image, "/", out)

    assert tree(out) == {"doc": None, "doc/upper": b"1"}
    assert [missing.path for missing in done.missing] == ["doc", "doc/lower"]
