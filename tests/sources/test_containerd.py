"""``containerd:NAME`` through ``ctr`` and ``nerdctl``; the commands here are scripts."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerscope.errors import (
    AccessDenied,
    EngineUnreachable,
    ImageNotFound,
    PlatformNotFound,
    SourceError,
)
from layerscope.extensions import Access
from layerscope.inspection import Options, inspect
from layerscope.model.platform import own_platform, parse_platform
from layerscope.sources.containerd import SOURCE
from tests.cli.looking import Run
from tests.oci.build import LAYERS, as_tar, built, digest, hybrid
from tests.sources.engines import command

IMAGE = built(*LAYERS, names=["docker.io/library/app:1"])
FILES = hybrid(IMAGE)
ARCHIVE = as_tar(FILES)
TARGET = json.loads(bytes(FILES["index.json"]))["manifests"][0]["digest"]  # type: ignore[arg-type]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
HEADER = "REF TYPE DIGEST SIZE PLATFORMS LABELS"
OWN = str(own_platform())


def row(name: str, target: str = TARGET, platforms: str = OWN) -> str:
    """A line of ``ctr images ls``."""
    return f"{name} {MANIFEST} {target} 477.7 MiB {platforms} io.cri-containerd.image=managed"


UNSIZED = f"docker.io/library/unsized:1 {MANIFEST} {digest(b'3')} - linux/s390x -"
IN_DEFAULT = [row("docker.io/library/app:1"), UNSIZED, row("ghcr.io/team/app:2", digest(b"2"), "linux/s390x")]
IN_KUBERNETES = [
    row("quay.io/kube/app:3"),
    row(f"quay.io/kube/app@{TARGET}"),
    row("sha256:" + "ab" * 32),
    row("sha256:" + "cd" * 32, digest(b"nameless"), "-"),
]


@pytest.fixture
def listening(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A socket where containerd would be, and a ``ctr``. Gives the folder for commands."""
    with socket.socket(socket.AF_UNIX) as containerd:
        containerd.bind(f"{bare}/c.sock")
        containerd.listen()
        monkeypatch.setenv("CONTAINERD_ADDRESS", f"{bare}/c.sock")
        ctr(bare)
        yield bare


def ctr(folder: Path, *, export: str = "cat {archive}", pull: str = "exit 1") -> None:
    """A ``ctr`` on PATH that writes down what it is asked."""
    (folder / "archive").write_bytes(ARCHIVE)
    (folder / "default").write_text("\n".join([HEADER, *IN_DEFAULT]) + "\n")
    (folder / "k8s.io").write_text("\n".join([HEADER, *IN_KUBERNETES]) + "\n")
    script = f"""
[ "$1 $2" = "--address {folder}/c.sock" ] || exit 98
shift 2
echo "$@" >>{folder}/asked
namespace=
[ "$1" = --namespace ] && namespace=$2 && shift 2
case "$1 $2" in
'images ls') if [ -e {folder}/$namespace ]; then cat {folder}/$namespace; else echo {HEADER}; fi ;;
'images export') {export.format(archive=folder / "archive")} ;;
'images pull') {pull} ;;
'version ') printf 'Client:\\n  Version:  1\\n\\nServer:\\n  Version:  1.6.20\\n  Revision: x\\n' ;;
*) exit 99 ;;
esac"""
    command(folder, "ctr", script)


def asked(folder: Path) -> list[str]:
    """What the command was asked."""
    return (folder / "asked").read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "namespace", "row_name"),
    [
        ("app:1", "default", "docker.io/library/app:1"),
        ("docker.io/library/app:1", "default", "docker.io/library/app:1"),
        ("quay.io/kube/app:3", "k8s.io", "quay.io/kube/app:3"),
        (f"quay.io/kube/app@{TARGET}", "k8s.io", f"quay.io/kube/app@{TARGET}"),
        (TARGET, "default", "docker.io/library/app:1"),
        (TARGET[7:19], "default", "docker.io/library/app:1"),
        ("sha256:abab", "k8s.io", "sha256:" + "ab" * 32),
    ],
)
def test_short_names_full_names_and_ids_are_found_in_both_namespaces(
    name: str, namespace: str, row_name: str, listening: Path
) -> None:
    found = inspect(f"containerd:{name}").image

    assert found.digest == TARGET
    assert found.complete
    exported = f"--namespace {namespace} images export --platform {OWN} - "
    assert asked(listening)[-1].startswith(exported)
    assert asked(listening)[-1].removeprefix(exported).startswith(row_name.partition("@")[0])


@pytest.mark.parametrize("name", ["app", "app:2", "kube/app:3", "sha256:ff", f"ghcr.io/team/app@{TARGET}"])
def test_what_is_nearly_the_name_is_not_it(name: str, listening: Path) -> None:
    assert listening.exists()

    with pytest.raises(ImageNotFound):
        inspect(f"containerd:{name}", Options(pull="never"))


