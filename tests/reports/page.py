"""The HTML report as a reader of it finds it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection
from layerscope.reports.html import REPORT

LARGEST_PAGE_BYTES = 1_000_000
VOID = frozenset(("meta", "input", "rect"))


def page_of(inspection: Inspection, verdicts: Sequence[Verdict] = ()) -> str:
    """The page as it is written."""
    stream = io.BytesIO()
    REPORT.write(inspection, verdicts, stream)
    return stream.getvalue().decode()


class Page(HTMLParser):
    """Its elements counted, its attributes, its text, and the contents of scripts and styles apart."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.raw: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.open: list[str] = []
        self._in: dict[str, str | None] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(  # noqa: D102  # as HTMLParser says, likewise the two below
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._in = {"": tag, **dict(attrs)} if tag in ("script", "style") else None
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        self._in = None
        if self.open[-1:] == [tag]:
            self.open.pop()

    def handle_data(self, data: str) -> None:  # noqa: D102
        if self._in is None:
            self.text += data
        else:
            self.raw.append((self._in, data))

    def values(self, name: str) -> list[str]:
        """The values of an attribute wherever it stands."""
        return [value for _, given, value in self.attributes if given == name]

    def document(self, identity: str) -> Any:
        """A JSON document that the page holds."""
        return json.loads(next(data for attributes, data in self.raw if attributes.get("id") == identity))


def rows_of(tree: Any) -> Iterator[tuple[str, str | None, int, int, tuple[int, ...]]]:
    """The tree read as its description says: directory, name or None, files, bytes, kind."""
    folders: list[str] = []
    for place, name in enumerate(tree["directories"]["names"].split("/")):
        above = folders[tree["directories"]["parents"][place]] if place else ""
        folders.append(f"{above}/{name}" if place else "")
    names = iter(tree["files"]["names"].split("/"))
    columns = zip(tree["files"]["sizes"], tree["files"]["kinds"], strict=True)
    for folder, count in zip(folders, tree["directories"]["files"], strict=True):
        for _ in range(count):
            size_bytes, kind = next(columns)
            yield folder, next(names), 1, size_bytes, tuple(tree["kinds"][kind])
    rest = tree["rest"]
    for place, kind, count, size_bytes in zip(
        rest["directories"], rest["kinds"], rest["counts"], rest["sizes"], strict=True
    ):
        yield folders[place], None, count, size_bytes, tuple(tree["kinds"][kind])
