"""What the project promises about its own shape: folders, names, sizes, plug-ins, imports."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from layerscope import loading

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "layerscope"

TOP_LEVEL = {
    *("pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile"),
    *(".gitignore", ".ci", "layerscope", "tests", "sample_images", "screenshots", "benchmarks", "docs"),
    *("action.yml", ".pre-commit-hooks.yaml", "Dockerfile"),  # where GitHub, pre-commit, engines look
}
NAMES_THAT_EXCLUDE_NOTHING = {
    *("util", "utils", "helper", "helpers", "common", "manager", "core", "misc"),
}
FILE_LIMIT_LINES = 400
FUNCTION_LIMIT_LINES = 50

# The constant that a plug-in file ends with → the kind that `loading.load` takes.
KINDS = {
    "SOURCE": "source",
    "TARGET": "target",
    "PROBE": "probe",
    "RULE": "rule",
    "WASTE_RULE": "waste_rule",
    "GATE": "gate",
    "REPORT": "report",
}
# What a headless run on a local archive has no use for; pathlib takes as long to import as twenty of ours.
NEVER_IMPORTED = {"pathlib", "textual", "rich", "jinja2", "docker", "httpx", "requests", "urllib3"}


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_bytes(), filename=str(path))


def modules() -> list[Path]:
    """Return every file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as a message shows it."""
    return path.relative_to(PROJECT).as_posix()


def plugins(constant: str) -> list[Path]:
    """Return the files whose last statements make this constant."""
    return [path for path in modules() if constant in last_names(tree_of(path))]


def kinds_in_use() -> list[str]:
    """Return the constants of which there is a file at all."""
    return [constant for constant in KINDS if plugins(constant)]


def module_name(path: Path) -> str:
    """Return the name by which a file is imported."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def last_names(tree: ast.Module) -> list[str]:
    """Return the names that the last statements of a file assign, as long as they are of plug-ins."""
    names: list[str] = []
    for statement in reversed(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in KINDS:
                names.append(name)
            case _:
                break
    return names


def test_the_top_level_holds_only_what_the_design_names() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip(f"not a git checkout: {listing.stderr.strip()}")

    top = {name.split("/", 1)[0] for name in listing.stdout.split("\0") if name}

    assert "layerscope" in top
    assert top <= TOP_LEVEL


def test_no_module_has_a_name_that_excludes_nothing() -> None:
    named = [p for p in [*modules(), *PACKAGE.rglob("*/")] if p.stem in NAMES_THAT_EXCLUDE_NOTHING]

    assert [shown(path) for path in named] == []


def test_no_file_is_too_long() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in modules()}

    assert {name: n for name, n in lengths.items() if n > FILE_LIMIT_LINES} == {}


def test_no_function_is_too_long() -> None:
    too_long = {}
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LIMIT_LINES:
                    too_long[f"{shown(path)}:{node.lineno} {node.name}"] = length

    assert too_long == {}


def test_only_the_command_line_prints_or_exits() -> None:
    its_own = {
        PACKAGE / "__main__.py",
        PACKAGE / "oci" / "forked.py",
    }  # a copy of the process ends where it is
    outside = [p for p in modules() if p not in its_own and PACKAGE / "cli" not in p.parents]

    found = [f"{shown(path)}:{line}" for path in outside for line in prints_and_exits(path)]

    assert outside
    assert found == []


def prints_and_exits(path: Path) -> Iterator[int]:
    """Yield the lines of a file that print or end the program."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Call(func=ast.Name(id="print" | "exit" | "quit")):
                yield node.lineno
            case ast.Attribute(value=ast.Name(id="sys"), attr="exit" | "stdout" | "stderr"):
                yield node.lineno
            case ast.Attribute(value=ast.Name(id="os"), attr="_exit" | "abort"):
                yield node.lineno
            case ast.Name(id="SystemExit"):
                yield node.lineno


@pytest.mark.parametrize("constant", kinds_in_use())
def test_every_plugin_is_found_and_its_id_is_its_own(constant: str) -> None:
    """Two files with one id would be one entry fewer."""
    loaded = loading.load(KINDS[constant])

    assert len(loaded) == len(plugins(constant))
    assert all(plugin.id == key for key, plugin in loaded.items())


@pytest.mark.parametrize("kind", ["gate", "report"])
def test_a_gate_or_report_is_named_like_its_file(kind: str) -> None:
    """So that one can be told by its name while the others are not loaded."""
    assert loading.named(kind) == list(loading.load(kind))
    assert [loading.load_named(kind, name) for name in loading.named(kind)] == [*loading.load(kind).values()]


@pytest.mark.parametrize("path", [p for c in KINDS for p in plugins(c)], ids=shown)
def test_every_plugin_is_imported_by_a_test(path: Path) -> None:
    assert module_name(path) in imported_by_tests()


@cache
def imported_by_tests() -> frozenset[str]:
    """Return the full name of every module that a test file imports."""
    names = set[str]()
    for path in (PROJECT / "tests").rglob("test_*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


@pytest.mark.parametrize("constant", kinds_in_use())
def test_every_plugin_is_in_the_docs(constant: str) -> None:
    """The README or ARCHITECTURE.md names its id."""
    text = "\n".join((PROJECT / name).read_text() for name in ("README.md", "ARCHITECTURE.md"))

    missing = [
        key
        for key in loading.load(KINDS[constant])
        if not re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text)
    ]

    assert missing == []


def test_a_headless_run_imports_nothing_it_does_not_use(tmp_path: Path) -> None:
    """A fresh interpreter runs the gates on a sample and lists what it has imported by then."""
    listing = tmp_path / "modules.json"
    program = (
        "import json, sys\n"
        "from layerscope.cli import run\n"
        "code = run(['sample_images/lean.tar', '--ci'])\n"
        f"open({str(listing)!r}, 'w').write(json.dumps(sorted(sys.modules)))\n"
        "sys.exit(code)\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    imported = {name.split(".", 1)[0] for name in json.loads(listing.read_text())}
    assert "layerscope" in imported
    assert imported & NEVER_IMPORTED == set()
