"""Platforms: spelling, variants, and which image fits."""

from __future__ import annotations

import pytest

from layerscope.errors import UsageError
from layerscope.model.platform import own_platform, parse_platform


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_a_platform_is_read_in_the_names_of_engines(text: str, name: str) -> None:
    assert str(parse_platform(text)) == name


@pytest.mark.parametrize("text", ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux//v8"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected os/architecture"):
        parse_platform(text)


@pytest.mark.parametrize(
    ("image", "wanted", "fits"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/arm64", False),
        ("linux/amd64", "windows/amd64", False),
        ("linux/arm/v6", "linux/arm", True),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/arm", "linux/arm/v7", True),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/amd64", "linux/amd64/v3", False),
    ],
)
def test_a_variant_counts_where_it_is_asked_for(image: str, wanted: str, *, fits: bool) -> None:
    assert parse_platform(image).matches(parse_platform(wanted)) is fits


def test_the_machine_runs_linux_containers() -> None:
    assert own_platform().os == "linux"
    assert parse_platform(str(own_platform())) == own_platform()
