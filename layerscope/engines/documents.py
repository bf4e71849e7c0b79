"""What engines say of themselves and of their images, in JSON; what has another shape is a ValueError."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from layerscope.engines.engine import Held
from layerscope.model.digest import Digest, is_digest
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform


class About(msgspec.Struct, rename="pascal"):
    """The answer to ``GET /version``."""

    api_version: str
    version: str = "unknown"


class Info(msgspec.Struct, rename="pascal"):
    """The answer to ``GET /info``."""

    driver: str = "unknown"
    driver_status: list[Any] | None = None

    @property
    def keeps_blobs(self) -> bool:
        """Whether the image store is containerd's, which keeps blobs as they came."""
        return "io.containerd." in str(self.driver_status)


class _Stored(msgspec.Struct, rename="pascal"):
    content: int = 0


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str | None = None


class _ImageData(msgspec.Struct, rename="pascal"):
    platform: _Platform | None = None


class _RootFS(msgspec.Struct, rename="pascal"):
    layers: list[str] | None = None


class _Manifest(msgspec.Struct, rename="pascal"):
    kind: str = ""
    available: bool = False
    size: _Stored | None = None
    image_data: _ImageData | None = None


class Inspected(msgspec.Struct, rename="pascal"):
    """One image, by the API or by ``podman image inspect``."""

    id: str
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None
    os: str = ""
    architecture: str = ""
    variant: str | None = None
    size: int | None = None
    manifests: list[_Manifest] | None = None
    root_fs: _RootFS | None = msgspec.field(default=None, name="RootFS")

    @property
    def layer_count(self) -> int | None:
        """How many layers it has, where it says so."""
        return len(self.root_fs.layers) if self.root_fs is not None and self.root_fs.layers else None

    def held(self, asked: str) -> Held:
        """What matters of it; ``asked`` is the name it was found by."""
        return Held(
            image_id=with_algorithm(self.id),
            names=real_names(self.repo_tags),
            digest=repository_digest(self.repo_digests, asked),
            platforms=tuple(self._platforms()),
            export_bytes=self._export_bytes(),
        )

    def _platforms(self) -> Iterator[Platform]:
        """Those of the index whose content is there; of an image that is no index, its own."""
        if not self.manifests:
            yield from platform_of(self.os, self.architecture, self.variant)
        for manifest in self.manifests or []:
            told = manifest.image_data.platform if manifest.image_data is not None else None
            if manifest.kind == "image" and manifest.available and told is not None:
                yield from platform_of(told.os, told.architecture, told.variant)

    def _export_bytes(self) -> int | None:
        """Classic stores and Podman export what the image takes, containerd's the blobs as stored."""
        sizes = [manifest.size.content for manifest in self.manifests or [] if manifest.size is not None]
        return sum(sizes) or self.size


class Listed(msgspec.Struct, rename="pascal"):
    """One image of a list: the API's has RepoTags, ``podman images`` has Names."""

    id: str
    repo_tags: list[str] | None = None
    names: list[str] | None = None
    size: int | None = None
    created: int | None = None

    def local(self, scheme: str, layers: int | None = None) -> LocalImage:
        """The same as every engine's list has it."""
        names = real_names([*(self.repo_tags or ()), *(self.names or ())])
        image_id = with_algorithm(self.id)
        return LocalImage(
            reference=f"{scheme}:{names[0] if names else image_id}",
            names=names,
            image_id=image_id,
            size_bytes=self.size,
            created_s=self.created,
            layers=layers,
        )


def one_for_each(rows: Iterable[Listed]) -> list[Listed]:
    """A list in which an image with several names, which Podman repeats, is there once with all of them."""
    found: dict[str, Listed] = {}
    for row in rows:
        known = found.setdefault(row.id, row)
        if known is not row:
            known.names = [*(known.names or ()), *(row.names or ())]
    return list(found.values())


def platform_of(os: str, architecture: str, variant: str | None) -> Iterator[Platform]:
    """A platform, where it is told."""
    if os and architecture:
        yield Platform(os=os, architecture=architecture, variant=variant or None)


def with_algorithm(image_id: str) -> str:
    """An ID as Docker writes it."""
    return image_id if ":" in image_id else f"sha256:{image_id}"


def real_names(names: Iterable[str] | None) -> tuple[str, ...]:
    """Names without what stands for none."""
    return tuple(dict.fromkeys(name for name in names or () if "<none>" not in name))


def repository_digest(digests: Iterable[str] | None, name: str) -> Digest | None:
    """The digest under which the repository asked for has the image, else the only one that is known."""
    known = {entry.partition("@")[0]: entry.partition("@")[2] for entry in digests or ()}
    known = {repository: digest for repository, digest in known.items() if is_digest(digest)}
    bare = name.partition("@")[0]
    for repository, digest in known.items():
        if bare == repository or bare.startswith(f"{repository}:"):
            return Digest(digest)
    return Digest(next(iter(known.values()))) if len(set(known.values())) == 1 else None
