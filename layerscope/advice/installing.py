"""What of an image comes by installing packages of its distribution, and need not be copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from layerscope.advice.evidence import Evidence
from layerscope.advice.visible_paths import VisiblePaths
from layerscope.packages.dpkg_depends import asked_for, brought_along, depends_of
from layerscope.packages.view import tell_packages
from layerscope.union.index import Node

SYSTEM_KINDS = ("dpkg", "apk", "rpm")
_INSTALLERS = frozenset(("apt-get", "apt", "aptitude", "dpkg", "apk", "dnf", "microdnf", "yum", "rpm"))
_LISTS = "var/lib/dpkg/info/"
_MERGED = ("bin", "sbin", "lib", "lib64")
_WRITTEN = (
    *("etc/ssl/certs/", "etc/alternatives/", "etc/ld.so.cache", "etc/passwd", "etc/group", "etc/shadow"),
    *(
        "var/lib/dpkg/",
        "var/cache/debconf/",
        "var/cache/ldconfig/",
        "var/log/",
        "var/lib/apt/extended_states",
    ),
    *("lib/apk/", "var/lib/rpm/", "usr/lib/sysimage/", "var/lib/dnf/"),
)
"""Where package managers and packages' own scripts write."""
_DEEP = 3
"""Folders above that hold what several packages and people put there."""
_CACHED = "__pycache__"

Owner = tuple[str, str]
"""The kind of a package and its name."""


class Installing:
    """The packages that bring what is needed, and what they write besides; files go by their nodes."""

    def __init__(self, evidence: Evidence, paths: VisiblePaths, needed: Sequence[Node]) -> None:
        self._evidence = evidence
        self._paths = paths
        self._owner = self._owners(needed)
        self._asked = {self._owner[id(node)] for node in needed if id(node) in self._owner}
        self._beside: dict[str, bool] = {}
        self._runs: dict[int, bool] = {}

    @cached_property
    def packages(self) -> dict[str, tuple[str, ...]]:
        """What to install, by kind: no package that another one brings along."""
        found = {}
        for kind in SYSTEM_KINDS:
            names = sorted(name for of, name in self._asked if of == kind)
            if names:
                found[kind] = tuple(asked_for(self._depends, names) if kind == "dpkg" else names)
        return found

    def brings(self, node: Node, origin: int) -> bool:
        """Whether installing makes it: a package's file, or what its scripts write in layer ``origin``."""
        if id(node) in self._owner:
            return True
        if not self._installs(origin):
            return False
        path = node.path
        if path.startswith(_WRITTEN):
            return True
        if not self._paths.is_file(node):
            source = node.top.source if node.top is not None else None
            return (source.link_target or "" if source is not None else "").startswith("/etc/alternatives/")
        if path.count("/") < _DEEP or path in self._programs:
            return False
        return self._is_beside_owned(path.rpartition("/")[0])

    def writes(self, nodes: Iterable[Node]) -> set[int]:
        """Which of these files will be there by installing: those of all packages, and their records."""
        if not self._asked:
            return set()
        names = {name for kind, name in self._asked if kind == "dpkg"}
        brought = {("dpkg", name) for name in brought_along(self._depends, names)} | self._asked
        found = set()
        for node in nodes:
            owner = self._owner.get(id(node))
            if owner in brought or (owner is None and self._is_written(node.path, brought)):
                found.add(id(node))
        return found

    def _is_written(self, path: str, brought: set[Owner]) -> bool:
        if path.startswith(_LISTS):
            name = path.removeprefix(_LISTS).rpartition(".")[0].partition(":")[0]
            return ("dpkg", name) in brought
        folder, _, name = path.rpartition("/")
        if folder.endswith(_CACHED):
            source = self._paths.node(f"{folder.removesuffix(_CACHED)}{name.partition('.')[0]}.py")
            return source is not None and self._owner.get(id(source)) in brought
        return path.startswith(_WRITTEN)

    @cached_property
    def _depends(self) -> dict[str, frozenset[str]]:
        return dict(depends_of(self._evidence.present))

    @cached_property
    def _programs(self) -> set[str]:
        return {fact.path for fact in self._evidence.present.facts("elf")}

    def _owners(self, needed: Iterable[Node]) -> dict[int, Owner]:
        """The system's package of each file, its kind and name; of those needed also of symlinks."""
        found: dict[int, Owner] = {}
        for package in tell_packages(self._evidence.present):
            if package.kind not in SYSTEM_KINDS:
                break  # the system's come first
            for node, _ in package.files:
                found.setdefault(id(node), (package.kind, package.name))
        links = {node.path: node for node in needed if not self._paths.is_file(node)}
        merged = {name for name in _MERGED if not self._paths.is_folder(self._paths.node(name))}
        for fact in self._evidence.present.facts("dpkg") if links else ():
            if fact.path.startswith(_LISTS) and fact.path.endswith(".list"):
                name = fact.path.removeprefix(_LISTS).removesuffix(".list").partition(":")[0]
                for line in fact.value.splitlines():
                    path = line.strip("/")
                    path = f"usr/{path}" if path.partition("/")[0] in merged else path
                    if path in links:
                        found.setdefault(id(links[path]), ("dpkg", name))
        return found

    def _installs(self, layer: int) -> bool:
        """Whether a layer's RUN installs packages of the distribution."""
        if layer not in self._runs:
            self._runs[layer] = any(one.program in _INSTALLERS for one in self._evidence.commands(layer))
        return self._runs[layer]

    def _is_beside_owned(self, folder: str) -> bool:
        if folder not in self._beside:
            node = self._paths.node(folder)
            children = (node.live or {}).values() if node is not None else ()
            self._beside[folder] = any(id(child) in self._owner for child in children)
        return self._beside[folder]
