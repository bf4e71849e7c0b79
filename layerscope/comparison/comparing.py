"""Two images, compared: everything that front ends draw."""

from __future__ import annotations

from functools import cached_property

import msgspec

from layerscope.comparison.files import DirectoryChange, FileChange, directory_changes, file_changes
from layerscope.comparison.packages import PackageChange, package_changes
from layerscope.comparison.pairing import Cause, Pair, Status, pair_layers
from layerscope.comparison.settings import SettingChange, setting_changes
from layerscope.comparison.subject import LayerFacts, Subject
from layerscope.comparison.update import Update, update_between


class Comparison(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An old image and a new one. What takes long is computed when it is first asked for."""

    old: Subject
    new: Subject

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The layers side by side."""
        return pair_layers(self.old, self.new)

    @cached_property
    def update(self) -> Update:
        """What a node that has the old image must pull."""
        return update_between(self.old, self.new)

    @cached_property
    def files(self) -> tuple[FileChange, ...] | None:
        """The paths that differ; None where that is unknown."""
        return file_changes(self.old, self.new)

    @cached_property
    def directories(self) -> tuple[DirectoryChange, ...]:
        """The directories below which something differs."""
        return directory_changes(self.old, self.new, self.files)

    @cached_property
    def packages(self) -> tuple[PackageChange, ...] | None:
        """The packages that differ; None where that is unknown."""
        return package_changes(self.old, self.new)

    @cached_property
    def settings(self) -> tuple[SettingChange, ...]:
        """The parts of the config that differ."""
        return setting_changes(self.old, self.new)

    @property
    def to_blame(self) -> Pair | None:
        """The lowest layer that was made anew, or is gone, where that makes anything to be pulled."""
        if not any(pair.cause is not None and self._is_pulled(pair) for pair in self.pairs):
            return None
        made = [pair for pair in self.pairs if pair.cause is not None]
        staying = next((pair for pair in made if pair.new is not None), made[0])
        # A layer that is gone is to blame where what stands above it has no reason of its own.
        return made[0] if staying.cause is Cause.BELOW else staying

    @property
    def above_blamed(self) -> tuple[LayerFacts, ...]:
        """The layers above that one which have to be pulled too."""
        blamed = self.to_blame
        if blamed is None:
            return ()
        above = self.pairs[self.pairs.index(blamed) + 1 :]
        return tuple(pair.new for pair in above if pair.new is not None and self._is_pulled(pair))

    @property
    def rebuilt_bytes(self) -> int:
        """Blobs that must be pulled although their files are what they were."""
        return sum(
            pair.new.compressed_bytes
            for pair in self.pairs
            if pair.new is not None and pair.status is Status.REBUILT and self._is_pulled(pair)
        )

    def _is_pulled(self, pair: Pair) -> bool:
        return pair.new is not None and pair.new.number in self.update.numbers
