"""``podman:NAME``: its socket, its command, Buildah's; the commands here are scripts that misbehave."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from layerscope.errors import (
    AccessDenied,
    EngineUnreachable,
    ImageNotFound,
    NotAnImage,
    PlatformNotFound,
    SourceError,
)
from layerscope.extensions import Access
from layerscope.inspection import Options, inspect
from layerscope.model.platform import parse_platform
from layerscope.sources.podman import SOURCE
from tests.cli.command import command_line, environment
from tests.cli.looking import Run
from tests.engines.fake_engine import fake_engine
from tests.oci.build import LAYERS, as_tar, built, digest, docker_archive
from tests.sources.engines import command, still_running

IMAGE = built(*LAYERS, names=["localhost/app:1"])
IMAGE_ID = digest(IMAGE.config)
ARCHIVE = as_tar(docker_archive(built(*LAYERS)))
DIGEST = digest(b"of a manifest")
INSPECTED = [
    {
        "Id": IMAGE_ID.removeprefix("sha256:"),
        "RepoTags": ["localhost/app:1"],
        "RepoDigests": [f"localhost/app@{DIGEST}"],
        "Os": "linux",
        "Architecture": "amd64",
        "Size": 7,
    }
]
LISTED = [
    {"Id": IMAGE_ID[7:], "Names": ["localhost/app:1"], "Size": 7, "Created": 1_600_000_000},
    {"Id": "ab" * 32, "Names": None, "Size": 1, "Created": 1},
]


def podman(folder: Path, *, save: str = "cat {archive}", pull: str = "exit 125", there: bool = True) -> None:
    """A ``podman`` on PATH that writes down what it is asked."""
    (folder / "archive").write_bytes(ARCHIVE)
    (folder / "inspected").write_text(json.dumps(INSPECTED))
    (folder / "listed").write_text(json.dumps(LISTED))
    (folder / "there").touch() if there else None
    script = f"""
