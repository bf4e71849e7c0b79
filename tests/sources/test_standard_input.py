"""``-``: the archive comes through a pipe, as it is or compressed."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import pty
import subprocess
from collections.abc import Callable

import pytest
import zstandard

from layerscope.sources.standard_input import SOURCE
from tests.cli.command import command_line, environment, launch
from tests.oci.build import as_tar, built, docker_archive
from tests.oci.tar.raw import member
from tests.sources.images import layer
from tests.sources.samples import ODD, WASTEFUL

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
TWO = as_tar(
    docker_archive(
        built(layer(member(b"a", b"1")), names=["app:1"]),
        built(layer(member(b"b", b"22")), names=["app:2"]),
    )
)


@pytest.mark.parametrize("name", ["-", "-:app:1", "-:@sha256:00"])
def test_a_dash_is_standard_input(name: str) -> None:
    assert SOURCE.claims(name)


@pytest.mark.parametrize("name", ["", "-x", "--", "a-", "./-", "app:-"])
def test_anything_else_is_not(name: str) -> None:
    assert not SOURCE.claims(name)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_piped_archive_is_read_compressed_or_not(compression: str) -> None:
    piped = COMPRESSIONS[compression](WASTEFUL.read_bytes())

    outcome = launch("-", "--ci", stdin=piped)

    assert outcome.code == 1
    assert outcome.out.splitlines()[1:] == launch(WASTEFUL, "--ci").out.splitlines()[1:]


@pytest.mark.parametrize(("tag", "size_bytes"), [("app:1", 1), ("app:2", 2)])
def test_a_name_behind_the_dash_chooses_the_image(tag: str, size_bytes: int) -> None:
    report = json.loads(launch(f"-:{tag}", "--json", "-", stdin=TWO).out)

    assert report["image"]["names"] == [tag]
    assert report["totals"]["content_bytes"] == size_bytes


@pytest.mark.parametrize(
    "arguments", [["ls", "-:app:2"], ["ls", "--quiet", "-:app:2", "/b"], ["ls", "--", "-:app:2"]]
)
def test_ls_takes_such_a_name_too(arguments: list[str]) -> None:
    outcome = launch(*arguments, stdin=TWO)

    assert outcome.code == 0
    assert outcome.out.splitlines()[-1].endswith("  /b")


def test_several_images_without_a_choice_are_listed() -> None:
    outcome = launch("-", stdin=TWO)

    assert outcome.code == 2
    assert [line.strip() for line in outcome.err.splitlines()[2:]] == [
        "app:1  linux/amd64",
        "app:2  linux/amd64",
    ]


def test_a_name_that_is_not_in_it_is_not_found() -> None:
    assert launch("-:app:3", stdin=TWO).code == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", bytes(10_240), gzip.compress(b"", mtime=0), ODD.read_bytes()[:5_000]],
    ids=["nothing", "text", "zeros", "empty gzip", "cut"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    outcome = launch("-", stdin=content)

    assert outcome.code == 4
    assert outcome.err.startswith("error: standard input: ")
    assert outcome.out == ""


def test_a_terminal_is_no_archive() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command_line("-"), stdin=theirs, capture_output=True, env=environment(), timeout=60, check=False
    )
    os.close(ours)
    os.close(theirs)

    assert done.returncode == 3
    assert b"terminal" in done.stderr
    assert done.stderr.splitlines()[1].startswith(b"hint: ")


def test_a_file_as_standard_input_is_an_archive_too() -> None:
    with ODD.open("rb") as stdin:
        done = subprocess.run(
            command_line("-", "--ci"), stdin=stdin, capture_output=True, env=environment(), check=False
        )

    assert done.returncode == 1
    assert done.stdout.endswith(b"verdict: fail max-waste\n")
