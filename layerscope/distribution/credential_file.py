"""A file of credentials: Docker's ``config.json``, or ``auth.json`` of podman, buildah and skopeo.

The docker package reads the first kind too, but fails as a whole at an entry that it does not
understand, and knows neither keys with paths nor the user beside an identity token.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import msgspec

from layerscope.errors import ImageError
from layerscope.oci.fields import Fields, decode

_MAX_BYTES = 4 << 20


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One member of ``auths``; ``problem`` says why it cannot be used. It never shows its values."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""
    problem: str = ""

    @property
    def given(self) -> bool:
        """Whether there is anything in it: ``{}`` says that a helper has it."""
        return bool(self.username or self.identity_token or self.registry_token)

    def __repr__(self) -> str:
        """Without the secrets."""
        return "Entry(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Likewise."""
        return []


class CredentialFile(msgspec.Struct, frozen=True, kw_only=True):
    """Entries by host or host/path, helper programs by host, the helper for all others."""

    path: Path
    entries: dict[str, Entry]
    helpers: dict[str, str]
    store: str

    @property
    def hosts(self) -> list[str]:
        """The hosts it knows of, sorted."""
        return sorted({key.partition("/")[0] for key in (*self.entries, *self.helpers)})


def read_credential_file(path: Path) -> tuple[CredentialFile | None, str]:
    """The file, None where there is none; and what is wrong with it, if anything is."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES)
        fields = decode(raw, str(path))
        auths = fields.object("auths")
        keys = auths.keys() if auths is not None else []
        return CredentialFile(
            path=path,
            entries={plain_key(key): _entry(fields, key) for key in keys},
            helpers={plain_key(key): name for key, name in fields.text_map("credHelpers").items()},
            store=fields.text("credsStore") or "",
        ), ""
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"{path}: {error.strerror}"
    except ImageError:  # its message may quote what is in the file
        return None, f"{path}: not a file of credentials: {_EXPECTED}"


_EXPECTED = 'expected JSON such as {"auths": {"registry.example": {"auth": "…"}}}'


def plain_key(key: str) -> str:
    """The host, or host and path; Docker wrote whole URLs, whose path says nothing."""
    scheme, separator, rest = key.partition("://")
    if separator and scheme in ("http", "https"):
        return rest.partition("/")[0]
    plain = key.rstrip("/")
    return plain.removesuffix("/v1").removesuffix("/v2")


def _entry(file: Fields, key: str) -> Entry:
    try:
        auths = file.object("auths")
        fields = auths.object(key) if auths is not None else None
        if fields is None:
            return Entry()
        username, password = fields.text("username") or "", fields.text("password") or ""
        if auth := fields.text("auth"):
            username, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
            if not colon:
                return Entry(problem=f"auths[{key!r}].auth: expected base64 of user:password")
        return Entry(
            username=username,
            password=password.rstrip("\0"),
            identity_token=fields.text("identitytoken") or "",
            registry_token=fields.text("registrytoken") or "",
        )
    except (ImageError, binascii.Error, UnicodeDecodeError):
        return Entry(problem=f"auths[{key!r}]: cannot be read")
