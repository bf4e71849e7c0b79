"""An image to write out of, and where to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract.written import BASE, TOP
from tests.sources.images import saved


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with an entry of most types in two layers."""
    return saved(tmp_path, BASE, TOP)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder to write into, which is not there yet."""
    return tmp_path / "out"
