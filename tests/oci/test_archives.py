"""One image in every format through every reader: always the same (LAYER_CASES 84-96)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Kind
from layerscope.model.image import Image, Verified
from layerscope.oci.layer import check_layer
from tests.oci.build import (
    BASE,
    CONFIG,
    INDEX,
    LAYER,
    LAYERS,
    MANIFEST,
    TOP,
    Built,
    Files,
    Link,
    as_folder,
    as_tar,
    blob_path,
    built,
    changesets,
    contents,
    descriptor,
    digest,
    docker_archive,
    encoded,
    hexed,
    hybrid,
    image_blobs,
    index,
    inline,
    layout,
    layout_of,
    manifest_of,
    named,
    open_folder,
    open_pipe,
    open_tar,
    v1_archive,
)
from tests.oci.tar.raw import END, member


def nested(image: Built) -> Files:
    """An index in an index, as containerd exports one platform of many."""
    blobs = image_blobs(image)
    inner = index(descriptor(manifest_of(blobs), MANIFEST))
    top = descriptor(inner, INDEX) | named("app:1")
    return layout_of(blobs | {blob_path(inner): inner}, top)


def with_attestation(image: Built) -> Files:
    """An image and what BuildKit attests of it, in one index."""
    blobs = image_blobs(image)
    statement = Built((b'{"predicateType": "slsa"}',), encoded({"architecture": "unknown"}))
    attestation = image_blobs(statement)
    notes = {"vnd.docker.reference.type": "attestation-manifest"}
    unknown = {"os": "unknown", "architecture": "unknown"}
    inner = index(
        descriptor(manifest_of(blobs), MANIFEST, platform={"os": "linux", "architecture": "amd64"}),
        descriptor(manifest_of(attestation), MANIFEST, platform=unknown, annotations=notes),
    )
    top = descriptor(inner, INDEX) | named("app:1")
    return layout_of(blobs | attestation | {blob_path(inner): inner}, top)


def with_absent_platforms(image: Built) -> Files:
    """An index of three platforms, of which one is in the archive."""
    blobs = image_blobs(image)
    platforms = [{"os": "linux", "architecture": cpu} for cpu in ("arm64", "s390x")]
    absent = [descriptor(encoded(one), MANIFEST, platform=one) for one in platforms]
    there = descriptor(manifest_of(blobs), MANIFEST, platform={"os": "linux", "architecture": "amd64"})
    inner = index(absent[0], there, absent[1])
    return layout_of(blobs | {blob_path(inner): inner}, descriptor(inner, INDEX) | named("app:1"))


def with_linked_layers(image: Built) -> Files:
    """A layout whose blobs are links to files elsewhere, as bazel and old docker write."""
    files = layout(image)
    for number, layer in enumerate(image.layers):
        files[f"real/{number}.tar"] = layer
        files[blob_path(layer)] = Link(f"../../real/{number}.tar")
    return files


def with_inline_documents(image: Built) -> Files:
    """Manifest and config in the descriptors themselves (image-spec, descriptor.md, "data")."""
    layers = {blob_path(layer): layer for layer in image.layers}
    document = encoded(
        {
            "schemaVersion": 2,
            "config": inline(image.config, CONFIG),
            "layers": [descriptor(layer, LAYER) for layer in image.layers],
        }
    )
    return layout_of({**layers}, inline(document, MANIFEST) | named("app:1"))


LAYOUTS: dict[str, Callable[[Built], Files]] = {
    "layout": layout,
    "hybrid": hybrid,
    "nested index": nested,
    "attestation": with_attestation,
    "absent platforms": with_absent_platforms,
    "sha512": lambda image: layout(image, algorithm="sha512"),
    "linked blobs": with_linked_layers,
    "inline documents": with_inline_documents,
}
ARCHIVES: dict[str, Callable[[Built], Files]] = {
    **LAYOUTS,
    "docker archive": docker_archive,
    "lower-case keys": lambda image: docker_archive(
        image, keys={"Config": "config", "RepoTags": "repoTags", "Layers": "layers"}
    ),
    "docker v1": v1_archive,
}

READERS: dict[str, Callable[[Files, Path], tuple[Image, list[Changeset]]]] = {
    "file": lambda files, folder: contents(open_tar(as_tar(files), folder)),
    "pipe": lambda files, _: contents(open_pipe(as_tar(files))),
    "gzip": lambda files, _: contents(open_pipe(gzip.compress(as_tar(files)))),
    "zstd": lambda files, _: contents(open_pipe(zstandard.ZstdCompressor().compress(as_tar(files)))),
}


def without_place(image: Image) -> tuple[object, ...]:
    """What must not depend on the archive's format: platform, steps, layers, names."""
    steps = [(layer.history and layer.history.created_by) for layer in image.layers]
    runtime_env = image.config.runtime.get("Env")
    return (image.platform, steps, runtime_env, image.names, image.complete)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_image_is_the_same_in_every_archive_through_every_reader(
    archive: str, reader: str, tmp_path: Path
) -> None:
    files = ARCHIVES[archive](built())

    image, layers = READERS[reader](files, tmp_path)

    assert (image, layers) == READERS["file"](files, tmp_path) or archive == "linked blobs"
    expected, expected_layers = READERS["file"](layout(built()), tmp_path)
    assert without_place(image) == without_place(expected)
    assert [one.entries for one in layers] == [one.entries for one in expected_layers]
    assert [one.diff_id for one in layers] == [digest(layer) for layer in LAYERS]


