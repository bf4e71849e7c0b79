"""``-o docker:…`` and ``-o registry:…``: what is said, and with which exit code it ends."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from layerscope.spool import TEMP_VARIABLE
from tests.cli.command import command_line, environment
from tests.cli.looking import Run
from tests.distribution.conftest import home
from tests.distribution.server import Handler, serving, times
from tests.distribution.taking import TakingRegistry
from tests.oci.build import digest
from tests.sources.samples import LEAN, WASTEFUL

__all__ = ["home"]


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    return tmp_path / "temp"


@pytest.fixture
def registry() -> Iterator[TakingRegistry]:
    """A registry that holds nothing yet."""
    with serving(TakingRegistry()) as server:
        assert isinstance(server, TakingRegistry)
        yield server


@pytest.mark.parametrize("command", [("export",), ("optimize", "--squash")])
def test_an_image_goes_to_a_registry(command: tuple[str, ...], look: Run, registry: TakingRegistry) -> None:
    outcome = look(command[0], WASTEFUL, *command[1:], "-o", f"registry:{registry.host}/team/app:1")

    assert outcome.code == 0, outcome.err
    media_type, raw = registry.manifests["team/app/1"]
    assert media_type == json.loads(raw)["mediaType"]
    named = [json.loads(raw)["config"], *json.loads(raw)["layers"]]
    assert {item["digest"] for item in named} == set(registry.held["team/app"])
    said = outcome.out + outcome.err
    assert digest(raw) in said
    assert "blobs sent" in said


def test_the_tag_comes_last(look: Run, registry: TakingRegistry) -> None:
    look("export", LEAN, "-o", f"registry:{registry.host}/team/app:1")

    methods = [(seen.method, seen.path) for seen in registry.seen if seen.method in ("PUT", "PATCH", "POST")]
    assert methods[-1] == ("PUT", "/v2/team/app/manifests/1")


def test_a_push_that_dies_leaves_no_tag(look: Run, registry: TakingRegistry) -> None:
    def refuse(handler: Handler) -> None:
        handler.refuse(400, "SIZE_INVALID", "no more")

    registry.misdeeds = [times(-1, refuse, "digest=")]

    outcome = look("export", LEAN, "-o", f"registry:{registry.host}/team/app:1")

    assert outcome.code == 5
    assert "no more" in outcome.err
    assert registry.manifests == {}


def test_a_registry_that_goes_away_in_the_middle_is_told_with_what_to_do(
    look: Run, registry: TakingRegistry
) -> None:
    def go_away(handler: Handler) -> None:
        registry.shutdown()
        registry.socket.close()
        handler.hang_up(reset=True)

    registry.misdeeds = [times(1, go_away, "digest=")]

    outcome = look("optimize", WASTEFUL, "--prune", "-o", f"registry:{registry.host}/team/app:1")

    assert outcome.code == 5
    assert f"registry:{registry.host}/team/app:1: not pushed: " in outcome.err
    assert "another try sends only what is not there yet" in outcome.err
    assert registry.manifests == {}


def test_what_is_not_proven_is_not_sent(
    look: Run, registry: TakingRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is of the very bytes that would go there, and comes before them."""
    from layerscope.optimize import result

    def other(*arguments: Any, **_: Any) -> None:
        """Write an empty layer in place of the joined one."""
        put = next(one for one in reversed(arguments) if callable(one))
        put(bytes(1024))

    monkeypatch.setattr(result, "write_layer_tar", other)

    outcome = look("optimize", WASTEFUL, "--squash", "-o", f"registry:{registry.host}/team/app:1")

    assert outcome.code == 5
    assert "would not be the same" in outcome.err
    assert registry.taken == []
    assert registry.manifests == {}


def test_an_image_from_the_same_registry_is_lent_not_sent(look: Run, registry: TakingRegistry) -> None:
    look("export", LEAN, "-o", f"registry:{registry.host}/team/base:1")
    registry.blobs = dict(registry.held["team/base"])
    sent = len(registry.taken)

    outcome = look(
        "export", f"registry:{registry.host}/team/base:1", "-o", f"registry:{registry.host}/team/app:1"
    )

    assert outcome.code == 0, outcome.err
    assert len(registry.taken) == sent
    assert "mounted from the source's repository" in outcome.err
    assert registry.manifests["team/app/1"] == registry.manifests["team/base/1"]


@pytest.mark.parametrize("command", [("export",), ("optimize", "--prune")])
def test_a_tag_that_is_there_is_replaced_only_when_told(
    command: tuple[str, ...], look: Run, registry: TakingRegistry
) -> None:
    place = f"registry:{registry.host}/team/app:1"
    look("export", LEAN, "-o", place)
    before = registry.manifests["team/app/1"]

    refused = look(*command, WASTEFUL, "-o", place)
    assert (refused.code, registry.manifests["team/app/1"]) == (5, before)
    done = look(*command, WASTEFUL, "-o", place, "--force")

    assert done.code == 0
    assert registry.manifests["team/app/1"] != before


def test_nobody_there_is_exit_code_3(look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")

    assert look("export", LEAN, "-o", "docker:app:1").code == 3
    assert look("optimize", "--prune", LEAN, "-o", "registry:127.0.0.1:1/app:1").code == 3


def test_a_damaged_image_is_exit_code_4_and_nothing_is_sent(
    look: Run, registry: TakingRegistry, tmp_path: Path
) -> None:
    (tmp_path / "bad.tar").write_bytes(LEAN.read_bytes()[:40_000])

    outcome = look("export", tmp_path / "bad.tar", "-o", f"registry:{registry.host}/team/app:1")

    assert outcome.code == 4
    assert registry.taken == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "docker:app:1", "--name", "other:1"],
        ["-o", "docker:app:1", "--format", "oci"],
        ["-o", f"registry:127.0.0.1:1/app@sha256:{'0' * 64}"],
        ["-o", "registry:"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(arguments: list[str], look: Run) -> None:
    outcome = look("export", LEAN, *arguments)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")


def test_an_optimized_archive_goes_down_a_pipe(look: Run, tmp_path: Path) -> None:
    """The same bytes as in a file; what there is to say goes to standard error."""
    look("optimize", WASTEFUL, "--squash", "-o", tmp_path / "out.tar")

    piped = subprocess.run(
        command_line("optimize", WASTEFUL, "--squash", "-o", "-"),
        capture_output=True,
        env=environment(),
        check=False,
    )

    assert piped.returncode == 0
    assert piped.stdout == (tmp_path / "out.tar").read_bytes()
    assert b"proven" in piped.stderr
