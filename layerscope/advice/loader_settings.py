"""The folders in which a system's loader looks for libraries, as its settings tell it (ldconfig(8))."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping

from layerscope.advice.visible_paths import VisiblePaths, joined

_CONF = "etc/ld.so.conf"
_MUSL = re.compile(r"ld-musl-(.+)\.so\.\d+")
_MUSL_USUAL = ("lib", "usr/local/lib", "usr/lib")
_GLIBC = re.compile(r"ld-linux.*\.so\.\d+|ld64\.so\.\d+|ld\.so\.\d+")
_MACHINE_FOLDER = re.compile(r"\w+-linux-(?:gnu|musl)\w*")
_BUILT_IN = ("lib", "usr/lib")
_LOADER_FOLDERS = ("lib", "lib64", "lib32", "libx32")
_MOST_FILES = 200


class LoaderSettings:
    """``texts`` are the files that the probe `loader-paths` read, by their paths.

    ``configured`` are the folders that ld.so.conf names, each with the file that names it: their libraries
    are found through the cache that ldconfig makes. ``usual`` are those where the loader looks by itself.
    """

    def __init__(self, paths: VisiblePaths, texts: Mapping[str, str]) -> None:
        self._paths = paths
        self._texts = texts
        loaders = [name for folder in _LOADER_FOLDERS for name in paths.names(folder)]
        musl = next((found for name in loaders if (found := _MUSL.fullmatch(name)) is not None), None)
        self.is_musl = musl is not None and not any(map(_GLIBC.fullmatch, loaders))
        self.configured: dict[str, str] = {}
        if self.is_musl and musl is not None:
            self.usual = self._of_musl(f"etc/ld-musl-{musl[1]}.path")
        else:
            for folder, file in self._read(_CONF):
                self.configured.setdefault(folder, file)
            self.usual = self._built_in()

    def _of_musl(self, file: str) -> list[str]:
        """The folders of musl's one file, which stand on lines of their own or between colons."""
        text = self._texts.get(file)
        if text is None:
            return list(_MUSL_USUAL)
        return [joined("", part) for part in re.split(r"[:\n]", text) if part.startswith("/")]

    def _built_in(self) -> list[str]:
        machines = [
            f"{place}/{name}"
            for place in _BUILT_IN
            for name in self._paths.names(place)
            if _MACHINE_FOLDER.fullmatch(name)
        ]
        return [*machines, "lib64", "usr/lib64", *_BUILT_IN]

    def _read(self, first: str) -> Iterator[tuple[str, str]]:
        """The folders of a file and of what it includes, in the order of ldconfig."""
        waiting: list[tuple[str, Iterator[str] | None]] = [(first, None)]
        opened: set[str] = set()
        while waiting:
            file, lines = waiting.pop()
            if lines is None:
                if file in opened or len(opened) == _MOST_FILES:
                    continue  # once more it would tell nothing new
                opened.add(file)
                lines = iter(self._lines(file))
            for line in lines:
                words = line.split()
                if words[0] == "include":
                    included = [name for word in words[1:] for name in self._matching(word, file)]
                    waiting += [(file, lines), *((name, None) for name in reversed(included))]
                    break
                if line.startswith("/"):
                    yield joined("", line.partition("=")[0]), file  # a library's kind may follow a folder

    def _lines(self, file: str) -> list[str]:
        lines = (line.partition("#")[0].strip() for line in self._texts.get(file, "").splitlines())
        return [line for line in lines if line]

    def _matching(self, pattern: str, file: str) -> list[str]:
        """The files that a pattern means, sorted as glob(3) does it."""
        wanted = joined(file.rpartition("/")[0], pattern)
        return sorted(
            name
            for name in self._texts
            if fnmatch.fnmatchcase(name, wanted) and name.count("/") == wanted.count("/")
        )
