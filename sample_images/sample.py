"""A sample image: steps, some of which make a layer, and the configuration they end in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sample_images.filler import noise
from sample_images.layer_tar import Member, encode_layer


@dataclass(frozen=True, kw_only=True)
class Step:
    """One instruction: a history entry and, unless ``members`` is None, a layer.

    ``members`` of no members is a layer too: an empty one.
    """

    created_by: str
    created_s: int
    members: tuple[Member, ...] | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Paths that the tables call by one name: those that begin with one of the prefixes.

    Bytes of a topic that is not ``needed`` could go even where they are visible.
    """

    title: str
    prefixes: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An image that is not in an archive yet."""

    repository: str
    tag: str
    summary: str
    steps: tuple[Step, ...]
    config: Mapping[str, object]
    base_layers: int
    dockerfile: str = ""
    topics: tuple[Topic, ...] = ()

    @property
    def layer_steps(self) -> tuple[Step, ...]:
        """The steps that make layers; a layer's number is its place here."""
        return tuple(step for step in self.steps if step.members is not None)

    @property
    def layer_tars(self) -> tuple[bytes, ...]:
        """The uncompressed layers, base first."""
        return tuple(encode_layer(step.members or ()) for step in self.layer_steps)

    @property
    def created(self) -> str:
        """When the last step ran, as a config spells it."""
        return timestamp(self.steps[-1])

    def topic_of(self, path: str) -> Topic:
        """Return the topic of a path; where none is named, its top folder is a needed one."""
        for topic in self.topics:
            if path.startswith(topic.prefixes):
                return topic
        top = path.split("/", maxsplit=1)[0] + "/"
        return Topic(title=f"`{top}`", prefixes=(top,), needed=True)


def timestamp(step: Step) -> str:
    """Return a step's time with nanoseconds, as engines record it (RFC 3339)."""
    moment = datetime.fromtimestamp(step.created_s, UTC)
    nanoseconds = int.from_bytes(noise(step.created_by, 4), "big") % 10**9
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def base_step(created_s: int, digest: str, members: tuple[Member, ...]) -> tuple[Step, Step]:
    """Return the two steps of a base as the classic builder recorded them."""
    added = f"/bin/sh -c #(nop) ADD file:{digest} in / "
    shell = '/bin/sh -c #(nop)  CMD ["bash"]'
    return (
        Step(created_by=added, created_s=created_s, members=members),
        Step(created_by=shell, created_s=created_s + 1),
    )


def buildkit_step(created_by: str, created_s: int, members: tuple[Member, ...] | None = None) -> Step:
    """Return a step as BuildKit records it."""
    return Step(
        created_by=created_by,
        created_s=created_s,
        members=members,
        comment="buildkit.dockerfile.v0",
    )
