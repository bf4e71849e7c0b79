"""``layerscope export``: where it writes, what it says, how it ends."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from layerscope.spool import TEMP_VARIABLE
from tests.cli.command import command_line, environment, launch
from tests.cli.looking import Run
from tests.cli.terminal import seen_on_terminal
from tests.oci.build import LAYERS, as_tar, built, digest, docker_archive, layout
from tests.oci.write.outputs import content_of, docker_image
from tests.sources.images import packed

IMAGE = built()


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    return tmp_path / "temp"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image to export."""
    return packed(tmp_path / "in.tar", docker_archive(IMAGE))


@pytest.mark.parametrize(
    ("output", "marks"),
    [
        ("out.tar", {"manifest.json"}),
        ("out", {"manifest.json"}),
        ("out.oci.tar", {"oci-layout", "index.json", "manifest.json"}),
        ("out.oci", {"oci-layout", "index.json", "manifest.json"}),
        ("out/", {"oci-layout", "index.json"}),
    ],
)
def test_the_name_tells_the_format(
    output: str, marks: set[str], image: Path, look: Run, tmp_path: Path
) -> None:
    outcome = look("export", image, "-o", f"{tmp_path}/{output}")

    assert outcome.code == 0, outcome.err
    content = content_of(tmp_path / output)
    assert {name for name in content if "/" not in name} >= marks
    assert ("oci-layout" in content) == ("oci-layout" in marks)


def test_a_format_that_is_asked_for_wins_over_the_name(image: Path, look: Run, tmp_path: Path) -> None:
    outcome = look("export", image, "--format", "oci-archive", "-o", tmp_path / "out.tar.gz")

    assert outcome.code == 0
    assert "oci-layout" in content_of(tmp_path / "out.tar.gz")


def test_what_was_written_is_said_on_standard_error(image: Path, look: Run, tmp_path: Path) -> None:
    outcome = look("export", image, "-o", tmp_path / "out.oci.tar")

    lines = [line.split(maxsplit=1) for line in outcome.err.splitlines()]
    assert outcome.out == ""
    assert [line[0] for line in lines] == ["wrote", "name", "image", "digest", "verified"]
    assert str(tmp_path / "out.oci.tar") in lines[0][1]
    assert "oci-archive" in lines[0][1]
    assert "3 layers" in lines[0][1]
    assert lines[1][1] == "app:1"
    assert lines[2][1] == f"ID  {digest(IMAGE.config)}"
    assert "read again" in lines[4][1]


def test_quiet_means_quiet(image: Path, look: Run, tmp_path: Path) -> None:
    outcome = look("export", image, "-q", "-o", tmp_path / "out.tar")

    assert outcome == (0, "", "")


def test_names_may_be_given(image: Path, look: Run, tmp_path: Path) -> None:
    look("export", image, "-o", tmp_path / "out.tar", "--name", "other", "--name", "ghcr.io/team/app:2")

    entry, _, _ = docker_image(content_of(tmp_path / "out.tar"))
    assert entry["RepoTags"] == ["docker.io/library/other:latest", "ghcr.io/team/app:2"]


