"""The few things in which a merged filesystem may differ from an engine's, each with its reason."""

from __future__ import annotations

from tests.engines.tree import SECOND_NS, Difference, Tree

# What docker itself makes in every container, which is no part of the image.
_MOUNT_POINTS = {
    *(b".dockerenv", b"dev/console", b"dev/pts", b"dev/shm", b"proc", b"sys"),
    *(b"etc/hosts", b"etc/hostname", b"etc/resolv.conf", b"etc/mtab"),
}
_THEIR_PARENTS = (b"dev", b"etc")
# The day on which the trees in images/expected were written down: 2026-11-21.
_TREES_MADE_S = 1_795_219_200


def without_root(tree: Tree) -> Tree:
    """Without the root directory: no engine takes its attributes from the layers alike."""
    return {path: row for path, row in tree.items() if path}


def without_mount_points(tree: Tree) -> Tree:
    """Without docker's mount points, and without ``dev`` and ``etc`` when nothing else is in them."""
    kept = {path: row for path, row in tree.items() if path not in _MOUNT_POINTS}
    for parent in _THEIR_PARENTS:
        if not any(path.startswith(parent + b"/") for path in kept):
            kept.pop(parent, None)
    return kept


def time_of_a_mount_points_parent(difference: Difference) -> bool:
    """Docker makes its mount points in ``dev`` and ``etc``, which changes when these were changed."""
    return difference.field == "mtime_ns" and difference.path in _THEIR_PARENTS


def time_of_an_implied_directory(difference: Difference) -> bool:
    """No layer mentions the directory, so its time is when the engine happened to make it."""
    ours = difference.ours
    return difference.field == "mtime_ns" and ours is not None and ours.type == "d" and ours.mtime_ns is None


def time_before_1970(difference: Difference) -> bool:
    """Engines that keep times without a sign say 1970 for anything earlier."""
    ours, theirs = difference.ours, difference.theirs
    return (
        difference.field == "mtime_ns"
        and (ours is not None and ours.mtime_ns is not None and ours.mtime_ns < 0)
        and (theirs is not None and theirs.mtime_ns == 0)
    )


def time_in_whole_seconds(difference: Difference) -> bool:
    """The headers of ``docker export``, and the lists made of them, hold no fractions of a second."""
    ours, theirs = difference.ours, difference.theirs
    return (
        difference.field == "mtime_ns"
        and (ours is not None and ours.mtime_ns is not None)
        and (theirs is not None and theirs.mtime_ns is not None)
        and theirs.mtime_ns == ours.mtime_ns // SECOND_NS * SECOND_NS
    )


def link_count_after_a_whiteout(difference: Difference) -> bool:
    """The kernel's overlay goes on counting a name that a whiteout hides; recounting is right."""
    ours, theirs = difference.ours, difference.theirs
    return (
        difference.field == "nlink"
        and (ours is not None and ours.nlink is not None)
        and (theirs is not None and theirs.nlink is not None)
        and ours.nlink < theirs.nlink
    )


def time_of_the_unpacking(difference: Difference) -> bool:
    """Umoci leaves the time of its own work on a directory that one layer mentions more than once."""
    theirs = difference.theirs
    return (
        difference.field == "mtime_ns"
        and (theirs is not None and theirs.type == "d" and theirs.mtime_ns is not None)
        and theirs.mtime_ns > _TREES_MADE_S * SECOND_NS
    )
