"""A16: sources of a compiled language beside what was compiled from them."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import commonpath

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import copies_context, some, step
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Item, Priority

_LEAST_BYTES = 100_000
_FOR_SOURCES = ("usr/src/", "usr/local/src/")
_IN_USE = (
    *("usr/include/", "usr/local/include/", "usr/share/", "usr/lib/", "usr/lib32/", "usr/lib64/"),
    *("usr/local/lib/", "usr/local/go/", "usr/local/cuda", "go/pkg/", "opt/conda/", "opt/java/", "lib/"),
)
_INSTALLED = frozenset(
    ("site-packages", "dist-packages", "node_modules", "gems", ".m2", ".gradle", ".cargo", ".rustup")
)
_NATIVE = ("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "s", "S", "asm", "f90", "zig", "swift", "d")
_LANGUAGES = {
    **dict.fromkeys(_NATIVE, "native"),
    "go": "go",
    "rs": "rust",
    **dict.fromkeys(("java", "kt", "scala"), "jvm"),
}


def _detect(evidence: Evidence) -> Iterator[Claim]:
    found = [item for match in evidence.matches("sources-left") for item in match.items if _counts(item)]
    if sum(item.size_bytes for item in found) < _LEAST_BYTES:
        return
    compiled = _compiled(evidence)
    by_layer: dict[int, list[Item]] = {}
    for item in found:
        if item.path.startswith(_FOR_SOURCES) or _LANGUAGES[item.path.rpartition(".")[2]] in compiled:
            by_layer.setdefault(item.origin, []).append(item)
    if sum(item.size_bytes for items in by_layer.values() for item in items) < _LEAST_BYTES:
        return
    for layer, items in sorted(by_layer.items()):
        folder = commonpath(["/" + item.path.rpartition("/")[0] for item in items])[1:]
        mounted = (
            " Where one RUN compiles them, RUN --mount=type=bind,target=/src … does not copy them."
            if copies_context(evidence, layer)
            else ""
        )
        yield Claim(
            title=f"sources of what was compiled, from layer {layer}",
            items=tuple(items),
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="medium",
            fix=f"Compile in a stage of its own that has {some([folder])} of {step(evidence, layer)}, and "
            f"COPY --from=… the programs alone.{mounted}",
            risk="Modules of a kernel are built from sources when the container runs.",
        )


def _counts(item: Item) -> bool:
    return not item.path.startswith(_IN_USE) and _INSTALLED.isdisjoint(item.path.split("/"))


def _compiled(evidence: Evidence) -> frozenset[str]:
    """The languages of which there are programs that no distribution put there."""
    languages: set[str] = set()
    for item, fact in visible_facts(evidence, "elf"):
        if fact["kind"] in ("program", "position-independent program") and not _is_the_systems(item.path):
            languages.add((fact.get("made_of") or {}).get("language", "native"))
    if any(
        not item.path.startswith(_IN_USE) and _counts(item) for item, _ in visible_facts(evidence, "jars")
    ):
        languages.add("jvm")
    return frozenset(languages)


def _is_the_systems(path: str) -> bool:
    return path.startswith((*_IN_USE, "usr/bin/", "usr/sbin/", "bin/", "sbin/"))


RULE = Rule(
    id="sources-left",
    title="Sources beside what was compiled from them",
    family="context",
    help="""A program of Go, Rust, C or Java runs without its sources. Compile in a first stage and copy what
it makes. Interpreted languages are another matter: their sources are the program.""",
    detect=_detect,
    priority=Priority.GENERIC,
    profiles=frozenset(("runtime", "ml")),
    patterns=tuple(f"*.{ending}" for ending in _LANGUAGES),
)