def test_a_hostile_name_does_not_reach_the_terminal(look: Run, tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(built(names=("\x1b[31mred",))))

    outcome = look("export", image, "-o", tmp_path / "out/")

    assert outcome.code == 0
    assert "\x1b" not in outcome.err
    assert r"\x1b[31mred" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "--output"),
        (["-o", "out.tar", "--name", "UPPER"], 2, "UPPER"),
        (["-o", "out.tar", "--name", f"a@sha256:{'0' * 64}"], 2, "tag"),
        (["-o", "out.tar.gz"], 2, "uncompressed"),
        (["-o", "out.tar", "--format", "zip"], 2, "zip"),
        (["-o", "-", "--format", "oci"], 2, "stream"),
        (["-o", "in.tar"], 5, "exists already"),
        (["-o", "none/out.tar"], 5, "no folder"),
        (["-o", "folder"], 5, "is a folder"),
        (["-o", "folder/", "--force"], 5, "other things"),
        (["-o", "/proc/self/out.tar"], 5, "out.tar: the folder"),
        (["-o", "n" * 300], 5, "too long"),
        (["-o", "loop/out.tar"], 5, "no folder"),
        (["-o", "/dev/full"], 5, "/dev/full: No space left"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    arguments: list[str],
    code: int,
    words: str,
    image: Path,
    look: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/thesis").touch()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)

    outcome = look("export", image.name, *arguments)

    assert outcome.code == code
    assert outcome.error_lines[0] == "error"
    assert words in outcome.err
    assert sorted(tmp_path.rglob("*")) == before


def test_force_replaces_an_archive_and_a_layout(image: Path, look: Run, tmp_path: Path) -> None:
    for output in ("out.tar", "out/"):
        assert look("export", image, "-o", f"{tmp_path}/{output}").code == 0
        before = content_of(tmp_path / output)

        outcome = look("export", image, "--force", "--name", "new:1", "-o", f"{tmp_path}/{output}")

        assert outcome.code == 0
        assert content_of(tmp_path / output) != before


def test_an_incomplete_image_is_refused(look: Run, tmp_path: Path) -> None:
    files = {name: content for name, content in layout(IMAGE).items() if content != LAYERS[0]}

    outcome = look("export", packed(tmp_path / "in.tar", files), "-o", tmp_path / "out.tar")

    assert outcome.code == 4
    assert "not complete" in outcome.err
    assert not (tmp_path / "out.tar").exists()


def test_a_pipe_gets_the_archive_and_nothing_else(image: Path, tmp_path: Path) -> None:
    command = command_line("export", image, "-o", "-")

    done = subprocess.run(command, capture_output=True, env=environment(), check=False)

    assert done.returncode == 0
    (tmp_path / "out.tar").write_bytes(done.stdout)
    assert docker_image(content_of(tmp_path / "out.tar"))[2] == list(LAYERS)
    assert b"standard output" in done.stderr


def test_a_terminal_gets_no_archive(image: Path) -> None:
    code, text = seen_on_terminal("export", image, "-o", "-", stream="stdout")

    assert (code, text) == (2, "")


def test_a_device_is_written_to_and_stays_one(image: Path, look: Run) -> None:
    outcome = look("export", image, "-o", "/dev/null")

    assert outcome.code == 0
    assert Path("/dev/null").is_char_device()


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    large = built(*LAYERS, bytes(2_000_000))
    image = packed(tmp_path / "in.tar", docker_archive(large))
    command = command_line("export", image, "-o", "-")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (141, b"")


def test_too_much_temporary_data_is_an_error_with_a_hint(tmp_path: Path, temp: Path) -> None:
    outcome = launch(
        *("export", "-", "-o", tmp_path / "out.tar", "--max-temp", "1kB"), stdin=as_tar(docker_archive(IMAGE))
    )

    assert outcome.code == 5
    assert outcome.error_lines == ["error", "hint"]
    assert "more than 1000 bytes of temporary data" in outcome.err
    assert list(temp.iterdir()) == []
    assert not (tmp_path / "out.tar").exists()


@contextmanager
def interrupted(temp: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """An export in the middle of its input, with temporary data already."""
    content = as_tar(docker_archive(built(bytes(2_000_000))))
    with subprocess.Popen(
        command_line("export", "-", *arguments),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # Whoever runs the tests may have been told to ignore it, as nohup does.
        preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stdin is not None
        process.stdin.write(content[:1_500_000])
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in temp.rglob("*/[0-9]*")):
            assert time.monotonic() < deadline, "no temporary data appear"
            time.sleep(0.01)
        yield process


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_and_nothing_is_left(
    number: signal.Signals, code: int, tmp_path: Path, temp: Path
) -> None:
    with interrupted(temp, "-o", tmp_path / "out.tar") as process:
        process.send_signal(number)
        process.wait(timeout=30)
        assert process.stderr is not None
        said = process.stderr.read()

    assert process.returncode == code
    assert b"Traceback" not in said
    assert list(temp.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["temp"]


def test_what_a_killed_export_left_is_gone_after_the_next(image: Path, tmp_path: Path, temp: Path) -> None:
    with interrupted(temp, "-o", tmp_path / "out.tar") as process:
        process.kill()
    left = list(temp.iterdir())

    outcome = launch("export", "-", "-o", tmp_path / "out.tar", stdin=image.read_bytes())

    assert len(left) == 1
    assert outcome.code == 0
    assert list(temp.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.tar", "out.tar", "temp"]
