"""Two versions that docker built, pushed to a registry: what diff counts is what skopeo transfers."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from layerscope.cli.commands.diff import COMMAND
from layerscope.comparison.comparing import Comparison
from layerscope.comparison.pairing import Cause, Status
from layerscope.comparison.subject import subject_of
from layerscope.inspection import Options, inspect
from tests.cli.looking import Run, look
from tests.engines.building import content, import_base, save
from tests.engines.daemons import scratch_folder
from tests.engines.registries import Running, running

__all__ = ["look"]

pytestmark = pytest.mark.engine

BASE = "layerscope-test/base-diff:1"
DOCKERFILE = f"""\
FROM {BASE}
COPY lib /srv/lib
COPY app /srv/app
RUN cp -r /srv/lib /srv/vendored
RUN echo done > /srv/stamp
CMD ["sh"]
"""
LIB = {"lib/one": 300_000, "lib/two": 200_000}
VERSIONS = ({**LIB, "app/main": 50_000, "app/gone": 1_000}, {**LIB, "app/main": 60_000, "app/came": 2_000})
FORMATS = ("gzip", "zstd")


class Store(NamedTuple):
    """A registry that has both versions, and what it wrote down of every request."""

    registry: Running
    log: Path

    def name(self, version: int, compression: str) -> str:
        """The name of a version there."""
        return f"{self.registry.host}/app-{compression}:{version}"


@pytest.fixture(scope="module")
def store(
    engine: Any, tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Build both versions, the second with the first one's cache, and push them."""
    folder = tmp_path_factory.mktemp("versions")
    import_base(engine, BASE)
    with scratch_folder("registry") as home, running(tool("docker-registry"), home) as registry:
        for version, sizes in enumerate(VERSIONS, 1):
            archive = folder / f"{version}.tar"
            built(engine, sizes, f"layerscope-test/diff:{version}", archive)
            for compression in FORMATS:
                copy(
                    tool,
                    *("--format", "oci", "--dest-compress-format", compression, "--dest-tls-verify=false"),
                    *(f"docker-archive:{archive}", f"docker://{registry.host}/app-{compression}:{version}"),
                )
            time.sleep(1.1)  # docker notes whole seconds: what is built again has another time
        yield Store(registry, home / "log")


def built(engine: Any, sizes: dict[str, int], tag: str, archive: Path) -> None:
    """Build a version and save it."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for path, size_bytes in sizes.items():
            add(tar, path, content(path, size_bytes))
        add(tar, "Dockerfile", DOCKERFILE.encode())
    context.seek(0)
    said = engine.build(
        fileobj=context, custom_context=True, tag=tag, network_mode="host", rm=True, decode=True
    )
    assert [line["error"] for line in said if "error" in line] == []
    save(engine, tag, archive)


def add(tar: tarfile.TarFile, path: str, data: bytes) -> None:
    """A file of the context."""
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.mtime = len(data), 0o644, 1_600_000_000
    tar.addfile(member, io.BytesIO(data))


def copy(tool: Callable[[str], str], *arguments: str) -> None:
    """``skopeo copy``."""
    command = [tool("skopeo"), "--insecure-policy", "copy", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def compared(store: Store, compression: str) -> Comparison:
    """Both versions, read from the registry."""
    sides = [
        subject_of(inspect(f"registry:{store.name(version, compression)}", Options(insecure=True)))
        for version in (1, 2)
    ]
    return Comparison(old=sides[0], new=sides[1])


def blobs_sent(log: str) -> dict[str, int]:
    """The blobs that the registry sent, with their bytes, by its own account."""
    sent: dict[str, int] = {}
    for line in log.splitlines():
        digest = re.search(r'http\.request\.uri="[^"]*/blobs/(sha256:[0-9a-f]+)"', line)
        written = re.search(r"http\.response\.written=(\d+)", line)
        if digest and written and "http.request.method=GET" in line and "response completed" in line:
            sent[digest[1]] = int(written[1])
    return sent


@pytest.mark.parametrize("compression", FORMATS)
def test_the_update_is_what_skopeo_transfers_to_a_store_that_has_the_old_one(
    compression: str, store: Store, tool: Callable[[str], str], tmp_path: Path
) -> None:
    comparison = compared(store, compression)
    layout = tmp_path / "layout"
    copies = [
        ("--src-tls-verify=false", f"docker://{store.name(version, compression)}", f"oci:{layout}:{version}")
        for version in (1, 2)
    ]
    copy(tool, *copies[0])
    before = {path.name for path in (layout / "blobs/sha256").iterdir()}
    logged = len(store.log.read_text())

    copy(tool, *copies[1])

    update = comparison.update
    came = {path.name: path.stat().st_size for path in (layout / "blobs/sha256").iterdir()}
    came = {name: size_bytes for name, size_bytes in came.items() if name not in before}
    layers = {comparison.new.layers[layer.number].digest: layer.compressed_bytes for layer in update.pulled}
    config = {str(comparison.new.image_id): update.config_bytes}
    sent = blobs_sent(store.log.read_text()[logged:])
    assert sent == layers | config
    assert sum(sent.values()) == update.pull_bytes + (update.config_bytes or 0)
    manifest = str(comparison.new.digest).partition(":")[2]
    assert {name for name in came if name != manifest} == {str(name).partition(":")[2] for name in sent}
    assert sum(size_bytes for name, size_bytes in came.items() if name != manifest) == sum(sent.values())


def test_what_became_of_each_layer_and_who_is_to_blame(store: Store) -> None:
    comparison = compared(store, "gzip")

    assert [(pair.status, pair.cause) for pair in comparison.pairs] == [
        (Status.SAME, None),
        (Status.SAME, None),
        (Status.CHANGED, Cause.INPUT),
        (Status.REBUILT, Cause.BELOW),
        (Status.REBUILT, Cause.BELOW),
    ]
    blamed = comparison.to_blame
    assert blamed is not None
    assert blamed.difference is not None
    assert [(one.path, one.change, one.size_bytes) for one in blamed.difference.changes] == [
        ("srv/app/main", "modified", 60_000),
        ("srv/app/came", "added", 2_000),
        ("srv/app/gone", "removed", 1_000),
    ]


def test_content_that_the_old_one_has_is_counted_as_shipped_again(store: Store) -> None:
    update = compared(store, "gzip").update

    # The copy of lib/ and the stamp; of the application nothing is as it was.
    assert update.again_bytes == sum(LIB.values()) + len("done\n")
    assert update.content_bytes == update.again_bytes + 62_000
    # Random bytes do not compress.
    assert update.again_compressed_bytes == pytest.approx(sum(LIB.values()), rel=0.02)


def test_the_gate_holds_it_to_the_byte(store: Store, look: Run) -> None:
    names = [f"registry:{store.name(version, 'gzip')}" for version in (1, 2)]
    pull_bytes = compared(store, "gzip").update.pull_bytes

    codes = [
        look("diff", *names, "--insecure", "-q", "--ci", "--max-update", str(pull_bytes - less)).code
        for less in (0, 1)
    ]

    assert COMMAND.name == "diff"
    assert codes == [0, 1]
