"""What the forms of a comparison say of it: signs, changes of size, why a layer was made anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layerscope.model.people import percent, size

SIGNS = {
    "same": "=",
    "recompressed": "≡",
    "rebuilt": "≈",
    "changed": "~",
    "new": "+",
    "gone": "−",
    "added": "+",
    "removed": "−",
    "modified": "~",
    "metadata_only": "≈",
    "upgraded": "↑",
    "downgraded": "↓",
    "replaced": "~",
    "resized": "≈",
}
TOTALS = {
    "tar_bytes": "unpacked",
    "compressed_bytes": "as stored",
    "content_bytes": "content",
    "visible_bytes": "visible",
    "wasted_bytes": "wasted",
}
_MANY_TIMES = 10
UNKNOWN = "unknown: a saved report does not tell of"


def signed(count: int) -> str:
    """A change of size, with its sign."""
    return f"+{size(count)}" if count > 0 else f"−{size(-count)}" if count else "0 B"


def signed_count(count: int) -> str:
    """A change of a number, with its sign."""
    return f"{count:+,}".replace("-", "−")


def signed_share(delta: int, old: int) -> str:
    """A change as a share of what was there, many times that as a multiple; empty where nothing was."""
    if not old:
        return ""
    if delta >= _MANY_TIMES * old:
        return f"×{(old + delta) / old:,.0f}"
    return f"+{percent(delta / old)}" if delta > 0 else f"−{percent(-delta / old)}" if delta else ""


def counted(count: int, word: str) -> str:
    """``1 layer``, ``2 layers``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def pull_words(update: dict[str, Any], layer_count: int) -> str:
    """What has to be pulled, in one clause."""
    count = len(update["layers"])
    if not count:
        return "nothing, it has all layers"
    stored = "" if not update["uncompressed_bytes"] else ", stored uncompressed here"
    return (
        f"{size(update['pull_bytes'])} of {size(update['total_bytes'])}, "
        f"{count} of {counted(layer_count, 'layer')}{stored}"
    )


def cause_words(pair: dict[str, Any]) -> str:
    """Why a layer was made anew."""
    if pair["old"] is None:
        return "it is new"
    if pair["new"] is None:
        return "it is gone"
    base = "it is the base image's, and " if pair["new"]["base"] else ""
    match pair["cause"]:
        case "instruction":
            return f"{base}its instruction is another one"
        case "arguments":
            return f"{base}its build arguments are others"
        case "step":
            return f"{base}a step before it is another one"
        case "below":
            return "a layer below it changed"
    if pair["effect"] is None:
        return f"{base}the same instruction gave another layer"
    if pair["effect"] == "times":
        return f"{base}it was built again without the cache, and nothing but times came of it"
    if pair["effect"] == "metadata":
        return f"{base}the same instruction gave other owners, modes or attributes"
    return f"{base}the same instruction gave other files"


def blamed_pair(data: dict[str, Any]) -> dict[str, Any] | None:
    """The layer that is to blame for the update, of those that are listed."""
    because = data["update"]["because"]
    if because is None:
        return None
    found: dict[str, Any] | None = next(
        (
            pair
            for pair in data["layers"]
            if (pair["old"] or {}).get("number") == because["old_layer"]
            and (pair["new"] or {}).get("number") == because["new_layer"]
        ),
        None,
    )
    return found


def above_words(data: dict[str, Any]) -> str | None:
    """What has to be pulled above the layer that is to blame; None where nothing has."""
    update = data["update"]
    because = update["because"]
    if because is None or not because["above_layers"]:
        return None
    words = f"{size(because['above_bytes'])} in {counted(because['above_layers'], 'layer')} above it"
    above = data["layers"][data["layers"].index(blamed_pair(data)) + 1 :]
    rebuilt = sum(
        pair["new"]["compressed_bytes"] for pair in above if pair["pulled"] and pair["status"] == "rebuilt"
    )
    return f"{words}, {size(rebuilt)} rebuilt without any change" if rebuilt else words


def number_of(pair: dict[str, Any]) -> str:
    """Which layer it is."""
    return (
        f"layer {pair['new']['number']}" if pair["new"] else f"layer {pair['old']['number']} of the old image"
    )


def instruction_of_pair(pair: dict[str, Any]) -> str:
    """The instruction of the layer, that of the old one where there is no new one."""
    layer: dict[str, Any] = pair["new"] or pair["old"]
    return str(layer["instruction"] or "(no history)")


def former_words(pair: dict[str, Any]) -> str | None:
    """What stood there before, where the instruction or a step in front of it is another."""
    if pair["old"] is None or pair["new"] is None:
        return None
    if pair["cause"] == "instruction":
        return str(pair["old"]["instruction"] or "(no history)")
    if pair["cause"] == "step":
        gone = [step for step in pair["old"]["steps"] if step not in pair["new"]["steps"]]
        came = [step for step in pair["new"]["steps"] if step not in pair["old"]["steps"]]
        return " → ".join(text for text in (", ".join(gone), ", ".join(came)) if text) or None
    return None


def with_content(files: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files of which more than metadata differ; directories only where nothing else tells of them."""
    return [one for one in files if one["change"] != "metadata_only" or one["delta_bytes"]]


def content_count(counts: dict[str, Any]) -> int:
    """How many files `with_content` would give of all that differ."""
    return sum(counts[kind] for kind in ("added", "removed", "modified", "relinked"))


def moved_bytes(row: dict[str, Any]) -> int:
    """What came and what went of a file or a package."""
    if row.get("change") == "metadata_only":
        return 0
    return (row["old_bytes"] or 0) + (row["new_bytes"] or 0)


def version_words(package: dict[str, Any]) -> str:
    """The versions of a package before and after, once where they are the same."""
    versions = dict.fromkeys((package["old_version"], package["new_version"]))
    return " → ".join(text for text in versions if text is not None)


def metadata_words(counts: dict[str, Any] | None) -> str | None:
    """How many paths differ in metadata only, and in which; None where there are none."""
    if counts is None or not counts["metadata_only"]:
        return None
    listed = ", ".join(f"{name} {count:,}" for name, count in counts["metadata"].items())
    verb = "differs" if counts["metadata_only"] == 1 else "differ"
    return f"{counted(counts['metadata_only'], 'path')} {verb} in metadata only: {listed}"
