"""Our merged filesystem of real archives is the one that buildah mounts and umoci unpacks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.engines.oracles import expected
from tests.engines.ours import listing
from tests.engines.tolerances import (
    link_count_after_a_whiteout,
    time_before_1970,
    time_of_an_implied_directory,
    time_of_the_unpacking,
    without_root,
)
from tests.engines.tree import Tolerance, differences

BUILDAH, UMOCI = "merged", "merged-umoci"
TREES = [
    f"{oracle}/{path.name}"
    for oracle in (BUILDAH, UMOCI)
    for path in sorted((SHARED / "images/expected" / oracle).glob("*.tsv"))
]
# What one oracle makes of one archive, beside what holds for all of them.
PARTICULAR: Mapping[str, Tolerance] = {
    f"{BUILDAH}/sylabs-hard-link-delete-1.oci.tar.tsv": link_count_after_a_whiteout,
    f"{BUILDAH}/sylabs-hard-link-delete-2.oci.tar.tsv": link_count_after_a_whiteout,
    f"{BUILDAH}/local-corner-oci-gzip.oci.tar.tsv": time_before_1970,
    f"{BUILDAH}/local-corner-oci-zstdchunked.oci.tar.tsv": time_before_1970,
    f"{UMOCI}/ubi8-rootfs.tar.gz.tsv": time_of_the_unpacking,
}


@pytest.mark.parametrize("tree", TREES)
def test_every_entry_is_what_the_engine_has(tree: str, shared_dir: Path) -> None:
    """Path, type, mode, owner, size, target, content, time, number of names, names of xattrs."""
    theirs = without_root(expected(shared_dir / "images/expected" / tree))
    particular = [PARTICULAR[tree]] if tree in PARTICULAR else []

    ours = listing(shared_dir / "images/archives" / Path(tree).stem)

    assert differences(ours, theirs, [time_of_an_implied_directory, *particular]) == []


def test_no_tree_is_left_out(shared_dir: Path) -> None:
    """So that an empty folder, or one that moved, does not pass for agreement."""
    archives = {path.name for path in (shared_dir / "images/archives").iterdir()}

    assert len(TREES) > 150
    assert {Path(tree).stem for tree in TREES} <= archives
    assert PARTICULAR.keys() <= set(TREES)
