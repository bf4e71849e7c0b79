"""``layerscope packages``: what is installed and what it weighs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

STATUS = b"Package: %s\nVersion: 1.0\nArchitecture: amd64\nStatus: install ok installed\n\n"
LAYERS = (
    layer(
        member(b"var/lib/dpkg/status", STATUS % b"base"),
        member(b"var/lib/dpkg/info/base.list", b"/bin/sh\n"),
        member(b"bin/sh", b"s" * 1000),
    ),
    layer(
        member(b"var/lib/dpkg/status", STATUS % b"base" + STATUS % b"to\x1b[31mol"),
        member(b"var/lib/dpkg/info/to\x1b[31mol.list", b"/bin/tool\n/bin/tool.cfg\n"),
        member(b"bin/tool", b"t" * 2000),
        member(b"bin/tool.cfg", b"c" * 500),
        member(b"srv/data", b"d" * 4000),
    ),
)
HISTORY = steps("/bin/sh -c #(nop) ADD rootfs.tar in / ", "RUN apt-get install tool")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with a package in each layer, and a file of none."""
    return saved(tmp_path, *LAYERS, history=HISTORY)


def test_a_page_for_people(image: Path, look: Run) -> None:
    outcome = look("packages", image)

    assert outcome.out == PAGE


PAGE = """\
Packages: 2 packages, 3.50 kB; 4.19 kB are in none of them
     size  files  layer  why        kind  package           instruction
  2.50 kB      2      1  asked for  dpkg  to\\x1b[31mol 1.0  RUN apt-get install tool
  1.00 kB      1      0  asked for  dpkg  base 1.0          ADD rootfs.tar in /

In no package: 4.19 kB
     size  path
  4.00 kB  /srv/data
    191 B  /var/lib
"""


def test_the_object_is_the_one_of_the_report(image: Path, look: Run) -> None:
    alone = json.loads(look("packages", image, "--json").out)

    report = json.loads(look(image, "--json", "-").out)

    assert alone == report["packages"]
    assert alone["owned_bytes"] + alone["unowned_bytes"] == report["totals"]["visible_bytes"]
    assert [one["name"] for one in alone["packages"]] == [r"to\x1b[31mol", "base"]


def test_an_image_without_packages_says_so(look: Run, tmp_path: Path) -> None:
    image = saved(tmp_path, layer(member(b"app", b"x" * 10)))

    assert look("packages", image).out.splitlines() == [
        "no package database in the image",
        "",
        "In no package: 10 B",
        "  size  path",
        "  10 B  /app",
    ]


def test_the_summary_has_the_largest(image: Path, look: Run) -> None:
    out = look(image, "--summary").out

    assert PAGE.splitlines()[0] in out.splitlines()
    assert PAGE.splitlines()[2] in out.splitlines()


@pytest.mark.parametrize("columns", ["60", "80", "160"])
def test_lines_are_not_wider_than_the_terminal(
    columns: str, image: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    widths = [len(line) for line in look("packages", image).out.splitlines()]

    assert max(widths) <= int(columns)
