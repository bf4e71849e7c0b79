"""An engine as a source of images. Light to import: what an engine needs is imported when one is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from layerscope.extensions import Access, Opened, ScanOptions, Source

if TYPE_CHECKING:
    from layerscope.engines.engine import Engine
    from layerscope.model.local_image import LocalImage


def engine_source(scheme: str, connect: Callable[[], Engine], *, rank: int, description: str) -> Source:
    """The source whose images are an engine's; ``connect`` gives one that answers or raises SourceError."""

    @contextmanager
    def opened(name: str, access: Access, scan: ScanOptions) -> Iterator[Opened]:
        from layerscope.engines.opening import open_held

        with closing(connect()) as engine:
            yield open_held(engine, name, access, scan)

    def has(name: str, access: Access) -> bool:
        from layerscope.engines.opening import holds

        with closing(connect()) as engine:
            return holds(engine, name, access)

    def reach() -> str:
        with closing(connect()) as engine:
            return engine.about()

    def images() -> list[LocalImage]:
        with closing(connect()) as engine:
            return engine.images()

    def remove(name: str) -> None:
        with closing(connect()) as engine:
            engine.remove(name)

    return Source(
        id=scheme,
        help=description,
        open=opened,
        rank=rank,
        has=has,
        reach=reach,
        images=images,
        remove=remove,
    )
