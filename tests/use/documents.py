"""YAML as its readers see it, and whether a published schema agrees."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import PROJECT

GUIDE = PROJECT / "docs" / "ci.md"


def read(text: str) -> Any:
    """A YAML document."""
    return YAML(typ="safe").load(text)


def faults(path: Path, schema: str, *more: str) -> str:
    """What one of the schemas that check-jsonschema brings says against a file; empty where nothing."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"),
            *(*more, str(path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr if run.returncode else ""


def examples(key: str) -> list[str]:
    """The YAML in the guide that has this key at its top."""
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if key in read(block)]


def program(folder: Path, name: str, *lines: str) -> Path:
    """A program for a shell to find."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def layerscope(folder: Path) -> Path:
    """The command, as an installation would have it."""
    return program(folder, "layerscope", f'exec "{sys.executable}" -m layerscope "$@"')
