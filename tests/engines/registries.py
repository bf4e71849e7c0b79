"""Registries of one's own: Debian's docker-registry, plain, with a password, and over TLS."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.conftest import engine_missing, stop
from tests.distribution.authorities import Pair

START_TIMEOUT_S = 30
USER, PASSWORD = "someone", "pass:w0rd"


class Running(NamedTuple):
    """A registry that answers; ``flags`` let skopeo push to it, as ``--dest-…`` and ``--src-…``."""

    host: str
    flags: tuple[str, ...]
    log: Path


@contextmanager
def running(
    program: str, folder: Path, *, htpasswd: Path | None = None, tls: Pair | None = None
) -> Iterator[Running]:
    """Run a registry on a free port of loopback, with its data below a folder."""
    config = folder / "config.yml"
    config.write_text(_config(folder / "data", htpasswd, tls))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve", config], stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        yield Running(_address(process, log), _flags(htpasswd, tls), log)
    finally:
        stop(process)


def push(skopeo: str, archive: str, to: Running, name: str, *more: str) -> str:
    """Copy an archive into a registry; gives the name under which it is there."""
    target = f"{to.host}/{name}"
    flags = [f"--dest-{flag}" for flag in to.flags]
    command = [skopeo, "--insecure-policy", "copy", *more, *flags, archive, f"docker://{target}"]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return target


def _config(data: Path, htpasswd: Path | None, tls: Pair | None) -> str:
    lines = [
        "version: 0.1",
        "log: {level: info}",
        f"storage: {{filesystem: {{rootdirectory: {data}}}}}",
        'http: {addr: "127.0.0.1:0"}',
    ]
    if tls is not None:
        places = f"certificate: {tls.certificate}, key: {tls.key}"
        lines[-1] = f'http: {{addr: "127.0.0.1:0", tls: {{{places}}}}}'
    if htpasswd is not None:
        lines.append(f"auth: {{htpasswd: {{realm: a realm, path: {htpasswd}}}}}")
    return "\n".join(lines) + "\n"


def _flags(htpasswd: Path | None, tls: Pair | None) -> tuple[str, ...]:
    secure = "tls-verify=false" if tls is None else f"cert-dir={tls.certificate.parent}"
    return (secure, f"creds={USER}:{PASSWORD}") if htpasswd is not None else (secure,)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """What it says it listens on."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if match := re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text(errors="replace")):
            return match[1]
        time.sleep(0.05)
    return engine_missing("docker-registry does not start: " + log.read_text(errors="replace")[-500:])
