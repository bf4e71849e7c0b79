"""``layerscope build``: whose arguments are whose, what is built with, and what is looked at afterwards."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layerscope.cli import run
from layerscope.inspection import Options, inspect
from layerscope.loading import load
from layerscope.model.instruction import instruction_of
from layerscope.model.local_image import LocalImage
from tests.cli.command import Outcome, environment
from tests.cli.looking import Run
from tests.cli.sources import engine, install, silent
from tests.sources.samples import LEAN, WASTEFUL

ID = f"sha256:{'0123456789abcdef' * 4}"
BUILT = LocalImage(reference=f"docker:{ID}", names=(), image_id=ID)

# Writes down what it was told, prints on both streams, and leaves an ID where it is asked to.
FAKE = """#!/bin/sh
printf '%s\\n' "$@" > "$0.told"
echo output; echo complaint >&2
while [ $# -gt 0 ]; do
    case $1 in
        --iidfile) printf %s "$LEFT_ID" > "$2" ;;
        --iidfile=*) printf %s "$LEFT_ID" > "${1#--iidfile=}" ;;
    esac
    shift
done
exit "${EXIT_CODE:-0}"
"""


class Commands:
    """A folder of engines' commands, the only ones on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, *names: str, script: str = FAKE) -> None:
        """Install commands."""
        for name in names:
            (self.folder / name).write_text(script)
            (self.folder / name).chmod(0o755)

    def told(self, name: str) -> list[str]:
        """The arguments that a command was called with, without the file for the ID."""
        words = (self.folder / f"{name}.told").read_text().splitlines()
        place = words.index("--iidfile") if "--iidfile" in words else len(words)
        return words[:place] + words[place + 2 :]

    @property
    def called(self) -> set[str]:
        """Those that were called."""
        return {path.stem for path in self.folder.glob("*.told")}


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """Nothing is on PATH yet; docker and podman answer and hold a wasteful image."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LEFT_ID", ID)
    install(
        monkeypatch, engine("docker", 10, [BUILT], WASTEFUL), engine("podman", 20, [BUILT], archive=WASTEFUL)
    )
    return Commands(tmp_path)


def image_of(outcome: Outcome) -> str:
    """The image that a summary is about: the file behind the stand-in."""
    return Path(outcome.out.split()[0]).name


def test_what_was_built_is_looked_at(look: Run, commands: Commands) -> None:
    commands.add("docker")

    outcome = look("build", "-t", "app", ".")

    assert outcome.code == 0
    assert image_of(outcome) == "wasteful.tar"
    assert commands.told("docker") == ["build", "-t", "app", "."]


def test_options_before_the_dashes_are_layerscopes(look: Run, commands: Commands, tmp_path: Path) -> None:
    commands.add("docker")
    report = tmp_path / "report.json"

    outcome = look("build", "--ci", "--max-waste", "1%", "--json", report, "--", "--pull", "-t", "app", ".")

    assert outcome.code == 1
    assert outcome.out.endswith("verdict: fail max-waste\n")
    assert json.loads(report.read_text())["gates"][0]["gate"] == "max-waste"
    assert commands.told("docker") == ["build", "--pull", "-t", "app", "."]


def test_without_dashes_every_word_is_the_builders(look: Run, commands: Commands) -> None:
    commands.add("docker")

    look("build", "-q", "--platform", "linux/arm64", "--help", "-:x", ".")

    assert commands.told("docker") == ["build", "-q", "--platform", "linux/arm64", "--help", "-:x", "."]


def test_only_the_first_dashes_are_ours(look: Run, commands: Commands) -> None:
    commands.add("docker")

    look("build", "--", "-t", "app", "--", ".")

    assert commands.told("docker") == ["build", "-t", "app", "--", "."]


def test_the_first_word_may_name_the_command(look: Run, commands: Commands) -> None:
    commands.add("docker", "podman", "buildah")

    for name in ("docker", "podman", "buildah"):
        outcome = look("build", "--ci", "--", name, ".")
        assert outcome.code == 1
        assert commands.told(name) == ["build", "."]

    assert commands.called == {"docker", "podman", "buildah"}


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (["docker", "podman", "buildah"], "docker"),
        (["podman", "buildah"], "podman"),
        (["buildah"], "buildah"),
    ],
)
def test_else_it_is_the_first_that_is_there(
    installed: list[str], chosen: str, look: Run, commands: Commands
) -> None:
    commands.add(*installed)

    outcome = look("build", ".")

    assert outcome.code == 0
    assert commands.called == {chosen}
    assert outcome.err.splitlines()[0] == f"building with {chosen}"


def test_a_docker_that_does_not_answer_is_passed_over(
    look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add("docker", "podman")
    install(monkeypatch, silent("docker", 10), engine("podman", 20, [BUILT], archive=WASTEFUL))

    outcome = look("build", ".")

    assert outcome.err.splitlines()[0] == "building with podman: docker does not answer"
    assert commands.called == {"podman"}


def test_when_only_a_silent_docker_is_there_its_reason_is_given(
    look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add("docker")
    install(monkeypatch, silent("docker", 10, "connection refused", "start the daemon"))

    outcome = look("build", ".")

    assert outcome.code == 3
    assert "connection refused" in outcome.err
    assert outcome.err.splitlines()[-1] == "hint: start the daemon"


def test_nothing_to_build_with_is_an_error(look: Run, commands: Commands) -> None:
    outcome = look("build", ".")

    assert outcome.code == 3
    assert "neither docker, podman nor buildah" in outcome.err
    assert commands.called == set()


def test_a_command_that_is_named_and_not_there_is_an_error(look: Run, commands: Commands) -> None:
    commands.add("docker")

    outcome = look("build", "podman", ".")

    assert (outcome.code, outcome.error_lines) == (3, ["error", "hint"])
    assert "podman: command not found" in outcome.err


@pytest.mark.parametrize("code", [1, 7, 125])
def test_a_build_that_fails_ends_with_its_own_code(
    code: int, look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add("docker")
    monkeypatch.setenv("EXIT_CODE", str(code))

    outcome = look("build", ".")

    assert (outcome.code, outcome.out) == (code, "")
    assert f"error: docker build failed: exit code {code}" in outcome.err


def test_a_build_that_a_signal_ended_ends_as_a_shell_has_it(look: Run, commands: Commands) -> None:
    commands.add("docker", script="#!/bin/sh\nkill -TERM $$\n")

    assert look("build", ".").code == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--max-waste=10%", "."], "--max-waste is layerscope's: layerscope build --max-waste … -- …"),
        (["-o", "type=local,dest=x", "."], "without --output "),
        (["--output=x", "."], "without --output "),
    ],
)
def test_what_makes_a_build_fail_for_our_sake_is_explained(
    arguments: list[str], hint: str, look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder takes none of our options, and gives no ID for what is no image."""
    commands.add("docker")
    monkeypatch.setenv("EXIT_CODE", "125")

    outcome = look("build", *arguments)

    assert outcome.err.splitlines()[-1].startswith(f"hint: {hint}")


