"""Configs side by side."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from layerscope.comparison.settings import setting_changes
from tests.comparison.images import stacked


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    """Field, name and both values of what differs."""
    sides = [msgspec.structs.replace(stacked(), runtime=runtime) for runtime in (old, new)]
    return [(one.field, one.name, one.old, one.new) for one in setting_changes(*sides)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"Cmd": ["a"]}, {"Cmd": ["a", "b"]}, [("Cmd", "", '["a"]', '["a","b"]')]),
        ({"User": ""}, {"User": "app"}, [("User", "", None, "app")]),
        ({"User": ""}, {"User": None}, []),
        ({"Tty": False}, {"Tty": True}, [("Tty", "", None, "true")]),
        ({"Env": ["A=1", "B=2"]}, {"Env": ["B=2", "A=1"]}, []),
        ({"Env": ["A=1"]}, {"Env": ["A=x=y"]}, [("Env", "A", "1", "x=y")]),
        ({"Env": ["A=1"]}, {"Env": ["C=1"]}, [("Env", "A", "1", None), ("Env", "C", None, "1")]),
        ({"Labels": {"v": "1"}}, {"Labels": {"v": "2"}}, [("Labels", "v", "1", "2")]),
        ({}, {"ExposedPorts": {"80/tcp": {}}}, [("ExposedPorts", "80/tcp", None, "")]),
        ({"Volumes": {"/v": {}}}, {"Volumes": None}, [("Volumes", "/v", "", None)]),
        ({"Healthcheck": {"Test": ["x"]}}, {}, [("Healthcheck", "", '{"Test":["x"]}', None)]),
        ({"\x1b": "1"}, {}, [(r"\x1b", "", "1", None)]),
        ({"Image": "sha256:1"}, {"Image": "sha256:2"}, []),
        ({"Cmd": ["\x1b[2J"]}, {}, [("Cmd", "", r'["\x5cu001b[2J"]', None)]),
        ({"Env": "nonsense"}, {"Env": [1]}, [("Env", "", "nonsense", None), ("Env", "1", None, "")]),
    ],
)
def test_what_differs(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, str, str | None, str | None]]
) -> None:
    assert changes(old, new) == expected


def test_a_secret_differs_without_being_told() -> None:
    found = changes(
        {"Env": ["DB_PASSWORD=first-one"], "Cmd": ["run", "--token=abcdefgh"]},
        {"Env": ["DB_PASSWORD=second-one"], "Cmd": ["run", "--token=ijklmnop"]},
    )

    assert [(field, name) for field, name, _, _ in found] == [("Cmd", ""), ("Env", "DB_PASSWORD")]
    assert "first-one" not in str(found)
    assert "abcdefgh" not in str(found)
    assert found[1][2:] == ("…", "…")
