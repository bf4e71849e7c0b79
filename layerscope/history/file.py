"""A history as a file: one JSON object a line, appended to, never rewritten."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

import msgspec

from layerscope.errors import UsageError, WriteError
from layerscope.history.record import RECORD_VERSION, Record

_LONGEST_LINE_BYTES = 1 << 20


class Damaged(msgspec.Struct, frozen=True):
    """A line that tells nothing, and why; lines are numbered from 1."""

    line: int
    why: str


def append(path: Path, record: Record) -> None:
    """Add a line, whole or not at all, whoever else is adding one; raises WriteError.

    A line that somebody left unfinished is ended first, so that it spoils no other.
    """
    line = msgspec.json.encode(record) + b"\n"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}") from error
    try:
        with contextlib.suppress(OSError):  # some network filesystems lock nothing
            fcntl.flock(handle, fcntl.LOCK_EX)
        size_bytes = os.fstat(handle).st_size
        if size_bytes and os.pread(handle, 1, size_bytes - 1) != b"\n":
            line = b"\n" + line
        if os.write(handle, line) != len(line):
            os.ftruncate(handle, size_bytes)
            raise WriteError(f"{path}: there is no room for another line")
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}") from error
    finally:
        os.close(handle)


def read(path: Path) -> tuple[list[Record], list[Damaged]]:
    """The runs in the order of the file, and the lines that are none; raises UsageError without a file."""
    records: list[Record] = []
    damaged: list[Damaged] = []
    decoder = msgspec.json.Decoder(Record)
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE_BYTES):
                number += 1
                if len(line) == _LONGEST_LINE_BYTES and not line.endswith(b"\n"):
                    damaged.append(Damaged(number, "longer than any record"))
                    while line and not line.endswith(b"\n"):
                        line = file.readline(_LONGEST_LINE_BYTES)
                elif line.strip():
                    found = _record(line, decoder)
                    if isinstance(found, Record):
                        records.append(found)
                    else:
                        damaged.append(Damaged(number, found))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="--record FILE writes one") from None
    return records, damaged


def _record(line: bytes, decoder: msgspec.json.Decoder[Record]) -> Record | str:
    """The record of a line, or why there is none."""
    try:
        record = decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return f"no record of a run: {error}"
    if record.schema_version != RECORD_VERSION:
        return f"a record of version {record.schema_version}, which this layerscope does not know"
    return record
