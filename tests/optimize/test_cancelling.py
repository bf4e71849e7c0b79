"""Whoever does not wait any more is heard at once, also while a layer is being made."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.config import Options
from layerscope.optimize.optimizing import optimize
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from tests.oci.build import built, docker_archive
from tests.optimize.stacks import tar_of
from tests.sources.images import packed
from tests.union.dsl import file, whiteout

LAYERS = (tar_of([file("a", b"x"), file("b", b"y")]), tar_of([whiteout("a")]))


class Stopped(BaseException):
    """Nobody waits any more."""


class StoppingAt:
    """A `layerscope.extensions.Progress` that gives up when a part of that name is gone on with."""

    def __init__(self, part: str) -> None:
        self._part = part

    def expect(self, total_bytes: int) -> None:
        """No matter."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """No matter."""

    def advance(self, part: str, count: int) -> None:  # noqa: ARG002
        """Give up."""
        if part.startswith(self._part):
            raise Stopped

    def end(self, part: str) -> None:
        """No matter."""


def test_a_layer_that_nobody_waits_for_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    source = packed(tmp_path / "in.tar", docker_archive(built(*LAYERS)))

    with pytest.raises(Stopped):
        optimize(
            str(source),
            Steps(flatten=True),
            tmp_path / "out.tar",
            Options(progress=StoppingAt("new layer")),
        )

    assert {path.name for path in tmp_path.iterdir()} == {"in.tar", "temp"}
    assert list((tmp_path / "temp").iterdir()) == []
