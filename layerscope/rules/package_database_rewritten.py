"""L10: a package manager's database, stored again by every RUN that installs something."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence, grouped
from layerscope.advice.waste_claims import items_of
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause

_DATABASES = {
    "var/lib/dpkg/": "dpkg's",
    "var/cache/debconf/": "debconf's",
    "var/lib/rpm/": "rpm's",
    "usr/lib/sysimage/rpm/": "rpm's",
    "lib/apk/db/": "apk's",
    "usr/lib/apk/db/": "apk's",
    "var/lib/pacman/": "pacman's",
}
_PREFIXES = tuple(_DATABASES)


def _database(path: str) -> str | None:
    if not path.startswith(_PREFIXES):
        return None
    return next((name for prefix, name in _DATABASES.items() if path.startswith(prefix)), None)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    rewritten = [
        lost
        for lost in evidence.lost
        if lost.waste.cause is not Cause.DELETED and _database(lost.waste.path) is not None
    ]
    first_own = evidence.image.base_layers
    groups = grouped(
        rewritten,
        lambda one: (_database(one.waste.path), first_own is not None and one.waste.shipped_by >= first_own),
    )
    for (name, own), lost in groups.items():
        shipping = {one.waste.shipped_by for one in lost}
        layers = tuple(sorted(shipping | {one.waste.hidden_by for one in lost}))
        again = ", ".join(str(one) for one in sorted({one.waste.hidden_by for one in lost}))
        yield Claim(
            title=f"{name} database is stored again by layer {again}",
            items=items_of(lost),
            layers=layers,
            blamed=max(one.waste.hidden_by for one in lost),
            # The first install above the base rewrites the base's database whatever one does.
            confidence="high" if own else "medium",
            fix=f"Install everything in one RUN: each that installs stores the whole database again, here "
            f"layer {again}.",
        )


RULE = Rule(
    id="package-database-rewritten",
    title="The package database is stored again by every RUN that installs",
    family="layers",
    help="""Each RUN that installs a package changes the package manager's database, which is then stored
again as a whole. Install everything in one RUN of a stage. Never delete the database: scanners read it.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)
