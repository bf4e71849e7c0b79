"""rpm's packages: its records against the files that are there."""

from __future__ import annotations

import pytest

from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.probes.rpm_databases import header, in_ndb, in_sqlite
from tests.probes.test_rpm_reasons import history as dnf_history
from tests.sources.images import layer

PATH = b"var/lib/rpm/rpmdb.sqlite"


def test_a_package_weighs_what_its_files_do() -> None:
    """Its own database is nobody's, though rpm's package speaks for it."""
    data = in_sqlite(
        header("tool", "/usr/bin/tool", "/usr/share/gone", epoch=1),
        header("rpm", "/usr/bin/rpm", "/" + PATH.decode(), flags=(0, 64)),
    )
    found = packages_of(
        layer(
            member(PATH, data),
            member(b"usr/bin/tool", b"t" * 100),
            member(b"usr/bin/rpm", b"r" * 50),
        )
    )

    assert sizes(found) == {"tool": 100, "rpm": 50}
    assert found.unowned_bytes == len(data)
    tool = package(found, "tool")
    assert (tool.kind, tool.version, tool.architecture, tool.manual) == ("rpm", "1:1-2", "noarch", None)


def test_a_package_came_with_the_layer_that_brought_its_version() -> None:
    """Of a kernel or a key there may be several versions at once."""
    old, new = header("kernel", version="5"), header("kernel", version="6")
    found = packages_of(
        layer(member(PATH, in_sqlite(header("kept"), old))),
        layer(member(PATH, in_sqlite(header("kept"), old, new))),
    )

    assert {(one.name, one.version): one.layer for one in found.packages} == {
        ("kept", "1-2"): 0,
        ("kernel", "5-2"): 0,
        ("kernel", "6-2"): 1,
    }


def test_a_database_that_cannot_be_read_is_named() -> None:
    found = packages_of(layer(member(b"usr/lib/sysimage/rpm/Packages.db", in_ndb()[:20] + b"x" * 600)))

    assert found.packages == ()
    assert [one.path for one in found.unreadable] == ["usr/lib/sysimage/rpm/Packages.db"]


def test_one_that_a_later_layer_replaced_is_not() -> None:
    found = packages_of(layer(member(PATH, b"damaged" * 100)), layer(member(PATH, in_sqlite(header("tool")))))

    assert (sizes(found), found.unreadable) == ({"tool": 0}, ())


@pytest.mark.parametrize(
    ("path", "data", "manual"),
    [
        (
            b"usr/lib/sysimage/libdnf5/packages.toml",
            b'[packages]\n"a.noarch" = {reason = "User"}',
            (True, None),
        ),
        (
            b"usr/lib/sysimage/libdnf5/packages.toml",
            b'[packages]\n"a.x86_64" = {reason = "User"}\n"b.noarch" = {reason = "Dependency"}',
            (None, False),
        ),
        (b"var/lib/zypp/AutoInstalled", b"b\n", (True, False)),
        (b"var/lib/dnf/history.sqlite", b"damaged", (None, None)),
    ],
)
def test_who_asked_for_a_package(path: bytes, data: bytes, manual: tuple[bool | None, bool | None]) -> None:
    found = packages_of(layer(member(PATH, in_sqlite(header("a"), header("b"))), member(path, data)))

    assert (package(found, "a").manual, package(found, "b").manual) == manual


def test_dnf_5_is_believed_before_the_history_of_the_dnf_that_it_followed() -> None:
    five = b'[packages]\n"a.noarch" = {reason = "Dependency"}'
    history = dnf_history([("a", 1, 2)])
    found = packages_of(
        layer(
            member(PATH, in_sqlite(header("a"))),
            member(b"usr/lib/sysimage/libdnf5/packages.toml", five),
            member(b"var/lib/dnf/history.sqlite", history),
        )
    )

    assert package(found, "a").manual is False
