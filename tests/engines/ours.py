"""What layerscope's own command line says of an image."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from layerscope.cli import run
from tests.engines.tree import Row, Tree, named, with_groups


def listing(image: Path | str, layer: int | None = None) -> Tree:
    """The merged filesystem as ``layerscope ls --json --sha256`` tells it."""
    as_of = [] if layer is None else ["--layer", str(layer)]
    tree: Tree = {}
    first_names: dict[bytes, bytes] = {}
    for line in _output("ls", str(image), "--json", "--sha256", "--quiet", *as_of).splitlines():
        said = json.loads(line)
        path = _name(said["path"])
        tree[path] = _row(said)
        if said["type"] == "h":
            first_names[path] = _name(said["link_target"])
    return with_groups(tree, first_names)


def report(image: Path | str, *flags: str) -> Any:
    """The document that ``--json -`` writes."""
    return json.loads(_output(str(image), "--json", "-", "--quiet", *flags))


def _output(*arguments: str) -> bytes:
    """Standard output of a run; asserts that it went well."""
    captured = io.BytesIO()
    with io.TextIOWrapper(captured, encoding="utf-8", write_through=True) as stream:
        with redirect_stdout(stream):
            code = run(list(arguments))
        assert code == 0, f"layerscope {' '.join(arguments)}: exit code {code}"
        return captured.getvalue()


def _row(said: dict[str, Any]) -> Row:
    kind = "f" if said["type"] == "h" else said["type"]
    return Row(
        type=kind,
        mode=int(said["mode"], 8),
        uid=said["uid"],
        gid=said["gid"],
        size_bytes=said["size_bytes"] if kind == "f" else 0,
        target=_name(said["link_target"]) if kind in "lcb" else b"",
        sha256=said["sha256"] or "",
        mtime_ns=said["mtime_ns"],
        xattrs=b",".join(sorted(_name(name) for name in said["xattrs"])),
        capability=said["xattrs"].get("security.capability", ""),
    )


def _name(text: str) -> bytes:
    return named(text.encode())
