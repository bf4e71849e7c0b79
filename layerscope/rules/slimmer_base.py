"""D08: a base image of which there is a slimmer variant."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Item, Priority

_LEFT_OUT = ("man-pages", "package-docs", "locales")
"""The findings that tell of what the slim variants leave out of the distribution's packages."""
_BUILDING = ("build-toolchain", "headers", "static-libraries")
"""… and of the tools that the variants with a language's build environment have besides."""
_LANGUAGES = {
    "PYTHON_VERSION": "python",
    "NODE_VERSION": "node",
    "RUBY_VERSION": "ruby",
    "RUST_VERSION": "rust",
    "GOLANG_VERSION": "golang",
}
_LEAST_BYTES = 10_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    facts = evidence.facts("os-release")
    distribution: dict[str, str] = next((fact for layer, _, fact in facts if layer == 0), {})
    if distribution.get("ID") != "debian":
        return
    language, layers = _language(evidence)
    rules = (*_LEFT_OUT, *_BUILDING) if language else _LEFT_OUT
    items: dict[int, Item] = {
        item.key: item
        for rule in rules
        for match in evidence.matches(rule)
        for item in match.items
        if item.layer < layers
    }
    gross_bytes = sum(item.size_bytes for item in items.values())
    if gross_bytes < _LEAST_BYTES:
        return
    name = language or f"debian:{distribution.get('VERSION_CODENAME', 'stable')}"
    yield Claim(
        title=f"the base {name} has a slim variant, {size(gross_bytes)} smaller",
        items=tuple(items.values()),
        layers=tuple(sorted({item.layer for item in items.values()})),
        confidence="low" if language else "medium",
        fix=f"Begin FROM {name}-slim: the same without manual pages, documentation and translations"
        + (", and without compilers and headers" if language else "")
        + ".",
        rewrite=f"FROM {name}-slim",
        risk="What is built in this stage may need compilers and headers: build it in another."
        if language
        else "Programs that show translated messages or manual pages show them no more.",
    )


def _language(evidence: Evidence) -> tuple[str, int]:
    """The official image of a language that this is built on, and how many layers are below its own."""
    for layer in evidence.image.layers:
        for step in layer.empty_steps:
            words = step.created_by.replace("=", " ").split()
            place = words.index("ENV") if "ENV" in words else len(words)
            name = next((word for word in words[place + 1 : place + 2] if word in _LANGUAGES), None)
            if name is not None:
                version = next(iter(words[place + 2 : place + 3]), "").strip("\"'")
                return f"{_LANGUAGES[name]}:{version}", layer.number
    return "", evidence.image.base_layers or 1


RULE = Rule(
    id="slimmer-base",
    title="A base image that has a slim variant",
    family="distribution",
    help="""Debian's slim images are the same packages without manual pages, documentation and translations;
the slim images of languages leave out compilers and headers as well. The bytes are those of other findings,
told here once more as what another FROM line saves.""",
    detect=_detect,
    priority=Priority.ADVICE,
    profiles=frozenset(("runtime", "ml")),
)