echo "$@" >>{folder}/asked
case "$1 $2" in
'image inspect') [ -e {folder}/there ] && cat {folder}/inspected && exit; echo '[]'; exit 125 ;;
'image exists') [ -e {folder}/there ] ;;
'images --format') cat {folder}/listed ;;
'version --format') echo '{{"Client": {{"Version": "4.9"}}}}' ;;
'info --format') echo overlay ;;
'pull '*) {pull} ;;
'save '*) {save.format(archive=folder / "archive", folder=folder)} ;;
*) echo "what is $1?" >&2; exit 99 ;;
esac"""
    command(folder, "podman", script)


def asked(folder: Path) -> list[str]:
    """What the command was asked."""
    return (folder / "asked").read_text().splitlines()


@pytest.mark.parametrize("name", ["app:1", "localhost/app:1", IMAGE_ID, IMAGE_ID[:19], IMAGE_ID[7:19]])
def test_without_a_socket_the_command_saves_into_a_pipe(name: str, bare: Path) -> None:
    podman(bare)

    found = inspect(f"podman:{name}").image

    assert (found.names, found.digest, found.image_id) == (("localhost/app:1",), DIGEST, IMAGE_ID)
    assert asked(bare)[-1] == f"save --format docker-archive {IMAGE_ID}"


@pytest.mark.parametrize(
    ("save", "words"),
    [
        ("echo 'Error: out of order' >&2; exit 125", "failed after 0 bytes: Error: out of order"),
        ("head -c 5000 {archive}; echo gone >&2; exit 1", "failed after 5000 bytes: gone"),
        ("head -c 5000 {archive}; kill -9 $$", "failed after 5000 bytes: signal 9"),
        ("cat {archive}; exit 3", "exit code 3"),
        ("yes complaint | head -c 3000000 >&2; cat {archive}; exit 4", "complaint complaint"),
    ],
)
def test_a_command_that_fails_is_quoted_and_its_output_is_no_image(save: str, words: str, bare: Path) -> None:
    podman(bare, save=save)

    with pytest.raises(SourceError) as raised:
        inspect("podman:app:1")

    assert words in raised.value.message
    assert raised.value.exit_code == 3
    assert len(raised.value.message) < 1000


def test_a_command_that_complains_at_length_and_succeeds_is_no_deadlock(bare: Path) -> None:
    podman(bare, save="yes complaint | head -c 3000000 >&2; cat {archive}")

    assert inspect("podman:app:1").image.complete


def test_an_archive_that_ends_early_and_well_is_no_image(bare: Path) -> None:
    whole_members = len(ARCHIVE.rstrip(b"\0")) + -len(ARCHIVE.rstrip(b"\0")) % 512
    podman(bare, save=f"head -c {whole_members} {{archive}}")

    with pytest.raises(SourceError, match="has no end"):
        inspect("podman:app:1")


def test_a_command_is_ended_when_its_output_is_refused(bare: Path) -> None:
    """It would go on for ever; neither it nor a zombie may stay."""
    podman(bare, save="echo $$ >{folder}/pid; exec yes")

    with pytest.raises(NotAnImage):
        inspect("podman:app:1")

    assert not still_running(int((bare / "pid").read_text()))


def test_a_silent_command_is_given_up_and_ended(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.engines.command.EXPORT_SILENCE_S", 0.3)
    podman(bare, save="echo $$ >{folder}/pid; exec sleep 60")
    started = time.monotonic()

    with pytest.raises(SourceError, match=r"wrote nothing for 0\.3 s"):
        inspect("podman:app:1")

    assert time.monotonic() - started < 10
    assert not still_running(int((bare / "pid").read_text()))


def test_a_command_that_ignores_being_ended_is_killed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.engines.command.EXPORT_SILENCE_S", 0.5)
    monkeypatch.setattr("layerscope.engines.command._END_TIMEOUT_S", 0.3)
    podman(bare, save="trap '' TERM; echo $$ >{folder}/pid; while :; do sleep 0.1 >/dev/null 2>&1; done")

    with pytest.raises(SourceError, match="wrote nothing"):
        inspect("podman:app:1")

    assert not still_running(int((bare / "pid").read_text()))


def test_an_interrupt_ends_the_command_too(bare: Path) -> None:
    """Ours is alone in being interrupted, as by a program that started it."""
    podman(bare, save="echo $$ >{folder}/pid; exec sleep 60")
    ours = subprocess.Popen(
        command_line("podman:app:1"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with ours:
        while not (bare / "pid").exists() or not (bare / "pid").read_text():
            time.sleep(0.05)
        time.sleep(0.2)
        ours.send_signal(signal.SIGINT)
        said, _ = ours.communicate(timeout=30)

    assert (ours.returncode, said.decode()) == (130, "")
    assert not still_running(int((bare / "pid").read_text()))


def test_an_unknown_image_is_pulled(bare: Path) -> None:
    podman(bare, there=False, pull=f"echo 'Trying to pull app:1...' >&2; touch {bare}/there")
    lines: list[str] = []

    inspect("podman:app:1", Options(platform=parse_platform("linux/amd64"), notice=lines.append))

    assert "pull --platform linux/amd64 app:1" in asked(bare)
    assert "Trying to pull app:1..." in lines


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("unauthorized: authentication required", AccessDenied),
        ("reading manifest 1 in localhost/app: manifest unknown", ImageNotFound),
        ("no image found in manifest list for architecture s390x", PlatformNotFound),
        ("dial tcp 10.0.0.1:443: i/o timeout", SourceError),
    ],
)
def test_a_pull_that_fails_says_why_and_no_secret(said: str, error: type[SourceError], bare: Path) -> None:
    podman(bare, there=False, pull=f"echo 'Error: https://me:hunter2@host/: {said}' >&2; exit 125")
    lines: list[str] = []

    with pytest.raises(SourceError) as raised:
        inspect("podman:app:1", Options(notice=lines.append))

    assert type(raised.value) is error
    assert said in raised.value.message
    assert "hunter2" not in f"{raised.value.message} {lines}"


def test_an_absent_image_is_not_found_and_near_names_are_told(bare: Path) -> None:
    podman(bare, there=False)

    with pytest.raises(ImageNotFound) as raised:
        inspect("podman:apq", Options(pull="never"))

    assert raised.value.hint == "did you mean localhost/app:1?"


def test_another_platform_is_refused_and_the_one_that_is_there_is_told(bare: Path) -> None:
    podman(bare)

    with pytest.raises(PlatformNotFound) as raised:
        inspect("podman:app:1", Options(platform=parse_platform("linux/arm64"), pull="never"))

    assert raised.value.hint == "the engine holds it for linux/amd64"


def test_the_list_has_images_without_a_name_too(bare: Path) -> None:
    podman(bare)
    assert SOURCE.images is not None

    found = [(image.reference, image.names) for image in SOURCE.images()]

    assert found == [
        ("podman:localhost/app:1", ("localhost/app:1",)),
        (f"podman:sha256:{'ab' * 32}", ()),
    ]


def test_doctor_is_told_where_the_machine_is_but_not_who_logs_in(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(bare, "podman", 'case "$4" in version) echo "{}" ;; info) echo overlay ;; esac')
    monkeypatch.setenv("CONTAINER_HOST", "ssh://core:hunter2@localhost:5000/p.sock")
    assert SOURCE.reach is not None

    said = SOURCE.reach()

    url = "ssh://localhost:5000/p.sock"
    assert said == f"Podman unknown, the command {bare}/podman --remote --url {url}, store overlay"


def test_doctor_is_told_version_and_store(bare: Path) -> None:
    podman(bare)
    assert SOURCE.reach is not None

    assert SOURCE.reach() == f"Podman 4.9, the command {bare}/podman, store overlay"


@pytest.mark.parametrize("script", ["exit 125", "echo 'no newuidmap' >&2; exit 125"])
def test_a_command_that_does_not_work_here_is_unreachable(script: str, bare: Path) -> None:
    command(bare, "podman", script)
    assert SOURCE.reach is not None
    assert SOURCE.has is not None

    with pytest.raises(EngineUnreachable):
        SOURCE.reach()
    with pytest.raises(EngineUnreachable):
        SOURCE.has("app:1", Access())


@pytest.mark.parametrize("said", ["", "no json", "[7]", '[{"Id": 1}]'])
def test_an_answer_that_cannot_be_read_is_an_error_of_the_source(said: str, bare: Path) -> None:
    command(bare, "podman", f"echo '{said}'")

    with pytest.raises(SourceError, match="its answer cannot be read"):
        inspect("podman:app:1")


@pytest.mark.usefixtures("bare")
def test_neither_socket_nor_command_says_what_to_do(look: Run) -> None:
    outcome = look("podman:app:1")

    assert outcome.code == 3
    assert outcome.err.splitlines()[0] == "error: no Podman answers: none of its sockets is there"
    assert "install podman" in outcome.err


def test_a_socket_comes_before_the_command(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podman(bare)
    with fake_engine() as engine:
        engine.hold("app:1", IMAGE, ARCHIVE)
        monkeypatch.setattr(
            "layerscope.engines.podman_endpoints._ROOTFUL", engine.url.removeprefix("unix://")
        )

        assert inspect("podman:app:1").image.names == ("localhost/app:1",)

    assert not (bare / "asked").exists()


def test_podman_knows_no_short_id_with_its_algorithm(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bare.exists()
    with fake_engine() as engine:
        engine.hold("app:1", IMAGE, ARCHIVE)
        monkeypatch.setenv("CONTAINER_HOST", engine.url)

        inspect(f"podman:{IMAGE_ID[:19]}")

    assert engine.paths("GET /images/")[0] == f"GET /images/{IMAGE_ID[7:19]}/json"


def test_what_the_environment_names_is_taken_or_nothing(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podman(bare)
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{bare}/none.sock")

    with pytest.raises(EngineUnreachable, match="CONTAINER_HOST"):
        inspect("podman:app:1")

    assert not (bare / "asked").exists()


def test_a_machine_behind_ssh_is_left_to_the_command(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the key; the options stand in front of every subcommand."""
    command(bare, "podman", f'echo "$@" >>{bare}/asked; exit 125')
    monkeypatch.setenv("CONTAINER_HOST", "ssh://core@localhost:5000/run/podman/podman.sock")
    assert SOURCE.reach is not None

    with pytest.raises(EngineUnreachable):
        SOURCE.reach()

    assert asked(bare)[0].startswith(
        "--remote --url ssh://core@localhost:5000/run/podman/podman.sock version"
    )


BUILDAH = {
    "FromImage": "localhost/app:1",
    "FromImageID": IMAGE_ID[7:],
    "FromImageDigest": DIGEST,
    "OCIv1": {"os": "linux", "architecture": "amd64"},
}


def test_where_only_buildah_is_there_it_pushes_into_a_pipe(bare: Path) -> None:
    (bare / "archive").write_bytes(ARCHIVE)
    (bare / "inspected").write_text(json.dumps(BUILDAH))
    command(
        bare,
        "buildah",
        f'case "$1 $2" in "inspect --type") cat {bare}/inspected ;;'
        f' "push --quiet") echo "$@" >{bare}/asked; cat {bare}/archive ;; esac',
    )

    found = inspect("podman:app:1").image

    assert (found.names, found.digest, found.image_id) == (("localhost/app:1",), DIGEST, IMAGE_ID)
    assert asked(bare) == [f"push --quiet {IMAGE_ID[7:]} docker-archive:/dev/stdout"]
