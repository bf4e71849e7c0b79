"""A02: what a project's folder holds for its developers."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copies_context
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item, Priority

_NOT_THE_PROJECT = frozenset(
    ("node_modules", "site-packages", "dist-packages", "vendor", "lib", "share", "include")
)


def _from_context(evidence: Evidence, item: Item) -> bool:
    return copies_context(evidence, item.origin) and _NOT_THE_PROJECT.isdisjoint(item.path.split("/"))


RULE = leftover(
    id="context-leak",
    title="files for developers, copied along",
    family="context",
    patterns=(
        ".github/",
        ".gitlab/",
        ".circleci/",
        ".vscode/",
        ".idea/",
        ".vs/",
        "tests/",
        "test/",
        "__tests__/",
        "docs/",
        "doc/",
        "coverage/",
        "htmlcov/",
        ".pytest_cache/",
        ".mypy_cache/",
        ".ruff_cache/",
        ".tox/",
        ".nox/",
        ".terraform/",
        ".hypothesis/",
        "Dockerfile",
        "Containerfile",
        "docker-compose.yml",
        "docker-compose.yaml",
        "compose.yaml",
        ".dockerignore",
        ".gitignore",
        ".gitlab-ci.yml",
        ".travis.yml",
        ".pre-commit-config.yaml",
        ".editorconfig",
        ".DS_Store",
        "Thumbs.db",
        "Makefile",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        ".coverage",
        "terraform.tfstate",
        "Jenkinsfile",
        "Vagrantfile",
    ),
    remedy=Remedy(
        cleanup=None,
        ignored=True,
        instead="Or COPY only what the application is made of",
    ),
    help="""COPY . . brings tests, documentation, settings of editors and of CI. List them in .dockerignore,
or copy what is needed by name.""",
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    priority=Priority.GENERIC,
    only=_from_context,
)
