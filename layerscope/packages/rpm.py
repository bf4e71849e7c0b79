"""The packages of Red Hat's, SUSE's and other distributions, by rpm's own records."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.packages.brought import brought_by, key_of
from layerscope.packages.found import Found, Unreadable
from layerscope.packages.present import Present


def find_rpm(present: Present) -> Iterator[Found]:
    """What is installed; rpm does not note who asked for a package."""
    for fact in present.facts("rpm"):
        if not isinstance(fact.value, list):
            continue
        since = brought_by(present, "rpm", fact.path)
        for package in fact.value:
            yield Found(
                kind="rpm",
                name=package["name"],
                version=package["version"],
                architecture=package["architecture"] or None,
                record=fact.path,
                layer=since.get(key_of(package), fact.layer),
                files=present.files(package["files"].split("\n")),
            )


def unreadable_rpm(present: Present) -> Iterator[Unreadable]:
    """The databases that the probe could make nothing of."""
    for fact in present.facts("rpm"):
        if isinstance(fact.value, dict):
            yield Unreadable(path=fact.path, why=fact.value["unreadable"])
