"""``layerscope ls``: the merged filesystem, for people and for programs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member, pax
from tests.sources.images import layer, saved, whiteout
from tests.sources.samples import LEAN, NAMES, SAMPLES, WASTEFUL, ledger_of

SECOND = 1_700_000_000
CONTENT = b"#!/bin/sh\n"
BASE = layer(
    member(b"bin", typeflag=b"2", link=b"usr/bin", mtime=SECOND),
    member(b"usr/bin/tool", CONTENT, mode=0o4755, uid=1000, gid=100, mtime=SECOND),
    member(b"usr/bin/also", typeflag=b"1", link=b"usr/bin/tool"),
    member(b"dev/tty", typeflag=b"3", mode=0o620, devmajor=5, devminor=0),
    member(b"dev/disk", typeflag=b"4", mode=0o660, devmajor=8, devminor=1),
    member(b"run/pipe", typeflag=b"6", mode=0o600),
    pax((b"SCHILY.xattr.user.note", b"\x00\xff"), (b"mtime", b"-1.5")) + member(b"etc/conf", b"lower"),
    member(b"etc/gone", b"x"),
)
TOP = layer(whiteout(b"etc/gone"), member(b"etc/conf", b"upper!", mode=0o600))
ESCAPES = {
    b"caf\xe9": r"caf\xe9",
    "grün".encode(): "grün",
    b"a\\b": r"a\x5cb",
    b"two\nlines": r"two\x0alines",
    b"\x1b[31mred": r"\x1b[31mred",
    "left\u202eright".encode(): r"left\xe2\x80\xaeright",
    b"bell\x07": r"bell\x07",
    "c1\x9b".encode(): r"c1\xc2\x9b",
    b"del\x7f": r"del\x7f",
    b"blank ": "blank ",
    "名前".encode(): "名前",
}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with an entry of every type in two layers."""
    return saved(tmp_path, BASE, TOP)


def rows(look: Run, *arguments: str | Path) -> dict[str, dict[str, Any]]:
    """The objects of ``--json`` by their path."""
    outcome = look("ls", *arguments, "--json")
    assert outcome.code == 0, outcome.err
    found = [json.loads(line) for line in outcome.out.splitlines()]
    assert len({row["path"] for row in found}) == len(found)
    return {row["path"]: row for row in found}


def test_every_type_has_its_letter(image: Path, look: Run) -> None:
    found = {path: row["type"] for path, row in rows(look, image).items()}

    assert found == {
        "bin": "l",
        "dev": "d",
        "dev/disk": "b",
        "dev/tty": "c",
        "etc": "d",
        "etc/conf": "f",
        "run": "d",
        "run/pipe": "p",
        "usr": "d",
        "usr/bin": "d",
        "usr/bin/also": "h",
        "usr/bin/tool": "f",
    }


def test_an_object_holds_what_the_entry_says(image: Path, look: Run) -> None:
    assert rows(look, image)["usr/bin/tool"] == {
        "path": "usr/bin/tool",
        "type": "f",
        "mode": "4755",
        "uid": 1000,
        "gid": 100,
        "size_bytes": len(CONTENT),
        "mtime_ns": SECOND * 10**9,
        "link_target": None,
        "layer": 0,
        "xattrs": {},
    }


def test_a_hard_link_carries_the_mode_size_and_hash_of_its_file(image: Path, look: Run) -> None:
    found = rows(look, image, "--sha256")
    file, link = found["usr/bin/tool"], found["usr/bin/also"]

    assert link == file | {"path": "usr/bin/also", "type": "h", "link_target": "usr/bin/tool"}
    assert file["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_the_hash_of_a_link_is_that_of_its_file_whatever_came_to_that_path_later(
    look: Run, tmp_path: Path
) -> None:
    """The file is of layer 0, its name is taken by another one in layer 2, the link is of layer 3."""
    image = saved(
        tmp_path,
        layer(member(b"a", b"first"), member(b"b", typeflag=b"1", link=b"a")),
        layer(),
        layer(member(b"a", b"second")),
        layer(member(b"c", typeflag=b"1", link=b"b")),
    )

    found = {path: row["sha256"] for path, row in rows(look, image, "--sha256").items()}

    first, second = (hashlib.sha256(content).hexdigest() for content in (b"first", b"second"))
    assert found == {"a": second, "b": first, "c": first}


