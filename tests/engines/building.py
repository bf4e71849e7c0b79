"""Images that a real engine builds, saves and exports; each one once, whoever asks first."""

from __future__ import annotations

import fcntl
import io
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import engine_missing
from tests.engines.oracles import exported, record

RECIPES = Path(__file__).parent / "recipes"
BUSYBOX = Path("/bin/busybox")
MTIME_S = 1_600_000_000
_ARCHIVE = "image.tar"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A Dockerfile, the files beside it (by path, random but always the same) and the stage to stop at."""

    dockerfile: str
    sizes: Mapping[str, int]
    target: str = ""


def content(path: str, size_bytes: int) -> bytes:
    """What is in a file of a build context."""
    return random.Random(path).randbytes(size_bytes)


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder that the first process that asks fills, while the others wait."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def archive_of(folder: Path) -> Path:
    """What ``docker save`` wrote of the image that was built into a folder."""
    return folder / _ARCHIVE


def oracles_of(folder: Path) -> dict[int, Path]:
    """The exported filesystems of a built image, by the number of the layer they are as of."""
    return {int(path.stem): path for path in folder.glob("*.tsv")}


def build(engine: Any, recipe: Recipe, name: str, folder: Path) -> None:
    """Build a recipe, save the image, and export it as of each of its layers."""
    base = f"layerscope-test/base-{name}:1"
    import_base(engine, base)
    tag = f"layerscope-test/{name}:1"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for path, size_bytes in recipe.sizes.items():
            _add(archive, path, content(path, size_bytes))
        _add(archive, "Dockerfile", (RECIPES / recipe.dockerfile).read_bytes())
    context.seek(0)
    said = engine.build(
        fileobj=context,
        custom_context=True,
        tag=tag,
        buildargs={"BASE": base},
        target=recipe.target,
        network_mode="host",
        rm=True,
        forcerm=True,
        decode=True,
    )
    complaints = [line["error"] for line in said if "error" in line]
    assert complaints == []
    save(engine, tag, archive_of(folder))
    # The classic builder keeps the image that each step made.
    for step in engine.history(tag):
        layers = len(engine.inspect_image(step["Id"])["RootFS"]["Layers"])
        if not (oracle := folder / f"{layers - 1}.tsv").exists():
            export(engine, step["Id"], oracle)


def save(engine: Any, image: str, archive: Path) -> None:
    """``docker save``."""
    _write(engine.get_image(image), archive)


def export(engine: Any, image: str, oracle: Path) -> None:
    """``docker create`` and ``docker export``, written down as rows."""
    container = engine.create_container(image, ["/never-run"])
    tar = oracle.with_suffix(".export")
    try:
        _write(engine.export(container["Id"]), tar)
        record(exported(tar), oracle)
    finally:
        tar.unlink(missing_ok=True)
        engine.remove_container(container["Id"])


def import_base(engine: Any, tag: str) -> None:
    """Import a root filesystem whose commands are all names of one static busybox."""
    if not BUSYBOX.exists():
        engine_missing(f"{BUSYBOX} is not installed (Debian: busybox-static)")
    if engine.images(tag):
        return
    repository, _, version = tag.partition(":")
    said = engine.import_image_from_data(_rootfs(), repository=repository, tag=version)
    assert "error" not in said


def _rootfs() -> bytes:
    commands = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path in ("bin", "dev", "etc", "home", "home/user", "root", "tmp", "usr", "usr/bin", "var"):
            folder = tarfile.TarInfo(path)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if path == "tmp" else 0o755
            archive.addfile(folder)
        _add(archive, "bin/busybox", BUSYBOX.read_bytes(), 0o755)
        _add(archive, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        _add(archive, "home/user/notes", b"of the base\n")
        for command in sorted(set(commands.stdout.split()) - {"busybox"}):
            link = tarfile.TarInfo(f"bin/{command}")
            link.type, link.mode, link.linkname = tarfile.LNKTYPE, 0o755, "bin/busybox"
            # Docker gives the file what the last header of its names says.
            link.mtime = MTIME_S
            archive.addfile(link)
        end = archive.offset
    # Two blocks end a tar. Skopeo 1.9 drops the padding behind them when it writes zstd:chunked, and
    # leaves the diff ID as it was.
    return target.getvalue()[:end] + bytes(2 * tarfile.BLOCKSIZE)


def _add(archive: tarfile.TarFile, path: str, data: bytes, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.mtime = len(data), mode, MTIME_S
    archive.addfile(member, io.BytesIO(data))


def _write(chunks: Iterable[bytes], path: Path) -> None:
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
