"""Text for people: widths, colours, encodings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.command import launch
from tests.cli.looking import Run
from tests.cli.terminal import cells, seen_on_terminal
from tests.oci.build import built, layout
from tests.oci.tar.raw import member
from tests.sources.images import file, layer, packed, saved, steps, whiteout
from tests.sources.samples import LEAN, ODD, SAMPLES, WASTEFUL

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def many_troubles(folder: Path) -> Path:
    """An image with the longest names, owners, causes and platform, in wide characters."""
    wide = "層の中のとても長い名前のファイル" * 4
    paths = [f"{wide}/{number}/{wide}".encode() for number in range(4)]
    lower = [file(path, b"%d" % number * 1000) for number, path in enumerate(paths)]
    copied = file(paths[0], b"0" * 1000, mode=0o600, uid=70_000, gid=70_000, mtime=1)
    upper = [copied, file(paths[1], b"other" * 90), whiteout(paths[2]), whiteout(paths[3])]
    image = built(
        layer(*lower, file(b"twin", b"t" * 9999), file(b"twin-" + wide.encode(), b"t" * 9999)),
        layer(*upper, member(b"/absolute", b"1"), member(b"/absolute", b"2")),
        names=[f"registry.example/{'team/' * 20}app:1", f"{'b' * 70}:2"],
        os="linux" * 9,
        cpu="architecture" * 3,
        history=steps(f"COPY {wide} /", f"RUN /bin/sh -c {wide} && {'x' * 200} # buildkit"),
    )
    return packed(folder / f"{wide[:60]}.tar", layout(image))


@pytest.mark.parametrize("columns", ["80", "100", "160"])
@pytest.mark.parametrize("arguments", [[], ["--ci"], ["--base-layers", "1"]], ids=["summary", "ci", "base"])
@pytest.mark.parametrize("image", [WASTEFUL, LEAN, ODD, None], ids=["wasteful", "lean", "odd", "troubles"])
def test_no_line_is_wider_than_the_terminal(
    image: Path | None,
    arguments: list[str],
    columns: str,
    look: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    lines = look(image or many_troubles(tmp_path), *arguments).out.splitlines()

    assert len(lines) > 5
    assert [line for line in lines if cells(line) > int(columns)] == []


@pytest.mark.parametrize("name", ["short", "名前", "long" * 50])
def test_what_is_cut_has_a_sign(
    name: str, look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    image = saved(tmp_path, layer(file(name.encode(), b"1")), layer(whiteout(name.encode())))

    text = look(image).out

    assert (f"  /{name}\n" in text) is (len(name) < 50)
    assert ("  …" in text.partition("Paths that waste")[2]) is (len(name) > 50)


def test_a_pipe_has_no_colours(look: Run) -> None:
    assert "\x1b" not in look(WASTEFUL).out
    assert "\x1b" not in look(WASTEFUL, "--ci").out


def test_a_terminal_has_colours() -> None:
    code, text = seen_on_terminal(WASTEFUL, "--ci")

    assert code == 1
    assert "\x1b[1;31mFAIL\x1b[0m" in text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_a_terminal_without_colours_gets_none(env: dict[str, str]) -> None:
    code, text = seen_on_terminal(WASTEFUL, "--ci", env=env)

    assert code == 1
    assert "\x1b" not in text
    assert "FAIL" in text


def test_an_empty_no_color_asks_for_nothing() -> None:
    """As no-color.org has it: only a value that is not empty counts."""
    assert "\x1b" in seen_on_terminal(LEAN, env={"NO_COLOR": ""})[1]


def test_colours_carry_no_meaning_of_their_own(look: Run) -> None:
    """Without them the text is the same, save blanks at the end of a line."""
    _, coloured = seen_on_terminal(WASTEFUL, env={"COLUMNS": "100"})

    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == look(WASTEFUL).out.splitlines()


@pytest.mark.parametrize("arguments", [["odd.tar"], ["odd.tar", "--ci"], ["ls", "odd.tar"], ["--help"]])
def test_a_locale_without_unicode_loses_characters_and_nothing_else(arguments: list[str]) -> None:
    outcome = launch(*arguments, env=ASCII, cwd=SAMPLES)

    assert outcome.code in (0, 1)
    assert outcome.err == ""
    assert outcome.out.count("\n") == launch(*arguments, cwd=SAMPLES).out.count("\n")


def test_json_is_the_same_in_every_locale() -> None:
    for arguments in (["odd.tar", "--json", "-"], ["ls", "odd.tar", "--json"]):
        assert launch(*arguments, env=ASCII, cwd=SAMPLES).out == launch(*arguments, cwd=SAMPLES).out


@pytest.mark.parametrize("env", [{}, ASCII], ids=["utf-8", "ascii"])
@pytest.mark.parametrize("name", [b"caf\xe9\x1b[31m.tar", "名前\n.tar".encode()], ids=["latin", "lines"])
def test_an_archive_of_any_name_can_be_looked_at(name: bytes, env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(LEAN.read_bytes())
    (tmp_path / "image.tar").rename(tmp_path / name.decode("utf-8", "surrogateescape"))

    outcome = launch(name, "--ci", env=env, cwd=tmp_path)
    refused = launch(name, "--base-layers", "99", env=env, cwd=tmp_path)
    absent = launch(b"no-" + name, env=env, cwd=tmp_path)

    assert (outcome.code, refused.code, absent.code) == (0, 2, 3)
    assert "\x1b" not in outcome.out + refused.err + absent.err
    assert absent.err.count("\n") == 2 + name.count(b"\n")


def test_a_hostile_tag_cannot_write_on_the_terminal(look: Run, tmp_path: Path) -> None:
    """The listing of an ambiguous archive quotes the archive."""
    tags = ["red\x1b[31m:1", "left\u202e:2", "c1\x9b31m:3"]
    files = layout(*(built(layer(member(b"a", tag.encode())), names=[tag]) for tag in tags))

    outcome = look(packed(tmp_path / "image.tar", files))

    assert outcome.code == 2
    assert r"red\x1b[31m:1" in outcome.err
    assert [char for char in outcome.err if char in "\x1b\x9b\u202e"] == []
