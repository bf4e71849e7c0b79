"""``layerscope why``: every layer that touched a path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member, pax
from tests.sources.images import file, layer, saved, steps, whiteout

SECOND = 1_700_000_000
LAYERS = (
    layer(
        member(b"usr/bin/tool", b"t" * 1000, mode=0o755),
        member(b"bin", typeflag=b"2", link=b"usr/bin"),
        member(b"etc/conf", b"c" * 500, mtime=SECOND),
        member(b"etc/gone/f", b"g" * 200),
        member(b"etc/also", typeflag=b"1", link=b"etc/conf"),
    ),
    layer(
        pax((b"SCHILY.xattr.user.note", b"\xff"))
        + member(b"usr/bin/tool", b"t" * 1000, mode=0o700, uid=5, gid=6, mtime=SECOND + 1)
    ),
    layer(whiteout(b"usr/bin/tool"), whiteout(b"etc/gone"), member(b"etc/conf", b"d" * 600)),
    layer(member(b"usr/bin/tool", b"u" * 7)),
)
HISTORY = steps(
    "/bin/sh -c #(nop) ADD rootfs.tar in / ", "RUN chown 5:6 /usr/bin/tool", "RUN rm -rf x", "COPY tool /"
)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with four layers."""
    return saved(tmp_path, *LAYERS, history=HISTORY)


def told(look: Run, *arguments: str | Path) -> dict[str, Any]:
    """The object of ``--json``."""
    outcome = look("why", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_every_layer_that_touched_a_file(image: Path, look: Run) -> None:
    found = told(look, image, "/usr/bin/tool")

    keys = ("layer", "change", "how", "size_bytes", "shipped_bytes", "wasted_bytes", "caused_bytes")
    assert [tuple(step[key] for key in keys) for step in found["steps"]] == [
        (0, "added", None, 1000, 1000, 1000, 0),
        (1, "metadata_only", None, 1000, 1000, 1000, 1000),
        (2, "removed", "whiteout", 0, 0, 0, 1000),
        (3, "added", None, 7, 7, 0, 0),
    ]
    assert [step["instruction"] for step in found["steps"]] == [
        "ADD rootfs.tar in /",
        "RUN chown 5:6 /usr/bin/tool",
        "RUN rm -rf x",
        "COPY tool /",
    ]
    assert found["steps"][1]["differences"] == {
        "owner": {"from": "0:0", "to": "5:6"},
        "mode": {"from": "0755", "to": "0700"},
        "time": {"from": "1970-01-01 00:00:00", "to": "2023-11-14 22:13:21"},
        "xattr user.note": {"from": "none", "to": "ff"},
    }
    assert (found["visible"], found["wasted_bytes"]) == (True, 2000)


def test_a_page_for_people(image: Path, look: Run) -> None:
    outcome = look("why", image, "/bin/tool")

    assert outcome.out == PAGE


PAGE = """\
/usr/bin/tool  file  0644  0:0  7 B
/bin/tool leads there

  layer     change            size   wasted   causes  instruction
      0  +  added          1.00 kB  1.00 kB           ADD rootfs.tar in /
      1  ≈  metadata only  1.00 kB  1.00 kB  1.00 kB  RUN chown 5:6 /usr/bin/tool
              owner 0:0 → 5:6
              mode 0755 → 0700
              time 1970-01-01 00:00:00 → 2023-11-14 22:13:21
              xattr user.note none → ff
      2  −  removed                          1.00 kB  RUN rm -rf x
      3  +  added              7 B                    COPY tool /

Layer 0 put it there, layer 3 put it there again (COPY tool /). 2.00 kB are shipped for it that
nobody can see.
"""


def test_a_path_that_is_not_there_any_more(image: Path, look: Run) -> None:
    lines = look("why", image, "etc/gone/f").out.splitlines()

    assert lines[0] == "/etc/gone/f  file  0644  0:0  200 B  not there any more"
    assert lines[3].split() == ["0", "+", "added", "200", "B", "200", "B", "ADD", "rootfs.tar", "in", "/"]
    assert lines[4].split() == ["2", "−", "hidden", "200", "B", "RUN", "rm", "-rf", "x"]
    assert lines[5].strip() == "a directory above it went, or was replaced"
    assert lines[-1].startswith("Layer 0 put it there; layer 2 hid it (RUN rm -rf x). 200 B are shipped")


def test_a_directory_has_what_each_layer_did_below_it(image: Path, look: Run) -> None:
    found = told(look, image, "etc")

    rows = [{key: value for key, value in row.items() if value} for row in found["below"]]
    assert rows == [
        {"added": 3, "shipped_bytes": 700, "wasted_bytes": 200, "instruction": "ADD rootfs.tar in /"},
        {
            "layer": 2,
            "modified": 1,
            "removed": 1,
            "shipped_bytes": 600,
            "caused_bytes": 200,
            "instruction": "RUN rm -rf x",
        },
    ]
    assert found["wasted_bytes"] == 200


def test_the_whole_image_wastes_what_the_report_says(image: Path, look: Run) -> None:
    outcome = look(image, "--json", "-")

    assert told(look, image, "/")["wasted_bytes"] == json.loads(outcome.out)["totals"]["wasted_bytes"] == 2200


def test_a_hard_link_names_its_other_names(image: Path, look: Run) -> None:
    """The first name has another content by now, and the bytes are still seen through the second one."""
    lines = look("why", image, "etc/also").out.splitlines()

    assert lines[0] == "/etc/also  file  0644  0:0  500 B"
    assert lines[-1] == "Layer 0 put it there (ADD rootfs.tar in /). Nothing is wasted on it."
    assert told(look, image, "etc/also")["other_names"] == []


def test_names_of_one_file(look: Run, tmp_path: Path) -> None:
    image = saved(
        tmp_path,
        layer(member(b"a", b"x"), *(member(name, typeflag=b"1", link=b"a") for name in (b"c", b"b"))),
    )

    assert told(look, image, "a")["other_names"] == ["b", "c"]
    assert look("why", image, "b").out.splitlines()[1] == "the same file as /a, /c"


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/usr/bin/tol", "did you mean /usr/bin/tool?"),
        ("tool", "did you mean /usr/bin/tool?"),
        ("/ect/conf", "did you mean /etc/conf?"),
        ("/etc/gone/ff", "did you mean /etc/gone/f?"),
        ("/zzzzzzzz", None),
    ],
)
def test_near_names_where_there_is_no_such_path(path: str, hint: str | None, image: Path, look: Run) -> None:
    outcome = look("why", image, path)

    assert (outcome.code, outcome.out) == (2, "")
    expected = [
        f"error: {path}: no such path in any layer of the image",
        *([f"hint: {hint}"] if hint else []),
    ]
    assert outcome.err.splitlines() == expected


