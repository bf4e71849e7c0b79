"""The figures of a sample: plain data first, then the Markdown that the README shows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from sample_images.accounting import CAUSES, Cause, Ledger, balance
from sample_images.sample import Sample

_LEAST_DUPLICATE_BYTES: Final = 100


@dataclass(frozen=True, kw_only=True)
class LayerFigures:
    """One layer: what made it and what it holds."""

    number: int
    created_by: str
    entries: int
    content_bytes: int
    tar_bytes: int


@dataclass(frozen=True, kw_only=True)
class WasteFigures:
    """Wasted bytes of one topic, one cause and one pair of layers."""

    topic: str
    cause: Cause
    shipped_by: int
    hidden_by: int
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class VisibleFigures:
    """Bytes that are visible, and that the image would not miss."""

    topic: str
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class DuplicateFigures:
    """Visible files with the same content under several names that are not hard links."""

    paths: tuple[str, ...]
    extra_bytes: int


@dataclass(frozen=True, kw_only=True)
class SampleFigures:
    """Everything that is counted of one sample; ratios are shares of ``content_bytes``."""

    tag: str
    archive_bytes: int
    content_bytes: int
    visible_bytes: int
    wasted_bytes: int
    own_wasted_bytes: int
    wasted_ratio: float
    wasted_bytes_by_cause: dict[Cause, int]
    layers: tuple[LayerFigures, ...]
    waste: tuple[WasteFigures, ...]
    visible_but_unneeded: tuple[VisibleFigures, ...]
    duplicates: tuple[DuplicateFigures, ...]


def count(sample: Sample, archive: bytes) -> SampleFigures:
    """Return the figures of one sample."""
    ledger = balance([step.members or () for step in sample.layer_steps])
    return SampleFigures(
        tag=f"{sample.repository}:{sample.tag}",
        archive_bytes=len(archive),
        content_bytes=ledger.content_bytes,
        visible_bytes=ledger.visible_bytes,
        wasted_bytes=ledger.wasted_bytes,
        own_wasted_bytes=ledger.own_wasted_bytes(sample.base_layers),
        wasted_ratio=round(ledger.wasted_bytes / ledger.content_bytes, 6),
        wasted_bytes_by_cause={cause: ledger.wasted_by(cause) for cause in CAUSES},
        layers=tuple(_layers(sample)),
        waste=tuple(_waste(sample, ledger)),
        visible_but_unneeded=tuple(_visible_but_unneeded(sample, ledger)),
        duplicates=tuple(_duplicates(ledger)),
    )


def as_data(figures: SampleFigures) -> dict[str, object]:
    """Return the figures as JSON can hold them."""
    return asdict(figures)


def markdown(name: str, sample: Sample, figures: SampleFigures) -> str:
    """Return the README's section about one sample."""
    parts = [
        f"### {name} (`{figures.tag}`, {figures.archive_bytes:,} bytes)",
        sample.summary,
        _balance_sheet(figures),
        *([f"```dockerfile\n{sample.dockerfile}```"] if sample.dockerfile else []),
        _layer_table(figures),
        *_waste_table(figures),
        *_visible_table(figures),
    ]
    return "\n\n".join(parts) + "\n"


def _layers(sample: Sample) -> Iterable[LayerFigures]:
    for number, (step, tar) in enumerate(zip(sample.layer_steps, sample.layer_tars, strict=True)):
        members = step.members or ()
        yield LayerFigures(
            number=number,
            created_by=step.created_by,
            entries=len(members),
            content_bytes=sum(item.stored_bytes for item in members if item.kind == "file"),
            tar_bytes=len(tar),
        )


def _waste(sample: Sample, ledger: Ledger) -> list[WasteFigures]:
    groups: dict[tuple[str, Cause, int, int], list[int]] = defaultdict(list)
    for item in ledger.waste:
        key = (sample.topic_of(item.path).title, item.cause, item.shipped_by, item.hidden_by)
        groups[key].append(item.size_bytes)
    rows = [
        WasteFigures(
            topic=topic,
            cause=cause,
            shipped_by=shipped_by,
            hidden_by=hidden_by,
            files=len(sizes),
            size_bytes=sum(sizes),
        )
        for (topic, cause, shipped_by, hidden_by), sizes in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.size_bytes, row.topic, row.hidden_by))


def _visible_but_unneeded(sample: Sample, ledger: Ledger) -> list[VisibleFigures]:
    groups: dict[str, list[int]] = defaultdict(list)
    for path, entry in ledger.tree.items():
        topic = sample.topic_of(path)
        if entry.inode.member.kind == "file" and not topic.needed:
            groups[topic.title].append(entry.inode.member.stored_bytes)
    rows = [
        VisibleFigures(topic=topic, files=len(sizes), size_bytes=sum(sizes))
        for topic, sizes in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.size_bytes, row.topic))


def _duplicates(ledger: Ledger) -> list[DuplicateFigures]:
    groups: dict[bytes, dict[int, str]] = defaultdict(dict)
    for path, entry in sorted(ledger.tree.items()):
        member = entry.inode.member
        if member.kind == "file" and member.sparse_size_bytes is None:
            groups[member.content].setdefault(id(entry.inode), path)
    rows = [
        DuplicateFigures(paths=tuple(inodes.values()), extra_bytes=(len(inodes) - 1) * len(content))
        for content, inodes in groups.items()
        if len(inodes) > 1 and len(content) >= _LEAST_DUPLICATE_BYTES
    ]
    return sorted(rows, key=lambda row: (-row.extra_bytes, row.paths))


def _balance_sheet(figures: SampleFigures) -> str:
    causes = ", ".join(
        f"{cause} {size_bytes:,}" for cause, size_bytes in figures.wasted_bytes_by_cause.items()
    )
    return (
        f"Content {figures.content_bytes:,} bytes = visible {figures.visible_bytes:,} "
        f"+ wasted {figures.wasted_bytes:,} ({figures.wasted_ratio:.1%} of content).\n"
        f"Wasted by cause: {causes}.\n"
        f"Avoidable by the image's own instructions: {figures.own_wasted_bytes:,} bytes."
    )


def _layer_table(figures: SampleFigures) -> str:
    rows = [
        f"| {row.number} | {_code(row.created_by)} | {row.entries} | {row.content_bytes:,} |"
        for row in figures.layers
    ]
    head = "| Layer | Made by | Entries | Content bytes |\n|--:|---|--:|--:|"
    return "\n".join([head, *rows])


def _waste_table(figures: SampleFigures) -> list[str]:
    rows = [
        f"| {row.topic} | {row.cause} | {row.shipped_by} | {row.hidden_by} | {row.files} "
        f"| {row.size_bytes:,} |"
        for row in figures.waste
    ]
    head = "| Wasted | Cause | Shipped by | Hidden by | Files | Bytes |\n|---|---|--:|--:|--:|--:|"
    return ["\n".join([head, *rows])] if rows else []


def _visible_table(figures: SampleFigures) -> list[str]:
    rows = [f"| {row.topic} | {row.files} | {row.size_bytes:,} |" for row in figures.visible_but_unneeded]
    rows += [
        f"| twice or more: {', '.join(_code(path) for path in row.paths)} | {len(row.paths)} "
        f"| {row.extra_bytes:,} too many |"
        for row in figures.duplicates
    ]
    head = "| Visible, but could go | Files | Bytes |\n|---|--:|--:|"
    return ["\n".join([head, *rows])] if rows else []


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"