def test_only_files_have_a_hash(image: Path, look: Run) -> None:
    found = rows(look, image, "--sha256")

    assert {row["type"] for row in found.values() if row["sha256"]} == {"f", "h"}
    assert "sha256" not in rows(look, image)["etc/conf"]


def test_links_devices_attributes_and_times(image: Path, look: Run) -> None:
    lower = rows(look, image, "--layer", "0")

    assert (lower["bin"]["link_target"], lower["bin"]["mode"]) == ("usr/bin", "0777")
    assert (lower["dev/tty"]["link_target"], lower["dev/disk"]["link_target"]) == ("5:0", "8:1")
    assert lower["etc/conf"]["xattrs"] == {"user.note": "00ff"}
    assert lower["etc/conf"]["mtime_ns"] == -1_500_000_000


def test_a_directory_without_an_entry_is_implied(image: Path, look: Run) -> None:
    found = rows(look, image)

    implied = {"type": "d", "mode": "0755", "uid": 0, "gid": 0, "mtime_ns": None, "implied": True}
    assert implied.items() <= found["usr/bin"].items()
    assert [path for path, row in found.items() if "implied" in row] == [
        "dev",
        "etc",
        "run",
        "usr",
        "usr/bin",
    ]


def test_as_of_a_layer(image: Path, look: Run) -> None:
    lower, upper = rows(look, image, "--layer", "0"), rows(look, image, "--layer", "1")

    assert "etc/gone" in lower
    assert (lower["etc/conf"]["size_bytes"], lower["etc/conf"]["layer"]) == (5, 0)
    assert "etc/gone" not in upper
    assert (upper["etc/conf"]["size_bytes"], upper["etc/conf"]["layer"]) == (6, 1)
    assert upper == rows(look, image)


def test_for_people_a_line_is_as_ls_writes_it(image: Path, look: Run) -> None:
    lines = look("ls", image).out.splitlines()

    assert lines == [
        "drwxr-xr-x  0:0        0                      0  /",
        "lrwxrwxrwx  0:0        0  2023-11-14 22:13    0  /bin -> usr/bin",
        "drwxr-xr-x  0:0        0                      0  /dev",
        "brw-rw----  0:0        0  1970-01-01 00:00    0  /dev/disk",
        "crw--w----  0:0        0  1970-01-01 00:00    0  /dev/tty",
        "drwxr-xr-x  0:0        0                      0  /etc",
        "-rw-------  0:0        6  1970-01-01 00:00    1  /etc/conf",
        "drwxr-xr-x  0:0        0                      0  /run",
        "prw-------  0:0        0  1970-01-01 00:00    0  /run/pipe",
        "drwxr-xr-x  0:0        0                      0  /usr",
        "drwxr-xr-x  0:0        0                      0  /usr/bin",
        "-rwsr-xr-x  1000:100  10  2023-11-14 22:13    0  /usr/bin/also = /usr/bin/tool",
        "-rwsr-xr-x  1000:100  10  2023-11-14 22:13    0  /usr/bin/tool",
    ]


@pytest.mark.parametrize("spelling", ["etc", "/etc", "./etc/", "//etc/.", "run/../etc"])
def test_a_path_lists_what_is_at_and_below_it(spelling: str, image: Path, look: Run) -> None:
    assert list(rows(look, image, spelling)) == ["etc", "etc/conf"]


@pytest.mark.parametrize("spelling", ["/", ".", "", "/.."])
def test_the_root_is_everything(spelling: str, image: Path, look: Run) -> None:
    assert rows(look, image, spelling) == rows(look, image)


def test_a_path_of_one_file(image: Path, look: Run) -> None:
    assert list(rows(look, image, "/etc/conf")) == ["etc/conf"]


def test_a_path_below_a_symlinked_folder_is_followed(image: Path, look: Run) -> None:
    """As any program that opens it would find it; the link itself is listed as a link."""
    assert list(rows(look, image, "/bin/tool")) == ["usr/bin/tool"]
    assert list(rows(look, image, "/bin/")) == ["usr/bin", "usr/bin/also", "usr/bin/tool"]
    assert list(rows(look, image, "/bin")) == ["bin"]


