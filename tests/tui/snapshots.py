"""Pictures of the screen, held against stored ones.

LAYERSCOPE_UPDATE_SNAPSHOTS=1 stores them anew; look at each before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

STORED = Path(__file__).parent / "snapshots"


def same_picture(pilot: Pilot[Any], name: str) -> bool:
    """Tell whether the screen looks as it did, a cursor that blinks taken for lit."""
    for line in pilot.app.screen.query(Input):
        line.cursor_blink = False
    picture = re.sub(r"terminal-\d+", "terminal", pilot.app.export_screenshot(simplify=True))
    path = STORED / f"{name}.svg"
    if os.environ.get("LAYERSCOPE_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture)
    return path.exists() and path.read_text() == picture
