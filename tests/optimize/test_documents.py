"""Config, history and manifest of the result."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.errors import WriteError
from layerscope.exporter import ExportOptions, Format
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize import plan as plan_module
from layerscope.optimize import preparing
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Range, Steps
from layerscope.spool import TEMP_VARIABLE
from tests.oci.build import Built, Json, built, digest, docker_archive, layout
from tests.oci.write.outputs import Content, content_of, docker_image, oci_image
from tests.optimize.stacks import tar_of
from tests.sources.images import packed
from tests.union.dsl import file, whiteout

LAYERS = tuple(
    tar_of(entries)
    for entries in (
        [file("base", b"x")],
        [file("a", b"four")],
        [file("b", b"zz"), whiteout("a")],
        [whiteout("b"), file("c", b"y")],
    )
)
HISTORY: list[Json] = [
    {"created_by": "FROM"},
    {"created_by": "ENV x", "empty_layer": True},
    {"created_by": "RUN 1", "comment": "buildkit"},
    {"created_by": "RUN 2"},
    {"created_by": "CMD", "empty_layer": True},
    {"created_by": "RUN 3"},
]
SQUASH = Steps(squash_own=True)


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def image(**more: Any) -> Built:
    """Four layers, of which the last three hide something of each other."""
    return built(*LAYERS, **({"history": HISTORY} | more))


def made(
    source: Path, folder: Path, steps: Steps = SQUASH, form: Format = "docker-archive"
) -> tuple[Optimized, Content]:
    """What becomes of an image whose base is its first layer."""
    destination = folder / "made"
    done = optimize(str(source), steps, destination, Options(base_layers=1), ExportOptions(format=form))
    return done, content_of(destination)


def test_steps_of_joined_layers_stay_as_empty_ones_with_a_comment(tmp_path: Path) -> None:
    _, content = made(packed(tmp_path / "in.tar", docker_archive(image())), tmp_path)

    history = json.loads(docker_image(content)[1])["history"]
    assert [step["created_by"] for step in history] == [step["created_by"] for step in HISTORY]
    assert [step.get("empty_layer", False) for step in history] == [False, True, True, True, True, False]
    assert history[2]["comment"].startswith("buildkit; joined with layers 1 to 3")
    assert history[3]["comment"].startswith("joined with layers 1 to 3")
    assert [step for number, step in enumerate(history) if number not in (2, 3)] == [
        step for number, step in enumerate(HISTORY) if number not in (2, 3)
    ]


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_short_history_tells_of_the_upper_layers(kept: int, tmp_path: Path) -> None:
    """As many steps as layers, or fewer: those that are missing are the lowest ones'."""
    steps = [{"created_by": f"RUN {number}"} for number in range(kept)]

    _, content = made(packed(tmp_path / "in.tar", docker_archive(image(history=steps))), tmp_path)

    history = json.loads(docker_image(content)[1])["history"]
    assert [step.get("empty_layer", False) for step in history] == [True] * (kept - 1) + [False] * min(
        kept, 1
    )


def test_whatever_else_the_config_holds_keeps_its_bytes(tmp_path: Path) -> None:
    more = {"x.unknown": {"b": 1.0, "a": [1e3, "\u00e9"]}, "created": "2020-01-01T00:00:00.120Z"}
    source = image(**more)

    _, content = made(packed(tmp_path / "in.tar", docker_archive(source)), tmp_path)

    config = docker_image(content)[1]
    assert b'{"b": 1.0, "a": [1000.0, "\\u00e9"]}' in config
    assert list(json.loads(config)) == list(source.document)
    changed = {"history", "rootfs"}
    before = {key: value for key, value in source.document.items() if key not in changed}
    assert {key: value for key, value in json.loads(config).items() if key not in changed} == before


def test_the_manifest_says_what_was_done_to_what(tmp_path: Path) -> None:
    source = packed(tmp_path / "in.tar", layout(image()))
    before = oci_image(content_of(source))[0]

    done, content = made(source, tmp_path, Steps(prune=True), "oci-archive")

    manifest = oci_image(content)[0]
    assert json.loads(manifest)["annotations"] == {
        "layerscope.optimized": "prune",
        "layerscope.source": digest(before),
    }
    assert done.exported is not None
    assert done.exported.digest == digest(manifest)


def test_copied_layers_keep_their_descriptors_and_new_ones_their_compression(tmp_path: Path) -> None:
    stored = [gzip.compress(layer, mtime=0) for layer in LAYERS]
    source = packed(tmp_path / "in.tar", layout(image(), stored=stored))
    before = json.loads(oci_image(content_of(source))[0])

    _, content = made(source, tmp_path, SQUASH, "oci")

    manifest, config, layers = oci_image(content)
    after = json.loads(manifest)
    assert after["layers"][0] == before["layers"][0]
    assert layers[0] == stored[0]
    assert after["layers"][1]["mediaType"].endswith("tar+gzip")
    assert after["layers"][1]["size"] == len(layers[1])
    assert digest(gzip.decompress(layers[1])) == json.loads(config)["rootfs"]["diff_ids"][1]


