"""O11: packages' documentation; licences are kept."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="package-docs",
    title="packages' documentation",
    family="packages",
    patterns=(
        "/usr/share/doc/",
        "/usr/share/help/",
        "/usr/share/lintian/",
        "/usr/share/linda/",
        "/usr/local/share/doc/",
        "/usr/share/doc-base/",
    ),
    remedy=Remedy(
        cleanup="find {paths} -type f ! -name copyright ! -name 'LICEN[CS]E' ! -name COPYING "
        "-exec rm -f {{}} +",
        instead=(
            "With dpkg: path-exclude=/usr/share/doc/* and "
            "path-include=/usr/share/doc/*/copyright in /etc/dpkg/dpkg.cfg.d before installing"
        ),
    ),
    help="""Documentation that comes with packages. Keep the copyright files: licences may demand it.""",
    keep=("copyright", "LICENSE", "LICENCE", "COPYING"),
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    risk="Licences may have to stay: copyright files are not counted.",
)
