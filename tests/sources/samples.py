"""The shipped samples and their own accounts, made once."""

from __future__ import annotations

from functools import cache

from sample_images import build
from sample_images.accounting import Ledger, balance
from sample_images.sample import Sample

SAMPLES = build.HERE
WASTEFUL = SAMPLES / "wasteful.tar"
LEAN = SAMPLES / "lean.tar"
ODD = SAMPLES / "odd.tar"
NAMES = (LEAN.name, ODD.name, WASTEFUL.name)


@cache
def samples() -> dict[str, Sample]:
    """Each sample by its archive's name."""
    return {name: sample for name, (sample, _) in build.all_samples().items()}


@cache
def ledger_of(name: str) -> Ledger:
    """The plain accounts of a sample."""
    return balance([step.members or () for step in samples()[name].layer_steps])
