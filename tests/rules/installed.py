"""What rules see of an image with programs and packages: large files, and what probes tell of them."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.rules.dsl import step
from tests.union.dsl import file

MB = 1_000_000


def elf(symbol_bytes: int = 0, debug_bytes: int = 0, kind: str = "program", **fields: Any) -> dict[str, Any]:
    """What the probe tells of a program."""
    return {
        "kind": kind,
        "machine": "x86-64",
        "bits": 64,
        "needed": [],
        "interpreter": None,
        "symbol_bytes": symbol_bytes,
        "debug_bytes": debug_bytes,
        **fields,
    }


def big(path: str, size_bytes: int = MB) -> Any:
    """A file that says that it is so large."""
    return msgspec.structs.replace(file(path, path.encode()), size_bytes=size_bytes, stored_bytes=size_bytes)


def debian(instruction: str, packages: dict[str, dict[str, str]], automatic: tuple[str, ...] = ()) -> Any:
    """A layer that installs these packages, a megabyte each: name to relations."""
    status = [
        {"name": name, "version": "1", "architecture": "all", **more} for name, more in packages.items()
    ]
    told: dict[str, Any] = {
        "var/lib/dpkg/status": status,
        "var/lib/apt/extended_states": [{"name": name, "architecture": "all"} for name in automatic],
        **{f"var/lib/dpkg/info/{name}.list": f"/usr/lib/{name}/f" for name in packages},
    }
    files = [file(path) for path in told] + [big(f"usr/lib/{name}/f") for name in packages]
    return step(instruction, *files, facts={"dpkg": told})


def python(site: str, name: str, size_bytes: int = MB) -> tuple[list[Any], dict[str, Any]]:
    """The files of a Python package and what the probe tells of it."""
    info = f"{site}/{name}-1.dist-info"
    facts = {f"{info}/METADATA": {"name": name, "version": "1"}, f"{info}/RECORD": f"{name}/a.py"}
    return [file(path) for path in facts] + [big(f"{site}/{name}/a.py", size_bytes)], facts
