"""Which files the probes want to see, told at little cost for the many that none of them wants."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.extensions import Probe


class Probed:
    """What several probes want, taken together; see `layerscope.extensions.Probe`."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = tuple(probes)
        self.everything = any(probe.paths is None for probe in probes)
        self._paths = frozenset(path for probe in probes for path in probe.paths or ())
        self._tails = frozenset(tail for probe in probes for tail in probe.tails)
        self._names = frozenset(name for probe in probes for name in probe.names)
        self.starts = tuple(dict.fromkeys(probe.start for probe in probes if probe.start))
        self.longest_start = max(map(len, self.starts), default=0)
        self.names_any = bool(self._paths or self._tails or self._names)

    def named(self, path: str) -> bool:
        """Whether a probe wants a file for its path."""
        return (
            path in self._paths
            or path[path.rfind(".") + 1 :] in self._tails
            or path[path.rfind("/") + 1 :] in self._names
        )

    def wanting(self, path: str, head: bytes) -> tuple[Probe, ...]:
        """The probes that want a file with this path and this beginning."""
        if not (self.everything or self.named(path) or head.startswith(self.starts)):
            return ()
        tail = path[path.rfind(".") + 1 :]
        name = path[path.rfind("/") + 1 :]
        return tuple(
            probe
            for probe in self._probes
            if probe.paths is None
            or path in probe.paths
            or tail in probe.tails
            or name in probe.names
            or (probe.start and head.startswith(probe.start))
        )
