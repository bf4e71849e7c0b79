"""The archives of Docker before 1.10: a folder for each layer, its parent named in ``json``."""

from __future__ import annotations

from layerscope.errors import ImageError
from layerscope.model.digest import Digest
from layerscope.model.image import HistoryEntry, Image, ImageConfig
from layerscope.model.platform import Platform
from layerscope.oci.assemble import Draft, StoredLayer, assemble
from layerscope.oci.blobs import Blobs
from layerscope.oci.candidate import Candidate
from layerscope.oci.fields import Fields, decode, wrong

_MAX_LAYERS = 1000


def is_v1(blobs: Blobs) -> bool:
    """Whether there is a ``repositories`` file or at least one layer's folder at the top."""
    return blobs.find("repositories") is not None or bool(_folders(blobs))


def _folders(blobs: Blobs) -> list[str]:
    return sorted(
        name[: -len("/json")] for name in blobs.names() if name.endswith("/json") and name.count("/") == 1
    )


def v1_candidates(blobs: Blobs) -> list[Candidate]:
    """Every tag of ``repositories``, or every layer that is nobody's parent where there is none."""
    if blobs.find("repositories") is None:
        folders = _folders(blobs)
        parents = {_read(blobs, folder).text("parent") for folder in folders}
        return [_candidate(blobs, (), folder) for folder in folders if folder not in parents]
    repositories = decode(blobs.read("repositories"), f"{blobs.where}: repositories")
    names: dict[str, list[str]] = {}
    for repository in sorted(repositories.keys()):
        for tag, layer in sorted(repositories.text_map(repository).items()):
            names.setdefault(layer, []).append(f"{repository}:{tag}")
    return [_candidate(blobs, tuple(tags), layer) for layer, tags in names.items()]


def _read(blobs: Blobs, folder: str) -> Fields:
    return decode(blobs.read(f"{folder}/json"), f"{blobs.where}: {folder}/json")


def _candidate(blobs: Blobs, names: tuple[str, ...], top: str) -> Candidate:
    chain = _chain(blobs, top)

    def build(reference: str) -> Image:
        return assemble(
            Draft(
                reference=reference,
                names=names,
                digest=None,
                image_id=None,
                config=_config(chain),
                layers=tuple(StoredLayer(blob=f"{folder}/layer.tar") for folder, _ in chain),
                has_diff_ids=False,
            ),
            blobs,
        )

    return Candidate(names=names, digests=(Digest(f"sha256:{top}"),), platform=None, group=top, build=build)


def _chain(blobs: Blobs, top: str) -> list[tuple[str, Fields]]:
    """The layers' folders and their ``json``, the base first."""
    chain: list[tuple[str, Fields]] = []
    folder: str | None = top
    while folder:
        if len(chain) >= _MAX_LAYERS or any(folder == known for known, _ in chain):
            raise ImageError(f"{blobs.where}: {folder}/json: parents in a circle, or more than {_MAX_LAYERS}")
        fields = _read(blobs, folder)
        chain.append((folder, fields))
        folder = fields.text("parent")
    chain.reverse()
    return chain


def _config(chain: list[tuple[str, Fields]]) -> ImageConfig:
    """A config made of the top layer's, with one step of history for each layer."""
    if not chain:
        raise wrong("repositories", "a layer", None)
    top = chain[-1][1]
    history = []
    for _, fields in chain:
        container = fields.object("container_config")
        command = container.texts("Cmd") if container else []
        history.append(HistoryEntry(created=fields.text("created"), created_by=" ".join(command)))
    system, architecture = top.text("os"), top.text("architecture")
    return ImageConfig(
        platform=Platform(os=system or "linux", architecture=architecture) if architecture else None,
        created=top.text("created"),
        author=top.text("author"),
        history=tuple(history),
        runtime=top.mapping("config"),
    )
