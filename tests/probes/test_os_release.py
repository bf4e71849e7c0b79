"""Which distribution an image is of."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Kind
from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.os_release import PROBE
from tests.oci.tar.raw import END, member


def parsed(*pieces: bytes) -> dict[str, str]:
    """What is found in a file that comes in these pieces."""
    sink = PROBE.begin("etc/os-release", sum(map(len, pieces)))
    for piece in pieces:
        sink.feed(memoryview(piece))
    found: dict[str, str] = sink.finish()
    return found


def test_the_assignments_of_a_distribution() -> None:
    found = parsed(b"NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID='12'\n")

    assert found == {"NAME": "Debian GNU/Linux", "ID": "debian", "VERSION_ID": "12"}


def test_comments_blanks_and_lines_without_a_value_are_passed_over() -> None:
    assert parsed(b"# ID=none\n\n  \nnonsense\n =x\n\tID = alpine \r\nEMPTY=\n") == {
        "ID": "alpine",
        "EMPTY": "",
    }


def test_a_value_may_hold_an_equals_sign() -> None:
    assert parsed(b'BUG_REPORT_URL="https://x/?a=b"\n') == {"BUG_REPORT_URL": "https://x/?a=b"}


def test_it_does_not_matter_where_the_pieces_are_cut() -> None:
    content = b'NAME="Wolfi"\nID=wolfi\n'

    assert parsed(*(content[i : i + 1] for i in range(len(content)))) == parsed(content)


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert parsed(b"ID=\xff\xfe\nNAME=x\n") == {"ID": "\ufffd\ufffd", "NAME": "x"}


def test_of_an_endless_file_only_the_beginning_is_kept() -> None:
    sink = PROBE.begin("etc/os-release", 1 << 40)
    sink.feed(memoryview(b"ID=big\n"))
    for _ in range(100):
        sink.feed(memoryview(b"x" * 10_000))
    sink.feed_hole(1 << 40)

    found: dict[str, str] = sink.finish()

    assert found == {"ID": "big"}


def test_a_hole_is_zeros() -> None:
    sink = PROBE.begin("etc/os-release", 3)
    sink.feed(memoryview(b"A=b"))
    sink.feed_hole(2)
    sink.feed(memoryview(b"c"))

    assert sink.finish() == {"A": "b\0\0c"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (b"etc/os-release", True),
        (b"./usr/lib/os-release", True),
        (b"etc/os-release.d/x", False),
        (b"os-release", False),
    ],
)
def test_it_looks_into_the_two_files_and_no_other(path: bytes, *, found: bool) -> None:
    scan = scan_tar(iter([member(path, b"ID=x\n") + END]), [PROBE])

    assert list(scan.facts.get("os-release", {}).values()) == ([{"ID": "x"}] if found else [])


def test_a_link_to_the_file_has_no_content_of_its_own() -> None:
    tar = member(b"usr/lib/os-release", b"ID=x\n") + member(b"etc/os-release", typeflag=b"2", link=b"x") + END

    scan = scan_tar(iter([tar]), [PROBE])

    assert [entry.kind for entry in scan.entries] == [Kind.FILE, Kind.SYMLINK]
    assert scan.facts["os-release"] == {"usr/lib/os-release": {"ID": "x"}}