@pytest.mark.parametrize("archive", LAYOUTS)
def test_a_layout_in_a_folder_is_the_same_as_in_an_archive(archive: str, tmp_path: Path) -> None:
    files = LAYOUTS[archive](built())
    folder = as_folder(files, tmp_path / "folder")

    image, layers = contents(open_folder(folder))

    expected, expected_layers = READERS["file"](files, tmp_path)
    if archive == "linked blobs":  # only there a link is followed to another name
        assert without_place(image) == without_place(expected)
    else:
        assert image == expected
    assert layers == expected_layers


def test_the_entries_are_those_that_were_put_in(tmp_path: Path) -> None:
    """An anchor for all comparisons above."""
    _, (base, middle, top) = READERS["file"](layout(built()), tmp_path)

    assert [(e.path, e.kind, e.size_bytes) for e in base.entries] == [
        ("etc", Kind.DIRECTORY, 0),
        ("etc/conf", Kind.FILE, 3),
        ("bin/tool", Kind.FILE, 1400),
        ("bin/also", Kind.HARDLINK, 0),
    ]
    assert [(e.path, e.kind, e.size_bytes, e.stored_bytes) for e in middle.entries] == [
        ("bin/cap", Kind.FILE, 513, 513),
        ("etc/conf", Kind.WHITEOUT, 0, 0),
        ("var/sparse", Kind.FILE, 1 << 20, 10),
    ]
    assert (middle.entries[0].xattrs or {})["security.capability"] == b"\1\0\0\2"
    assert [e.path for e in top.entries] == ["caf\udce9\x1b[31m", "lib"]
    assert [one.content_bytes for one in (base, middle, top)] == [1403, 523, 3]
    assert [one.tar_bytes for one in (base, middle, top)] == [len(layer) for layer in LAYERS]


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("reader", READERS)
def test_case_93_a_layer_is_unpacked_by_its_first_bytes(
    compression: str, reader: str, tmp_path: Path
) -> None:
    """The media type says plain tar; names say layer.tar."""
    image = built()
    stored = [COMPRESSIONS[compression](layer) for layer in image.layers]
    classic = docker_archive(image)
    for name, content in classic.items():
        if content in image.layers and isinstance(content, bytes):
            classic[name] = COMPRESSIONS[compression](content)

    for files in (layout(image, stored=stored), classic):
        _, layers = READERS[reader](files, tmp_path)

        assert [one.compression for one in layers] == [compression] * 3
        assert [one.diff_id for one in layers] == [digest(layer) for layer in LAYERS]
        assert [one.compressed_bytes for one in layers] == [len(one) for one in stored]


def test_a_plain_tar_under_a_gzip_media_type_is_read(tmp_path: Path) -> None:
    blobs = image_blobs(built(), layers=[descriptor(layer, LAYER + "+gzip") for layer in LAYERS])
    files = layout_of(blobs, descriptor(manifest_of(blobs), MANIFEST))

    assert len(changesets(open_tar(as_tar(files), tmp_path))) == 3


@pytest.mark.parametrize("reader", ["file", "pipe"])
@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("order", ["before", "behind"])
def test_case_87_a_layer_that_is_a_link_to_another_is_that_layer(
    reader: str, order: str, tmp_path: Path, *, hard: bool
) -> None:
    """Old docker, bazel and podman store a repeated layer once; the link may come first."""
    files = docker_archive(built(BASE, TOP, names=("twice:1",)))
    (first, second) = [name for name in files if name.endswith("layer.tar")]
    target = first if hard else f"../{first}"
    files[second] = Link(target, hard)
    config = built(BASE, BASE, names=("twice:1",)).config
    for name in [name for name in files if name.endswith(".json") and name != "manifest.json"]:
        files[name] = config
    if order == "before":
        files = {second: files[second], **files}

    image, layers = READERS[reader](files, tmp_path)

    assert [layer.blob for layer in image.layers] == [first, first]
    assert layers[0] == layers[1]
    assert image.complete


