"""What an image could be: its size without what suggestions tell of."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from layerscope.model.suggestion import Suggestion
from layerscope.union.analysis import Totals


class Potential(msgspec.Struct, frozen=True, kw_only=True):
    """Content bytes and compressed bytes of the image that could be, and how many suggestions lead there.

    The compressed figures are estimates. Every byte is counted once, since it is credited to one suggestion.
    """

    content_bytes: int
    saved_bytes: int
    compressed_bytes: int
    saved_compressed_bytes: int
    suggestion_count: int

    @property
    def saved_ratio(self) -> float:
        """The share of the content that would be saved."""
        whole = self.content_bytes + self.saved_bytes
        return self.saved_bytes / whole if whole else 0.0


def counted(suggestions: Iterable[Suggestion], assume: Iterable[str] = ()) -> list[Suggestion]:
    """The suggestions that count: of high confidence, or of a rule that is assumed; none of the base's."""
    assumed = frozenset(assume)
    return [
        one
        for one in suggestions
        if one.net_bytes and one.blame != "base" and (one.confidence == "high" or one.rule in assumed)
    ]


def potential(totals: Totals, followed: Iterable[Suggestion]) -> Potential:
    """What an image of these totals would be if these suggestions were followed."""
    followed = list(followed)
    saved = sum(one.net_bytes for one in followed)
    saved_compressed = min(sum(one.compressed_bytes for one in followed), totals.compressed_bytes)
    return Potential(
        content_bytes=totals.content_bytes - saved,
        saved_bytes=saved,
        compressed_bytes=totals.compressed_bytes - saved_compressed,
        saved_compressed_bytes=saved_compressed,
        suggestion_count=len(followed),
    )
