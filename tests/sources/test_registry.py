"""``registry:``: an image in a registry, through the whole command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerscope.finding import find_source
from layerscope.inspection import inspect
from layerscope.loading import load
from layerscope.sources.registry import SOURCE
from tests.cli.looking import Run
from tests.distribution.conftest import home, registry
from tests.distribution.server import FakeRegistry, times
from tests.oci.build import built, digest
from tests.sources.images import WASTE_LAYERS

__all__ = ["home", "registry"]


@pytest.fixture(autouse=True)
def nobody(home: Path) -> Path:
    """Nobody's credentials, in every test here."""
    return home


@pytest.fixture
def image(registry: FakeRegistry) -> str:
    """The reference of an image of which a tenth is wasted."""
    registry.hold_image("team/app:1", built(*WASTE_LAYERS))
    return f"registry:{registry.host}/team/app:1"


@pytest.mark.parametrize("name", ["python", "ghcr.io/team/app:1", "localhost:5000/app", "127.0.0.1:1/a:b"])
def test_a_scheme_leads_to_it_and_leaves_the_name(name: str) -> None:
    for reference in (f"registry:{name}", f"registry://{name}"):
        source, rest = find_source(reference)

        assert source.id == SOURCE.id == "registry"
        assert rest == name


def test_it_comes_after_all_engines_and_is_never_asked_whether_it_has_an_image() -> None:
    ranks = [source.rank for source in load("source").values() if source.id != SOURCE.id]

    assert SOURCE.rank > max(ranks)
    assert SOURCE.has is None
    assert not SOURCE.claims("ghcr.io/team/app:1")


def test_an_image_is_inspected_and_every_layer_verified(image: str) -> None:
    inspection = inspect(image)

    assert inspection.analysis.totals.content_bytes == 1000
    assert inspection.analysis.totals.wasted_bytes == 100
    assert [verified.value for verified in inspection.verified] == ["diff_id", "diff_id"]
    assert inspection.image.names == (image.removeprefix("registry:"),)


def test_the_command_judges_it(image: str, look: Run) -> None:
    outcome = look(image, "--ci", "--max-waste", "10%")

    assert outcome.code == 0
    assert look(image, "--ci", "--max-waste", "9%").code == 1


def test_the_report_names_it(image: str, look: Run) -> None:
    report = json.loads(look(image, "--json", "-", "-q").out)

    assert report["image"]["names"] == [image.removeprefix("registry:")]
    assert report["totals"]["wasted_bytes"] == 100


@pytest.mark.parametrize(
    ("reference", "code", "said"),
    [
        ("registry:", 2, "not an image name"),
        ("registry:Team/App", 2, "not an image name"),
        ("registry:{host}/Team/App", 2, "lower case"),
        ("registry:{host}/team/app:2", 3, "no such image in the registry"),
        ("registry:127.0.0.1:1/team/app", 3, "refused"),
        ("registry:127.0.0.1:99999/team/app", 2, "no such port"),
        ("registry:127.0.0.1:0/team/app", 2, "no such port"),
        ("registry:[:::::]/team/app", 2, "no host"),
        ("registry:{host}/team/app@sha256:" + "0" * 64, 3, "nothing with this digest"),
    ],
)
def test_what_goes_wrong_has_its_exit_code(
    reference: str,
    code: int,
    said: str,
    image: str,
    registry: FakeRegistry,
    look: Run,
) -> None:
    outcome = look(reference.format(host=registry.host))

    assert outcome.code == code
    assert said in outcome.err
    assert outcome.error_lines[:2] == ["error", "hint"]
    assert outcome.out == ""
    assert image


def test_a_layer_with_another_digest_ends_with_exit_code_4(
    image: str,
    registry: FakeRegistry,
    look: Run,
) -> None:
    registry.blobs[digest(WASTE_LAYERS[0])] = WASTE_LAYERS[0].replace(b"kkkk", b"qqqq")

    outcome = look(image)

    assert outcome.code == 4
    assert "has digest" in outcome.err


def test_denied_ends_with_exit_code_3_and_a_hint(
    image: str,
    registry: FakeRegistry,
    look: Run,
) -> None:
    asked = {"WWW-Authenticate": 'Basic realm="r"'}
    registry.misdeeds.append(
        times(-1, lambda handler: handler.refuse(401, "UNAUTHORIZED", "who?", asked), "team")
    )

    outcome = look(image)

    assert outcome.code == 3
    assert f"docker login {registry.host}" in outcome.err


def test_doctor_is_told_without_asking_anybody() -> None:
    assert SOURCE.reach is not None
    assert SOURCE.reach().startswith("read directly")