def test_the_environment_chooses_the_namespace(listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTAINERD_NAMESPACE", "k8s.io")
    assert SOURCE.has is not None

    found = [SOURCE.has(name, Access()) for name in ("app:1", "quay.io/kube/app:3")]

    assert found == [False, True]
    assert {line.split()[1] for line in asked(listening)} == {"k8s.io"}


def test_the_list_has_every_image_once(listening: Path) -> None:
    assert listening.exists()
    assert SOURCE.images is not None

    found = {image.reference: image.names for image in SOURCE.images()}

    assert found == {
        "containerd:app:1": ("app:1", "quay.io/kube/app:3"),
        "containerd:unsized:1": ("unsized:1",),
        "containerd:ghcr.io/team/app:2": ("ghcr.io/team/app:2",),
        f"containerd:{digest(b'nameless')}": (),
    }


@pytest.mark.parametrize("name", ["ghcr.io/team/app:2", "unsized:1"])
def test_another_platform_is_refused_and_the_one_that_is_there_is_told(name: str, listening: Path) -> None:
    assert listening.exists()

    with pytest.raises(PlatformNotFound) as raised:
        inspect(f"containerd:{name}", Options(platform=parse_platform("linux/arm64"), pull="never"))

    assert raised.value.hint == "the engine holds it for linux/s390x"


def test_an_unknown_image_is_pulled_under_its_full_name(listening: Path) -> None:
    new = row("docker.io/library/new:latest")
    ctr(listening, pull=f"echo '{new}' >>{listening}/default; printf '\\033[1A\\033[2Kpulling\\n'")
    lines: list[str] = []

    inspect("containerd:new", Options(notice=lines.append))

    pull = f"--namespace default images pull --platform {OWN} docker.io/library/new:latest"
    assert pull in asked(listening)
    assert "pulling" in lines


def test_nerdctl_pulls_where_it_is_there(listening: Path) -> None:
    new = row("docker.io/library/new:latest")
    command(listening, "nerdctl", f'echo "$@" >{listening}/pulled; echo "{new}" >>{listening}/default')

    inspect("containerd:new")

    pulled = (listening / "pulled").read_text()
    where = f"--address {listening}/c.sock --namespace default"
    assert pulled == f"{where} pull --platform {OWN} docker.io/library/new:latest\n"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("pull access denied: authorization failed: 401 Unauthorized", AccessDenied),
        ("docker.io/library/new:latest: not found", ImageNotFound),
        ("no match for platform in manifest: not found", PlatformNotFound),
        ("connection reset by peer", SourceError),
    ],
)
def test_a_pull_that_fails_says_why(said: str, error: type[SourceError], listening: Path) -> None:
    ctr(listening, pull=f"echo 'ctr: {said}' >&2; exit 1")

    with pytest.raises(SourceError) as raised:
        inspect("containerd:new")

    assert type(raised.value) is error
    assert said in raised.value.message


@pytest.mark.parametrize(
    "export", ["echo 'ctr: content digest sha256:1: not found' >&2; exit 1", "head -c 3000 {archive}; exit 1"]
)
def test_an_export_that_fails_is_no_image(export: str, listening: Path) -> None:
    ctr(listening, export=export)

    with pytest.raises(SourceError, match="failed after"):
        inspect("containerd:app:1")


def test_where_only_nerdctl_is_there_it_lists_and_saves(listening: Path) -> None:
    (listening / "ctr").unlink()
    item = {"Repository": "app", "Tag": "1", "Name": "docker.io/library/app:1", "Digest": TARGET}
    (listening / "line").write_text(json.dumps(item | {"Platform": OWN}) + "\n")
    command(
        listening,
        "nerdctl",
        f'shift 2; echo "$@" >>{listening}/asked; case "$2 $3" in "default images") cat {listening}/line ;;'
        f' "default save") cat {listening}/archive ;; esac',
    )

    found = inspect("containerd:app:1").image

    assert found.digest == TARGET
    assert asked(listening)[-1] == f"--namespace default save --platform {OWN} docker.io/library/app:1"


def test_doctor_is_told_version_address_and_namespaces(listening: Path) -> None:
    assert SOURCE.reach is not None

    said = SOURCE.reach()

    where = f"unix://{listening}/c.sock (CONTAINERD_ADDRESS)"
    assert said == f"containerd 1.6.20, {where}, namespaces default, k8s.io"


def test_neither_command_is_said_in_a_line(listening: Path, look: Run) -> None:
    (listening / "ctr").unlink()

    outcome = look("containerd:app:1")

    assert outcome.code == 3
    assert outcome.err.splitlines()[0] == "error: containerd: neither ctr nor nerdctl is installed"
    assert outcome.err.splitlines()[1].startswith("hint: install")


def test_no_socket_is_said_in_a_line(bare: Path) -> None:
    ctr(bare)

    with pytest.raises(EngineUnreachable, match=r"absent-containerd\.sock \(its usual place\): No such file"):
        inspect("containerd:app:1")


def test_a_socket_that_may_not_be_opened_says_so(listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may open anything, so the refusal is made up."""
    assert listening.exists()

    def refuse(self: socket.socket, address: object) -> None:  # noqa: ARG001
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    with pytest.raises(AccessDenied, match="permission denied") as raised:
        inspect("containerd:app:1")

    assert "sudo" in str(raised.value.hint)
