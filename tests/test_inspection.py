"""The pipeline as a whole, as a program that imports layerscope uses it."""

from __future__ import annotations

import gc
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from layerscope.errors import ImageError, UsageError
from layerscope.finding import find_source
from layerscope.inspection import Options, inspect
from layerscope.model.image import Verified
from layerscope.union.views import merged
from tests.oci.build import (
    MANIFEST,
    Files,
    blob_path,
    built,
    descriptor,
    digest,
    docker_archive,
    image_blobs,
    layout,
    layout_of,
    manifest_of,
)
from tests.sources.images import WASTE_LAYERS, file, inspected, layer, packed, saved, whiteout
from tests.sources.samples import LEAN, ODD

THREE = tuple(layer(file(b"f%d" % number, b"x" * (number + 1))) for number in range(3))
BASE_DIGEST = "org.opencontainers.image.base.digest"
BUILDPACKS = "io.buildpacks.lifecycle.metadata"


def test_an_image_is_one_call(tmp_path: Path) -> None:
    inspection = inspect(str(saved(tmp_path, *WASTE_LAYERS)))

    assert [row.path for row in merged(inspection.analysis.index)] == ["", "keep"]
    assert inspection.analysis.totals.wasted_bytes == 100
    assert inspection.image.names == ("app:1",)
    assert inspection.verified == (Verified.NONE, Verified.NONE)


def test_the_same_image_is_the_same_twice() -> None:
    first, second = inspect(str(ODD)), inspect(str(ODD))

    assert (first.image, first.changesets) == (second.image, second.changesets)
    assert (first.analysis.totals, first.analysis.waste) == (second.analysis.totals, second.analysis.waste)


@pytest.mark.parametrize(
    ("reference", "scheme", "name"),
    [
        ("-", "-", "-"),
        ("-:app:1", "-", "app:1"),
        ("oci:folder", "oci", "folder"),
        ("oci-archive:a.tar:app:1", "oci-archive", "a.tar:app:1"),
        ("docker-archive:a.tar", "docker-archive", "a.tar"),
        (str(LEAN), "oci-archive", str(LEAN)),
    ],
)
def test_a_reference_means_a_source_and_a_name_in_it(reference: str, scheme: str, name: str) -> None:
    source, found = find_source(reference)

    assert (source.id, found) == (scheme, name)


def test_remarks_are_those_on_the_image_on_layers_and_on_the_stack(tmp_path: Path) -> None:
    files = docker_archive(built(*THREE, layer(file(b"/absolute")), layer(file(b"f0/below"))))
    gone = next(name for name, content in files.items() if content == THREE[1])
    del files[gone]

    inspection = inspect(str(packed(tmp_path / "image.tar", files)))

    assert [(remark.code, remark.layer) for remark in inspection.diagnostics] == [
        ("missing-layer", 1),
        ("absolute-name", 3),
        ("parent-replaced", 4),
    ]


