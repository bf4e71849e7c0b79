"""The rules about what an image is built on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from layerscope.model.image import HistoryEntry
from layerscope.rules import slimmer_base, stale_base, unknown_base, unshareable_image
from tests.rules.dsl import Case, case, one, step, stored
from tests.union.dsl import file

MB = 1_000_000
DEBIAN = {"os-release": {"etc/os-release": {"ID": "debian", "VERSION_CODENAME": "bookworm"}}}


def big(path: str, megabytes: int) -> Any:
    """A file that says that it has so many megabytes."""
    return msgspec.structs.replace(
        file(path, path.encode()), size_bytes=megabytes * MB, stored_bytes=megabytes * MB
    )


def dated(built: Case, base: str, image: str) -> Case:
    """The same image, its lowest layer and itself made on these days."""
    lowest, *others = built.image.layers
    history = HistoryEntry(created_by="ADD rootfs.tar /", created=base)
    layers = (msgspec.structs.replace(lowest, history=history), *others)
    config = msgspec.structs.replace(built.image.config, created=image)
    return Case(
        msgspec.structs.replace(built.image, layers=layers, config=config), built.changesets, built.analysis
    )


@pytest.mark.parametrize(("manuals", "found"), [(6, 14), (1, 0)])
def test_what_debians_slim_image_leaves_out_is_counted_in_the_base(manuals: int, found: int) -> None:
    built = case(
        step(
            "bootstrap",
            big("usr/share/man/man1/a.gz", manuals),
            big("usr/share/doc/a/changelog.gz", 3),
            big("usr/share/locale/de/LC_MESSAGES/a.mo", 5),
            big("usr/bin/a", 40),
            facts=DEBIAN,
        ),
        step("RUN apt-get install -y b", big("usr/share/man/man1/b.gz", 7)),
    )

    suggestions = built.advice(slimmer_base.RULE, *_sources())

    slimmer = [suggestion for suggestion in suggestions if suggestion.rule == "slimmer-base"]
    assert [suggestion.gross_bytes for suggestion in slimmer] == [found * MB] * bool(found)
    assert [suggestion.rewrite for suggestion in slimmer] == ["FROM debian:bookworm-slim"] * bool(found)


def test_an_image_of_a_language_has_a_slim_variant_without_compilers() -> None:
    built = case(
        step("bootstrap", big("usr/share/man/man1/a.gz", 4), facts=DEBIAN),
        step("RUN apt-get install -y gcc", big("usr/include/a.h", 8), big("usr/lib/gcc/x/cc1", 30)),
        step("RUN make install", big("usr/local/include/python.h", 16)),
        empty={2: ["/bin/sh -c #(nop)  ENV PYTHON_VERSION=3.12.4"]},
    )

    found = next(one for one in built.advice(slimmer_base.RULE, *_sources()) if one.rule == "slimmer-base")

    assert (found.gross_bytes, found.net_bytes) == (42 * MB, 0)
    assert found.rewrite == "FROM python:3.12.4-slim"


def test_other_distributions_have_no_slim_variant() -> None:
    facts = {"os-release": {"etc/os-release": {"ID": "alpine"}}}
    built = case(step("bootstrap", big("usr/share/man/man1/a.gz", 40), facts=facts))

    assert not [one for one in built.advice(slimmer_base.RULE, *_sources()) if one.rule == "slimmer-base"]


@pytest.mark.parametrize(
    ("base", "image", "files", "found"),
    [
        ("2025-01-01T08:00:00Z", "2025-06-01T07:00:00.5Z", 60, 1),
        ("2025-01-01T08:00:00Z", "2025-03-01T07:00:00Z", 60, 0),
        ("2025-01-01T08:00:00Z", "2025-06-01T07:00:00Z", 40, 0),
        ("1970-01-01T00:00:00Z", "2025-06-01T07:00:00Z", 60, 0),
        ("yesterday", "2025-06-01T07:00:00Z", 60, 0),
    ],
)
def test_a_base_is_stale_that_is_old_and_mostly_replaced(
    base: str, image: str, files: int, found: int
) -> None:
    built = case(
        step("bootstrap", *(file(f"usr/lib/{n}", b"old" * n) for n in range(files))),
        step("RUN apt-get install -y a", *(file(f"usr/lib/{n}", b"new!" * n) for n in range(files))),
    )

    suggestions = dated(built, base, image).advice(stale_base.RULE)

    assert [suggestion.gross_bytes for suggestion in suggestions] == [sum(range(files)) * 3] * found
    assert all("151 days old" in suggestion.title for suggestion in suggestions)


def test_what_the_application_itself_writes_over_makes_no_base_stale() -> None:
    built = case(
        step("bootstrap", *(file(f"usr/lib/{n}", b"old" * n) for n in range(60))),
        step("RUN make install", *(file(f"usr/lib/{n}", b"new" * n) for n in range(60))),
    )

    assert not dated(built, "2025-01-01", "2025-06-01").advice(stale_base.RULE)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, 1),
        ({"digest": None}, 0),
        ({"base_layers": 1}, 0),
        ({"annotations": {"org.opencontainers.image.base.name": "debian"}}, 0),
        ({"annotations": {"org.opencontainers.image.title": "debian"}}, 1),
    ],
)
def test_an_image_with_a_manifest_can_say_what_it_is_built_on(change: dict[str, Any], found: int) -> None:
    built = stored(case(step("a", file("a")), step("b", file("b"))), digest=True)
    image = msgspec.structs.replace(built.image, **change)

    assert len(Case(image, built.changesets, built.analysis).advice(unknown_base.RULE)) == found


NOP = "/bin/sh -c #(nop)  "


@pytest.mark.parametrize(
    ("empty", "told"),
    [
        ({1: ['CMD ["bash"]']}, "the base were layer 0: --base-layers 1."),
        (
            {1: [NOP + 'CMD ["bash"]'], 2: [NOP + "ENV A=b", NOP + 'CMD ["python3"]', "WORKDIR /a"]},
            "layers 0 to 1:",
        ),
        ({0: ['CMD ["bash"]'], 2: ['ENTRYPOINT ["/a"]', "ENV CMD=x"]}, None),
    ],
)
def test_a_cmd_that_layers_follow_may_be_the_end_of_the_base(
    empty: dict[int, list[str]], told: str | None
) -> None:
    """An entrypoint is more often given before the files that it is."""
    built = stored(case(*(step(f"RUN {name}", file(name)) for name in "abcd"), empty=empty), digest=True)

    found = one(built.advice(unknown_base.RULE))

    assert told in found.fix if told is not None else "--base-layers" not in found.fix


@pytest.mark.parametrize(
    ("runtime", "layers", "megabytes", "found"),
    [
        ({"Entrypoint": ["/srv/app"]}, 1, 40, 1),
        ({"Cmd": ["bash", "-c", "/srv/app"]}, 2, 40, 1),
        ({"Cmd": ["/bin/bash"]}, 1, 40, 0),
        ({"Entrypoint": ["/srv/app"]}, 3, 40, 0),
        ({"Entrypoint": ["/srv/app"]}, 1, 4, 0),
        ({}, 1, 40, 0),
    ],
)
def test_a_distribution_with_a_program_in_one_layer_is_shared_with_nobody(
    runtime: dict[str, Any], layers: int, megabytes: int, found: int
) -> None:
    more = (step(f"RUN {n}", file(f"srv/{n}", b"x")) for n in range(1, layers))
    built = case(step("", big("usr/bin/a", megabytes), facts=DEBIAN), *more, **runtime)

    suggestions = built.advice(unshareable_image.RULE)

    assert [one.gross_bytes for one in suggestions] == [megabytes * MB + layers - 1] * found


def test_a_static_program_is_no_distribution() -> None:
    built = case(step("", big("srv/app", 400)), Entrypoint=["/srv/app"])

    assert not built.advice(unshareable_image.RULE)


def _sources() -> list[Any]:
    """The rules whose paths are counted."""
    from layerscope.rules import build_toolchain, headers, locales, man_pages, package_docs

    return [module.RULE for module in (build_toolchain, headers, locales, man_pages, package_docs)]
