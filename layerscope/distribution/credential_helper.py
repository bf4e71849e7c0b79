"""The programs that keep passwords: ``docker-credential-NAME`` (docker/docker-credential-helpers).

The docker package can ask them too, but waits for ever and lets them write on our standard error.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import msgspec

_TIMEOUT_S = 60  # people may have to unlock something
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class _Answer(msgspec.Struct):
    Username: str = ""
    Secret: str = ""


def ask_helper(name: str, server: str) -> tuple[str, str] | None:
    """User and secret for a server, None where the program knows none; raises OSError where it fails."""
    program = f"docker-credential-{name}"
    path = shutil.which(program) if _NAME.fullmatch(name) else None
    if path is None:
        raise FileNotFoundError(f"{program} is not installed")
    try:
        done = subprocess.run(
            [path, "get"], input=server.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{program} does not answer") from None
    except OSError as error:
        raise OSError(f"{program}: {error.strerror}") from None
    if done.returncode != 0:
        if b"credentials not found" in done.stdout + done.stderr:
            return None
        raise OSError(f"{program} failed with exit code {done.returncode}")
    try:
        answer = msgspec.json.decode(done.stdout, type=_Answer)
    except msgspec.DecodeError:
        raise OSError(f"{program} did not answer in JSON") from None
    return (answer.Username, answer.Secret) if answer.Secret else None
