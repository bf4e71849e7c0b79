"""Access to JSON documents that says, where something is wrong, what and where."""

from __future__ import annotations

import binascii
from typing import Any

import msgspec

from layerscope.errors import ImageError
from layerscope.model.digest import Digest, is_digest

_SHOWN = 60


def decode(raw: bytes, where: str) -> Fields:
    """A JSON object; raises ImageError."""
    return Fields(decode_any(raw, where), where, separator=": ")


def decode_any(raw: bytes, where: str) -> Any:
    """Any JSON document; raises ImageError."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImageError(f"{where}: not valid JSON: {error}") from None


class Fields:
    """A JSON object whose members are asked for by type.

    ``where`` is the document and the place in it, ``separator`` what follows it. With ``any_case``
    keys match as Go's JSON decoder matches them: jib and others write ``config`` for ``Config``.
    """

    def __init__(self, value: Any, where: str, *, any_case: bool = False, separator: str = ".") -> None:
        if not isinstance(value, dict):
            raise wrong(where, "an object", value)
        self._values: dict[str, Any] = (
            {key.lower(): item for key, item in value.items()} if any_case else value
        )
        self._any_case = any_case
        self.where = where
        self._separator = separator

    def place(self, key: str) -> str:
        """How a member is named in messages."""
        return f"{self.where}{self._separator}{key}"

    def keys(self) -> list[str]:
        """The members' names."""
        return list(self._values)

    def get(self, key: str) -> Any:
        """A member as it is; None where it is absent or null."""
        return self._values.get(key.lower() if self._any_case else key)

    def text(self, key: str) -> str | None:
        """A string."""
        value: str | None = self._typed(key, str, "a string")
        return value

    def integer(self, key: str) -> int | None:
        """An integer."""
        if isinstance(self.get(key), bool):
            raise wrong(self.place(key), "an integer", self.get(key))
        value: int | None = self._typed(key, int, "an integer")
        return value

    def flag(self, key: str) -> bool:
        """A boolean, False where it is absent."""
        return bool(self._typed(key, bool, "true or false"))

    def items(self, key: str) -> list[Any]:
        """An array, empty where it is absent."""
        return self._typed(key, list, "an array") or []

    def texts(self, key: str) -> list[str]:
        """An array of strings."""
        values = self.items(key)
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise wrong(f"{self.place(key)}[{number}]", "a string", value)
        return values

    def text_map(self, key: str) -> dict[str, str]:
        """An object of strings; null values are left out."""
        values = self._typed(key, dict, "an object") or {}
        for name, value in values.items():
            if value is not None and not isinstance(value, str):
                raise wrong(f"{self.place(key)}[{name!r}]", "a string", value)
        return {name: value for name, value in values.items() if value is not None}

    def mapping(self, key: str) -> dict[str, Any]:
        """An object as it is, empty where it is absent."""
        return self._typed(key, dict, "an object") or {}

    def object(self, key: str) -> Fields | None:
        """A nested object."""
        value = self.get(key)
        return None if value is None else Fields(value, self.place(key), any_case=self._any_case)

    def objects(self, key: str) -> list[Fields]:
        """An array of objects."""
        place = self.place(key)
        return [
            Fields(value, f"{place}[{number}]", any_case=self._any_case)
            for number, value in enumerate(self.items(key))
        ]

    def digest(self, key: str) -> Digest:
        """A digest that can be checked."""
        value = self.text(key)
        if value is None or not is_digest(value):
            raise wrong(self.place(key), "a digest", value)
        return Digest(value)

    def base64(self, key: str) -> bytes | None:
        """Binary data in base64."""
        value = self.text(key)
        try:
            return None if value is None else binascii.a2b_base64(value, strict_mode=True)
        except ValueError:
            raise wrong(self.place(key), "base64", value) from None

    def _typed(self, key: str, kind: type, name: str) -> Any:
        value = self.get(key)
        if value is None or isinstance(value, kind):
            return value
        raise wrong(self.place(key), name, value)


def wrong(place: str, expected: str, value: Any) -> ImageError:
    """The error for a value of the wrong type."""
    if value is None:
        return ImageError(f"{place}: expected {expected}, but it is missing")
    try:
        got = msgspec.json.encode(value).decode("utf-8", "replace")
    except (ValueError, RecursionError):
        got = type(value).__name__
    return ImageError(f"{place}: expected {expected}, got {got[:_SHOWN]}{'…' if len(got) > _SHOWN else ''}")
