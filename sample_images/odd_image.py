"""`odd.tar`: what the image-spec allows, engines produce, and tools get wrong."""

from typing import Final

from sample_images.filler import prose
from sample_images.layer_tar import NANOSECONDS, Kind, Member
from sample_images.odd_names import deep_members, name_members, spelling_members
from sample_images.sample import Sample, Step, buildkit_step

ODD_TIME_S: Final = 1_718_445_600  # 2024-06-15T10:00:00Z
# The layer that is stored gzipped: the one with the names.
GZIPPED_LAYER: Final = 3
# VFS_CAP_REVISION_2 with the effective bit; CAP_NET_BIND_SERVICE permitted.
_CAPABILITY: Final = bytes.fromhex("0100000200040000") + bytes(12)
_SPARSE_BYTES: Final = 1 << 20
_RUNS: Final = tuple((offset * 150_000, 1000) for offset in range(6))
_SUMMARY: Final = (
    "Not an image to run: a folder for each odd thing a layer can hold. A tool that shows all "
    "of them as the table says has its semantics right."
)


def odd_image() -> Sample:
    """Return the image; each layer acts on the ones below it."""
    layers = (
        ("the lower tree", _lower()),
        ("whiteouts and opaque directories", _whiteouts()),
        ("changes of type, links, one path twice", _types_and_links()),
        ("names and spellings (stored gzipped)", _names()),
        ("an empty layer", ()),
        ("the same empty layer again", ()),
        ("metadata that headers can hardly hold", _metadata()),
        ("afterwards", _afterwards()),
    )
    steps = [
        buildkit_step(f"RUN /bin/sh -c : {title} # buildkit", ODD_TIME_S + 60 * number, members)
        for number, (title, members) in enumerate(layers)
    ]
    labels = Step(created_by='LABEL purpose="odd semantics"', created_s=ODD_TIME_S + 30)
    return Sample(
        repository="odd/semantics",
        tag="1",
        summary=_SUMMARY,
        base_layers=0,
        steps=(steps[0], labels, *steps[1:]),
        config={"Env": ["PATH=/bin"], "Labels": {"purpose": "odd semantics"}, "WorkingDir": "/"},
    )


def _lower() -> tuple[Member, ...]:
    return (
        _folder("opaque"),
        *_tree("opaque/marker-first", "old-1", "old-2"),
        *_tree("opaque/marker-last", "old-1", "old-2"),
        *_tree("opaque/deep", "a/b/old"),
        *_tree("whiteout", "file", "folder/below", "kept"),
        _link("whiteout/link", "kept"),
        *_tree("again", "marker-first/old", "marker-last/old", "thrice"),
        *_tree("dots", ".baz", "baz"),
        *_tree("lookalikes", "b", "foo"),
        *_tree("types", "file-folder-file", "folder-to-link/below", "elsewhere/kept"),
        _link("types/link-to-folder", "elsewhere"),
        *_tree("linked", "real/kept", "real/removed-through-the-link"),
        _link("linked/alias", "/linked/real"),
        *_tree("hardlinks", "first", "pair"),
        _hard_link("hardlinks/second", "hardlinks/first"),
        _hard_link("hardlinks/twin", "hardlinks/pair"),
        *_tree("spelling", "conf"),
        _folder("copied-up"),
        _file("copied-up/tool", mode=0o755),
        _file("copied-up/touched"),
    )


def _whiteouts() -> tuple[Member, ...]:
    return (
        _folder("opaque/marker-first"),
        _marker("opaque/marker-first/.wh..wh..opq"),
        _file("opaque/marker-first/new"),
        _folder("opaque/marker-last"),
        _file("opaque/marker-last/new"),
        _marker("opaque/marker-last/.wh..wh..opq"),
        _marker("opaque/deep/.wh..wh..opq"),
        _file("opaque/deep/a/b/new"),
        _folder("opaque/hides-nothing"),
        _marker("opaque/hides-nothing/.wh..wh..opq"),
        *(_marker(f"whiteout/.wh.{name}") for name in ("file", "folder", "link", "never-there")),
        _marker("again/.wh.marker-first"),
        *_tree("again/marker-first", "new"),
        *_tree("again/marker-last", "new"),
        _marker("again/.wh.marker-last"),
        _marker("again/.wh.thrice"),
        _marker("dots/.wh..baz"),
        _file("lookalikes/a.wh.b"),
        _file("lookalikes/.whfoo"),
        *_tree("lookalikes/folder.wh.d", "inside"),
    )


