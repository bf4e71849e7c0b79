"""What contents are taken for."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from layerscope.model.recognise import HEAD_BYTES, recognise


def zipped() -> bytes:
    """A zip archive with one member."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", "b")
    return target.getvalue()


def tarred() -> bytes:
    """A tar archive with one member."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a", b"", "empty"),
        ("a", b"plain\n", "text"),
        ("run", b"#!/bin/sh\n", "script"),
        ("a", "gr\u00fc\u00df".encode("latin-1") + b" und viele Buchstaben mehr", "text"),
        ("a", bytes(100), "holes or zeros"),
        ("a", b"\x7fELF\2\1", "ELF"),
        ("a.jar", zipped(), "Java archive"),
        ("a.zip", zipped(), "zip archive"),
        ("layer", tarred(), "tar archive"),
        ("a.gz", gzip.compress(b"x", mtime=0), "gzip"),
        ("a.tar.gz", gzip.compress(tarred(), mtime=0), "tar archive, gzip"),
        ("a.txt", "\ufeffgrüß\r\n".encode("utf-16-le"), "UTF-16 text"),
        ("a.txt", "\ufeffgrüß".encode("utf-16-be"), "UTF-16 text"),
        ("a.bin", b"\xff\xfe" + bytes(100), "binary data"),
        ("a.bin", bytes(range(256)), "binary data"),
        ("a.txt", b"ab\r\n", "text"),
        ("m.pyc", b"\xa7\x0d\r\n" + bytes(8), "compiled Python"),
    ],
)
def test_it_is_told_by_its_first_bytes(name: str, content: bytes, what: str) -> None:
    assert recognise(name, content[:HEAD_BYTES], len(content)).what == what


@pytest.mark.parametrize("cut", [1, 2])
def test_a_letter_that_the_window_cuts_is_still_text(cut: int) -> None:
    content = b"x" * 100 + "\u20ac".encode() * 10_000

    assert recognise("a", content[: 100 + 3 * 50 + cut], len(content)).text


@pytest.mark.parametrize("content", [b"a\0b", b"\x1b\x01\x02\x03\x04", b"\xff\xfe\xfd\x80" * 20])
def test_control_bytes_are_no_text(content: bytes) -> None:
    assert not recognise("a", content, len(content)).text
