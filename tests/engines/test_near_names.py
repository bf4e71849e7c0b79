"""Names that are nearly the one asked for."""

from __future__ import annotations

import pytest

from layerscope.engines.near_names import did_you_mean, near_names
from layerscope.model.local_image import LocalImage


def images(*names: str) -> list[LocalImage]:
    """One image for each name."""
    return [LocalImage(reference=f"docker:{name}", names=(name,), image_id=name) for name in names]


@pytest.mark.parametrize(
    ("asked", "names", "expected"),
    [
        ("my-ap:latest", ["my-app:latest", "other:1"], ["my-app:latest"]),
        ("my-ap", ["my-app:latest"], ["my-app:latest"]),
        ("my-app", ["localhost/my-app:1.2"], ["localhost/my-app:1.2"]),
        ("pyhton", ["docker.io/library/python:3.12"], ["docker.io/library/python:3.12"]),
        ("host:5000/ap", ["host:5000/app"], ["host:5000/app"]),
        ("zzz", ["my-app:latest"], []),
        ("app", [f"app:{number}" for number in range(1, 9)], ["app:1", "app:7", "app:8"]),
        ("app", [], []),
    ],
)
def test_what_people_leave_out_or_mistype_is_near(asked: str, names: list[str], expected: list[str]) -> None:
    assert sorted(near_names(asked, images(*names))) == expected


def test_the_hint_names_them_or_says_nothing() -> None:
    assert did_you_mean("ap:1", images("app:1")) == "did you mean app:1?"
    assert did_you_mean("zzz", images("app:1")) is None
