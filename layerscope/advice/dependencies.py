"""Which commands install dependencies, and which files they need for it."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.model.entry import Kind

_INSTALLS: dict[str, frozenset[str]] = {
    "npm": frozenset(("install", "ci", "i")),
    "yarn": frozenset(("install",)),
    "pnpm": frozenset(("install", "i", "fetch")),
    "bun": frozenset(("install",)),
    "pip": frozenset(("install",)),
    "pip3": frozenset(("install",)),
    "uv": frozenset(("sync", "pip")),
    "poetry": frozenset(("install",)),
    "pipenv": frozenset(("install", "sync")),
    "conda": frozenset(("install", "update")),
    "mamba": frozenset(("install", "update")),
    "bundle": frozenset(("install",)),
    "composer": frozenset(("install",)),
    "go": frozenset(("mod", "get")),
    "cargo": frozenset(("fetch", "build")),
    "mvn": frozenset(("dependency:go-offline", "package", "install")),
    "gradle": frozenset(("dependencies", "build")),
    "dotnet": frozenset(("restore",)),
    "apt-get": frozenset(("install",)),
    "apt": frozenset(("install",)),
    "apk": frozenset(("add",)),
    "dnf": frozenset(("install",)),
    "microdnf": frozenset(("install",)),
    "yum": frozenset(("install",)),
}
MANIFESTS: dict[str, str] = {
    "npm": "package*.json",
    "yarn": "package.json yarn.lock",
    "pnpm": "package.json pnpm-lock.yaml",
    "bun": "package.json bun.lock",
    "pip": "requirements*.txt",
    "pip3": "requirements*.txt",
    "uv": "pyproject.toml uv.lock",
    "poetry": "pyproject.toml poetry.lock",
    "pipenv": "Pipfile Pipfile.lock",
    "conda": "environment.yml",
    "mamba": "environment.yml",
    "bundle": "Gemfile Gemfile.lock",
    "composer": "composer.json composer.lock",
    "go": "go.mod go.sum",
    "cargo": "Cargo.toml Cargo.lock",
    "mvn": "pom.xml",
    "gradle": "build.gradle* settings.gradle*",
    "dotnet": "*.csproj",
}
_MANIFEST_SUFFIXES = (
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ".npmrc"),
    *("pnpm-workspace.yaml", "bun.lock", "bun.lockb", ".yarnrc.yml", "pyproject.toml", "poetry.lock"),
    *("uv.lock", "Pipfile", "Pipfile.lock", "setup.py", "setup.cfg", "environment.yml", "go.mod", "go.sum"),
    *("go.work", "Cargo.toml", "Cargo.lock", "pom.xml", ".gradle", ".gradle.kts", "Gemfile", "Gemfile.lock"),
    *("composer.json", "composer.lock", ".csproj", ".sln", "gradlew", "mvnw", "nuget.config"),
)


def installer_of(evidence: Evidence, layer: int) -> str | None:
    """The first program of a layer's RUN that installs dependencies, None where none does."""
    for command in evidence.commands(layer):
        if command.action in _INSTALLS.get(command.program, ()):
            return command.program
    return None


def only_manifests(evidence: Evidence, layer: int) -> bool:
    """Whether a layer brings nothing but the files that say what the dependencies are."""
    return all(
        entry.kind is Kind.DIRECTORY
        or entry.path.endswith(_MANIFEST_SUFFIXES)
        or (entry.path.endswith((".txt", ".in")) and "require" in entry.path.rpartition("/")[2])
        for entry in evidence.changesets[layer].entries
    )
