"""Who we are to a registry: found where ``docker login`` and ``podman login`` leave it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from layerscope.distribution.credential_file import CredentialFile, read_credential_file
from layerscope.distribution.endpoint import HUB, HUB_HOSTS
from layerscope.model.reference import ImageName

_HUB_SERVER = "https://index.docker.io/v1/"
"""What ``docker login`` calls Docker Hub when it speaks to a helper."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A user and a password, an identity token in their place, or a token for the registry itself.

    ``found_in`` says where they come from. What shows a value shows only that.
    """

    found_in: str
    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Credentials(found_in={self.found_in!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Likewise."""
        return [("found_in", self.found_in)]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return tuple(text for text in (self.password, self.identity_token, self.registry_token) if text)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was found for an image, and what could not be read on the way."""

    credentials: Credentials | None = None
    problems: tuple[str, ...] = ()


def credential_paths(environment: Mapping[str, str] | None = None) -> list[Path]:
    """The files to look into, the first one first (containers-auth.json(5); Docker's ``config.json``)."""
    given = os.environ if environment is None else environment
    if only := given.get("REGISTRY_AUTH_FILE"):
        return [Path(only)]
    home = Path.home()
    paths = [Path(given.get("DOCKER_CONFIG") or home / ".docker") / "config.json"]
    if runtime := given.get("XDG_RUNTIME_DIR"):
        paths.append(Path(runtime) / "containers" / "auth.json")
    elif sys.platform == "linux":
        paths.append(Path(f"/run/containers/{os.getuid()}/auth.json"))
    paths.append(Path(given.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json")
    return paths


def find_credentials(name: ImageName, paths: list[Path] | None = None) -> Search:
    """The credentials for an image's repository; those of the first file that has some."""
    problems: list[str] = []
    for path in credential_paths() if paths is None else paths:
        file, problem = read_credential_file(path)
        problems += [problem] if problem else []
        if file is None:
            continue
        credentials = _from_helpers(file, name, problems) or _from_file(file, name, problems)
        if credentials is not None:
            return Search(credentials=credentials, problems=tuple(problems))
    return Search(problems=tuple(problems))


def _from_helpers(file: CredentialFile, name: ImageName, problems: list[str]) -> Credentials | None:
    """What the program that keeps a host's credentials, or everybody's, gives."""
    from layerscope.distribution.credential_helper import ask_helper

    own = next((file.helpers[key] for key in spellings(name.host) if key in file.helpers), None)
    server = _HUB_SERVER if name.host in HUB_HOSTS else name.host
    for helper in dict.fromkeys(item for item in (own, file.store) if item):
        try:
            answer = ask_helper(helper, server)
        except OSError as error:
            problems.append(f"{file.path}: {error}")
            continue
        if answer is not None:
            username, secret = answer
            where = f"docker-credential-{helper}"
            if username == "<token>":
                return Credentials(found_in=where, identity_token=secret)
            return Credentials(found_in=where, username=username, password=secret)
    return None


def _from_file(file: CredentialFile, name: ImageName, problems: list[str]) -> Credentials | None:
    """The entry with the longest key that the name begins with: a host, or a path of its repositories."""
    parts = name.repository.split("/")
    for count in range(len(parts), -1, -1):
        for host in spellings(name.host):
            entry = file.entries.get("/".join([host, *parts[:count]]))
            if entry is None:
                continue
            if entry.problem:
                problems.append(f"{file.path}: {entry.problem}")
            elif entry.given:
                return Credentials(
                    found_in=str(file.path),
                    username=entry.username,
                    password=entry.password,
                    identity_token=entry.identity_token,
                    registry_token=entry.registry_token,
                )
    return None


def spellings(host: str) -> list[str]:
    """The names under which a host's credentials may be kept."""
    if host not in HUB_HOSTS:
        return [host]
    return [HUB, *sorted(HUB_HOSTS - {HUB})]
