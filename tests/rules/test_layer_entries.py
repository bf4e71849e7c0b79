"""The rules about layers and the config as such: what they list, compress and say."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.model.changeset import OffsetPoint
from layerscope.model.image import HistoryEntry
from layerscope.rules import directories_again, disk_images, incompressible_layer, large_config
from tests.rules.dsl import Case, case, one, step, stored
from tests.union.dsl import directory, file


def test_directories_that_are_listed_again_take_a_header_each() -> None:
    names = [f"srv/{number:04}" for number in range(1200)]
    built = case(
        step("COPY a /srv", directory("srv"), *map(directory, names), file("srv/0007/a", b"x")),
        step(
            "RUN chmod -R u+r /srv",
            directory("srv"),
            *map(directory, names),
            file("srv/0007/a", b"y"),
        ),
    )

    found = one(built.advice(directories_again.RULE))

    # "srv" itself and all in it but the one whose file has changed.
    assert (found.gross_bytes, found.net_bytes) == (1200 * 512, 0)
    assert "1 200 directories" in found.title


@pytest.mark.parametrize(("count", "mode"), [(999, 0o755), (1200, 0o700)])
def test_a_few_directories_or_changed_ones_are_no_finding(count: int, mode: int) -> None:
    names = [f"srv/{number:04}" for number in range(count)]
    built = case(
        step("COPY a /srv", *map(directory, names)),
        step("RUN chmod", *(directory(name, mode=mode) for name in names)),
    )

    assert not built.advice(directories_again.RULE)


@pytest.mark.parametrize(
    ("compression", "compressed_bytes", "tar_bytes", "found"),
    [
        ("gzip", 99_000_000, 100_000_000, 1),
        ("gzip", 94_000_000, 100_000_000, 0),
        ("none", 100_000_000, 100_000_000, 0),
        ("zstd", 9_900_000, 10_000_000, 0),
    ],
)
def test_a_layer_is_incompressible_that_compression_leaves_as_large(
    compression: str, compressed_bytes: int, tar_bytes: int, found: int
) -> None:
    built = stored(
        case(step("COPY model /model", file("model", b"x"))),
        compression=compression,
        compressed_bytes=compressed_bytes,
        tar_bytes=tar_bytes,
        points=[OffsetPoint(compressed_bytes, tar_bytes)],
    )

    assert len(built.advice(incompressible_layer.RULE)) == found


@pytest.mark.parametrize(("count", "found"), [(70_000, 1), (60_000, 0)])
def test_a_config_with_documents_in_its_labels_is_large(count: int, found: int) -> None:
    built = case(step("COPY a /a", file("a", b"x")), Labels={"docs": "d" * count})
    config = b'{"config": {"Labels": {"docs": "%s"}}}' % (b"d" * count)
    image = msgspec.structs.replace(built.image, config_bytes=config)

    suggestions = Case(image, built.changesets, built.analysis).advice(large_config.RULE)

    assert [one.gross_bytes for one in suggestions] == [count + len('{"docs":""}')] * found


def test_a_config_with_here_documents_in_its_history_is_large() -> None:
    built = case(step("", file("a", b"x")))
    history = (HistoryEntry(created_by="RUN <<EOF\n" + "d" * 70_000),)
    config = msgspec.structs.replace(built.image.config, history=history)
    image = msgspec.structs.replace(built.image, config=config, config_bytes=b"d" * 71_000)

    found = one(Case(image, built.changesets, built.analysis).advice(large_config.RULE))

    assert "history" in found.title
    assert 70_000 < found.gross_bytes < 71_000


def test_disks_of_virtual_machines_are_found_and_the_kernels_own_are_not() -> None:
    disk = msgspec.structs.replace(file("vm/disk.qcow2", b"d"), size_bytes=9_000_000, stored_bytes=9_000_000)
    boot = msgspec.structs.replace(disk, path="boot/initrd.img")
    small = msgspec.structs.replace(disk, path="vm/small.img", size_bytes=900, stored_bytes=900)
    built = case(step("COPY . /", disk, boot, small))

    found = one(built.advice(disk_images.RULE))

    assert (found.net_bytes, found.paths) == (9_000_000, ("vm/disk.qcow2",))
    assert "**/disk.qcow2 into .dockerignore" in found.fix
