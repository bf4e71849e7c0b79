"""Which small files hold a secret, told by their names and first bytes; never the secret itself."""

from __future__ import annotations

from functools import partial

from layerscope.extensions import Probe
from layerscope.model.credentials import credential_in
from layerscope.probes.collect import Collect

_BY_NAME = {
    ".env": "environment file",
    ".netrc": "password",
    "_netrc": "password",
    ".pgpass": "password",
    ".my.cnf": "password",
    ".git-credentials": "password",
    ".htpasswd": "password",
    ".vault-token": "token",
    "id_rsa": "private key",
    "id_dsa": "private key",
    "id_ecdsa": "private key",
    "id_ed25519": "private key",
}
"""Files that are there for a secret, whatever it looks like."""
_PATHS = frozenset(
    f"{home}/{name}"
    for home in ("root", "kaniko", "home/app", "home/node")
    for name in (".docker/config.json", ".config/containers/auth.json", "auth.json", ".m2/settings.xml")
)
_TAILS = frozenset(
    (
        *(name.removeprefix(".") for name in _BY_NAME if name.startswith(".")),
        *("ssh/id_rsa", "ssh/id_dsa", "ssh/id_ecdsa", "ssh/id_ed25519", "aws/credentials", "kube/config"),
        *("npmrc", "yarnrc", "pypirc", "dockercfg", "s3cfg", "boto", "bash_history", "config/pip/pip.conf"),
        *("env", "local", "production", "tfstate", "tfvars", "pem", "key", "p8"),
    )
)
_KEYS_ONLY = frozenset(("pem", "key", "p8"))
_MAX_BYTES = 1 << 10


def secret_in(path: str, head: bytes) -> dict[str, str] | None:
    """The kind of secret that a file seems to hold and how it was told, None where it holds none."""
    name = path[path.rfind("/") + 1 :]
    tail = path[path.rfind(".") + 1 :]
    keys_only = tail in _KEYS_ONLY or (tail not in _TAILS and path not in _PATHS)
    kind = credential_in(head, only_private_keys=keys_only)
    if kind is not None:
        return {"kind": kind, "by": "content"}
    if name in _BY_NAME and head.strip():
        return {"kind": _BY_NAME[name], "by": "name"}
    return None


PROBE = Probe(
    id="secrets",
    version=1,
    paths=_PATHS,
    begin=lambda path, stored_bytes: Collect(_MAX_BYTES, partial(secret_in, path)),  # noqa: ARG005
    tails=_TAILS,
    start=b"-----BEGIN ",
)
