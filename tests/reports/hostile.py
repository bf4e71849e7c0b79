"""An image in which everything that has a name has a hostile one, and the pictures of what is said of it.

``python -m tests.reports.hostile`` draws the pictures in ``golden/`` anew; look at what changed.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import msgspec

from layerscope import __version__
from layerscope.extensions import Report, Verdict
from layerscope.inspection import Inspection
from layerscope.loading import load
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.suggestion import Suggestion
from tests.sources.images import file, inspected, layer, steps, whiteout

GOLDEN = Path(__file__).parent / "golden"
PICTURES = {
    "markdown": "report.md",
    "sarif": "report.sarif",
    "junit": "report.xml",
    "github": "annotations.txt",
    "gitlab": "code-quality.json",
    "csv": "files.csv",
    "csv-layers": "layers.csv",
    "csv-waste": "waste.csv",
    "badge": "badge.json",
}

HOSTILE = (
    "</details><script>alert(1)</script>",
    "a|b `c` ``d`` [e](https://evil.example) *f* _g_",
    "@everyone #1 !2 &3 ~4 %5 $6$ www.evil.example",
    "quote\" 'single' & <b>",
    "line\nbreak\r\n::error::injected",
    "esc\x1b[31m\x9b\x07",
    "bidi\u202e\u2066",
    "latin\udce9\ufffe\uffff",
    "back\\slash\\x41",
    "=cmd|' /C calc'!A1",
    "comma,semicolon;\ttab",
    "per%0Acent%25",
    "ünïcode-漢字-🐳",
)
"""Names for whoever renders, parses, runs or reads them."""

UNSAFE = "\x1b\x9b\x07\u202e\u2066\udce9"


def hostile_image(folder: Path) -> Inspection:
    """Every hostile name as a path that stays, one that is wasted, a duplicate, an instruction."""
    names = [name.replace("/", "-").encode("utf-8", "surrogateescape") for name in HOSTILE]
    inspection = inspected(
        folder,
        layer(*(file(b"kept/" + name, b"same") for name in names)),
        layer(*(file(b"gone/" + name, b"g" * (number + 2)) for number, name in enumerate(names))),
        layer(whiteout(b"gone")),
        history=steps(*(name.replace("\udce9", "") for name in (HOSTILE[0], HOSTILE[4], HOSTILE[9]))),
    )
    remarks = tuple(Diagnostic(code="odd", message=name, path=name) for name in HOSTILE[:3])
    image = msgspec.structs.replace(inspection.image, reference=HOSTILE[1], names=(), diagnostics=remarks)
    inspection = msgspec.structs.replace(inspection, image=image)
    inspection.__dict__["suggestions"] = tuple(
        _suggestion(number, name) for number, name in enumerate(HOSTILE)
    )
    return inspection


def _suggestion(number: int, name: str) -> Suggestion:
    rules = ("deleted-later", "secret-in-file", "root-user", "apt-lists")
    families = ("layers", "secrets", "secrets", "packages")
    return Suggestion(
        rule=rules[number % 4],
        title=f"something in {name}",
        family=families[number % 4],
        gross_bytes=1000 * number,
        net_bytes=1000 * number,
        compressed_bytes=500 * number,
        layers=(number % 3,) if number else (),
        instruction=f"RUN {name}" if number else None,
        paths=(f"kept/{name}",) if number else (),
        path_count=min(number, 1),
        confidence="low" if number == 3 else "high",
        blame="own",
        fix=f"Do not {name}",
        rewrite=f"RUN true \\\n    && echo '{name}' ```" if number % 2 else None,
    )


def hostile_verdicts() -> list[Verdict]:
    """One that passed, one that failed, one that warns; of gates that were told hostile names."""
    return [
        Verdict(gate="max-waste", measured="1.0 %", limit="10.0 %", passed=True, because="layer 1 | x"),
        Verdict(
            gate="max-dir",
            subject="/" + r"</b>\x1b[2J|`x`",
            measured="2.00 kB",
            limit="1.00 kB",
            passed=False,
            because=r'<i>"x"</i> & @someone, 10%',
        ),
        Verdict(gate="no-root", measured="root", limit="not root", passed=False, warning=True),
    ]


def written(name: str, inspection: Inspection, verdicts: list[Verdict]) -> bytes:
    """What a report writes."""
    reports: dict[str, Report] = load("report")
    stream = io.BytesIO()
    reports[name].write(inspection, verdicts, stream)
    return stream.getvalue()


def drawn(name: str, folder: Path) -> bytes:
    """A report as its picture has it, without the version, which changes with every release."""
    text = written(name, hostile_image(folder), hostile_verdicts())
    return text.replace(f'"version": "{__version__}"'.encode(), b'"version": "VERSION"')


def _draw() -> None:
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in PICTURES.items():
            (GOLDEN / picture).write_bytes(drawn(name, Path(folder)))


if __name__ == "__main__":
    _draw()
