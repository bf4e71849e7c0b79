"""L10: a package manager's database, stored again by every RUN that installs something."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence, grouped
from layerscope.advice.fixing import joined
from layerscope.advice.waste_claims import crosses_seam, items_of
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
    groups = grouped(
        rewritten,
        lambda one: (
            _database(one.waste.path),
            crosses_seam(evidence, one.waste.shipped_by, one.waste.hidden_by),
        ),
    )
    for (name, of_base), lost in groups.items():
        shipping = {one.waste.shipped_by for one in lost}
        hiding = sorted({one.waste.hidden_by for one in lost})
        again = ", ".join(map(str, hiding))
        layers = tuple(sorted({*shipping, *hiding}))
        installs = [layer for layer in layers if evidence.keyword(layer) == "RUN"]
        yield Claim(
            title=f"{name} database is stored again by layer {again}",
            items=items_of(lost),
            layers=layers,
            blamed=hiding[-1],
            confidence="low" if of_base else "medium" if evidence.image.base_layers is None else "high",
            fix="The first install above a base stores its whole database again; a base that has these "
            "packages would not."
            if of_base
            else "Install everything in one RUN: each that installs stores the whole database again, here "
            f"layer {again}.",
            rewrite=joined(evidence, installs[0], installs[-1]) if installs and not of_base else None,
        )


RULE = Rule(
    id="package-database-rewritten",
    title="A package database stored again by every install",
    family="layers",
    help="""Each RUN that installs a package changes the package manager's database, which is then stored
again as a whole. Install everything in one RUN of a stage. Never delete the database: scanners read it.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