def test_hostile_names_and_instructions_are_harmless(look: Run, tmp_path: Path) -> None:
    image = saved(
        tmp_path,
        layer(file(b"d/\x1b[31m\xff", b"x"), member(b"l", typeflag=b"2", link=b"\x1b]0;t\x07")),
        history=steps("RUN \x1b[2J"),
    )

    outputs = [
        look("why", image, path, *more).out
        for path in ("d", "l", "d/\x1b[31m\udcff")
        for more in ((), ("--json",))
    ]

    assert [text for text in outputs if "\x1b" in text or "\x07" in text or not text] == []
    assert r"/d/\x1b[31m\xff  file" in outputs[4]


@pytest.mark.parametrize("columns", ["60", "80", "160"])
def test_lines_are_not_wider_than_the_terminal(
    columns: str, image: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    widths = [
        len(line)
        for path in ("/", "usr/bin/tool", "etc/gone")
        for line in look("why", image, path).out.splitlines()
    ]

    assert max(widths) <= int(columns)


ODD_NAMES = {"/caf\\xe9": b"caf\xe9", "/two\\x0alines": b"two\nlines", "/back\\x5cslash": b"back\\slash"}


@pytest.mark.parametrize("shown", ODD_NAMES)
@pytest.mark.parametrize("command", ["why", "cat", "ls"])
def test_a_path_is_understood_as_it_is_shown(tmp_path: Path, look: Run, command: str, shown: str) -> None:
    """What one command lists can be given to another; nothing that has such a name itself is passed over."""
    image = saved(tmp_path, layer(file(ODD_NAMES[shown], b"content"), file(b"back\\x5cslash.md", b"other")))

    outcome = look(command, image, shown)

    assert (outcome.code, "leads there" in outcome.out) == (0, False)
    assert (shown if command != "cat" else "content") in outcome.out


def test_a_name_that_is_there_as_it_was_typed_comes_first(tmp_path: Path, look: Run) -> None:
    image = saved(tmp_path, layer(file(b"a\\x41", b"typed"), file(b"aA", b"meant")))

    assert look("cat", image, "/a\\x41").out == "typed"
