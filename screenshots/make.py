"""Writes the pictures beside it: what layerscope prints and what the explorer shows, as SVG.

python screenshots/make.py            write them; run it after changing what is seen
python screenshots/make.py --check    exit 1 when one is not what would be written
python screenshots/make.py --png      write them, and the explorer and the page as PNG too, with chromium
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from layerscope.config import Options
from layerscope.extensions import Gate, Verdict
from layerscope.inspection import Inspection, inspect
from layerscope.loading import load
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page, gate_report, summary
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.widgets.layer_detail import LayerDetail

_HERE = Path(__file__).resolve().parent
_PAGE = Page(100, Paint(enabled=True))
_NORMAL = [(40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123)]
_NORMAL += [(97, 175, 239), (198, 120, 221), (86, 182, 194), (171, 178, 191)]
_THEME = TerminalTheme((24, 26, 31), (208, 212, 220), _NORMAL, _NORMAL)


def _sample(name: str, base_layers: int | None = None) -> Inspection:
    """An inspection of a sample, under the name it has for whoever stands in its folder."""
    options = Options(base_layers=base_layers)
    inspection = inspect(str(_HERE.parent / "sample_images" / name), options)
    return replace(inspection, image=replace(inspection.image, reference=name))


def _summary() -> tuple[str, list[str]]:
    return "layerscope wasteful.tar", summary(_sample("wasteful.tar"), _PAGE)


def _judged() -> tuple[Inspection, list[Verdict]]:
    inspection = _sample("wasteful.tar")
    gates: dict[str, Gate] = load("gate")
    limits = {"max-waste": "10%", "max-layers": "40"}
    return inspection, [
        gates[name].judge(inspection, gates[name].parse(limit)) for name, limit in limits.items()
    ]


def _gate() -> tuple[str, list[str]]:
    inspection, verdicts = _judged()
    return "layerscope wasteful.tar --ci --max-waste 10% --max-layers 40", gate_report(
        inspection, verdicts, _PAGE
    )


def _own_letters(svg: str) -> str:
    """The picture with the reader's own letters: nothing is fetched."""
    svg = re.sub(r"@font-face \{.*?\}\}?\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def _svg(name: str, title: str, lines: list[str]) -> str:
    code_format = _own_letters(CONSOLE_SVG_FORMAT)
    console = Console(record=True, width=_PAGE.width + 1, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi("\n".join(lines)), no_wrap=True, highlight=False)
    return console.export_svg(title=title, theme=_THEME, code_format=code_format, unique_id=name)


def _printed(name: str, picture: Callable[[], tuple[str, list[str]]]) -> str:
    return _svg(name, *picture())


def _explored(name: str, keys: str, size: tuple[int, int], theme: str) -> str:
    """The explorer on the sample, after some keys."""
    app = LayerscopeApp(lambda: _sample("wasteful.tar"), theme=theme)

    async def play() -> str:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            for key in keys.split():
                await pilot.press(key)
                await pilot.pause()
            return app.export_screenshot(title="layerscope wasteful.tar")

    # How old a layer is changes from day to day.
    with patch.object(LayerDetail, "_age", return_value=""):
        return re.sub(r"terminal-\d+", name, _own_letters(asyncio.run(play())))


_WIDE, _NARROW = (160, 40), (80, 24)
_DARK, _LIGHT = "layerscope-dark", "layerscope-light"
_PRINTED = {"summary": _summary, "ci": _gate}
_EXPLORED = {
    "explorer": ("comma comma a E down down down", _WIDE, _DARK),
    "explorer-waste": ("2 down down", _WIDE, _LIGHT),
    "explorer-narrow": ("comma right down", _NARROW, _DARK),
    "explorer-help": ("question_mark", _NARROW, _LIGHT),
}


def _pictures() -> dict[str, str]:
    """Every picture by its name."""
    found = {name: _printed(name, picture) for name, picture in _PRINTED.items()}
    return found | {name: _explored(name, *how) for name, how in _EXPLORED.items()}


def _write_report_png() -> None:
    """The top of the page that --html writes."""
    _, verdicts = _judged()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        with page.open("wb") as stream:
            load("report")["html"].write(_sample("wasteful.tar", base_layers=3), verdicts, stream)
        _draw(page, _HERE / "report.png", (1280, 1240))


def _write_explorer_png() -> None:
    svg = _HERE / "explorer.svg"
    sizes = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg.read_text())
    assert sizes is not None
    _draw(svg, svg.with_suffix(".png"), (round(float(sizes[1])), round(float(sizes[2]))))


def _draw(source: Path, picture: Path, size: tuple[int, int]) -> None:
    """Draw a file as a browser does, half again as fine."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed; the PNGs stay as they are")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--disable-background-networking", "--hide-scrollbars", f"--user-data-dir={profile}"),
                *("--force-device-scale-factor=1.5", "--default-background-color=00000000"),
                *(f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}", source.as_uri()),
            ],
            check=True,
            capture_output=True,
        )


def main() -> int:
    """Write or check every picture."""
    stale = []
    for name, text in _pictures().items():
        place = _HERE / f"{name}.svg"
        if "--check" in sys.argv[1:]:
            if not place.exists() or place.read_text() != text:
                stale.append(place.name)
        else:
            place.write_text(text)
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}\n")
    elif "--png" in sys.argv[1:]:
        _write_explorer_png()
        _write_report_png()
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
