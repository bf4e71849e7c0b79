"""A real registry, filled by skopeo: what we read from it is what is in the archive."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from layerscope.errors import AccessDenied, ImageNotFound, SourceError
from layerscope.inspection import Options, inspect
from layerscope.model.platform import parse_platform
from tests.conftest import PROJECT
from tests.distribution.authorities import authority, signed
from tests.distribution.conftest import home
from tests.engines.ours import listing, report
from tests.engines.registries import PASSWORD, USER, Running, push, running
from tests.oci.build import as_folder, built, descriptor, image_blobs, index, layout_of, manifest_of
from tests.oci.tar.raw import END, member
from tests.sources.images import saved

pytestmark = pytest.mark.engine

__all__ = ["home"]

Tool = Callable[[str], str]
SAMPLES = ("wasteful", "lean", "odd")
KINDS = ("plain", "password", "tls")


@pytest.fixture(scope="module")
def registries(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Running]]:
    """A function that gives a registry by its kind: `KINDS`; each is started once."""
    from contextlib import ExitStack

    known: dict[str, Running] = {}
    with ExitStack() as stack:

        def registry(kind: str) -> Running:
            if kind not in known:
                folder = tmp_path_factory.mktemp(kind)
                more: dict[str, Any] = {}
                if kind == "password":
                    more["htpasswd"] = htpasswd(tool("htpasswd"), folder / "htpasswd")
                if kind == "tls":
                    certs = folder / "certs"
                    certs.mkdir()
                    more["tls"] = signed(tool("openssl"), certs, "server", authority(tool("openssl"), certs))
                    # Skopeo takes a .key without a .cert for a mistake.
                    keep = folder / "keys"
                    keep.mkdir()
                    moved = shutil.move(more["tls"].key, keep / "server.key")
                    (certs / "ca.key").unlink()
                    more["tls"] = more["tls"]._replace(key=Path(moved))
                known[kind] = stack.enter_context(running(tool("docker-registry"), folder, **more))
            return known[kind]

        yield registry


def htpasswd(program: str, path: Path) -> Path:
    """A file with the one user."""
    done = subprocess.run([program, "-Bbn", USER, PASSWORD], check=True, capture_output=True)
    path.write_bytes(done.stdout)
    return path


def log_in(skopeo: str, registry: Running, home: Path, *more: str) -> None:
    """``skopeo login``, which writes what ``podman login`` does."""
    file = home / ".docker/config.json"
    command = [skopeo, "login", *more, "--authfile", str(file), "-u", USER, "-p", PASSWORD, registry.host]
    subprocess.run(command, check=True, capture_output=True)


def trust(registry: Running, home: Path) -> None:
    """Put the registry's authority where podman looks for it."""
    folder = home / ".config/containers/certs.d" / registry.host
    folder.mkdir(parents=True)
    shutil.copy(Path(registry.flags[0].partition("=")[2]) / "ca.crt", folder)


def totals(image: str) -> dict[str, Any]:
    """The balance of an image, but for what depends on how it is stored."""
    found: dict[str, Any] = report(image)["totals"]
    return {key: value for key, value in found.items() if "compressed" not in key}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_an_image_in_a_registry_is_the_one_in_the_archive(
    name: str,
    kind: str,
    registries: Callable[[str], Running],
    tool: Tool,
    home: Path,
) -> None:
    archive = PROJECT / f"sample_images/{name}.tar"
    registry = registries(kind)
    target = push(tool("skopeo"), f"docker-archive:{archive}", registry, f"samples/{name}:1")
    if kind == "password":
        log_in(tool("skopeo"), registry, home, "--tls-verify=false")
    if kind == "tls":
        trust(registry, home)

    found = inspect(f"registry:{target}")

    expected = inspect(str(archive))
    assert [changeset.entries for changeset in found.changesets] == [
        changeset.entries for changeset in expected.changesets
    ]
    assert found.analysis.waste == expected.analysis.waste
    assert {verified.value for verified in found.verified} == {"diff_id"}
    assert found.image.image_id == expected.image.image_id
    assert listing(f"registry:{target}") == listing(archive)
    assert totals(f"registry:{target}") == totals(str(archive))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_digests_are_those_that_skopeo_tells(
    compression: str, registries: Callable[[str], Running], tool: Tool, tmp_path: Path
) -> None:
    """The content is of this test alone: skopeo uses blobs again that a registry has in another form."""
    layers = (member(f"{compression}-{number}".encode(), b"x" * 9_000) + END for number in range(3))
    archive = f"docker-archive:{saved(tmp_path, *layers)}"
    format_flags = ["--format", "oci", "--dest-compress-format", compression]
    target = push(tool("skopeo"), archive, registries("plain"), f"samples/{compression}:1", *format_flags)
    told = json.loads(skopeo_inspect(tool("skopeo"), target))

    found = inspect(f"registry:{target}")

    blobs = [layer.descriptor.digest for layer in found.image.layers if layer.descriptor is not None]
    assert found.image.digest == told["Digest"]
    assert blobs == told["Layers"]
    assert {changeset.compression for changeset in found.changesets} == {compression}
    assert [changeset.digest for changeset in found.changesets] == blobs
    assert inspect(f"registry:{target.rpartition(':')[0]}@{told['Digest']}").image.digest == told["Digest"]


