"""The packages of Red Hat's, SUSE's and other distributions, by rpm's own records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerscope.packages.brought import brought_by, key_of
from layerscope.packages.found import Found, Unreadable
from layerscope.packages.present import Present


def find_rpm(present: Present) -> Iterator[Found]:
    """What is installed; who asked for it is noted by dnf or zypper, and by nobody where rpm did it alone."""
    reasons = next(iter(present.facts("rpm-reasons")), None)
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
                manual=_is_manual(package, reasons.value) if reasons is not None else None,
            )


def _is_manual(package: dict[str, Any], reasons: dict[str, list[str]]) -> bool | None:
    """Whether somebody asked for a package; None where nothing tells."""
    if "asked" not in reasons:
        return package["name"] not in reasons["automatic"]
    full = f"{package['name']}.{package['architecture']}"
    if full in reasons["asked"]:
        return True
    return False if full in reasons["automatic"] else None


def unreadable_rpm(present: Present) -> Iterator[Unreadable]:
    """The databases that the probe could make nothing of."""
    for fact in present.facts("rpm"):
        if isinstance(fact.value, dict):
            yield Unreadable(path=fact.path, why=fact.value["unreadable"])