def test_links_in_a_circle_are_a_missing_layer(tmp_path: Path) -> None:
    files = docker_archive(built(BASE, TOP))
    (first, second) = [name for name in files if name.endswith("layer.tar")]
    files |= {first: Link(f"../{second}"), second: Link(f"../{first}")}

    for opened in (open_tar(as_tar(files), tmp_path), open_pipe(as_tar(files))):
        assert [bool(layer.missing) for layer in opened.image.layers] == [True, True]
        assert not opened.image.complete


def test_case_17_the_same_layer_twice_is_two_layers(tmp_path: Path) -> None:
    for files in (docker_archive(built(BASE, TOP, BASE)), layout(built(BASE, TOP, BASE))):
        image, layers = READERS["file"](files, tmp_path)

        assert [layer.number for layer in image.layers] == [0, 1, 2]
        assert layers[0] == layers[2]


@pytest.mark.parametrize("archive", ["docker archive", "layout", "hybrid"])
def test_case_94_an_image_without_layers_is_complete(archive: str, tmp_path: Path) -> None:
    image = Built((), built(BASE, rootfs={"type": "layers", "diff_ids": []}, history=[]).config, ("a:1",))

    found, layers = READERS["file"](ARCHIVES[archive](image), tmp_path)

    assert (found.layers, layers, found.complete) == ((), [], True)


@pytest.mark.parametrize("empty", [b"", bytes(1024), END + bytes(9216)])
def test_case_16_an_empty_layer_is_a_layer(empty: bytes, tmp_path: Path) -> None:
    for read in READERS.values():
        for archive in (docker_archive, layout, v1_archive):
            _, layers = read(archive(built(BASE, empty)), tmp_path)

            assert [len(one.entries) for one in layers] == [4, 0]
            assert layers[1].tar_bytes == len(empty)


def test_the_image_id_is_the_configs_digest_and_the_digest_the_manifests(tmp_path: Path) -> None:
    image = built()
    manifest_bytes = manifest_of(image_blobs(image))

    of_layout, _ = READERS["file"](layout(image), tmp_path)
    of_docker, _ = READERS["file"](docker_archive(image), tmp_path)

    assert (of_layout.digest, of_layout.image_id) == (digest(manifest_bytes), digest(image.config))
    assert (of_docker.digest, of_docker.image_id) == (None, digest(image.config))


def test_every_layer_is_verified_as_far_as_the_archive_tells(tmp_path: Path) -> None:
    """A v1 archive has neither digests nor diff IDs."""
    expected = {"layout": Verified.DIFF_ID, "docker archive": Verified.DIFF_ID, "docker v1": Verified.NONE}
    for archive, verified in expected.items():
        opened = open_tar(as_tar(ARCHIVES[archive](built())), tmp_path)

        found = [check_layer(layer, opened.read_layer(layer)) for layer in opened.image.layers]

        assert set(found) == {verified}


def test_a_layer_without_a_diff_id_is_verified_by_its_digest(tmp_path: Path) -> None:
    opened = open_tar(as_tar(layout(built(rootfs=None, history=None))), tmp_path)

    found = [check_layer(layer, opened.read_layer(layer)) for layer in opened.image.layers]

    assert set(found) == {Verified.DIGEST}


def test_chain_ids_are_those_of_the_specification(tmp_path: Path) -> None:
    """image-spec, config.md, "Layer ChainID"."""
    image, _ = READERS["file"](layout(built(BASE, TOP)), tmp_path)
    first, second = digest(BASE), digest(TOP)

    assert list(image.chain_ids) == [
        first,
        f"sha256:{hexed(f'{first} {second}'.encode())}",
    ]


def test_members_that_belong_to_no_image_do_not_matter(tmp_path: Path) -> None:
    """Stray members, also damaged ones; folders, devices, GNU and unknown types with content."""
    stray = (
        member(b"README", b"text " * 200)
        + member(b"damaged.tar.gz", b"\x1f\x8b\x08" + b"x" * 700)
        + member(b"folder/", typeflag=b"5")
        + member(b"listing/", b"Yfile\0\0" * 90, typeflag=b"D")
        + member(b"odd", b"#" * 600, typeflag=b"Z")
        + member(b"empty")
    )
    tar = as_tar(layout(built()))

    for data in (stray + tar, tar.rstrip(b"\0") + bytes(-len(tar.rstrip(b"\0")) % 512) + stray + END):
        assert contents(open_tar(data, tmp_path)) == contents(open_pipe(data))
        assert len(changesets(open_pipe(data))) == 3
