"""``oci:FOLDER``: an image layout that is a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import ImageError, ImageNotFound, NotAnImage
from layerscope.inspection import Options, inspect
from layerscope.sources.oci_layout import SOURCE
from tests.cli.looking import Run
from tests.oci.build import as_folder, built, layout
from tests.oci.tar.raw import member
from tests.sources.images import layer

LAYERS = layer(member(b"a", b"1")), layer(member(b"b", b"22"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A layout of two images."""
    images = (built(tar, names=[f"app:{number}"]) for number, tar in enumerate(LAYERS))
    return as_folder(layout(*images), tmp_path / "layout:of:two")


@pytest.mark.parametrize("scheme", ["", "oci:", "oci-archive:"])
def test_a_folder_is_read_under_any_scheme(scheme: str, folder: Path) -> None:
    inspection = inspect(f"{scheme}{folder}:app:1", Options(verify=True))

    assert inspection.image.names == ("app:1",)
    assert inspection.analysis.totals.content_bytes == 2
    assert [verified.value for verified in inspection.verified] == ["diff_id"]


def test_the_scheme_alone_claims_nothing() -> None:
    assert SOURCE.id == "oci"
    assert not SOURCE.claims("oci")


def test_a_folder_at_the_end_of_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    assert inspect(f"{tmp_path}/link:app:0").analysis.totals.content_bytes == 1


def test_a_folder_that_is_no_layout_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotAnImage, match=r"no index\.json"):
        inspect(str(tmp_path))


def test_an_absent_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound, match="no such file or folder"):
        inspect(f"oci:{tmp_path}/absent")


def test_a_blob_that_is_a_folder_is_an_error_and_no_crash(folder: Path, look: Run) -> None:
    for blob in (folder / "blobs" / "sha256").iterdir():
        blob.unlink()
        blob.mkdir()

    outcome = look(f"{folder}:app:0")

    assert outcome.code in (3, 4)
    assert outcome.error_lines[0] == "error"


def test_a_blob_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    """Layouts that share their blobs are made of links."""
    pool = tmp_path / "pool"
    pool.mkdir()
    for blob in (folder / "blobs" / "sha256").iterdir():
        shared = blob.rename(pool / blob.name)
        blob.symlink_to(shared)

    assert inspect(f"{folder}:app:0", Options(verify=True)).analysis.totals.content_bytes == 1


def test_index_json_of_the_wrong_shape_names_file_and_field(folder: Path) -> None:
    (folder / "index.json").write_text('{"manifests": 7}')

    with pytest.raises(ImageError, match=r"index\.json: manifests: expected an array, got 7"):
        inspect(str(folder))
