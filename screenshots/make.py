"""Writes the pictures beside it: what layerscope prints, as SVG. Run it after changing what it prints.

python screenshots/make.py            write them
python screenshots/make.py --check    exit 1 when one is not what would be written
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from msgspec.structs import replace
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from layerscope.config import Options
from layerscope.extensions import Gate, load
from layerscope.inspection import Inspection, inspect
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page, gate_report, summary

_HERE = Path(__file__).resolve().parent
_PAGE = Page(100, Paint(enabled=True))
_NORMAL = [(40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123)]
_NORMAL += [(97, 175, 239), (198, 120, 221), (86, 182, 194), (171, 178, 191)]
_THEME = TerminalTheme((24, 26, 31), (208, 212, 220), _NORMAL, _NORMAL)


def _sample(name: str) -> Inspection:
    """An inspection of a sample, under the name it has for whoever stands in its folder."""
    inspection = inspect(str(_HERE.parent / "sample_images" / name), Options())
    return replace(inspection, image=replace(inspection.image, reference=name))


def _summary() -> tuple[str, list[str]]:
    return "layerscope wasteful.tar", summary(_sample("wasteful.tar"), _PAGE)


def _gate() -> tuple[str, list[str]]:
    inspection = _sample("wasteful.tar")
    gates: dict[str, Gate] = load("gate")
    limits = {"max-waste": "10%", "max-layers": "40"}
    verdicts = [gates[name].judge(inspection, gates[name].parse(limit)) for name, limit in limits.items()]
    return "layerscope wasteful.tar --ci --max-waste 10% --max-layers 40", gate_report(
        inspection, verdicts, _PAGE
    )


def _svg(name: str, title: str, lines: list[str]) -> str:
    """The picture; its letters are the reader's own, nothing is fetched."""
    code_format = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    code_format = code_format.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    console = Console(record=True, width=_PAGE.width + 1, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi("\n".join(lines)), no_wrap=True, highlight=False)
    return console.export_svg(title=title, theme=_THEME, code_format=code_format, unique_id=name)


def main() -> int:
    """Write or check every picture."""
    stale = []
    for name, picture in {"summary": _summary, "ci": _gate}.items():
        text = _svg(name, *picture())
        place = _HERE / f"{name}.svg"
        if "--check" in sys.argv[1:]:
            if not place.exists() or place.read_text() != text:
                stale.append(place.name)
        else:
            place.write_text(text)
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
