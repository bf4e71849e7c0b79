"""Whom to trust, and with which certificate of ours: ``certs.d/HOST:PORT`` and the system's own.

``*.crt`` are authorities, ``*.cert`` and ``*.key`` of one name are a client's certificate
(containers-certs.d(5); Docker's "Verify repository client with certificates").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerscope.errors import SourceError

if TYPE_CHECKING:
    import ssl


def certificate_folders(host: str) -> list[Path]:
    """The folders for a host that are there."""
    home = Path.home()
    above = [Path("/etc/containers"), Path("/etc/docker"), home / ".config/containers", home / ".docker"]
    return [folder for parent in above if (folder := parent / "certs.d" / host).is_dir()]


def trust(folders: list[Path], *, insecure: bool) -> ssl.SSLContext:
    """A TLS context: the system's authorities and those of the folders; with ``insecure``, anybody.

    Raises SourceError where a certificate cannot be loaded.
    """
    import ssl

    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not _has_authorities(context):
        import certifi

        context.load_verify_locations(certifi.where())
    for folder in folders:
        _load(context, folder)
    return context


def _has_authorities(context: ssl.SSLContext) -> bool:
    """Whether the system, or SSL_CERT_FILE, names any authority; folders of them are read when needed."""
    import ssl

    return bool(context.cert_store_stats()["x509_ca"] or ssl.get_default_verify_paths().capath)


def _load(context: ssl.SSLContext, folder: Path) -> None:
    path = folder
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix == ".crt":
                context.load_verify_locations(path)
            elif path.suffix == ".cert":
                if not path.with_suffix(".key").exists():
                    raise SourceError(f"{path}: its key, {path.stem}.key, is missing")
                # A key that is locked is an error; nobody is asked for its password.
                context.load_cert_chain(path, path.with_suffix(".key"), password="")
            elif path.suffix == ".key" and not path.with_suffix(".cert").exists():
                raise SourceError(f"{path}: its certificate, {path.stem}.cert, is missing")
    except OSError as error:  # ssl.SSLError is one
        raise SourceError(f"{path}: cannot be loaded: {error.strerror or error}") from None
