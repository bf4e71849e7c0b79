"""An instruction as its author wrote it, changed as its recorded form was."""

from __future__ import annotations

import pytest

from layerscope.dockerfile.merging import merge

END = " \\\n    && rm -rf /x"


@pytest.mark.parametrize(
    ("recorded", "written", "better", "merged"),
    [
        pytest.param("RUN a b", "RUN a b", f"RUN a b{END}", f"RUN a b{END}", id="appended"),
        pytest.param(
            "RUN a &&     b c",
            "RUN a && \\\n    # why\n    b   c",
            f"RUN a &&     b c{END}",
            f"RUN a && \\\n    # why\n    b   c{END}",
            id="line breaks, blanks and comments stay",
        ),
        pytest.param(
            "RUN a b",
            "run --mount=type=cache,target=/c a b",
            f"RUN a b{END}",
            f"run --mount=type=cache,target=/c a b{END}",
            id="options that are not recorded stay",
        ),
        pytest.param(
            "RUN a\nb",
            "RUN <<EOF\na\nb\nEOF",
            f"RUN a\nb{END}",
            f"RUN <<EOF\na\nb{END}\nEOF",
            id="inside a here-document",
        ),
        pytest.param(
            "RUN pip install x && y",
            "RUN pip install \\\n  x && y",
            "RUN pip install --no-cache-dir x && y",
            "RUN pip install --no-cache-dir \\\n  x && y",
            id="an option put in",
        ),
        pytest.param(
            "RUN a && up && b", "RUN a && up && b", "RUN a && b", "RUN a && b", id="a command taken out"
        ),
        pytest.param(
            "COPY … /app",
            "COPY . .",
            "COPY --chown=u:g … /app",
            "COPY --chown=u:g . .",
            id="a source that is not recorded",
        ),
        pytest.param(
            "RUN a RUN b",
            "RUN a\n\n# why b\nRUN b",
            "RUN a \\\n    && b",
            "RUN a \\\n# why b\n    && b",
            id="joined, the comment between them kept",
        ),
        pytest.param(
            "RUN a RUN b",
            "RUN a\nRUN --mount=type=bind b",
            "RUN a \\\n    && b",
            None,
            id="joined, but with an option",
        ),
        pytest.param("RUN a b", "RUN a other", f"RUN a b{END}", None, id="the end is another"),
        pytest.param("RUN a", "RUN a", "RUN a && …", None, id="something is not known"),
        pytest.param("COPY x /y", "COPY x /y", "ADD x /y", None, id="the keyword differs"),
        pytest.param(
            "RUN a TOKEN=… b",
            "RUN a TOKEN=hunter2 b",
            f"RUN a TOKEN=… b{END}",
            f"RUN a TOKEN=hunter2 b{END}",
            id="a secret",
        ),
    ],
)
def test_a_change_is_put_into_the_text_as_it_was_written(
    recorded: str, written: str, better: str, merged: str | None
) -> None:
    assert merge(recorded.split(), written, better) == merged