def _types_and_links() -> tuple[Member, ...]:
    return (
        *_tree("types/file-folder-file", "below"),
        _link("types/folder-to-link", "elsewhere"),
        *_tree("types/link-to-folder", "new"),
        _file("linked/alias/added-through-the-link"),
        _marker("linked/alias/.wh.removed-through-the-link"),
        _hard_link("hardlinks/third", "hardlinks/second"),
        _marker("hardlinks/.wh.first"),
        _marker("hardlinks/.wh.pair"),
        _folder("twice"),
        _file("twice/file", 700),
        _file("twice/file", 300),
        _file("twice/kind", 400),
        _link("twice/kind", "file"),
    )


def _names() -> tuple[Member, ...]:
    spelled = tuple(_file(name, size) for name, size in (("./spelling/conf", 210), ("/spelling/conf", 220)))
    members = (*spelled, *spelling_members(), *name_members(), *deep_members())
    return tuple(members)


def _metadata() -> tuple[Member, ...]:
    return (
        _folder("metadata"),
        _file("metadata/owner-base-256", uid=4_000_000, gid=4_000_001, gnu=True),
        _file("metadata/owner-pax", uid=3_000_000_000, gid=3_000_000_001),
        _file("metadata/capability", mode=0o755, capability=_CAPABILITY),
        _file("metadata/setuid", mode=0o4755),
        _folder("metadata/setgid", 0o2755),
        _folder("metadata/sticky", 0o1777),
        _file("metadata/before-1970", mtime_ns=-86_400 * NANOSECONDS),
        _file("metadata/fraction", mtime_ns=1_700_000_000_123_456_789),
        _special("metadata/fifo", "fifo", (0, 0)),
        _special("metadata/null", "char", (1, 3)),
        _sparse("metadata/sparse-pax", gnu=False),
        _sparse("metadata/sparse-gnu", gnu=True),
    )


def _afterwards() -> tuple[Member, ...]:
    return (
        _file("types/file-folder-file", 330),
        _file("again/thrice", 250),
        _marker("hardlinks/.wh.twin"),
        _marker("opaque/.wh.deep"),
        _file("copied-up/tool", mode=0o700),
        _file("copied-up/touched", mtime_ns=(ODD_TIME_S + 600) * NANOSECONDS),
    )


def _tree(folder: str, *names: str) -> tuple[Member, ...]:
    """Return a folder, the folders between, and a file for each name."""
    members = {folder: _folder(folder)}
    for name in names:
        parts = f"{folder}/{name}".split("/")
        for depth in range(folder.count("/") + 2, len(parts)):
            path = "/".join(parts[:depth])
            members.setdefault(path, _folder(path))
        members["/".join(parts)] = _file("/".join(parts))
    return tuple(members.values())


def _folder(name: str, mode: int = 0o755) -> Member:
    return Member(name=name, kind="dir", mode=mode, mtime_ns=ODD_TIME_S * NANOSECONDS)


def _file(
    name: str,
    size_bytes: int = 0,
    *,
    mode: int = 0o644,
    uid: int = 0,
    gid: int = 0,
    mtime_ns: int = ODD_TIME_S * NANOSECONDS,
    gnu: bool = False,
    capability: bytes = b"",
) -> Member:
    """Return a file; without a size, its size follows from its name."""
    size_bytes = size_bytes or 100 + 10 * len(name)
    return Member(
        name=name,
        content=prose(f"{name} {size_bytes}", size_bytes)[:size_bytes],
        mode=mode,
        uid=uid,
        gid=gid,
        mtime_ns=mtime_ns,
        dialect="gnu" if gnu else "pax",
        xattrs=(("security.capability", capability),) if capability else (),
    )


def _marker(name: str) -> Member:
    return Member(name=name, mode=0o600, mtime_ns=ODD_TIME_S * NANOSECONDS)


def _link(name: str, target: str) -> Member:
    time_ns = ODD_TIME_S * NANOSECONDS
    return Member(name=name, kind="symlink", mode=0o777, target=target, mtime_ns=time_ns)


def _hard_link(name: str, target: str) -> Member:
    return Member(name=name, kind="hardlink", target=target, mtime_ns=ODD_TIME_S * NANOSECONDS)


def _special(name: str, kind: Kind, device: tuple[int, int]) -> Member:
    return Member(name=name, kind=kind, device=device, mtime_ns=ODD_TIME_S * NANOSECONDS)


def _sparse(name: str, *, gnu: bool) -> Member:
    stored_bytes = sum(length for _, length in _RUNS)
    return Member(
        name=name,
        content=prose(name, stored_bytes)[:stored_bytes],
        mtime_ns=ODD_TIME_S * NANOSECONDS,
        dialect="gnu" if gnu else "pax",
        data_runs=_RUNS,
        sparse_size_bytes=_SPARSE_BYTES,
    )
