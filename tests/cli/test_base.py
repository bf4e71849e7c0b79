"""``--base IMAGE``: the seam told by the base image itself."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.looking import Run
from tests.oci.build import LAYERS, Built, as_folder, built, layout
from tests.oci.tar.raw import member
from tests.sources.images import layer, packed, saved

OTHER = layer(member(b"other", b"o"))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image of three layers."""
    return saved(tmp_path, *LAYERS)


def seam(look: Run, image: Path, base: Path | str) -> int:
    """Where the report says that the base ends."""
    outcome = look(image, "--base", base, "--json", "-", "--quiet")
    assert (outcome.code, outcome.err) == (0, "")
    found: int = json.loads(outcome.out)["totals"]["base_layers"]
    return found


@pytest.mark.parametrize("count", [1, 2, 3])
def test_all_layers_of_the_base_are_the_bases(count: int, image: Path, look: Run, tmp_path: Path) -> None:
    base = saved(tmp_path, *LAYERS[:count], name="base.tar")

    assert seam(look, image, base) == count


def test_the_base_may_be_compressed_and_in_another_form(image: Path, look: Run, tmp_path: Path) -> None:
    """Digests of blobs differ then, diff IDs do not."""
    plain = built(*LAYERS[:2])
    compressed = [gzip.compress(blob) for blob in plain.layers]
    base = as_folder(
        layout(Built(plain.layers, plain.config, plain.names), stored=compressed), tmp_path / "base"
    )

    assert seam(look, image, base) == 2


def test_a_sibling_tells_where_both_part(image: Path, look: Run, tmp_path: Path) -> None:
    sibling = saved(tmp_path, LAYERS[0], OTHER, LAYERS[2], name="sibling.tar")

    outcome = look(image, "--base", sibling, "--json", "-")

    assert json.loads(outcome.out)["totals"]["base_layers"] == 1
    assert "the image has the lowest 1 of its 3 layers" in outcome.err


def test_another_images_base_is_refused(image: Path, look: Run, tmp_path: Path) -> None:
    base = saved(tmp_path, OTHER, *LAYERS, name="other.tar")

    outcome = look(image, "--base", base, "--ci")

    assert (outcome.code, outcome.out, outcome.error_lines) == (2, "", ["error", "hint"])
    assert "no layer of it is in the image" in outcome.err


def test_a_base_that_is_not_there_is_an_error(image: Path, look: Run, tmp_path: Path) -> None:
    outcome = look(image, "--base", tmp_path / "absent.tar", "--summary")

    assert (outcome.code, outcome.out) == (3, "")
    assert "absent.tar" in outcome.err


def test_the_seam_is_said_once(image: Path, look: Run) -> None:
    outcome = look(image, "--base", image, "--base-layers", "1", "--summary")

    assert (outcome.code, outcome.out) == (2, "")
    assert "--base and --base-layers" in outcome.err


def test_layers_of_the_base_need_not_be_there(image: Path, look: Run, tmp_path: Path) -> None:
    """Only its config is looked at."""
    files = layout(built(*LAYERS[:2]))
    kept = {name: content for name, content in files.items() if content not in LAYERS}
    base = packed(tmp_path / "base.tar", kept)

    assert len(kept) == len(files) - 2
    assert seam(look, image, base) == 2
