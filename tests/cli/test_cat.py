"""``layerscope cat``: a file's bytes, exactly."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.command import command_line, environment
from tests.cli.looking import Run
from tests.cli.terminal import seen_on_terminal
from tests.oci.build import as_tar, built, docker_archive, layout
from tests.oci.tar.raw import member
from tests.oci.tar.sparse import pax_1_0
from tests.sources.images import layer, packed, saved, whiteout

BINARY = bytes(range(256)) + b"\r\n\xff\x00" * 1000
BASE = layer(
    member(b"usr/bin/tool", BINARY),
    member(b"bin", typeflag=b"2", link=b"usr/bin"),
    member(b"current", typeflag=b"2", link=b"/bin/tool"),
    member(b"circle", typeflag=b"2", link=b"circle"),
    member(b"also", typeflag=b"1", link=b"usr/bin/tool"),
    member(b"conf", b"one\n"),
    member(b"secret", b"token\n"),
    member(b"dev/tty", typeflag=b"3"),
    member(b"pipe", typeflag=b"6"),
    pax_1_0(b"sparse", [(4096, 3)], b"abc", 8192),
)
TOP = layer(
    whiteout(b"secret"),
    member(b"conf", b"two\n"),
    member(b"passing", b"came and went\n"),
    whiteout(b"usr"),
    member(b"late"),
)
LAST = layer(member(b"last"))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with three layers."""
    return saved(tmp_path, BASE, TOP, LAST)


def cat(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Run the command; its output is bytes."""
    done = subprocess.run(
        command_line("cat", *arguments), input=stdin, capture_output=True, env=environment(), check=False
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        (["conf"], b"two\n"),
        (["/conf"], b"two\n"),
        (["conf", "--layer", "0"], b"one\n"),
        (["conf", "--layer", "2"], b"two\n"),
        (["also"], BINARY),
        (["usr/bin/tool", "--layer", "0"], BINARY),
        (["bin/tool", "--layer", "0"], BINARY),
        (["current", "--layer", "0"], BINARY),
        (["dev/../conf"], b"two\n"),
        (["sparse"], bytes(4096) + b"abc" + bytes(4093)),
        (["late"], b""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_bytes_and_nothing_else(arguments: list[str], content: bytes, image: Path) -> None:
    assert cat(image, *arguments) == (0, content, "")


@pytest.mark.parametrize(
    ("path", "content", "note"),
    [
        ("secret", b"token\n", "note: /secret is as of layer 0; layer 1 hides it\n"),
        ("current", BINARY, "note: /usr/bin/tool is as of layer 0; layer 1 hides it\n"),
    ],
)
def test_a_deleted_file_is_given_with_a_note(path: str, content: bytes, note: str, image: Path) -> None:
    assert cat(image, path) == (0, content, note)
    assert cat(image, path, "--quiet") == (0, content, "")


def test_what_came_and_went_within_a_layer_is_given_too(tmp_path: Path) -> None:
    image = saved(tmp_path, layer(member(b"d/f", b"x"), member(b"d", b"a file now")))

    assert cat(image, "d/f", "-q") == (0, b"x", "")


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("dev", "dev is a directory", "layerscope ls lists it, layerscope extract writes it"),
        ("/", "/ is a directory", "layerscope ls lists it, layerscope extract writes it"),
        ("dev/tty", "/dev/tty is a device, not a file", None),
        ("pipe", "/pipe is a named pipe, not a file", None),
        ("circle", "/circle is a symlink, not a file", None),
        ("cnof", "cnof: no such path in any layer of the image", "did you mean /conf?"),
        (
            "usr/bin/toll",
            "usr/bin/toll: no such path in any layer of the image",
            "did you mean /usr/bin/tool?",
        ),
        ("other/conf", "other/conf: no such path in any layer of the image", "did you mean /conf?"),
        ("zzz\x1b", r"zzz\x1b: no such path in any layer of the image", None),
    ],
)
def test_what_is_no_file_is_an_error(
    path: str, message: str, hint: str | None, image: Path, look: Run
) -> None:
    outcome = look("cat", image, path)

    lines = [f"error: {message}", *([f"hint: {hint}"] if hint else [])]
    assert (outcome.code, outcome.out, outcome.err.splitlines()) == (2, "", lines)


def test_a_layer_in_which_it_is_not_there_is_an_error(image: Path, look: Run) -> None:
    outcome = look("cat", image, "secret", "--layer", "1")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "error: secret: no such path as of layer 1\nhint: it is there as of layer 0\n"


def test_a_layer_that_there_is_not_is_an_error(image: Path, look: Run) -> None:
    outcome = look("cat", image, "secret", "--layer", "3")

    assert outcome.err == "error: --layer 3: the image has 3 layers, numbered from 0\n"


@pytest.mark.parametrize("form", ["piped", "piped gzip", "oci gzip"])
def test_every_form_gives_the_same(form: str, tmp_path: Path) -> None:
    tar = as_tar(docker_archive(built(BASE, TOP)))
    if form == "oci gzip":
        files = layout(built(BASE, TOP), stored=[gzip.compress(BASE), gzip.compress(TOP)])
        found = cat(packed(tmp_path / "image.tar", files), "also")
    else:
        found = cat("-", "also", stdin=tar if form == "piped" else gzip.compress(tar))

    assert found == (0, BINARY, "")


def test_on_a_terminal_the_content_stands_alone(tmp_path: Path) -> None:
    """What is drawn of the progress is on standard error, and gone before the content comes."""
    text = "".join(f"line {number}\n" for number in range(20_000))
    tar = layer(member(b"noise", random.Random(1).randbytes(1 << 20)), member(b"text", text.encode()))
    image = packed(tmp_path / "image.tar", layout(built(tar), stored=[gzip.compress(tar)]))

    code, seen = seen_on_terminal("cat", image, "text")

    assert (code, seen.replace("\r\n", "\n")) == (0, text)


def test_a_reader_that_is_gone_ends_it_quietly(tmp_path: Path) -> None:
    big = random.Random(1).randbytes(4 << 20)
    image = saved(tmp_path, layer(member(b"big", big)))
    process = subprocess.Popen(
        command_line("cat", image, "big"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as out, process.stderr as err:
        first = out.read(100)
        out.close()
        code, said = process.wait(30), err.read()

    assert (code, first, said) == (141, big[:100], b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_nothing_stays_when_it_is_interrupted(number: int, code: int, tmp_path: Path) -> None:
    """While it waits for a reader, with a layer unpacked behind it."""
    tar = layer(member(b"big", random.Random(1).randbytes(8 << 20)))
    image = packed(tmp_path / "image.tar", layout(built(tar), stored=[gzip.compress(tar, 1)]))
    temporary = tmp_path / "temporary"
    process = subprocess.Popen(
        command_line("cat", image, "big"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(LAYERSCOPE_TEMP=str(temporary)),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as out, process.stderr:
        os.read(out.fileno(), 100)
        during = list(temporary.iterdir())
        time.sleep(0.2)
        process.send_signal(number)
        found = process.wait(30)

    assert found == code
    assert len(during) == 1
    assert list(temporary.iterdir()) == []
