"""No report tells a secret that the image's history or config holds, whoever writes the report."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from layerscope.extensions import Report, Verdict
from layerscope.gates.max_layer_size import GATE as MAX_LAYER_SIZE
from layerscope.gates.max_waste import GATE as MAX_WASTE
from layerscope.inspection import Inspection
from layerscope.loading import load
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page, gate_report, summary
from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, whiteout

TOKEN = "ghp_" + "A1b2C3d4" * 5
PASSWORD = "hunter2-hunter2"
SECRETS = (TOKEN, PASSWORD)

PAGE = Page(160, Paint(enabled=False))
HISTORY = [
    {"created_by": f"ENV GITHUB={TOKEN}", "empty_layer": True, "comment": TOKEN},
    {"created_by": f"|1 DEPLOY_PASSWORD={PASSWORD} /bin/sh -c curl -H 'Authorization: Bearer {TOKEN}' x"},
    {"created_by": f"RUN rm big # {TOKEN} https://me:{PASSWORD}@example.com", "comment": f"token={TOKEN}"},
    {"created_by": f"CMD serve --password={PASSWORD}", "empty_layer": True},
]
CONFIG = {
    "Env": [f"DB_PASSWORD={PASSWORD} of two words", f"GITHUB={TOKEN}", "LANG=C"],
    "Labels": {"api_key": PASSWORD, "note": f"made with {TOKEN}"},
    "Cmd": ["serve", f"--password={PASSWORD}"],
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image whose every step tells a secret, and that wastes enough for every list to name them."""
    return saved(
        tmp_path_factory.mktemp("secrets"),
        layer(
            member(b"big", b"b" * 50_000),
            member(b"var/lib/dpkg/status", b"Package: a\nStatus: install ok installed\nVersion: 1\n\n"),
            member(b"var/lib/dpkg/info/a.list", b"/usr/a\n"),
            member(b"usr/a", b"a" * 9000),
        ),
        layer(whiteout(b"big"), member(b"var/cache/apt/archives/a.deb", b"a" * 2000)),
        history=HISTORY,
        config=CONFIG,
    )


@pytest.fixture(scope="module")
def inspection(archive: Path) -> Inspection:
    from layerscope.inspection import inspect

    found = inspect(str(archive))
    annotated = msgspec.structs.replace(found.image, annotations={"token": PASSWORD, "b": TOKEN})
    return msgspec.structs.replace(found, image=annotated)


@pytest.fixture(scope="module")
def verdicts(inspection: Inspection) -> list[Verdict]:
    """Gates that quote the instruction to blame."""
    return [
        MAX_WASTE.judge(inspection, MAX_WASTE.parse("0B")),
        MAX_LAYER_SIZE.judge(inspection, MAX_LAYER_SIZE.parse("1B")),
    ]


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("name", load("report"))
def test_no_report_tells_a_secret(name: str, inspection: Inspection, verdicts: list[Verdict]) -> None:
    report: Report = load("report")[name]
    stream = io.BytesIO()

    report.write(inspection, verdicts, stream)

    assert told(stream.getvalue().decode()) == []


def test_the_terminal_tells_none(inspection: Inspection, verdicts: list[Verdict]) -> None:
    lines = [*summary(inspection, PAGE), *gate_report(inspection, verdicts, PAGE)]

    text = "\n".join(lines)
    assert "curl" in text
    assert "…" in text
    assert told(text) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["ls", "{}"],
        ["ls", "{}", "--json"],
        ["why", "{}", "/big"],
        ["why", "{}", "/big", "--json"],
        ["packages", "{}"],
        ["packages", "{}", "--json"],
        ["diff", "{}", "{}"],
        ["diff", "{}", "{}", "--json", "-"],
        ["diff", "{}", "{}", "--html", "-"],
        ["diff", "{}", "{}", "--markdown", "-"],
    ],
    ids=" ".join,
)
def test_no_command_tells_one(arguments: list[str], archive: Path, look: Run) -> None:
    outcome = look(*(argument.format(archive) for argument in arguments))

    assert outcome.code == 0
    assert outcome.out
    assert told(outcome.out + outcome.err) == []


def test_what_is_no_secret_stays(archive: Path, look: Run) -> None:
    image: dict[str, Any] = json.loads(look(archive, "--json", "-").out)["image"]

    assert image["config"]["Env"] == ["DB_PASSWORD=…", "GITHUB=…", "LANG=C"]
    assert image["config"]["Labels"] == {"api_key": "…", "note": "made with …"}
    assert image["config"]["Cmd"] == ["serve", "--password=…"]