def test_the_same_image_gives_the_same_bytes(tmp_path: Path) -> None:
    source = packed(tmp_path / "in.tar", docker_archive(image()))
    (tmp_path / "again").mkdir()

    _, first = made(source, tmp_path, form="oci-archive")
    _, second = made(source, tmp_path / "again", form="oci-archive")

    assert first == second


def test_what_differs_when_it_is_read_again_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a layer had been written wrongly: a plan that forgets a file."""
    make_plan = plan_module.make_plan

    def forgetful(*arguments: Any, **more: Any) -> Any:
        plan = make_plan(*arguments, **more)
        [joined] = [layer for layer in plan.layers if not layer.group.copied]
        joined = type(joined)(
            group=joined.group, copies=(), content_before_bytes=joined.content_before_bytes, content_bytes=0
        )
        return type(plan)(layers=(plan.layers[0], joined))

    monkeypatch.setattr(preparing, "make_plan", forgetful)

    with pytest.raises(WriteError, match="would not be the same: /c"):
        made(packed(tmp_path / "in.tar", docker_archive(image())), tmp_path)

    assert not (tmp_path / "made").exists()


def test_a_range_alone_leaves_the_other_layers_alone(tmp_path: Path) -> None:
    done, content = made(
        packed(tmp_path / "in.tar", docker_archive(image())), tmp_path, Steps(squash=(Range(1, 2),))
    )

    layers = docker_image(content)[2]
    assert (layers[0], layers[2]) == (LAYERS[0], LAYERS[3])
    assert done.saved_content_bytes == 4


NOISY: dict[str, Any] = {
    "created": "2024-05-06T07:08:09.123456789Z",
    "container": "5d1a",
    "container_config": {"Hostname": "5d1a"},
    "config": {"Env": ["A=b"], "Image": "sha256:12", "Hostname": "5d1a", "Labels": {"a": "b"}},
    "history": [{"created": "2024-01-01T00:00:00+02:00", **step} for step in HISTORY],
}


def test_a_normalised_config_holds_no_later_time_and_no_traces_of_the_builder(tmp_path: Path) -> None:
    source = packed(tmp_path / "in.tar", docker_archive(image(**NOISY)))

    _, content = made(source, tmp_path, Steps(latest_s=0))

    config = json.loads(docker_image(content)[1])
    assert config["created"] == "1970-01-01T00:00:00Z"
    assert [step["created"] for step in config["history"]] == [NOISY["history"][0]["created"]] + [
        "1970-01-01T00:00:00Z"
    ] * 5
    assert not {"container", "container_config"} & config.keys()
    assert config["config"] == {"Env": ["A=b"], "Labels": {"a": "b"}}


def test_earlier_times_stay_as_they_are_written(tmp_path: Path) -> None:
    source = packed(tmp_path / "in.tar", docker_archive(image(**NOISY)))

    _, content = made(source, tmp_path, Steps(latest_s=2_000_000_000))

    config = json.loads(docker_image(content)[1])
    assert (config["created"], config["history"]) == (NOISY["created"], NOISY["history"])


def test_two_builds_of_the_same_files_are_one_image(tmp_path: Path) -> None:
    """At other times, in another order, packed by another tool."""
    found = set()
    for number, (mtime, form) in enumerate([(1_700_000_000, "docker-archive"), (1_800_000_000, "oci")]):
        entries = [file("b", b"zz", mtime=mtime), file("a", b"four", mtime=mtime + number)]
        layers = [LAYERS[0], tar_of(entries[:: 1 - 2 * number])]
        noise = {"created": f"20{30 + number}-01-01T00:00:00Z", "container": str(number)}
        history = [{"created_by": "FROM"}, {"created_by": "RUN", "created": noise["created"]}]
        one = built(*layers, history=history, **noise)
        folder = tmp_path / str(number)
        folder.mkdir()
        files = docker_archive(one) if form == "docker-archive" else layout(one)
        done, _ = made(packed(folder / "in.tar", files), folder, Steps(latest_s=0), "oci-archive")
        assert done.exported is not None
        found.add(done.exported.image_id)

    assert len(found) == 1


def test_compressing_again_leaves_the_config_and_so_the_image_id(tmp_path: Path) -> None:
    source = image()

    _, content = made(
        packed(tmp_path / "in.tar", layout(source)), tmp_path, Steps(recompress=parse_codec("gzip")), "oci"
    )

    assert oci_image(content)[1] == source.config
