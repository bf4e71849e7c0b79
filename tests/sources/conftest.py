"""The command, and the engines there are, for every test here."""

from tests.cli.looking import look
from tests.sources.engines import bare, engine

__all__ = ["bare", "engine", "look"]