def test_a_missing_layer_yields_nothing(tmp_path: Path) -> None:
    files = docker_archive(built(*THREE))
    gone = next(name for name, content in files.items() if content == THREE[1])
    del files[gone]

    inspection = inspect(str(packed(tmp_path / "image.tar", files)), Options(verify=True))

    assert not inspection.image.complete
    assert [len(changeset.entries) for changeset in inspection.changesets] == [1, 0, 1]
    assert [row.path for row in merged(inspection.analysis.index)] == ["", "f0", "f2"]
    assert inspection.verified == (Verified.DIFF_ID, Verified.NONE, Verified.DIFF_ID)


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_left_as_it_was(tmp_path: Path, *, enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        inspect(str(LEAN))
        with pytest.raises(ImageError):
            inspect(str(saved(tmp_path, b"no tar" * 100)))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def with_base(base: Files, *, annotated: str | None = None) -> Files:
    """A layout of an image of three layers, annotated with the base's digest, and the base's blobs."""
    manifest = manifest_of(base)
    annotations = {BASE_DIGEST: annotated or digest(manifest)}
    blobs = image_blobs(built(*THREE), annotations=annotations)
    return layout_of(base | blobs, descriptor(manifest_of(blobs), MANIFEST))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_base_ends_where_the_annotated_image_does(count: int, tmp_path: Path) -> None:
    files = with_base(image_blobs(built(*THREE[:count])))

    inspection = inspect(str(packed(tmp_path / "image.tar", files)))

    assert inspection.image.base_layers == count
    assert inspection.analysis.totals.base_content_bytes == sum(range(1, count + 1))


@pytest.mark.parametrize(
    "files",
    [
        with_base(image_blobs(built(THREE[1], THREE[2]))),
        with_base(image_blobs(built(*THREE)), annotated="sha256:" + "00" * 32),
        with_base(image_blobs(built(*THREE)), annotated="latest"),
        with_base(image_blobs(built(*THREE)), annotated=digest(built(*THREE).config)),
    ],
    ids=["another", "absent", "no digest", "no manifest"],
)
def test_a_base_that_does_not_fit_is_no_base(files: Files, tmp_path: Path) -> None:
    assert inspect(str(packed(tmp_path / "image.tar", files))).image.base_layers is None


def labelled(top: object) -> dict[str, Any]:
    """The config of an image that buildpacks made."""
    return {"config": {"Labels": {BUILDPACKS: json.dumps({"runImage": {"topLayer": top}})}}}


def test_the_base_ends_at_the_top_layer_of_the_run_image(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, *THREE, **labelled(digest(THREE[1])))

    assert inspection.image.base_layers == 2


@pytest.mark.parametrize("top", [None, 7, "", "sha256:00", {"x": 1}])
def test_a_label_that_names_no_layer_is_passed_over(top: object, tmp_path: Path) -> None:
    assert inspected(tmp_path, *THREE, **labelled(top)).image.base_layers is None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_the_user_says_of_the_base_counts_most(count: int, tmp_path: Path) -> None:
    options = Options(base_layers=count)

    inspection = inspected(tmp_path, *THREE, options=options, **labelled(digest(THREE[1])))

    assert inspection.image.base_layers == count


@pytest.mark.parametrize("count", [-1, 4])
def test_a_base_larger_than_the_image_is_a_usage_error(count: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the image has 3 layers"):
        inspected(tmp_path, *THREE, options=Options(base_layers=count))


@pytest.mark.parametrize("before_bytes", [0, 3_000_000])
def test_compressed_waste_is_near_what_leaving_the_file_out_would_save(
    before_bytes: int, tmp_path: Path
) -> None:
    """Text that compresses well around 8 MB that do not: a flat ratio would be far off."""
    before, after = file(b"a", b"some text " * (before_bytes // 10)), file(b"z", b"other text" * 300_000)
    noise = file(b"noise", random.Random(1).randbytes(8_000_000))
    layers = layer(before, noise, after), layer(whiteout(b"noise"))
    stored = [gzip.compress(tar, 1) for tar in layers]
    saves_bytes = len(stored[0]) - len(gzip.compress(layer(before, after), 1))

    totals = inspect(str(packed(tmp_path / "i.tar", layout(built(*layers), stored=stored)))).analysis.totals

    assert totals.wasted_bytes == 8_000_000
    assert abs(totals.compressed_wasted_bytes - saves_bytes) < saves_bytes / 10


def test_compressed_waste_of_plain_layers_is_the_waste(tmp_path: Path) -> None:
    totals = inspected(tmp_path, *WASTE_LAYERS).analysis.totals

    assert totals.compressed_wasted_bytes == totals.wasted_bytes == 100
    assert totals.compressed_bytes == totals.tar_bytes


def test_a_compressed_layer_that_is_all_waste_is_nearly_all_of_its_blob(tmp_path: Path) -> None:
    noise = layer(file(b"noise", random.Random(2).randbytes(3_000_000)))
    layers = noise, layer(whiteout(b"noise"))
    stored = [gzip.compress(tar, 1) for tar in layers]

    totals = inspect(str(packed(tmp_path / "i.tar", layout(built(*layers), stored=stored)))).analysis.totals

    assert 0.95 < totals.compressed_wasted_bytes / len(stored[0]) <= 1


def test_blobs_of_the_same_content_lie_where_their_digest_says(tmp_path: Path) -> None:
    inspection = inspect(str(packed(tmp_path / "image.tar", layout(built(*THREE)))), Options(verify=True))

    assert [row.blob for row in inspection.image.layers] == [blob_path(tar) for tar in THREE]
    assert [row.diff_id for row in inspection.image.layers] == [digest(tar) for tar in THREE]
