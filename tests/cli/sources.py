"""Sources that are none: engines that hold what a test says, or that do not answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from layerscope import loading
from layerscope.errors import EngineUnreachable
from layerscope.extensions import Access, Opened, ScanOptions, Source
from layerscope.model.local_image import LocalImage
from layerscope.sources.archives import open_path

_USERS = (
    "layerscope.cli.building",
    "layerscope.cli.commands.doctor",
    "layerscope.cli.commands.images",
    "layerscope.finding",
)


def engine(name: str, rank: int, images: Sequence[LocalImage] = (), archive: Path | None = None) -> Source:
    """An engine that answers; all its images are the one in the archive."""

    def has(wanted: str, _access: Access) -> bool:
        digits = wanted.removeprefix("sha256:")
        return any(
            wanted in image.names or image.image_id.removeprefix("sha256:").startswith(digits)
            for image in images
        )

    def opened(wanted: str, access: Access, scan: ScanOptions) -> AbstractContextManager[Opened]:
        assert has(wanted, access)
        return open_path(str(archive), access, scan)

    return Source(
        id=name,
        help=f"an image in {name}",
        rank=rank,
        open=opened,
        has=has,
        reach=lambda: f"{name} 1.0 at unix:///run/{name}.sock",
        images=lambda: list(images),
    )


def silent(name: str, rank: int, message: str = "no socket", hint: str | None = "start it") -> Source:
    """An engine that does not answer."""

    def refuse(*_: Any) -> Any:
        raise EngineUnreachable(f"{name}: {message}", hint=hint)

    return Source(
        id=name, help=f"an image in {name}", rank=rank, open=refuse, has=refuse, reach=refuse, images=refuse
    )


def install(monkeypatch: pytest.MonkeyPatch, *sources: Source) -> None:
    """Have these sources be all there are, in this order."""

    def load(kind: str) -> dict[str, Any]:
        return {source.id: source for source in sources} if kind == "source" else loading.load(kind)

    for user in _USERS:
        monkeypatch.setattr(f"{user}.load", load)
