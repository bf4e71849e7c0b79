"""JSON documents: a value of the wrong type is an error that names the file and the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import ImageError, LayerscopeError
from layerscope.oci.documents import parse_config, parse_index, parse_manifest
from layerscope.oci.fields import Fields, decode, decode_any, wrong
from tests.oci.build import (
    BASE,
    MANIFEST,
    TOP,
    Built,
    Files,
    Json,
    as_tar,
    blob_path,
    built,
    changesets,
    descriptor,
    digest,
    docker_archive,
    encoded,
    image_blobs,
    layout,
    layout_of,
    open_tar,
    v1_archive,
)

WRONG_VALUES: list[Any] = [7, -1, 1.5, "text", True, [], [7], [None], {}, {"a": 7}, 10**30, "x" * 5000]

Path_ = tuple[str | int, ...]


def places(value: Any, here: Path_ = ()) -> Iterator[Path_]:
    """Every place in a document, the whole one last."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*here, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*here, number))
    yield here


def replaced(document: Any, place: Path_, value: Any) -> Any:
    """The document with another value in one place."""
    copy = json.loads(json.dumps(document))
    if not place:
        return value
    target = copy
    for part in place[:-1]:
        target = target[part]
    target[place[-1]] = value
    return copy


def spelt(place: Path_) -> str:
    """A place as messages spell it."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def config_document() -> Json:
    """A config with everything in it that is read."""
    document = built(BASE, TOP).document
    document |= {"created": "2020-01-01T00:00:00Z", "author": "a", "variant": "v8"}
    step = {"created": "2020", "created_by": "c", "author": "a", "comment": "c", "empty_layer": False}
    return document | {"history": [step, step]}


def config_in_layout(document: Any) -> tuple[Files, str]:
    """A layout with this config, and the name of its file."""
    image = Built((BASE, TOP), encoded(document))
    blobs = image_blobs(image)
    manifest_bytes = list(blobs.values())[-1]
    assert isinstance(manifest_bytes, bytes)
    return layout_of(blobs, descriptor(manifest_bytes, MANIFEST)), blob_path(image.config)


def manifest_document() -> Json:
    """A manifest with everything in it that is read."""
    files = image_blobs(built(BASE, TOP), annotations={"a": "b"}, artifactType=None)
    document: Json = json.loads(list(files.values())[-1])  # type: ignore[arg-type]
    document["layers"][0] |= {"annotations": {"k": "v"}, "urls": ["https://example.com"], "data": "eA=="}
    document["layers"][0] |= {"platform": {"os": "linux", "architecture": "amd64", "variant": "v8"}}
    document["layers"][0] |= {"artifactType": "application/example"}
    return document


def manifest_in_layout(document: Any) -> tuple[Files, str]:
    """A layout with this manifest, and the name of its file."""
    raw = encoded(document)
    blobs = image_blobs(built(BASE, TOP)) | {blob_path(raw): raw}
    return layout_of(blobs, descriptor(raw, MANIFEST)), blob_path(raw)


def index_document() -> Json:
    """An index.json with everything in it that is read."""
    document: Json = json.loads(layout(built(BASE))["index.json"])  # type: ignore[arg-type]
    document["annotations"] = {"a": "b"}
    document["manifests"][0]["platform"] = {"os": "linux", "architecture": "amd64", "variant": "v8"}
    return document


def index_in_layout(document: Any) -> tuple[Files, str]:
    """A layout with this index.json, and that name."""
    return layout(built(BASE)) | {"index.json": encoded(document)}, "index.json"


def items_document() -> list[Json]:
    """A manifest.json."""
    document: list[Json] = json.loads(docker_archive(built(BASE))["manifest.json"])  # type: ignore[arg-type]
    return document


def items_in_archive(document: Any) -> tuple[Files, str]:
    """A docker archive with this manifest.json, and that name."""
    return docker_archive(built(BASE)) | {"manifest.json": encoded(document)}, "manifest.json"


def tags_document() -> Json:
    """A repositories file."""
    document: Json = json.loads(v1_archive(built(BASE))["repositories"])  # type: ignore[arg-type]
    return document


def tags_in_archive(document: Any) -> tuple[Files, str]:
    """A v1 archive with these repositories, and that name."""
    return v1_archive(built(BASE)) | {"repositories": encoded(document)}, "repositories"


def v1_document() -> Json:
    """The json of a v1 layer."""
    files = v1_archive(built(BASE, TOP))
    name = [name for name in files if name.endswith("/json")][-1]
    document: Json = json.loads(files[name])  # type: ignore[arg-type]
    return document | {"created": "2013", "author": "a"}


def v1_in_archive(document: Any) -> tuple[Files, str]:
    """A v1 archive with this json, and its name."""
    files = v1_archive(built(BASE, TOP))
    name = [name for name in files if name.endswith("/json")][-1]
    return files | {name: encoded(document)}, name


DOCUMENTS: dict[str, tuple[Callable[[], Any], Callable[[Any], tuple[Files, str]]]] = {
    "config": (config_document, config_in_layout),
    "manifest": (manifest_document, manifest_in_layout),
    "index.json": (index_document, index_in_layout),
    "manifest.json": (items_document, items_in_archive),
    "repositories": (tags_document, tags_in_archive),
    "v1 json": (v1_document, v1_in_archive),
}


def is_named(name: str, place: Path_, message: str) -> bool:
    """Whether a message names the file and the place in it, or what the place is part of."""
    where = re.escape(f"{name}: ") if place else re.escape(name)
    parts = [place[:length] for length in range(len(place) + 1)]
    fields = "|".join(re.escape(spelt(part)) for part in reversed(parts))
    return re.search(f"{where}.*({fields}).*: expected ", message) is not None


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_wrong_value_in_any_place_of_any_document_names_the_file_and_the_field(
    kind: str, tmp_path: Path
) -> None:
    """Or it is one that nobody reads, or is as good; nothing but an ImageError may come."""
    make, pack = DOCUMENTS[kind]
    document = make()
    refused = 0
    for place in places(document):
        for value in (None, *WRONG_VALUES):
            files, name = pack(replaced(document, place, value))
            try:
                changesets(open_tar(as_tar(files), tmp_path))
            except LayerscopeError as error:
                message = error.message
            else:
                continue
            if "expected" in message:
                refused += 1
                assert is_named(name, place, message), message
                assert len(message) < len(str(tmp_path)) + 400

    assert refused > 10


MUST_BE_REFUSED = [
    ("config", ("rootfs",), [], "rootfs: expected an object, got []"),
    ("config", ("rootfs", "diff_ids"), {}, "rootfs.diff_ids: expected an array, got {}"),
    ("config", ("rootfs", "diff_ids", 1), 7, "rootfs.diff_ids[1]: expected a string, got 7"),
    ("config", ("rootfs", "diff_ids", 1), "sha256:00", 'rootfs.diff_ids[1]: expected a digest, got "sha'),
    ("config", ("history",), {}, "history: expected an array, got {}"),
    ("config", ("history", 1), "x", 'history[1]: expected an object, got "x"'),
    (
        "config",
        ("history", 1, "empty_layer"),
        "no",
        'history[1].empty_layer: expected true or false, got "no"',
    ),
    ("config", ("history", 0, "created_by"), ["x"], 'history[0].created_by: expected a string, got ["x"]'),
    ("config", ("architecture",), 64, "architecture: expected a string, got 64"),
    ("config", ("config",), "x", 'config: expected an object, got "x"'),
    ("manifest", ("layers", 1, "size"), "12MB", 'layers[1].size: expected an integer, got "12MB"'),
    ("manifest", ("layers", 1, "size"), True, "layers[1].size: expected an integer, got true"),
    ("manifest", ("layers", 1, "size"), -1, "layers[1].size: expected a size in bytes, got -1"),
    ("manifest", ("layers", 1, "size"), None, "layers[1].size: expected a size in bytes, but it is missing"),
    ("manifest", ("layers", 1, "digest"), "md5:00", 'layers[1].digest: expected a digest, got "md5:00"'),
    ("manifest", ("layers", 1, "digest"), "sha256:../../x", "layers[1].digest: expected a digest"),
    ("manifest", ("layers", 0, "urls"), "x", 'layers[0].urls: expected an array, got "x"'),
    ("manifest", ("layers", 0, "data"), "!", 'layers[0].data: expected base64, got "!"'),
    ("manifest", ("layers", 0, "data"), "é", 'layers[0].data: expected base64, got "é"'),
    ("manifest", ("config",), None, "config: expected an object, but it is missing"),
    ("manifest", ("annotations", "a"), 7, "annotations['a']: expected a string, got 7"),
    ("index.json", ("manifests",), 7, "manifests: expected an array, got 7"),
    ("index.json", ("manifests", 0), [], "manifests[0]: expected an object, got []"),
    ("index.json", ("manifests", 0, "digest"), 7, "manifests[0].digest: expected a string, got 7"),
    ("index.json", ("manifests", 0, "platform", "os"), 7, "manifests[0].platform.os: expected a string"),
    ("manifest.json", (0, "Config"), None, "[0].Config: expected a file's name, but it is missing"),
    ("manifest.json", (0, "Layers"), "x", '[0].Layers: expected an array, got "x"'),
    ("manifest.json", (0, "Layers", 0), 7, "[0].Layers[0]: expected a string, got 7"),
    ("manifest.json", (0, "RepoTags", 0), {}, "[0].RepoTags[0]: expected a string, got {}"),
    ("repositories", ("app",), [], "app: expected an object, got []"),
    ("repositories", ("app", "1"), 7, "app['1']: expected a string, got 7"),
    ("v1 json", ("parent",), 7, "parent: expected a string, got 7"),
    ("v1 json", ("container_config", "Cmd"), "x", 'container_config.Cmd: expected an array, got "x"'),
]


@pytest.mark.parametrize(("kind", "place", "value", "message"), MUST_BE_REFUSED)
def test_the_message_says_file_field_what_was_expected_and_what_came(
    kind: str, place: Path_, value: Any, message: str, tmp_path: Path
) -> None:
    make, pack = DOCUMENTS[kind]
    files, name = pack(replaced(make(), place, value))

    with pytest.raises(ImageError) as caught:
        changesets(open_tar(as_tar(files), tmp_path))

    assert f"{name}: {message}" in caught.value.message
    assert caught.value.exit_code == 4


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["mediaType", "digest", "size", "manifests", "layers", "config", "platform", "os", "history"]
KEYS += ["rootfs", "diff_ids", "annotations", "data", "urls", "schemaVersion", "architecture"]
documents = st.recursive(
    st.sampled_from([digest(b""), "application/x", 2, 0, -1, "linux", None, True, "eA==", 10**25, "\x1b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@given(documents | json_values)
def test_any_document_is_parsed_or_a_clean_error(document: Any) -> None:
    raw = encoded(document)
    for parse in (parse_index, parse_manifest, parse_config):
        try:
            parse(raw, "file")
        except ImageError as error:
            assert error.message.startswith("file: ")  # noqa: PT017 - either outcome is right


@given(st.binary(max_size=80) | st.text('[]{}",:0123456789.eE-+tfn\\u ', max_size=80).map(str.encode))
def test_any_bytes_are_json_or_a_clean_error(raw: bytes) -> None:
    try:
        decode_any(raw, "file")
    except ImageError as error:
        assert "file: not valid JSON" in error.message  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    "raw",
    [
        b"9" * 5000,
        b"-" + b"9" * 5000,
        b"[" + b"9" * 4301 + b"]",
        b'{"a": 1' + b"0" * 5000 + b".0}",
        b"1e999",
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'"\\ud800"',
        b'"\\u0000',
        b'{"a": 1} trailing',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b"",
        b"NaN",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_hostile_json_is_a_clean_error(raw: bytes) -> None:
    with pytest.raises(ImageError, match="file: not valid JSON"):
        decode(raw, "file")


@given(json_values)
def test_what_is_shown_of_a_wrong_value_is_short_and_one_line(value: Any) -> None:
    message = wrong("place", "a digest", value).message

    assert message.startswith("place: expected a digest, ")
    assert len(message) < 150
    assert "\n" not in message


def test_a_deep_value_is_shown_by_its_type() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    assert wrong("place", "a string", deep).message == "place: expected a string, got list"


def test_keys_match_in_any_case_only_where_that_is_asked_for() -> None:
    value = {"Config": "a", "RepoTags": ["b"]}

    assert Fields(value, "file", any_case=True).text("config") == "a"
    assert Fields(value, "file").text("config") is None
