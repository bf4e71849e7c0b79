"""When the explorer opens, when the summary is printed instead, and how both end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import command_line, environment, launch
from tests.cli.whole_terminal import Terminal, at_terminal

PROJECT = Path(__file__).parents[2]
LEAN = PROJECT / "sample_images" / "lean.tar"
SCREEN_ON, SCREEN_OFF = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a folder for the settings, so that nobody's own are touched."""
    return tmp_path / "config"


@pytest.fixture
def deaf() -> Iterator[str]:
    """Give an address where connections are taken and nothing is ever answered."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def explored(terminal: Terminal) -> None:
    """Wait until an image is on the screen."""
    terminal.wait_for("Expand")


def test_on_a_terminal_an_image_is_explored_and_q_leaves_the_terminal_as_it_was(config: Path) -> None:
    with at_terminal(LEAN, config=config) as terminal:
        explored(terminal)
        terminal.press("q")
        code = terminal.end()

    assert code == 0
    assert SCREEN_ON in terminal.raw
    assert terminal.raw.rindex(SCREEN_OFF) > terminal.raw.rindex(SCREEN_ON)
    assert json.loads((config / "explorer.json").read_text())["recent"] == [str(LEAN)]


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--summary"], {}),
        (["--no-tui"], {}),
        (["--ci"], {}),
        (["--json", "/dev/null"], {}),
        ([], {"TERM": "dumb"}),
    ],
)
def test_what_is_to_be_printed_is_printed_on_a_terminal_too(
    config: Path, arguments: list[str], env: dict[str, str]
) -> None:
    with at_terminal(LEAN, *arguments, config=config, env=env) as terminal:
        code = terminal.end()

    assert code == 0
    assert SCREEN_ON not in terminal.raw
    assert ("visible" in terminal.text) is ("--json" not in arguments)


def test_without_a_terminal_the_summary_is_printed() -> None:
    outcome = launch(LEAN)

    assert outcome.code == 0
    assert "visible" in outcome.out


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_one_stream_that_is_no_terminal_is_enough_for_the_summary(stream: str, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    out = (tmp_path / "out").open("ab")
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    streams[stream] = subprocess.DEVNULL if stream == "stdin" else out.fileno()
    code = subprocess.run(
        command_line(LEAN),
        stdin=streams["stdin"],
        stdout=streams["stdout"],
        stderr=streams["stderr"],
        env=environment(TERM="xterm"),
        timeout=60,
        check=False,
    ).returncode
    os.close(theirs)
    with contextlib.suppress(OSError):  # nothing was written, and the other end is closed
        out.write(os.read(ours, 1 << 16))
    os.close(ours)
    out.close()
    said = (tmp_path / "out").read_bytes()

    assert code == 0
    assert SCREEN_ON not in said
    assert b"visible" in said


def test_an_image_on_standard_input_leaves_no_keys_and_that_is_said(tmp_path: Path, config: Path) -> None:
    with at_terminal("-", config=config) as terminal:
        pass
    program = tmp_path / "pipe.sh"
    program.write_text(f'cat "{LEAN}" | "{sys.executable}" -m layerscope -\n')
    ours, theirs = os.openpty()
    subprocess.run(
        ["sh", program], stdout=theirs, stderr=theirs, env=environment(TERM="xterm"), timeout=60, check=True
    )
    os.close(theirs)
    said = os.read(ours, 1 << 16)
    os.close(ours)

    assert terminal.process.returncode != 0
    assert b"note: the image comes through standard input" in said
    assert b"visible" in said
    assert SCREEN_ON not in said


def test_without_an_image_a_terminal_shows_those_there_are(config: Path) -> None:
    with at_terminal(config=config) as terminal:
        terminal.wait_for("type to search")
        terminal.press("\x1b")
        code = terminal.end()

    assert code == 0


def test_without_an_image_and_a_terminal_there_is_help() -> None:
    outcome = launch()

    assert outcome.code == 0
    assert outcome.out.startswith("Usage: layerscope")


def test_an_option_without_an_image_or_a_terminal_is_wrong_usage() -> None:
    outcome = launch("--ascii")

    assert outcome.code == 2
    assert "IMAGE" in outcome.err


def test_an_error_is_a_screen_and_afterwards_a_message_with_its_exit_code(config: Path) -> None:
    with at_terminal("./no-such.tar", config=config) as terminal:
        terminal.wait_for("Try again")
        terminal.press("q")
        code = terminal.end()

    after = terminal.raw[terminal.raw.rindex(SCREEN_OFF) :]
    assert code == 3
    assert b"error: ./no-such.tar: no such file or folder" in after
    assert b"hint: " in after
    assert b"Traceback" not in after


@pytest.mark.parametrize("key", ["\x1b", "q", "\x03"])
def test_giving_up_ends_at_once_even_where_a_network_says_nothing(config: Path, deaf: str, key: str) -> None:
    with at_terminal(f"registry:{deaf}/app", "--insecure", config=config) as terminal:
        terminal.wait_for("Cancel")
        start_s = time.monotonic()
        terminal.press(key)
        code = terminal.end()
        took_s = time.monotonic() - start_s

    assert code == 130
    assert took_s < 10
    assert terminal.raw.rindex(SCREEN_OFF) > terminal.raw.rindex(SCREEN_ON)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(config: Path, number: signal.Signals) -> None:
    with at_terminal(LEAN, config=config) as terminal:
        explored(terminal)
        terminal.process.send_signal(number)
        code = terminal.end()

    assert code == 128 + number
    assert terminal.raw.rindex(SCREEN_OFF) > terminal.raw.rindex(SCREEN_ON)


def test_keys_that_are_wrong_are_an_error_before_anything_is_shown(config: Path) -> None:
    config.mkdir()
    (config / "config.toml").write_text('[keys]\nexplorer.filter = "q"\n')

    with at_terminal(LEAN, config=config) as terminal:
        code = terminal.end()

    assert code == 2
    assert "config.toml:2: explorer.filter: q is the key of explorer.quit too" in terminal.text.replace(
        "\r\n", ""
    )
    assert SCREEN_ON not in terminal.raw


def test_keys_that_were_changed_count(config: Path) -> None:
    config.mkdir()
    (config / "config.toml").write_text('[keys]\nexplorer.quit = "f8"\n')

    with at_terminal(LEAN, config=config) as terminal:
        explored(terminal)
        terminal.press("q")
        terminal.press("\x1b[19~")
        code = terminal.end()

    assert code == 0


def test_an_unknown_theme_is_wrong_usage(config: Path) -> None:
    with at_terminal(LEAN, "--theme", "beige", config=config) as terminal:
        code = terminal.end()

    assert code == 2
    assert SCREEN_ON not in terminal.raw


def test_with_ascii_nothing_else_is_written(config: Path) -> None:
    with at_terminal(LEAN, "--ascii", config=config) as terminal:
        explored(terminal)
        terminal.press("2345670")
        time.sleep(1)
        terminal.press("q")
        terminal.end()

    assert sorted({char for char in terminal.text if not char.isascii()}) == []


def test_no_colour_is_no_colour(config: Path) -> None:
    with at_terminal(LEAN, config=config, env={"NO_COLOR": "1"}) as terminal:
        explored(terminal)
        terminal.press("q")
        terminal.end()

    colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)|[34]8;5;(\d+)", terminal.raw)
    assert [one for one in colours if len(set(one[:3])) != 1] == []


def test_the_first_picture_comes_before_what_reads_images() -> None:
    """What is imported by then is what makes it late."""
    program = (
        "import json, sys, layerscope.cli.look as look; look.look_command()\n"
        "import layerscope.tui.app\n"
        "print(json.dumps(sorted(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout

    late = {
        "layerscope.inspection",
        "layerscope.tui.screens.explorer",
        "layerscope.oci.opened",
        "docker",
        "httpx",
    }
    assert "layerscope.tui.screens.loading" in json.loads(said)
    assert late & set(json.loads(said)) == set()


# In a browser


@pytest.fixture
def no_extra(tmp_path: Path) -> dict[str, str]:
    """Give an environment in which textual-serve is not installed."""
    (tmp_path / "textual_serve").mkdir()
    (tmp_path / "textual_serve" / "__init__.py").write_text("raise ImportError")
    return {"PYTHONPATH": str(tmp_path)}


def test_without_the_extra_it_is_said_how_to_install_it(no_extra: dict[str, str]) -> None:
    outcome = launch("--web", LEAN, env=no_extra)

    assert outcome.code == 2
    assert "pip install 'layerscope[web]'" in outcome.err


def test_an_address_that_others_reach_is_warned_of(no_extra: dict[str, str]) -> None:
    outcome = launch("--web", "--web-host", "0.0.0.0", LEAN, env=no_extra)  # noqa: S104 - that is the point

    assert outcome.err.startswith("warning: whoever reaches 0.0.0.0:8000")


def test_a_browser_gets_the_explorer_and_no_verdict() -> None:
    outcome = launch("--web", "--ci", LEAN)

    assert outcome.code == 2


@pytest.fixture
def served(config: Path) -> Iterator[str]:
    """Serve an image to browsers; give the address."""
    pytest.importorskip("textual_serve")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command_line("--web", "--web-port", str(port), LEAN),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment(LAYERSCOPE_CONFIG_DIR=str(config)),
    )
    assert process.stderr is not None
    with process, process.stderr:
        try:
            assert b"127.0.0.1" in process.stderr.readline()
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_for_port(port: int) -> None:
    """Return when somebody listens there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with closing(socket.socket()) as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at {port}")


def get(url: str, **headers: str) -> int:
    """Ask for a page; give the answer's status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_page_is_served_to_itself_and_to_no_other_site(served: str) -> None:
    statuses = [
        get(served),
        get(served, Origin=served),
        get(served + "/ws", Origin="https://elsewhere.example"),
        get(served, Host="rebound.example"),
    ]

    assert statuses == [200, 200, 403, 403]


def test_the_page_may_load_nothing_from_elsewhere(served: str) -> None:
    """It names a font service, for which a machine without a network would wait."""
    with urllib.request.urlopen(served, timeout=30) as answer:  # noqa: S310
        policy = dict(
            part.split(maxsplit=1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )

    own = {"'self'", "data:", "'unsafe-inline'", served.replace("http:", "ws:")}
    assert {"default-src", "style-src", "script-src", "connect-src"} == policy.keys()
    assert {source for sources in policy.values() for source in sources.split()} <= own
