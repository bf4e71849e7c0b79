"""An image that is removed is gone for the engine, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layerscope.errors import SourceError
from layerscope.extensions import Source
from layerscope.loading import load
from tests.conftest import PROJECT
from tests.engines.places import ENGINES, PLACES, Putting

pytestmark = pytest.mark.engine


@pytest.fixture(params=ENGINES)
def in_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the reference of the sample, in each engine; whoever needs it afterwards puts it there again."""
    put = Putting(request, monkeypatch)
    yield PLACES[request.param](put, PROJECT / "sample_images" / "wasteful.tar")
    request.getfixturevalue("already_put").clear()


def names(source: Source) -> set[str]:
    """Give all names that an engine lists."""
    assert source.images is not None
    return {name for image in source.images() for name in image.names}


def test_what_is_removed_by_its_listed_name_is_listed_no_more(in_engine: str) -> None:
    scheme, _, asked = in_engine.partition(":")
    source: Source = load("source")[scheme]
    assert source.remove is not None
    before = names(source)
    [listed] = [name for name in before if name.endswith(asked)]

    source.remove(listed)

    assert before - names(source) == {listed}


def test_what_is_not_there_cannot_be_removed(in_engine: str) -> None:
    source: Source = load("source")[in_engine.partition(":")[0]]
    assert source.remove is not None

    with pytest.raises(SourceError):
        source.remove("no-such-image:1")
