"""All sources asked the same at once: one that does not answer holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import msgspec

from layerscope.errors import SourceError
from layerscope.extensions import Source

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What a source said, or the error that kept it from saying anything."""

    source: Source
    value: T | None = None
    error: SourceError | None = None


def engines(sources: Iterable[Source]) -> list[Source]:
    """The sources that can list what they hold, in the order in which they are asked for an image."""
    return sorted((source for source in sources if source.images is not None), key=lambda s: s.rank)


def ask(sources: list[Source], question: Callable[[Source], T]) -> list[Answer[T]]:
    """The answers in the order of the sources; anything but a SourceError escapes."""
    answers: dict[str, Answer[T]] = {}
    defects: list[BaseException] = []

    def work(source: Source) -> None:
        try:
            answers[source.id] = Answer(source=source, value=question(source))
        except SourceError as error:
            answers[source.id] = Answer(source=source, error=error)
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked
            defects.append(error)

    threads = [threading.Thread(target=work, args=(source,), daemon=True) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if defects:
        raise defects[0]
    return [answers[source.id] for source in sources]
