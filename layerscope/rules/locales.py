"""O12: translations and locale definitions of many languages."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="locales",
    title="translations into many languages",
    family="packages",
    patterns=(
        "/usr/share/locale/*/LC_MESSAGES/",
        "/usr/lib/locale/locale-archive",
        "/usr/share/i18n/locales/",
        "/usr/share/i18n/charmaps/",
    ),
    remedy=Remedy(
        instead=(
            "With dpkg: path-exclude=/usr/share/locale/* before installing; with dnf: glibc-minimal-langpack"
        ),
    ),
    help="""Translations of programs' messages and the sources of locales. C.UTF-8 is built in and enough for
most services.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    risk="Programs that speak other languages than English need theirs.",
)
