"""Python's packages: their records against the files that are there."""

from __future__ import annotations

from importlib.metadata import distributions
from pathlib import Path

from tests.oci.tar.raw import member
from tests.packages.stacks import package, packages_of, sizes
from tests.packages.test_dpkg import listed, stanza, status
from tests.sources.images import layer, whiteout

SITE = "usr/lib/python3.11/site-packages"


def file(path: str, content: bytes = b"") -> bytes:
    return member(path.encode(), content)


def metadata(name: str, version: str = "1.0") -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def test_a_package_weighs_what_its_record_names() -> None:
    """Also what is outside of the folder: commands; not what Python compiles later."""
    record = b"flask/a.py,sha256=x,9\nflask-1.dist-info/METADATA,,\n../../../bin/flask,,\ngone.py,,\n"
    found = packages_of(
        layer(
            file(f"{SITE}/flask-1.dist-info/METADATA", metadata("Flask")),
            file(f"{SITE}/flask-1.dist-info/RECORD", record),
            file(f"{SITE}/flask/a.py", b"a" * 100),
            file(f"{SITE}/flask/__pycache__/a.pyc", b"c" * 30),
            file("usr/bin/flask", b"b" * 1000),
        )
    )

    flask = package(found, "Flask")
    assert (flask.kind, flask.version, flask.file_count) == ("pip", "1.0", 3)
    assert flask.size_bytes == 1100 + len(metadata("Flask"))
    assert found.unowned_bytes == 30 + len(record)


def test_the_standard_library_names_the_same_packages_and_files(tmp_path: Path) -> None:
    files = {
        f"{SITE}/one-2.dist-info/METADATA": metadata("one", "2"),
        f"{SITE}/one-2.dist-info/RECORD": b'one.py,,\n"a,b.py",,\none-2.dist-info/METADATA,,\n',
        f"{SITE}/one.py": b"o" * 11,
        f"{SITE}/a,b.py": b"c" * 500,
        f"{SITE}/two-3.dist-info/METADATA": metadata("two", "3"),
        f"{SITE}/two-3.dist-info/RECORD": b"../../../share/two,,\n./two.py,,\n",
        f"{SITE}/two.py": b"t" * 7,
        "usr/share/two": b"t" * 70,
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    found = packages_of(layer(*(file(path, content) for path, content in files.items())))

    theirs = {
        one.name: (
            one.version,
            sum(
                place.stat().st_size
                for item in one.files or ()
                if (place := Path(str(item.locate()))).exists()
            ),
        )
        for one in distributions(path=[str(tmp_path / SITE)])
    }
    assert {one.name: (one.version, one.size_bytes) for one in found.packages} == theirs
    assert len(theirs) == 2


def test_the_older_form_has_its_list_relative_to_its_own_folder() -> None:
    found = packages_of(
        layer(
            file(f"{SITE}/old.egg-info/PKG-INFO", metadata("old")),
            file(f"{SITE}/old.egg-info/installed-files.txt", b"../old.py\nPKG-INFO\n"),
            file(f"{SITE}/old.py", b"o" * 7),
        )
    )

    assert sizes(found) == {"old": 7 + len(metadata("old"))}


def test_what_the_distribution_ships_is_the_distributions() -> None:
    info = "usr/lib/python3/dist-packages/wheel-1.egg-info/PKG-INFO"
    found = packages_of(
        layer(
            status(stanza("python3-wheel")),
            listed("python3-wheel", f"/{info}"),
            file(info, metadata("wheel")),
        )
    )

    assert sizes(found) == {"python3-wheel": len(metadata("wheel"))}


def test_a_package_came_with_the_layer_that_brought_its_metadata() -> None:
    """A later layer that only changes its owner, and ships the bytes again, did not bring it."""
    path = f"{SITE}/a-1.dist-info/METADATA"
    found = packages_of(
        layer(file("other")),
        layer(file(path, metadata("a"))),
        layer(member(path.encode(), metadata("a"), uid=7)),
    )

    assert package(found, "a").layer == 1


def test_installers_note_what_was_asked_for() -> None:
    found = packages_of(
        layer(
            *(file(f"{SITE}/{name}.dist-info/METADATA", metadata(name)) for name in "abc"),
            *(file(f"{SITE}/{name}.dist-info/INSTALLER", b"pip\n") for name in "ab"),
            file(f"{SITE}/a.dist-info/REQUESTED"),
        )
    )

    assert {one.name: one.manual for one in found.packages} == {"a": True, "b": False, "c": None}
    assert sizes(found)["c"] == len(metadata("c"))


def test_an_uninstalled_package_is_none() -> None:
    path = f"{SITE}/a-1.dist-info/METADATA"
    found = packages_of(layer(file(path, metadata("a"))), layer(whiteout(path.encode())))

    assert found.packages == ()
