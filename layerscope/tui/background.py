"""Work that goes on while the screen lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.dom import DOMNode


def in_background(
    node: DOMNode,
    act: Callable[..., Awaitable[None]],
    *arguments: object,
    group: str = "default",
    alone: bool = False,
) -> None:
    """Run a coroutine function beside everything else, until it ends or its widget does.

    ``alone`` ends what else runs in its ``group``. The coroutine is made when it begins: one that was
    made and never begun would be complained of.
    """
    work: Callable[[], object] = partial(act, *arguments)
    node.run_worker(work, group=group, exclusive=alone)
