"""The rules about how an image is stored and how its contents come into it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from layerscope.model.entry import Kind
from layerscope.rules import added_url, single_stage, uncompressed_layers, zero_files, zstd_compression
from tests.rules.dsl import Case, case, one, step, stored
from tests.union.dsl import file, hardlink, whiteout

MB = 1_000_000
MIB = 1 << 20
TAR = "application/vnd.oci.image.layer.v1.tar"


def plain(*, digest: bool, media_type: str = TAR, compression: tuple[str, ...] = ("none", "none")) -> Case:
    """Two layers of 10 MB as they lie somewhere."""
    built = stored(
        case(step("RUN a", file("a")), step("RUN b", file("b"))),
        media_type=media_type,
        digest=digest,
        tar_bytes=10 * MB,
        compressed_bytes=10 * MB,
    )
    changesets = tuple(
        msgspec.structs.replace(changeset, compression=name)
        for changeset, name in zip(built.changesets, compression, strict=True)
    )
    return Case(built.image, changesets, built.analysis)


def test_layers_that_are_stored_uncompressed_beside_others() -> None:
    found = one(plain(digest=True, compression=("gzip", "none")).advice(uncompressed_layers.RULE))

    assert found.layers == (1,)
    assert (found.net_bytes, found.compressed_bytes) == (0, 6 * MB)


@pytest.mark.parametrize(
    ("digest", "compression"),
    [
        (False, ("none", "none")),
        (False, ("gzip", "none")),
        (True, ("none", "none")),
        (True, ("gzip", "zstd")),
    ],
)
def test_an_archive_that_compresses_nothing_tells_nothing_of_the_registry(
    compression: tuple[str, ...], *, digest: bool
) -> None:
    assert plain(digest=digest, compression=compression).advice(uncompressed_layers.RULE) == ()


def test_gzip_becomes_zstd() -> None:
    found = one(plain(digest=True, compression=("gzip", "zstd")).advice(zstd_compression.RULE))

    assert (found.layers, found.compressed_bytes, found.confidence) == ((0,), 1 * MB, "low")


@pytest.mark.parametrize("compression", [("zstd", "zstd"), ("none", "none")])
def test_what_is_no_gzip_stays_as_it_is(compression: tuple[str, ...]) -> None:
    assert plain(digest=True, compression=compression).advice(zstd_compression.RULE) == ()


@pytest.mark.parametrize(
    ("instruction", "rewrite"),
    [
        (
            "ADD https://example.com/a.tar.gz /opt/ # buildkit",
            "RUN curl -fsSL https://example.com/a.tar.gz | tar -xz -C …",
        ),
        ("ADD https://example.com/a.bin /opt/ # buildkit", None),
    ],
)
def test_a_download_that_is_added(instruction: str, rewrite: str | None) -> None:
    found = one(case(step(instruction, file("opt/a", b"x"))).advice(added_url.RULE))

    assert found.rewrite == rewrite


@pytest.mark.parametrize(
    "instruction", ["ADD a.tar.gz /opt/", "RUN curl https://example.com/a.tar.gz", "COPY a /"]
)
def test_what_is_no_download_by_add(instruction: str) -> None:
    assert case(step(instruction, file("opt/a", b"x"))).advice(added_url.RULE) == ()


def toolchain(megabytes: int) -> Case:
    """A compiler of that size beside an application."""
    return case(*toolchain_steps(megabytes))


def toolchain_steps(megabytes: int) -> tuple[Any, Any]:
    """The two steps that make it."""
    cc1 = msgspec.structs.replace(
        file("usr/lib/gcc/x/12/cc1", b"cc1"), size_bytes=megabytes * MB, stored_bytes=megabytes * MB
    )
    return step("RUN apt-get install gcc", cc1), step("COPY . /app", file("app/main", b"m" * 50))


def test_built_and_run_in_one_stage() -> None:
    """The bytes are the compiler's: they are told of once more, not counted once more."""
    found = {suggestion.rule: suggestion for suggestion in toolchain(40).advice()}

    assert (found["single-stage"].gross_bytes, found["single-stage"].net_bytes) == (40 * MB, 0)
    assert found["build-toolchain"].net_bytes == 40 * MB
    assert "COPY --from=build" in (found["single-stage"].rewrite or "")


@pytest.mark.parametrize("known", [1, None])
def test_what_the_base_brings_to_build_with_is_no_reason_for_a_stage(known: int | None) -> None:
    own = case(*toolchain_steps(40))
    of_base = case(*toolchain_steps(40), base=known, empty={1: ['CMD ["sh"]']})

    assert "single-stage" in {found.rule for found in own.advice()}
    assert "single-stage" not in {found.rule for found in of_base.advice()}


def test_a_few_headers_are_no_stage() -> None:
    assert toolchain(20).advice(single_stage.RULE) == ()


def test_large_files_of_zeros() -> None:
    sparse = msgspec.structs.replace(file("sparse", b"x" * 512), size_bytes=20 * MIB)
    built = case(
        step(
            "RUN make",
            file("zeros", bytes(2 * MIB)),
            file("more", bytes(3 * MIB + 5)),
            hardlink("link", "more"),
            sparse,
            file("small", bytes(MIB - 1)),
            file("nearly", bytes(2 * MIB - 1) + b"x"),
            file("gone", bytes(2 * MIB)),
        ),
        step("RUN rm /gone", whiteout("gone")),
    )

    found = one(built.advice(zero_files.RULE))

    assert set(found.paths) == {"zeros", "more", "sparse"}
    assert found.net_bytes == 5 * MIB + 5 + 512


def test_a_large_directory_entry_is_no_file_of_zeros() -> None:
    odd = msgspec.structs.replace(file("d"), kind=Kind.DIRECTORY, size_bytes=2 * MIB)

    assert case(step("RUN x", odd)).advice(zero_files.RULE) == ()
