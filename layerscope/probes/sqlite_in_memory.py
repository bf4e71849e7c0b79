"""A database of SQLite that came out of an image: opened in memory, and bounded in what it may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Python can be built without it
    import sqlite3

_MOST_STEPS = 20_000_000
"""What SQLite may do before it is stopped: far more than the largest database asks for."""


class Unreadable(Exception):
    """Why a database cannot be read."""


@contextmanager
def in_memory(database: memoryview, *tables: str) -> Iterator[sqlite3.Connection]:
    """The database, which has all these tables; what it raises meanwhile becomes Unreadable."""
    try:
        import sqlite3
    except ImportError:
        raise Unreadable("this Python has no SQLite") from None
    image = bytearray(database)
    # A database with a write-ahead log cannot be opened in memory; the log is not there anyway.
    image[18:20] = b"\x01\x01"
    connection = sqlite3.connect(":memory:")
    steps = iter(range(_MOST_STEPS // 1000))
    try:
        connection.deserialize(bytes(image))
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(len(image), 1000))
        connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        real = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
        if not {(table,) for table in tables} <= set(real.fetchall()):  # a view could ask for anything
            raise Unreadable("the database has no table of packages")
        yield connection
    except (sqlite3.Error, MemoryError, OverflowError):
        raise Unreadable("the database is damaged") from None
    finally:
        connection.close()
