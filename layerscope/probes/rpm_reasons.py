"""Why rpm's packages are there, by those who install them: dnf, microdnf, dnf 5 and zypper.

The fact is ``{"automatic": […], "asked": […]}`` of names with architectures (``bash.x86_64``); zypper notes
only names, and only of what came for another package, so that its fact has no ``asked``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerscope.extensions import Probe, Sink
from layerscope.probes.collect import Collect

_MAX_BYTES = 1 << 26
_DNF = "var/lib/dnf/history.sqlite"
_DNF_5 = "usr/lib/sysimage/libdnf5/packages.toml"
_ZYPPER = "var/lib/zypp/AutoInstalled"

_REMOVED = 8
_AUTOMATIC = frozenset((1, 4))
"""A dependency, a weak one; any other reason is somebody's wish, as `dnf history userinstalled` has it."""
# Not the old side of a change: downgraded, obsoleted, upgraded, reinstalled (libdnf, TransactionItemAction).
_LAST = """
    SELECT rpm.name, rpm.arch, trans_item.action, trans_item.reason
    FROM trans_item JOIN trans ON trans.id = trans_item.trans_id JOIN rpm ON rpm.item_id = trans_item.item_id
    WHERE trans.state = 1 AND trans_item.action NOT IN (3, 5, 7, 10)
    ORDER BY trans_item.trans_id, trans_item.id
"""


def _of_dnf(content: bytes) -> dict[str, list[str]] | None:
    """The last transaction that names a package says why it is there."""
    from layerscope.probes.sqlite_in_memory import Unreadable, in_memory

    automatic: dict[str, bool] = {}
    try:
        with in_memory(memoryview(content), "trans", "trans_item", "rpm") as connection:
            for name, architecture, action, reason in connection.execute(_LAST):
                automatic.pop(f"{name}.{architecture}", None)
                if action != _REMOVED:
                    automatic[f"{name}.{architecture}"] = reason in _AUTOMATIC
    except Unreadable:
        return None
    return _parted(automatic)


def _of_dnf_5(content: bytes) -> dict[str, list[str]] | None:
    """What is installed as part of a group is noted elsewhere, and in neither list."""
    import tomllib

    try:
        packages = tomllib.loads(content.decode()).get("packages")
    except (ValueError, RecursionError):
        return None
    if not isinstance(packages, dict):
        return None
    reasons = {name: one.get("reason") for name, one in packages.items() if isinstance(one, dict)}
    return _parted(
        {
            name: reason.lower() in ("dependency", "weak dependency")
            for name, reason in reasons.items()
            if isinstance(reason, str)
        }
    )


def _of_zypper(content: bytes) -> dict[str, list[str]]:
    lines = content.decode("utf-8", "surrogateescape").splitlines()
    return {"automatic": sorted({line.strip() for line in lines if line.strip() and line[:1] != "#"})}


def _parted(automatic: dict[str, bool]) -> dict[str, list[str]]:
    return {
        "automatic": sorted(name for name, is_automatic in automatic.items() if is_automatic),
        "asked": sorted(name for name, is_automatic in automatic.items() if not is_automatic),
    }


_PARSERS: dict[str, Callable[[bytes], Any]] = {_DNF: _of_dnf, _DNF_5: _of_dnf_5, _ZYPPER: _of_zypper}


def _begin(path: str, stored_bytes: int) -> Sink:
    return Collect(_MAX_BYTES, _PARSERS[path])


PROBE = Probe(
    id="rpm-reasons",
    version=1,
    paths=frozenset(_PARSERS),
    begin=_begin,
)
