"""``--max-package``: packages by their bytes in the final image."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerscope.gates.max_package import GATE
from layerscope.inspection import Inspection, inspect
from tests.cli.looking import Run, look
from tests.gates.spelling import NO_NUMBERS
from tests.oci.tar.raw import member
from tests.sources.images import file, inspected, layer, saved, whiteout, without_layers

__all__ = ["look"]


def npm(path: str, name: str, content: bytes) -> bytes:
    """A package of npm: what tells of it (which counts), and a file."""
    told = json.dumps({"name": name, "version": "1"}).encode()
    padding = b" " * (100 - len(told))
    return file(f"{path}/package.json".encode(), told + padding) + file(f"{path}/i.js".encode(), content)


LAYERS = (
    layer(
        member(
            b"var/lib/dpkg/status",
            b"Package: tool\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n",
        ),
        member(b"var/lib/dpkg/info/tool.list", b"/usr/tool\n/usr/gone\n"),
        member(b"usr/tool", b"t" * 700),
        member(b"usr/gone", b"g" * 9000),
        npm("app/node_modules/tool", "tool", b"1" * 200),
        npm("srv/node_modules/tool", "tool", b"2" * 150),
        npm("app/node_modules/left-pad", "left-pad", b"3" * 60),
    ),
    layer(whiteout(b"usr/gone")),
)
"""The package tool of dpkg takes 700 bytes of files that are there, that of npm 300 and 250, left-pad 160."""


def image(folder: Path) -> Inspection:
    return inspected(folder, *LAYERS)


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        ("tool=700", True),
        ("tool=699", False),
        ("npm:tool=550", True),
        ("npm:tool=549", False),
        ("left-*=160", True),
        ("left-*=159", False),
        ("NPM:Left_Pad=159", False),
        ("npm:*=550B", True),
        ("npm:*=0.549kB", False),
        ("*=700", True),
        ("*=699", False),
    ],
)
def test_exactly_the_limit_passes_and_a_byte_more_fails(limit: str, tmp_path: Path, *, passed: bool) -> None:
    verdict = GATE.judge(image(tmp_path), GATE.parse(limit))

    assert (verdict.gate, verdict.subject) == (GATE.id, limit.rpartition("=")[0])
    assert verdict.passed is passed


def test_the_packages_above_the_limit_are_named(tmp_path: Path) -> None:
    inspection = image(tmp_path)

    found = {
        limit: GATE.judge(inspection, GATE.parse(limit)).because for limit in ("*=200", "*=600", "*=1MB")
    }

    assert found == {"*=200": "dpkg:tool and 1 more", "*=600": "dpkg:tool", "*=1MB": "dpkg:tool"}


def test_a_package_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    verdict = GATE.judge(image(tmp_path), GATE.parse("perl=0"))

    assert (verdict.passed, verdict.measured, verdict.because) == (True, "0 B", "not in the image")


def test_an_image_without_layers_passes(tmp_path: Path) -> None:
    assert GATE.judge(inspect(str(without_layers(tmp_path))), GATE.parse("*=0")).passed


@pytest.mark.parametrize("text", [*NO_NUMBERS, "tool", "tool=", "=5MB", " =5MB", "tool=10%", "tool=-1"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (limit|size)"):
        GATE.parse(text)


def test_several_can_be_given_and_each_is_judged(tmp_path: Path, look: Run) -> None:
    archive = saved(tmp_path, *LAYERS)

    outcome = look(archive, "--ci", "--max-package", "tool=1kB", "--max-package", "left-pad=10", "--warn",
                   "max-package=npm:tool=1B")  # fmt: skip

    assert outcome.code == 1
    rows = [line.split() for line in outcome.out.splitlines() if line.strip().startswith("max-package")]
    assert sorted((row[1], word) for row in rows for word in row if word in ("FAIL", "pass", "warn")) == [
        ("left-pad", "FAIL"),
        ("npm:tool", "warn"),
        ("tool", "pass"),
    ]
    assert outcome.out.splitlines()[-1] == "verdict: fail max-package"
