"""The command, for every test here."""

from tests.cli.looking import look

__all__ = ["look"]
