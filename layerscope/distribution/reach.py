"""What is at hand to read registries with, told without asking any of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from layerscope.distribution.credential_file import CredentialFile, read_credential_file
from layerscope.distribution.credentials import credential_paths

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def reach(environment: Mapping[str, str] | None = None) -> str:
    """One line: how registries are reached, where credentials were found and for whom, which proxies."""
    given = os.environ if environment is None else environment
    parts = ["read directly, over HTTPS", *map(_file, credential_paths(given))]
    parts += [_proxy(given, name) for name in _PROXIES]
    told = [part for part in parts if part]
    if len(told) == 1:
        told.append("no credentials found")
    return "; ".join(told)


def _file(path: Path) -> str:
    file, problem = read_credential_file(path)
    if problem:
        return problem
    return f"credentials in {path} for {_whom(file)}" if file is not None and _whom(file) else ""


def _whom(file: CredentialFile) -> str:
    hosts = list(file.hosts)
    if file.store:
        hosts.append(f"what docker-credential-{file.store} holds")
    return ", ".join(hosts)


def _proxy(given: Mapping[str, str], name: str) -> str:
    """A proxy without the password that may be in its URL."""
    value = given.get(name) or given.get(name.lower())
    if not value:
        return ""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{name} is no URL"
    return f"{name} is {parts.scheme}://{parts.hostname}{port}"