def skopeo_inspect(skopeo: str, target: str) -> bytes:
    """What skopeo tells of an image in the registry without TLS."""
    command = [skopeo, "inspect", "--tls-verify=false", f"docker://{target}"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


@pytest.mark.parametrize("wanted", ["linux/amd64", "linux/arm64", "linux/s390x"])
def test_a_platform_is_chosen_as_skopeo_chooses_it(
    wanted: str, registries: Callable[[str], Running], tool: Tool, tmp_path: Path
) -> None:
    cpus = ("amd64", "arm64", "s390x")
    files: dict[str, Any] = {}
    items = []
    for cpu in cpus:
        blobs = image_blobs(built(member(cpu.encode(), b"x") + END, cpu=cpu))
        files |= blobs
        platform = {"os": "linux", "architecture": cpu}
        items.append(
            descriptor(manifest_of(blobs), "application/vnd.oci.image.manifest.v1+json", platform=platform)
        )
    document = index(*items)
    files[f"blobs/{_digest_of(document).replace(':', '/')}"] = document
    top = descriptor(document, "application/vnd.oci.image.index.v1+json")
    folder = as_folder(layout_of(files, top), tmp_path / "layout")
    target = push(tool("skopeo"), f"oci:{folder}", registries("plain"), "samples/several:1", "--all")
    cpu = wanted.partition("/")[2]
    command = [tool("skopeo"), "--override-arch", cpu, "inspect", "--tls-verify=false", f"docker://{target}"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)

    found = inspect(f"registry:{target}", Options(platform=parse_platform(wanted)))

    assert str(found.image.platform) == wanted
    assert [layer.descriptor.digest for layer in found.image.layers if layer.descriptor] == told["Layers"]
    assert told["Architecture"] == cpu


def _digest_of(document: bytes) -> str:
    import hashlib

    return f"sha256:{hashlib.sha256(document).hexdigest()}"


@pytest.mark.usefixtures("home")
def test_without_the_password_access_is_denied(registries: Callable[[str], Running]) -> None:
    registry = registries("password")

    with pytest.raises(AccessDenied, match="authentication required") as raised:
        inspect(f"registry:{registry.host}/samples/lean:1")

    assert f"docker login {registry.host}" in (raised.value.hint or "")


def test_with_a_wrong_password_too(registries: Callable[[str], Running], home: Path) -> None:
    registry = registries("password")
    (home / ".docker").mkdir()
    wrong = {"auths": {registry.host: {"username": USER, "password": "not-it"}}}
    (home / ".docker/config.json").write_text(json.dumps(wrong))

    with pytest.raises(AccessDenied) as raised:
        inspect(f"registry:{registry.host}/samples/lean:1")

    assert "config.json were refused" in (raised.value.hint or "")
    assert "not-it" not in f"{raised.value.message} {raised.value.hint}"


@pytest.mark.usefixtures("home")
def test_an_authority_that_nobody_knows_is_refused(registries: Callable[[str], Running]) -> None:
    registry = registries("tls")

    with pytest.raises(SourceError, match="certificate is not accepted"):
        inspect(f"registry:{registry.host}/samples/lean:1")


@pytest.mark.usefixtures("home")
def test_insecure_takes_it(registries: Callable[[str], Running], tool: Tool) -> None:
    archive = f"docker-archive:{PROJECT}/sample_images/lean.tar"
    target = push(tool("skopeo"), archive, registries("tls"), "samples/insecure:1")

    assert inspect(f"registry:{target}", Options(insecure=True)).image.complete


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [("samples/lane:1", "no such repository", "spelling"), ("samples/tagged:1.1", "no such image", "1.0")],
)
@pytest.mark.usefixtures("home")
def test_an_unknown_image_is_told(
    name: str, said: str, hint: str, registries: Callable[[str], Running], tool: Tool
) -> None:
    archive = f"docker-archive:{PROJECT}/sample_images/lean.tar"
    registry = registries("plain")
    push(tool("skopeo"), archive, registry, "samples/tagged:1.0")

    with pytest.raises(ImageNotFound, match=said) as raised:
        inspect(f"registry:{registry.host}/{name}")

    assert hint in (raised.value.hint or "")