@pytest.mark.parametrize("spelling", ["--iidfile {}", "--iidfile={}"])
def test_the_users_own_file_for_the_id_is_used(
    spelling: str, look: Run, commands: Commands, tmp_path: Path
) -> None:
    commands.add("docker")
    file = tmp_path / "id"

    outcome = look("build", *spelling.format(file).split(), ".")

    assert image_of(outcome) == "wasteful.tar"
    assert file.read_text() == ID
    assert (tmp_path / "docker.told").read_text().count("--iidfile") == 1


@pytest.mark.parametrize(("builder", "hint"), [("docker", "--load"), ("podman", "doctor")])
@pytest.mark.parametrize("left", ["", f"sha256:{'f' * 64}"], ids=["no ID", "an ID of nothing"])
def test_a_build_that_leaves_no_image_is_an_error_with_a_hint(
    left: str, builder: str, hint: str, look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add(builder)
    monkeypatch.setenv("LEFT_ID", left)

    outcome = look("build", ".")

    assert (outcome.code, outcome.out) == (3, "")
    assert hint in outcome.err.splitlines()[-1]


def test_the_temporary_file_for_the_id_is_gone_afterwards(look: Run, commands: Commands) -> None:
    commands.add("docker")

    look("build", ".")

    words = (commands.folder / "docker.told").read_text().splitlines()
    assert not Path(words[words.index("--iidfile") + 1]).parent.exists()


@pytest.mark.parametrize(
    "arguments",
    [[], ["--"], ["--max-waste", "10%", "--", "."], ["--no-such", "--", "."], ["--pull", "never", "--", "."]],
    ids=" ".join,
)
def test_wrong_usage_builds_nothing(arguments: list[str], look: Run, commands: Commands) -> None:
    commands.add("docker")

    outcome = look("build", *arguments)

    assert (outcome.code, outcome.error_lines) == (2, ["error", "hint"])
    assert commands.called == set()


def test_what_the_builder_prints_stays_away_from_the_report(
    capfd: pytest.CaptureFixture[str], commands: Commands
) -> None:
    commands.add("docker")

    code = run(["build", "-q", "--json", "-", "--", "."])

    said = capfd.readouterr()
    assert code == 0
    assert len(json.loads(said.out)["layers"]) == 17
    assert said.err.splitlines() == ["output", "complaint"]


def test_ctrl_c_lets_the_builder_clean_up(tmp_path: Path) -> None:
    """Both get the signal, as from a terminal; the builder takes a while to end."""
    commands = Commands(tmp_path)
    trap = "trap 'sleep 0.5; touch $0.cleaned; exit 1' INT"
    commands.add("podman", script=f"#!/bin/sh\n{trap}\ntouch $0.told\nwhile :; do sleep 0.1; done\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "layerscope", "build", "podman", "."],
        env=environment(PATH=f"{tmp_path}:{os.environ['PATH']}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not commands.called and time.monotonic() < deadline:
        time.sleep(0.05)

    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 130
    assert (tmp_path / "podman.cleaned").exists()


def test_the_help_tells_how_to_call_it(look: Run) -> None:
    outcome = look("build", "--help")

    assert outcome.code == 0
    assert shlex.split(outcome.out.splitlines()[0])[:4] == ["Usage:", "layerscope", "build", "[OPTIONS"]
    assert "--ci --max-waste 10% -- -t" in outcome.out


@pytest.mark.parametrize("archive", [LEAN, WASTEFUL])
def test_the_figures_are_those_of_the_main_command(
    archive: Path, look: Run, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add("docker")
    install(monkeypatch, engine("docker", 10, [BUILT], archive), load("source")["oci-archive"])

    built = look("build", "--ci", "--", ".")

    assert (built.code, built.out) == look(archive, "--ci")[:2]


@pytest.fixture
def instructions() -> list[str]:
    """What the wasteful image was built with."""
    image = inspect(str(WASTEFUL), Options(facts=False)).image
    steps = [step for layer in image.layers for step in (*layer.empty_steps, layer.history)]
    return [str(one) for one in map(instruction_of, steps) if one is not None]


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("recipes/app.Dockerfile", ("-f", "recipes/app.Dockerfile", ".")),
        ("recipes/app.Dockerfile", ("--file=recipes/app.Dockerfile", ".")),
        ("inner/Dockerfile", ("-t", "app", "inner")),
    ],
)
def test_suggestions_name_the_lines_of_the_dockerfile_that_was_built(
    place: str,
    arguments: tuple[str, ...],
    instructions: list[str],  # before the sources are others
    look: Run,
    commands: Commands,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands.add("docker")
    monkeypatch.chdir(tmp_path)
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).write_text("\n".join(["FROM x", *instructions]))

    look("build", "--json", "report.json", "--", *arguments)

    assert json.loads((tmp_path / "report.json").read_text())["dockerfile"] == place
