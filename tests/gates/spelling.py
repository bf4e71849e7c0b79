"""What people type where a number is wanted, and what is none."""

from __future__ import annotations

NO_NUMBERS = (
    "",
    " ",
    "nonsense",
    "ten",
    "-1",
    "-10%",
    "-20MB",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "0x10",
    "1_000",
    "1,5",
    "10 %%",
    "%",
    "MB",
    "12 parrots",
    "½",
    "²",
    "\udcff",
    "\0",
)
"""No gate takes any of these, whatever it measures."""