def test_symlinks_are_followed_inside_the_root_and_not_for_ever(look: Run, tmp_path: Path) -> None:
    image = saved(
        tmp_path,
        layer(
            member(b"real/deep/file", b"1"),
            member(b"up", typeflag=b"2", link=b"../../real/./deep/"),
            member(b"absolute", typeflag=b"2", link=b"/up"),
            member(b"loop", typeflag=b"2", link=b"loop"),
        ),
    )

    assert list(rows(look, image, "up/file")) == ["real/deep/file"]
    assert list(rows(look, image, "absolute/file")) == ["real/deep/file"]
    assert list(rows(look, image, "absolute/../deep/file")) == ["real/deep/file"]
    assert look("ls", image, "loop/file").code == 2


@pytest.mark.parametrize("path", ["no/such", "etc/gone", "etc/conf/below", "ETC"])
def test_a_path_that_is_not_there_is_a_usage_error(path: str, image: Path, look: Run) -> None:
    outcome = look("ls", image, path)

    assert outcome.code == 2
    assert outcome.err.startswith(f"error: {path}: no such path")
    assert outcome.out == ""


def test_a_path_that_is_not_there_yet_names_the_layer(look: Run, tmp_path: Path) -> None:
    image = saved(tmp_path, layer(member(b"a", b"1")), layer(member(b"b", b"2")))

    assert look("ls", image, "b", "--layer", "0").err == "error: b: no such path in the image as of layer 0\n"
    assert look("ls", image, "b", "--layer", "1").code == 0


@pytest.mark.parametrize("number", ["2", "99", "-1", "one"])
def test_a_layer_that_is_not_there_is_a_usage_error(number: str, image: Path, look: Run) -> None:
    outcome = look("ls", image, "--layer", number)

    assert outcome.code == 2
    assert "--layer" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("name", ESCAPES, ids=ESCAPES.values())
def test_a_name_that_could_mislead_is_escaped(name: bytes, look: Run, tmp_path: Path) -> None:
    image = saved(tmp_path, layer(member(name, b"1"), member(b"z", typeflag=b"2", link=name)))

    outcome, found = look("ls", image), rows(look, image)

    assert found[ESCAPES[name]]["size_bytes"] == 1
    assert found["z"]["link_target"] == ESCAPES[name]
    assert outcome.out.count("\n") == 3
    assert f"  /{ESCAPES[name]}\n" in outcome.out
    assert f"  /z -> {ESCAPES[name]}\n" in outcome.out


def test_an_empty_image_has_a_root(look: Run, tmp_path: Path) -> None:
    image = saved(tmp_path, layer())

    assert look("ls", image).out.split()[-1] == "/"
    assert rows(look, image) == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_list_what_their_accounts_show(name: str, look: Run) -> None:
    found = rows(look, SAMPLES / name, "--sha256")

    expected = {
        escaped(path): (
            f"{member_.mode:04o}",
            entry.layer,
            hashlib.sha256(member_.logical_content).hexdigest() if member_.kind == "file" else None,
        )
        for path, entry in ledger_of(name).tree.items()
        if (member_ := entry.inode.member).kind != "symlink"
    }
    listed = {
        path: (row["mode"], row["layer"], row["sha256"]) for path, row in found.items() if row["type"] != "l"
    }
    assert listed == expected


def escaped(path: str) -> str:
    """Bytes that are not UTF-8, ASCII's control characters and the backslash as hexadecimal numbers."""
    return "".join(
        f"\\x{ord(char) & 0xFF:02x}" if char in "\x1b\n\\" or "\udc80" <= char <= "\udcff" else char
        for char in path
    )


def test_a_command_wins_over_an_image_of_its_name(
    look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ls").write_bytes(LEAN.read_bytes())

    assert look("ls").code == 2
    assert look("ls", "ls").out == look("ls", LEAN).out
    assert look("./ls").code == 0
    assert look("oci-archive:ls", "--ci").out.endswith("verdict: pass\n")


def test_what_the_reading_options_say_counts_for_ls_too(look: Run) -> None:
    assert look("ls", WASTEFUL, "--platform", "linux/arm64").code == 3
    assert look("ls", WASTEFUL, "--max-unpacked", "1kB").code == 4
    assert look("ls", WASTEFUL, "--verify", "--quiet").code == 0
