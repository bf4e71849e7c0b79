"""Our merged filesystem of the corpus's images is the one that `docker export` gives.

Two of them are ready built in the shared folder; LAYERSCOPE_CORPUS names a folder in which all of
them were built, each as ``NAME.FORMAT.tar`` beside ``NAME.oracle.tsv``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.engines.oracles import recorded
from tests.engines.ours import listing
from tests.engines.tolerances import (
    time_before_1970,
    time_in_whole_seconds,
    time_of_a_mount_points_parent,
    without_mount_points,
)
from tests.engines.tree import differences

TOLERATED = [time_in_whole_seconds, time_before_1970, time_of_a_mount_points_parent]
BUILT = os.environ.get("LAYERSCOPE_CORPUS")
READY = sorted((SHARED / "corpus/archives").glob("*.tar"))
ARCHIVES = [*READY, *(sorted(Path(BUILT).glob("*.tar")) if BUILT else [])]


@pytest.mark.shared
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_entry_is_what_docker_exports(archive: Path) -> None:
    """Path, type, mode, owner, size, target, content, time, hard link group, capability."""
    theirs = recorded(archive.with_name(f"{archive.name.split('.')[0]}.oracle.tsv"))

    ours = without_mount_points(listing(archive))

    assert differences(ours, theirs, TOLERATED) == []


def test_the_ready_built_images_are_there(shared_dir: Path) -> None:
    names = {path.name for path in (shared_dir / "corpus/archives").glob("*.tar")}

    assert names == {"f-scratch.oci-zstd.tar", "i-edge.oci-zstd.tar"}
    assert [path.name for path in READY] == sorted(names)
