"""``layerscope images``: what every engine holds, in one table."""

from __future__ import annotations

import json
import threading
import time

import msgspec
import pytest

from layerscope.errors import AccessDenied
from layerscope.model.local_image import LocalImage
from tests.cli.looking import Run
from tests.cli.sources import engine, install, silent
from tests.cli.terminal import cells

DAY_S = 86_400
NOW_S = 1_700_000_000
ID = "0123456789abcdef" * 4


def image(*names: str, days: float | None = 0, image_id: str = ID, size_bytes: int = 1000) -> LocalImage:
    """An image that is so many days old."""
    return LocalImage(
        reference=f"engine:{names[0] if names else image_id}",
        names=names,
        image_id=f"sha256:{image_id}",
        size_bytes=size_bytes,
        created_s=None if days is None else round(NOW_S - days * DAY_S),
        layers=None,
    )


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW_S)


def rows(text: str) -> list[list[str]]:
    """The table's cells, its heading first."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]


def test_a_row_says_name_engine_id_size_and_age(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    held = msgspec.structs.replace(image("app:1", days=3, size_bytes=77_200_000), layers=7)
    install(monkeypatch, engine("docker", 10, [held]))

    outcome = look("images")

    assert rows(outcome.out) == [
        ["image", "engine", "ID", "size", "age", "layers"],
        ["app:1", "docker", "0123456789ab", "77.2 MB", "3 days", "7"],
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_engines_stand_in_the_order_in_which_they_are_asked_and_the_newest_first(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    podman = engine("podman", 20, [image("newest", days=0)])
    docker = engine("docker", 10, [image("ageless", days=None), image("old", days=9), image("new", days=1)])
    install(monkeypatch, podman, docker)

    found = [row[:2] for row in rows(look("images").out)[1:]]

    assert found == [["new", "docker"], ["old", "docker"], ["ageless", "docker"], ["newest", "podman"]]


def test_an_image_of_several_names_has_several_rows_and_one_of_none_has_one(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, engine("docker", 10, [image("a:1", "b:2"), image(days=2)]))

    assert [row[0] for row in rows(look("images").out)[1:]] == ["a:1", "b:2", "(no name)"]


def test_all_sources_that_list_nothing_are_left_alone(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives and registries hold no list of images."""
    archive = msgspec.structs.replace(silent("oci", 0), images=None)
    install(monkeypatch, archive, engine("docker", 10, [image("app:1")]))

    assert look("images").err == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app", ["app:1", "registry.example/app:2"]),
        ("APP:1", ["app:1"]),
        ("beef", ["other"]),
        ("sha256:beef", ["other"]),
        ("eef", []),
    ],
)
def test_a_text_chooses_by_name_or_the_beginning_of_the_id(
    text: str, found: list[str], look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = image("other", image_id="beef" * 16)
    install(monkeypatch, engine("docker", 10, [image("app:1"), image("registry.example/app:2"), other]))

    assert [row[0] for row in rows(look("images", text).out)[1:]] == found


def test_no_match_says_so_and_is_no_error(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, engine("docker", 10, [image("app:1")]))

    assert look("images", "other") == (0, "", "no image has other in its name\n")


def test_json_has_one_object_for_each_image(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, engine("docker", 10, [image("a:1", "b:2")]), engine("podman", 20, [image("c:3")]))

    found = [json.loads(line) for line in look("images", "--json").out.splitlines()]

    assert found[0] == {
        "engine": "docker",
        "reference": "engine:a:1",
        "names": ["a:1", "b:2"],
        "id": f"sha256:{ID}",
        "size_bytes": 1000,
        "created_s": NOW_S,
        "layers": None,
    }
    assert [row["engine"] for row in found] == ["docker", "podman"]


def test_an_engine_that_does_not_answer_is_named_beside_the_list(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, silent("docker", 10), engine("podman", 20, [image("app:1")]), silent("other", 30))

    outcome = look("images")

    assert outcome.code == 0
    assert len(outcome.out.splitlines()) == 2
    assert outcome.err == "not reached: docker, other (layerscope doctor says why)\n"


def test_no_engine_at_all_is_an_error_with_a_hint(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, silent("docker", 10), silent("podman", 20))

    outcome = look("images")

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.splitlines()[0] == "error: no engine can be reached: docker, podman"
    assert "layerscope doctor" in outcome.err.splitlines()[1]


def test_an_engine_that_denies_access_counts_as_one_that_does_not_answer(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny() -> list[LocalImage]:
        raise AccessDenied("permission denied")

    denying = msgspec.structs.replace(engine("docker", 10), images=deny)
    install(monkeypatch, denying, engine("podman", 20, [image("app:1")]))

    assert "not reached: docker" in look("images").err


def test_a_defect_in_a_source_is_not_taken_for_silence(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> list[LocalImage]:
        raise ZeroDivisionError

    install(monkeypatch, msgspec.structs.replace(engine("docker", 10), images=break_down))

    with pytest.raises(ZeroDivisionError):
        look("images")


def test_engines_are_asked_side_by_side(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is done before the other has been asked."""
    meeting = threading.Barrier(2, timeout=10)

    def meet() -> list[LocalImage]:
        meeting.wait()
        return []

    two = [msgspec.structs.replace(engine(name, 10), images=meet) for name in ("docker", "podman")]
    install(monkeypatch, *two)

    assert look("images") == (0, "", "no images\n")


@pytest.mark.parametrize("columns", ["80", "160"])
def test_a_long_name_is_cut_at_its_front_and_no_line_is_too_wide(
    columns: str, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    install(monkeypatch, engine("docker", 10, [image(f"registry.example/{'team/' * 40}app:1", days=400)]))

    lines = look("images").out.splitlines()

    assert [line for line in lines if cells(line) > int(columns)] == []
    assert lines[1].startswith("  …")
    assert "team/app:1  docker  0123456789ab" in lines[1]


def test_a_hostile_name_cannot_write_on_the_terminal(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, engine("docker", 10, [image("red\x1b[31m:1")]))

    assert r"red\x1b[31m:1" in look("images").out


@pytest.mark.parametrize("created_s", [0, -62_135_596_800])
def test_an_age_that_means_nothing_is_left_out(
    created_s: int, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Builders of reproducible images write 1970, docker the year 1 for none at all."""
    timeless = msgspec.structs.replace(image("app:1"), created_s=created_s)
    install(monkeypatch, engine("docker", 10, [timeless]))

    assert rows(look("images").out)[0] == ["image", "engine", "ID", "size"]
