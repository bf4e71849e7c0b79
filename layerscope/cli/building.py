"""An image built by an engine's own command, and what the engine calls it afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from layerscope.errors import EngineUnreachable, ImageNotFound, SourceError
from layerscope.extensions import Access, Source
from layerscope.loading import load

_STORES = {"docker": "docker", "podman": "podman", "buildah": "podman"}
"""The commands that build, and the scheme under which what they built is found."""

_STANDARD_ERROR = 2
_SHORT_DIGITS = 12
_PATIENCE_S = 10
_LOAD = "add --load to the build's options: buildx can leave what it built outside of docker's images"
_OTHER_STORE = "layerscope doctor tells which podman was asked; is it the one that built?"


class Builder(msgspec.Struct, frozen=True, kw_only=True):
    """A command that builds; ``notice`` says what was chosen, empty where it was named."""

    name: str
    notice: str = ""

    @property
    def store(self) -> str:
        """The scheme of what it builds."""
        return _STORES[self.name]


def builder_for(arguments: Sequence[str]) -> tuple[Builder, list[str]]:
    """The builder that the first word names, or the first that works; and the build's arguments.

    Raises EngineUnreachable where there is none.
    """
    if arguments and arguments[0] in _STORES:
        return Builder(name=arguments[0]), list(arguments[1:])
    return _first_that_works(load("source")), list(arguments)


def _first_that_works(sources: dict[str, Source]) -> Builder:
    silent = None
    for name, store in _STORES.items():
        if shutil.which(name) is None:
            continue
        source = sources.get(store)
        if name == "docker" and source is not None and source.reach is not None:
            try:
                source.reach()
            except SourceError as error:
                silent = error
                continue
        why = ": docker does not answer" if silent else ""
        return Builder(name=name, notice=f"building with {name}{why}")
    if silent is not None:
        raise EngineUnreachable(f"docker cannot build: {silent.message}", hint=silent.hint)
    raise EngineUnreachable(
        "nothing to build with: neither docker, podman nor buildah is installed",
        hint="install one of them, or build elsewhere and give the archive: layerscope image.tar",
    )


def build(builder: Builder, arguments: Sequence[str]) -> str:
    """Build an image and give the reference under which it is found.

    What the command says goes to standard error as it comes. Raises SourceError: with the
    command's own exit code where it failed, ImageNotFound where no image is left of it.
    """
    command = shutil.which(builder.name)
    if command is None:
        raise EngineUnreachable(
            f"{builder.name}: command not found", hint="layerscope doctor tells which are"
        )
    given = _iid_file(arguments)
    with tempfile.TemporaryDirectory(prefix="layerscope-build-") as folder:
        iid_file = given or Path(folder, "iid")
        ours = () if given else ("--iidfile", str(iid_file))
        code = _run([command, "build", *ours, *arguments])
        if code:
            raise _failed(builder, code)
        image_id = _read(iid_file)
    if image_id is None:
        raise ImageNotFound(f"{builder.name} build left no image behind", hint=_hint(builder))
    _check_it_is_there(builder, image_id)
    return f"{builder.store}:{image_id.removeprefix('sha256:')[:_SHORT_DIGITS]}"


def _iid_file(arguments: Sequence[str]) -> Path | None:
    """Where the user wants to have the image's ID; the last one counts, as for the engines."""
    found = None
    for place, argument in enumerate(arguments):
        if argument.startswith("--iidfile="):
            found = argument.partition("=")[2]
        elif argument == "--iidfile" and place + 1 < len(arguments):
            found = arguments[place + 1]
    return Path(found) if found else None


def _run(command: list[str]) -> int:
    """Run a command to its end; its exit code, as a shell has it where a signal ended it."""
    with subprocess.Popen(command, stdout=_STANDARD_ERROR) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The terminal has told the command too; let it clean up.
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.terminate()
            raise
    return 128 - code if code < 0 else code


def _failed(builder: Builder, code: int) -> SourceError:
    error = SourceError(f"{builder.name} build failed: exit code {code}")
    error.exit_code = code
    return error


def _read(iid_file: Path) -> str | None:
    try:
        return iid_file.read_text().strip() or None
    except OSError:
        return None


def _check_it_is_there(builder: Builder, image_id: str) -> None:
    source: Source | None = load("source").get(builder.store)
    if source is not None and source.has is not None and not source.has(image_id, Access(pull="never")):
        raise ImageNotFound(
            f"{image_id}: built, but not among the images of {builder.store}", hint=_hint(builder)
        )


def _hint(builder: Builder) -> str:
    return _LOAD if builder.name == "docker" else _OTHER_STORE
