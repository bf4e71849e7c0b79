"""``layerscope doctor``: what can be reached, and what to do about the rest."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from layerscope.loading import load
from tests.cli.command import launch
from tests.cli.looking import Run
from tests.cli.sources import engine, install, silent
from tests.cli.terminal import cells, seen_on_terminal

LONG = "the socket /run/docker.sock may not be opened by this user, " * 3


def checks(look: Run, group: str) -> dict[str, Any]:
    """What the doctor says of a group, by name."""
    return {check["name"]: check for check in json.loads(look("doctor", "--json").out)[group]}


def section(text: str, heading: str) -> list[str]:
    """The lines below a heading."""
    return text.partition(f"\n{heading}\n")[2].partition("\n\n")[0].splitlines()


def test_every_source_has_a_line(look: Run) -> None:
    """Of the sources that there really are."""
    outcome = look("doctor")

    lines = section(outcome.out, "Sources")
    named = {line[8:].split(" ")[0] for line in lines} - {""}
    assert named == set(load("source"))
    assert outcome.code == 0


def test_what_answers_says_what_it_is(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, engine("docker", 10))

    lines = section(look("doctor").out, "Sources")

    assert [" ".join(line.split()) for line in lines] == ["✓ ok docker docker 1.0 at unix:///run/docker.sock"]


def test_what_does_not_answer_says_why_and_what_to_do(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, silent("docker", 10, "connection refused", "start the daemon"))

    lines = section(look("doctor").out, "Sources")

    assert [" ".join(line.split()) for line in lines] == [
        "✗ no docker docker: connection refused",
        "→ start the daemon",
    ]


@pytest.mark.parametrize("columns", [80, 160])
def test_long_reasons_are_wrapped_and_nothing_is_lost(
    columns: int, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    install(monkeypatch, silent("docker", 10, LONG, LONG))

    lines = section(look("doctor").out, "Sources")

    assert max(map(cells, lines)) <= columns
    assert LONG.strip() in " ".join(line.strip() for line in lines)
    assert " ".join(line.strip() for line in lines).count("may not be opened") == 6
    margins = {len(line) - len(line.lstrip()) for line in lines[1:]}
    assert len(margins) == 2  # of the reason and of the hint behind its arrow


def test_sources_stand_in_the_order_in_which_they_are_asked(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, engine("registry", 100), silent("podman", 20), engine("docker", 10))

    assert list(checks(look, "sources")) == ["docker", "podman", "registry"]


def test_when_nothing_works_the_exit_code_says_so(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, silent("docker", 10), silent("podman", 20))

    assert look("doctor").code == 3


def test_json_has_reasons_and_hints(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, engine("docker", 10), silent("podman", 20, "no socket", "start it"))

    assert list(checks(look, "sources").values()) == [
        {"name": "docker", "ok": True, "found": "docker 1.0 at unix:///run/docker.sock", "hint": None},
        {"name": "podman", "ok": False, "found": "podman: no socket", "hint": "start it"},
    ]


def test_commands_on_the_path_are_found_and_others_are_not(
    look: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "podman").write_text("#!/bin/sh\n")
    (tmp_path / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    install(monkeypatch, engine("docker", 10))

    found = checks(look, "tools")

    assert found["podman"]["found"] == str(tmp_path / "podman")
    assert [name for name, check in found.items() if check["ok"]] == ["podman"]


def test_the_temporary_folder_is_the_one_that_is_used_and_need_not_be_there_yet(
    look: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(tmp_path / "not/yet"))

    found = checks(look, "surroundings")["temporary"]

    assert found["ok"]
    assert found["found"].startswith(f"{tmp_path}/not/yet, ")
    assert not (tmp_path / "not").exists()


def test_a_temporary_folder_that_is_a_file_is_no_folder(
    look: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(tmp_path / "file"))

    found = checks(look, "surroundings")["temporary"]

    assert not found["ok"]
    assert "LAYERSCOPE_TEMP" in found["hint"]


def test_a_decoder_that_is_not_installed_is_missed(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "isal":
            raise metadata.PackageNotFoundError(name)
        return "9.9"

    monkeypatch.setattr(metadata, "version", version)

    found = checks(look, "surroundings")

    assert (found["isal"]["ok"], found["zstandard"]["ok"]) == (False, True)
    assert "isal" in found["isal"]["hint"]


def test_the_terminal_is_told_by_its_size_and_colours() -> None:
    env = {"COLUMNS": "91", "LINES": "33"}

    _, coloured = seen_on_terminal("doctor", env=env)
    _, plain = seen_on_terminal("doctor", env=env | {"NO_COLOR": "1"})

    assert "91 × 33, colours" in coloured
    assert "91 × 33, no colours" in plain
    assert "\x1b" in coloured
    assert "\x1b" not in plain


def test_the_versions_are_those_of_this_interpreter() -> None:
    outcome = launch("doctor")

    version = shutil.which("python3") and metadata.version("layerscope")
    assert outcome.out.splitlines()[0].startswith(f"layerscope {version}  Python 3.")
