"""What a file's content is, told by its first bytes and its name."""

from __future__ import annotations

import re
import zlib

import msgspec

HEAD_BYTES = 8192
"""As many first bytes are enough."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x7fELF", "ELF"),
    (0, b"PK\x03\x04", "zip archive"),
    (0, b"PK\x05\x06", "empty zip archive"),
    (257, b"ustar", "tar archive"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-zip archive"),
    (0, b"!<arch>\ndebian", "Debian package"),
    (0, b"!<arch>\n", "ar archive"),
    (0, b"\xed\xab\xee\xdb", "RPM package"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"GIF8", "GIF image"),
    (8, b"WEBP", "WebP image"),
    (0, b"%PDF-", "PDF document"),
    (0, b"\xca\xfe\xba\xbe", "Java class, or Mach-O for several machines"),
    (0, b"\0asm", "WebAssembly"),
    (0, b"MZ", "Windows program"),
    (0, b"wOF2", "WOFF2 font"),
    (0, b"\0\1\0\0\0", "TrueType font"),
    (0, b"OTTO", "OpenType font"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (0, b"PAR1", "Parquet data"),
    (2, b"\r\n", "compiled Python"),
)
_ZIPS = {
    ".jar": "Java archive",
    ".war": "Java archive",
    ".ear": "Java archive",
    ".whl": "Python wheel",
    ".apk": "Android package",
    ".docx": "document",
    ".xlsx": "spreadsheet",
    ".nupkg": "NuGet package",
}
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BINARY_TEXT = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROLS_SHARE = 100
"""Text holds at most one control byte in so many."""


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """``what`` it is in plain words; whether it is ``text``, an ``elf`` file, or lists its ``members``.

    Text is UTF-8, or near enough, unless there is an ``encoding``.
    """

    what: str
    encoding: str | None = None
    text: bool = False
    elf: bool = False
    members: bool = False


def recognise(name: str, head: bytes, size_bytes: int) -> Recognised:
    """Tell what a content is from its name and its first `HEAD_BYTES`."""
    if not size_bytes:
        return Recognised(what="empty", text=True)
    for place, magic, what in _MAGIC:
        if head[place : place + len(magic)] == magic and _is_plausible(what, name):
            ending = name[name.rfind(".") :].lower()
            zipped = what == "zip archive"
            if what == "gzip" and _holds_tar(head):
                return Recognised(what="tar archive, gzip", members=True)
            return Recognised(
                what=_ZIPS.get(ending, what) if zipped else what,
                elf=what == "ELF",
                members=zipped or what == "tar archive",
            )
    if head[:2] in _UTF_16_MARKS and _is_utf_16(head):
        return Recognised(what="UTF-16 text", text=True, encoding="utf-16")
    if is_text(head, whole=len(head) >= size_bytes):
        return Recognised(what="script" if head.startswith(b"#!") else "text", text=True)
    return Recognised(what="holes or zeros" if not any(head) else "binary data")


def _is_plausible(what: str, name: str) -> bool:
    """Two bytes alone tell too little."""
    return what != "compiled Python" or name.endswith((".pyc", ".pyo"))


def _holds_tar(head: bytes) -> bool:
    """Whether gzip unpacks to a tar archive; its first block is in the first bytes."""
    try:
        unpacked = zlib.decompressobj(wbits=31).decompress(head, 512)
    except zlib.error:
        return False
    return unpacked[257:262] == b"ustar"


def _is_utf_16(head: bytes) -> bool:
    """Whether what begins with its mark is text: whole letters, the mark only once, hardly a control."""
    try:
        text = head[: len(head) // 2 * 2].decode("utf-16")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-16")
    return "\ufeff" not in text and "\0" not in text and _few_controls(text.encode())


def is_text(head: bytes, *, whole: bool) -> bool:
    """Whether bytes are text in UTF-8, or in an eight-bit code with hardly a control byte."""
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = not whole and error.start >= len(head) - 3 and error.reason == "unexpected end of data"
        if not cut:
            letters = sum(1 for byte in head if 32 <= byte < 127 or byte in b"\t\n\r")
            return letters * 10 >= len(head) * 7 and _few_controls(head)
    return _few_controls(head)


def _few_controls(head: bytes) -> bool:
    return len(_BINARY_TEXT.findall(head)) * _MAX_CONTROLS_SHARE <= len(head)
