"""What the guide says of comparing with a released image, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.looking import Run, look
from tests.sources.samples import LEAN, WASTEFUL
from tests.use.documents import GUIDE

__all__ = ["look"]


def test_the_commands_of_the_guide_do_what_it_says(
    look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```text\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    told = next(block for block in blocks if "layerscope diff" in block)
    images = {"my-app:released": str(LEAN), "my-app": str(WASTEFUL)}
    commands = [[images.get(word, word) for word in line.split()[1:]] for line in told.splitlines()]

    outcomes = [look(*command) for command in commands]

    assert [outcome.code for outcome in outcomes] == [1, 0, 0]
    assert outcomes[0].out.endswith("\nverdict: fail max-growth\n")
    assert "Because of layer" in Path("comment.md").read_text(encoding="utf-8")
    assert "16 of 17 layers" in outcomes[2].out
