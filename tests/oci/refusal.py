"""What reading an archive raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    LayerscopeError,
)
from tests.oci.build import (
    both_ways,
    changesets,
)


def error_of(data: bytes, folder: Path, *said: str) -> LayerscopeError:
    """What reading all of an archive raises: the same from a file and from a pipe, and says this."""
    found: list[LayerscopeError] = []
    for way in both_ways(data, folder):
        with pytest.raises(LayerscopeError) as caught:
            changesets(way())
        found.append(caught.value)
    assert type(found[0]) is type(found[1])
    assert [word for word in said for error in found if word not in error.message] == []
    return found[0]
