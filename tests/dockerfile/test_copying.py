"""Which path of the build's context a path of the image comes from."""

from __future__ import annotations

import pytest

from layerscope.dockerfile.copying import Origin, copied, origin_of
from layerscope.model.instruction import Instruction

THERE = {"web/tests", "LICENSE"}


@pytest.mark.parametrize(
    ("recorded", "written", "path", "source"),
    [
        (". /app", None, "app/tests", "tests"),
        (". .", None, "srv/tests", "tests"),
        ("./ ./inner/", None, "srv/inner/a/b", "a/b"),
        ("src /app/src", None, "app/src/tests", "src/tests"),
        ("--chown=a:b ./src/ /app", None, "app/tests", "src/tests"),
        ('["my src", "/app"]', None, "app/tests", "my src/tests"),
        (". /", None, "tests/a", "tests/a"),
        ("01234567… /app", None, "app/tests", "tests"),
        ("01234567… /app", "web /app", "app/tests", "web/tests"),
        ("/src /app", "--chmod=755 $WHERE /app", "app/tests", None),
        ("api web /app/", None, "app/tests", "web/tests"),
        ("a b /app/", None, "app/tests", None),
        (".env /app/.env", None, "app/.env", None),
        ("conf/.env /app/", None, "app/.env", None),
        ("*.md /app/", None, "app/README.md", None),
        (". /app", None, "elsewhere/a", None),
    ],
)
def test_a_path_of_the_image_is_one_of_the_context(
    recorded: str, written: str | None, path: str, source: str | None
) -> None:
    copy = copied(Instruction(keyword="COPY", text=recorded), written, "srv")

    assert copy is not None
    origin = origin_of(copy, path, THERE.__contains__)
    assert origin.path == source
    assert bool(origin.reason) == (source is None)


def test_a_here_document_is_of_no_context() -> None:
    assert copied(Instruction(keyword="COPY", text="<<EOF /a"), None, "") is None


def test_nothing_is_said_of_a_file_that_is_copied_by_name() -> None:
    copy = copied(Instruction(keyword="COPY", text=".env /app/.env"), None, "")

    assert copy is not None
    assert origin_of(copy, "app/.env", THERE.__contains__) == Origin(reason="it is copied by name")
