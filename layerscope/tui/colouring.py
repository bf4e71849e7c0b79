"""Source code cut into parts by what they are; the lexer is found by the file's name or first line."""

from __future__ import annotations

from typing import Any

from layerscope.tui.widgets.row_list import Part

MAX_BYTES = 32 << 10
"""More at a time stays plain: a lexer can take long for what nobody wrote by hand."""

CODE_STYLES = ("code-comment", "code-keyword", "code-string", "code-number", "code-name", "code-tag")
_PREFIXES = (
    ("Token.Comment", "code-comment"),
    ("Token.Keyword", "code-keyword"),
    ("Token.Operator.Word", "code-keyword"),
    ("Token.Literal.String", "code-string"),
    ("Token.Literal.Number", "code-number"),
    ("Token.Name.Function", "code-name"),
    ("Token.Name.Class", "code-name"),
    ("Token.Name.Decorator", "code-name"),
    ("Token.Name.Tag", "code-tag"),
    ("Token.Name.Attribute", "code-tag"),
    ("Token.Generic.Heading", "code-keyword"),
    ("Token.Generic.Subheading", "code-keyword"),
)
_SHEBANGS = (
    *(("python", "python"), ("bash", "bash"), ("node", "javascript"), ("perl", "perl"), ("ruby", "ruby")),
    *(("php", "php"), ("lua", "lua"), ("awk", "awk"), ("tclsh", "tcl"), ("sh", "bash")),
)


def lexer_for(path: str, head: bytes) -> Any | None:
    """The lexer for a file; None for plain text."""
    from rich.syntax import Syntax

    first = head.partition(b"\n")[0][:200].decode("utf-8", "replace")
    name = path.rpartition("/")[2]
    if first.startswith("#!"):
        language = next((lexer for word, lexer in _SHEBANGS if word in first), "")
    else:
        language = Syntax.guess_lexer(name)
    if language in ("", "default", "text"):
        return None
    return Syntax("", language).lexer


def coloured(lines: list[str], lexer: Any) -> list[list[Part]]:
    """The lines in parts, as many as there were."""
    rows: list[list[Part]] = [[]]
    for token, text in lexer.get_tokens("\n".join(lines)):
        style = _style(str(token))
        for number, piece in enumerate(text.split("\n")):
            if number:
                rows.append([])
            if piece:
                rows[-1].append((piece, style))
    said = ["".join(text for text, _ in row) for row in rows[: len(lines)]]
    # A lexer may drop blank lines at the ends; then none of its rows can be trusted.
    return rows[: len(lines)] if said == lines else [[(line, "")] for line in lines]


def _style(token: str) -> str:
    return next((style for prefix, style in _PREFIXES if token.startswith(prefix)), "")
