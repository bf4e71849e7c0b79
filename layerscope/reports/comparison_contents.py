"""What differs in a comparison's files, directories and packages as plain data: tables of the largest rows.

A table tells how many rows were left out, and what they weigh: the bytes that came and those that went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from layerscope.comparison.files import telling

if TYPE_CHECKING:  # most runs compare nothing
    from layerscope.comparison.comparing import Comparison
    from layerscope.comparison.files import DirectoryChange, FileChange
    from layerscope.comparison.packages import PackageChange

_Row = TypeVar("_Row")


def contents_data(comparison: Comparison, most_rows: int | None) -> dict[str, Any]:
    """Files, directories and packages, each with at most so many rows; None is all of them."""
    files, directories, packages = comparison.files, comparison.directories, comparison.packages
    tells = {one.path for one in telling(directories)}
    kept = _heaviest(directories, lambda one: one.moved_bytes, most_rows)
    return {
        "file_counts": None if files is None else _counts(files),
        "files": None if files is None else _table(files, _file, lambda one: one.moved_bytes, most_rows),
        "directories": {
            "count": len(directories),
            "telling": len(tells),
            "rows": [_directory(one, telling=one.path in tells) for one in kept],
            "more": len(directories) - len(kept),
        },
        "packages": None
        if packages is None
        else {
            "statuses": dict(sorted(Counter(one.status.value for one in packages).items())),
            **_table(packages, _package, lambda one: one.moved_bytes, most_rows),
        },
    }


def _table(
    changes: Sequence[_Row],
    row_of: Callable[[_Row], dict[str, Any]],
    weight: Callable[[_Row], int],
    most: int | None,
) -> dict[str, Any]:
    kept = _heaviest(changes, weight, most)
    return {
        "count": len(changes),
        "rows": [row_of(one) for one in kept],
        "more": len(changes) - len(kept),
        "more_bytes": sum(map(weight, changes)) - sum(map(weight, kept)),
    }


def _heaviest(changes: Sequence[_Row], weight: Callable[[_Row], int], most: int | None) -> Sequence[_Row]:
    """The first ones, which change most in size, as half of what there is room for; then what weighs most.

    A file that was replaced by another of the same size changes little, and weighs all the same. The order
    stays; of equal ones the first are taken.
    """
    if most is None or len(changes) <= most:
        return changes
    first = most // 2
    others = sorted(range(first, len(changes)), key=lambda place: -weight(changes[place]))
    return [changes[place] for place in (*range(first), *sorted(others[: most - first]))]


def _counts(files: Sequence[FileChange]) -> dict[str, Any]:
    """How many paths of each kind of change; content that came and went, in bytes."""
    kinds = Counter(one.change for one in files)
    content = [one for one in files if one.change != "metadata_only"]
    metadata = [one for one in files if one.change == "metadata_only"]
    differing = Counter(name for one in metadata for name in one.differs)
    return {
        "added": kinds["added"],
        "removed": kinds["removed"],
        "modified": kinds["modified"],
        "metadata_only": kinds["metadata_only"],
        "relinked": sum(one.delta_bytes != 0 for one in metadata),
        "added_bytes": sum(one.new_bytes or 0 for one in content),
        "removed_bytes": sum(one.old_bytes or 0 for one in content),
        "metadata": dict(sorted(differing.items())),
    }


def _file(change: FileChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "change": change.change,
        "old_kind": None if change.old_kind is None else change.old_kind.value,
        "new_kind": None if change.new_kind is None else change.new_kind.value,
        "old_bytes": change.old_bytes,
        "new_bytes": change.new_bytes,
        "delta_bytes": change.delta_bytes,
        "differs": list(change.differs),
        "old_layer": change.old_layer,
        "new_layer": change.new_layer,
    }


def _directory(change: DirectoryChange, *, telling: bool) -> dict[str, Any]:
    old, new = change.old, change.new
    return {
        "path": change.path,
        "old_bytes": None if old is None else old.size_bytes,
        "new_bytes": None if new is None else new.size_bytes,
        "delta_bytes": change.delta_bytes,
        "old_files": None if old is None else old.file_count,
        "new_files": None if new is None else new.file_count,
        "added_bytes": change.added_bytes,
        "removed_bytes": change.removed_bytes,
        "changed_files": change.changed_files,
        "telling": telling,
    }


def _package(change: PackageChange) -> dict[str, Any]:
    old, new, either = change.old, change.new, change.either
    return {
        "status": change.status.value,
        "kind": either.kind,
        "name": either.name,
        "architecture": either.architecture,
        "old_version": None if old is None else old.version,
        "new_version": None if new is None else new.version,
        "old_bytes": None if old is None else old.size_bytes,
        "new_bytes": None if new is None else new.size_bytes,
        "delta_bytes": change.delta_bytes,
    }
