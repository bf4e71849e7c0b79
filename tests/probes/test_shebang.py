"""The first line of a script."""

from __future__ import annotations

import pytest

from layerscope.probes.shebang import PROBE


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"#!/bin/sh\nexit\n", ["/bin/sh"]),
        (b"#! /usr/bin/env  -S python3 -u \r\n", ["/usr/bin/env", "-S python3 -u"]),
        (b"#!/bin/sh", ["/bin/sh"]),
        (b"#!\n", None),
        (b"#!" + b"/" * 999, ["/" * 254]),
        (b"#!/bin/\0sh\n", None),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_interpreter_is_told(content: bytes, fact: list[str] | None, size: int) -> None:
    sink = PROBE.begin("x", len(content))
    for place in range(0, len(content), size):
        sink.feed(memoryview(content)[place : place + size])

    assert sink.finish() == fact


def test_a_hole_is_no_line() -> None:
    sink = PROBE.begin("x", 10)
    sink.feed(memoryview(b"#!/bin/sh"))
    sink.feed_hole(1 << 40)

    assert sink.finish() is None
