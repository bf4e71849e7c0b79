"""Images read from a registry that may misbehave, with little patience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from layerscope.distribution.client import Registry
from layerscope.distribution.credentials import Credentials, Search
from layerscope.distribution.layout import RegistryBlobs
from layerscope.distribution.patience import Patience
from layerscope.extensions import Access, ScanOptions
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.model.platform import Platform
from layerscope.model.reference import parse_image_name
from layerscope.oci.opened import OpenedBlobs
from tests.oci.build import contents

SECRET = "s3cret-w0rd"
QUICK = Patience(
    tries=4,
    connect_timeout_s=30,
    read_timeout_s=30,
    first_delay_s=0.01,
    longest_delay_s=0.02,
    longest_retry_after_s=2,
)


def quick(**more: Any) -> Patience:
    """Little patience, and even less of it where asked."""
    return msgspec.structs.replace(QUICK, **more)


def password(username: str = "user", secret: str = SECRET) -> Search:
    """Credentials as they would be found."""
    return Search(credentials=Credentials(found_in="a test", username=username, password=secret))


@contextmanager
def connected(
    host: str,
    name: str = "team/app:1",
    *,
    access: Access | None = None,
    patience: Patience = QUICK,
    search: Search | None = None,
    scopes: Sequence[str] = (),
) -> Iterator[Registry]:
    """A client for one repository, with no credentials but those given."""
    given = parse_image_name(f"{host}/{name}")
    registry = Registry(
        given, access or Access(), patience=patience, search=search or Search(), scopes=scopes
    )
    with closing(registry):
        yield registry


@contextmanager
def opened(
    host: str, name: str = "team/app:1", platform: Platform | None = None, **more: Any
) -> Iterator[OpenedBlobs]:
    """An image whose manifest has been read."""
    with connected(host, name, **more) as registry:
        yield OpenedBlobs(RegistryBlobs(registry, platform, ScanOptions()), None, platform, name)


def read(host: str, name: str = "team/app:1", **more: Any) -> tuple[Image, list[Changeset]]:
    """An image and all its layers, checked against what it declares."""
    with opened(host, name, **more) as image:
        return contents(image)
