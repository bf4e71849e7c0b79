"""Runs of one image side by side."""

from __future__ import annotations

import pytest

from layerscope.history.series import series_of, split_name
from tests.history.runs import run


@pytest.mark.parametrize(
    ("image", "name", "version"),
    [
        ("shop/api:1.4", "shop/api", "1.4"),
        ("docker.io/shop/api:1.4", "shop/api", "1.4"),
        ("docker.io/library/python:3.13", "python", "3.13"),
        ("python", "python", ""),
        ("localhost:5000/api:2", "localhost:5000/api", "2"),
        ("localhost:5000/api", "localhost:5000/api", ""),
        (f"shop/api@sha256:{'ab' * 32}", "shop/api", "abababababab"),
        (f"shop/api:1@sha256:{'ab' * 32}", "shop/api", "1"),
        ("docker:my-app", "docker:my-app", ""),
        ("docker:my-app:1", "docker:my-app", "1"),
        ("build/image.tar", "build/image.tar", ""),
        ("-", "-", ""),
    ],
)
def test_a_name_is_what_its_versions_have_in_common(image: str, name: str, version: str) -> None:
    assert split_name(image) == (name, version)


def test_images_and_platforms_are_kept_apart_in_the_order_of_their_first_runs() -> None:
    records = [run("b:1"), run("a:1"), run("b:2"), run("b:1", platform="linux/arm64")]

    found = [(one.name, one.platform, [run.label for run in one.runs]) for one in series_of(records)]

    assert found == [
        ("b", "linux/amd64", ["1", "2"]),
        ("a", "linux/amd64", ["1"]),
        ("b", "linux/arm64", ["1"]),
    ]


def test_each_run_is_told_beside_the_one_before_it() -> None:
    (series,) = series_of([run(tar_bytes=900, wasted_bytes=90), run(tar_bytes=1000, wasted_bytes=30), run()])

    changes = [(one.size_change_bytes, one.waste_change_bytes) for one in series.runs]
    assert changes == [(None, None), (100, -60), (0, 70)]


def test_an_image_that_is_not_whole_is_compared_with_none() -> None:
    (series,) = series_of([run(), run(tar_bytes=10, complete=False), run()])

    assert [one.size_change_bytes for one in series.runs] == [None, None, None]
