"""Exit codes: 0 fine, 1 a gate failed, 2 usage, 3 not found, 4 damaged, 5 cannot be written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import command_line, environment, launch
from tests.cli.looking import Run
from tests.sources.samples import LEAN, SAMPLES, WASTEFUL


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (0, "lean.tar"),
        (0, "lean.tar --ci"),
        (0, "ls lean.tar"),
        (0, "--help"),
        (0, "ls --help"),
        (0, "--version"),
        (0, ""),
        (1, "wasteful.tar --ci"),
        (2, "lean.tar --no-such-option"),
        (2, "lean.tar more"),
        (2, "ls"),
        (3, "absent.tar"),
        (3, "oci-archive:absent.tar"),
        (3, "lean.tar:other:tag"),
        (4, "README.md"),
        (4, "ls README.md"),
        (5, "lean.tar --json absent/report.json"),
    ],
)
def test_the_exit_code_of_a_process(code: int, line: str) -> None:
    outcome = launch(*line.split(), cwd=SAMPLES)

    assert outcome.code == code
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["lean.tar", "--no-such-option"],
        ["optimize", "lean.tar", "--squash=5..99"],
        ["ls"],
        ["ls", "lean.tar", "--layer", "seven"],
        ["ls", "lean.tar", "--layer", "7"],
        ["ls", "lean.tar", "no/such/path"],
        ["lean.tar", "--max-waste", "10%"],
        ["lean.tar", "--ci", "--max-waste", "much"],
        ["lean.tar", "--ci", "--max-waste", "9" * 400],
        ["lean.tar", "--max-unpacked", "-1"],
        ["lean.tar", "--base-layers", "8"],
        ["lean.tar", "--platform", "amd64"],
        ["lean.tar", "--json"],
        ["lean.tar", "--ci", "--json", "absent/report.json", "--min-efficiency", "2"],
        ["oci:absent"],
        ["lean.tar:other:tag"],
        ["lean.tar", "--platform", "linux/s390x"],
        ["README.md"],
        ["."],
        ["docker:ls"],
        ["a" * 5000],
        ["/dev/null"],
        ["caf\udce9.tar"],
    ],
    ids=lambda arguments: " ".join(arguments)[:50].encode("ascii", "replace").decode(),
)
def test_an_error_is_said_on_standard_error_and_nowhere_else(
    arguments: list[str], look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SAMPLES)

    outcome = look(*arguments)

    assert outcome.code in (2, 3, 4)
    assert outcome.out == ""
    assert outcome.error_lines[0] == "error"
    assert set(outcome.error_lines[1:]) <= {"hint"}


@pytest.mark.parametrize("arguments", [["lean.tar", "--verfy"], ["ls", "lean.tar", "--lyer", "1"]])
def test_an_unknown_option_is_named_with_a_hint(
    arguments: list[str], look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SAMPLES)

    outcome = look(*arguments)

    assert outcome.code == 2
    assert any(option in outcome.err for option in ("--verfy", "--lyer"))
    assert "--help" in outcome.err.splitlines()[-1]


def test_an_unknown_command_gets_a_hint(look: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A word that is no command is taken for an image; where no engine is, the hint says where to go on."""
    for name in ("DOCKER_HOST", "CONTAINER_HOST"):
        monkeypatch.setenv(name, f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("PATH", str(tmp_path))

    outcome = look("optimise", "--pull", "never")

    assert outcome.error_lines == ["error", "hint"]
    assert "optimise" in outcome.err
    assert "layerscope doctor" in outcome.err.splitlines()[-1]


def test_what_is_not_a_file_nor_a_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    # Somebody has to open the other end, or the command would wait for it.
    with subprocess.Popen(["sh", "-c", ": > pipe"], cwd=tmp_path):
        outcome = launch("pipe", cwd=tmp_path)

    assert outcome.code == 4
    assert outcome.err.startswith("error: pipe: ")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that cannot be read is not at hand")
def test_a_file_that_cannot_be_read_is_a_source_that_cannot_give_it(look: Run) -> None:
    outcome = look("/proc/self/mem")

    assert outcome.code == 3
    assert outcome.err.startswith("error: /proc/self/mem: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(look: Run, tmp_path: Path) -> None:
    secret = Path(shutil.copy(LEAN, tmp_path / "secret.tar"))
    secret.chmod(0)

    outcome = look(secret)

    assert outcome.code == 3
    assert "Permission denied" in outcome.err


def test_ctrl_c_ends_with_130_and_says_nothing() -> None:
    """The command waits for its standard input when the signal comes."""
    process = subprocess.Popen(
        command_line("-", "--verify"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    # More than a pipe holds: when all of it is written, the command is reading.
    process.stdin.write(WASTEFUL.read_bytes()[:600_000])
    process.stdin.flush()

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert (out, err) == (b"", b"")


def test_a_defect_of_ours_keeps_its_traceback() -> None:
    """Exit code 1 of Python itself; with ``error:`` it would pass for a fault of the image."""
    program = (
        "import layerscope.inspection as inspection\n"
        "def broken(*_, **__): raise ZeroDivisionError\n"
        "inspection.inspect = broken\n"
        "from layerscope.cli import run\n"
        f"run([{str(LEAN)!r}])\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("ZeroDivisionError\n")


def test_python_dash_m_and_the_console_script_are_the_same() -> None:
    script = shutil.which("layerscope", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("layerscope is on the path, not installed")

    done = subprocess.run([script, WASTEFUL, "--ci"], capture_output=True, env=environment(), check=False)

    assert (done.returncode, done.stdout.decode()) == launch(WASTEFUL, "--ci")[:2]
