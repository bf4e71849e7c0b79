"""Images built in code whose files the probes look into, and their packages."""

from __future__ import annotations

from layerscope.inspection import DEFAULT_PROBES
from layerscope.loading import load
from layerscope.model.changeset import Changeset
from layerscope.oci.tar.scanner import scan_tar
from layerscope.packages.found import Package, Packages
from layerscope.packages.present import Present
from layerscope.packages.view import find_packages
from layerscope.union.apply import build_index
from layerscope.union.waste import find_waste


def probed(*layers: bytes) -> list[Changeset]:
    """The changesets of layers' tars, as a run reads them."""
    probes = load("probe")
    scans = [scan_tar(iter([layer]), [probes[name] for name in DEFAULT_PROBES]) for layer in layers]
    return [
        Changeset(
            entries=scan.entries,
            content_bytes=scan.content_bytes,
            tar_bytes=scan.tar_bytes,
            compressed_bytes=scan.tar_bytes,
            compression="none",
            facts=scan.facts,
        )
        for scan in scans
    ]


def packages_of(*layers: bytes) -> Packages:
    """The packages of an image with these layers; holds their bytes against the visible ones."""
    changesets = probed(*layers)
    index = build_index(changesets)
    found = find_packages(Present(index, changesets))
    assert found.owned_bytes + found.unowned_bytes == find_waste(index)[1]
    return found


def sizes(found: Packages) -> dict[str, int]:
    """The bytes of each package by its name."""
    return {one.name: one.size_bytes for one in found.packages}


def package(found: Packages, name: str) -> Package:
    """The only package of a name."""
    (one,) = (one for one in found.packages if one.name == name)
    return one
