"""Certificates for tests, made by openssl: an authority, a server on loopback, a client."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: Path
    key: Path


def authority(openssl: str, folder: Path, name: str = "ca") -> Pair:
    """An authority that vouches for itself."""
    pair = _pair(folder, name)
    _run(openssl, *_new_key(pair, name), "-x509", "-out", str(pair.certificate), "-days", "2")
    return pair


def signed(
    openssl: str, folder: Path, name: str, by: Pair, *, hosts: str = "IP:127.0.0.1", days: int = 2
) -> Pair:
    """A certificate that an authority signed; with a negative number of days it has expired."""
    pair = _pair(folder, name)
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={hosts}\n")
    _run(openssl, *_new_key(pair, name), "-out", str(request))
    _run(
        openssl,
        *("x509", "-req", "-in", str(request), "-out", str(pair.certificate), "-days", str(days)),
        *("-CA", str(by.certificate), "-CAkey", str(by.key), "-CAcreateserial"),
        *("-extfile", str(extensions)),
    )
    return pair


def _pair(folder: Path, name: str) -> Pair:
    return Pair(folder / f"{name}.crt", folder / f"{name}.key")


def _new_key(pair: Pair, name: str) -> list[str]:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(pair.key)]
    return ["req", *key, "-subj", f"/CN=layerscope test {name}"]


def _run(openssl: str, *arguments: str) -> None:
    subprocess.run([openssl, *arguments], check=True, capture_output=True, timeout=60)
