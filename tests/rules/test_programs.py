"""The rules that ask what programs and libraries tell."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.model.platform import Platform
from layerscope.rules import (
    cuda_tools,
    cuda_twice,
    foreign_architecture,
    installers_left,
    unstripped_binaries,
)
from tests.rules.dsl import case, one, step
from tests.rules.installed import MB, big, elf
from tests.union.dsl import file, hardlink, whiteout

BIG = b"x" * 1_000_000


def test_what_strip_would_take_of_a_visible_program() -> None:
    """Only that part counts, and an object file needs its symbols."""
    facts = {
        "app/tool": elf(200_000, 300_000),
        "app/small": elf(100),
        "app/a.o": elf(5_000, 400_000, kind="object file"),
    }
    image = case(
        step("RUN make", *(file(path, BIG) for path in facts), facts={"elf": facts}),
        step(
            "RUN cp lib.so /usr/lib",
            file("usr/lib/lib.so", BIG),
            facts={"elf": {"usr/lib/lib.so": elf(50_000)}},
        ),
    )

    found = image.advice(unstripped_binaries.RULE)

    assert [(one.net_bytes, one.layers, one.paths) for one in found] == [
        (500_000, (0,), ("app/tool",)),
        (50_000, (1,), ("usr/lib/lib.so",)),
    ]
    assert "strip --strip-unneeded /app/tool" in found[0].fix


def test_what_is_hidden_or_stripped_later_is_not_told_of() -> None:
    image = case(
        step(
            "RUN make", file("a", BIG), file("b", BIG), facts={"elf": {"a": elf(500_000), "b": elf(500_000)}}
        ),
        step("RUN strip a; rm b", file("a", BIG[:500_000]), whiteout("b"), facts={"elf": {"a": elf()}}),
    )

    assert image.advice(unstripped_binaries.RULE) == ()


def test_a_hard_link_keeps_the_content() -> None:
    image = case(
        step("RUN make", file("a", BIG), hardlink("b", "a"), facts={"elf": {"a": elf(500_000)}}),
        step("RUN rm a", whiteout("a")),
    )

    assert one(image.advice(unstripped_binaries.RULE)).net_bytes == 500_000


def test_a_program_that_was_copied_up_is_the_doing_of_whoever_made_it() -> None:
    fact = {"elf": {"a": elf(500_000)}}
    image = case(
        step("RUN make", file("a", BIG), facts=fact),
        step("RUN chown app a", file("a", BIG, uid=7), facts=fact),
    )

    found = one(image.advice(unstripped_binaries.RULE))

    assert (found.net_bytes, found.layers) == (500_000, (0, 1))


@pytest.mark.parametrize(
    ("instruction", "rewrite"),
    [
        ("RUN go build -o /app/tool .", "RUN go build -ldflags='-s -w' -o /app/tool ."),
        ("RUN go build -ldflags=-X=a.b=c -o /app/tool .", None),
        ("RUN make", None),
        ("COPY --from=build /tool /app/tool", None),
    ],
)
def test_go_links_without_symbols_when_told_to(instruction: str, rewrite: str | None) -> None:
    image = case(step(instruction, file("app/tool", BIG), facts={"elf": {"app/tool": elf(500_000)}}))

    assert one(image.advice(unstripped_binaries.RULE)).rewrite == rewrite


@pytest.mark.parametrize(
    ("architecture", "machine", "is_foreign"),
    [
        ("amd64", "AArch64", True),
        ("amd64", "x86-64", False),
        ("amd64", "x86", False),
        ("386", "x86-64", True),
        ("arm64", "x86-64", True),
        ("arm64", "ARM", False),
        ("amd64", "BPF", False),
        ("m68k", "x86-64", False),
    ],
)
def test_binaries_for_another_architecture(architecture: str, machine: str, *, is_foreign: bool) -> None:
    facts = {"app/a.node": elf(machine=machine), "app/b.o": elf(machine=machine, kind="object file")}
    image = case(step("RUN npm ci", *(big(path) for path in facts), facts={"elf": facts}))
    config = msgspec.structs.replace(
        image.image.config, platform=Platform(os="linux", architecture=architecture)
    )
    image = msgspec.structs.replace(image, image=msgspec.structs.replace(image.image, config=config))

    found = image.advice(foreign_architecture.RULE)

    assert [one.paths for one in found] == ([("app/a.node",)] if is_foreign else [])


def test_cuda_of_the_system_that_pip_brings_as_well() -> None:
    """Only where the name is the same, which has the version in it; stubs are for linking."""
    facts = {
        "usr/local/cuda-12/lib64/libcublas.so.12.1": elf(soname="libcublas.so.12"),
        "usr/local/cuda-12/lib64/libcufft.so.11.0": elf(soname="libcufft.so.11"),
        "usr/local/cuda-12/lib64/libnpp.so.12": elf(soname="libnppc.so.12"),
        "usr/local/cuda-12/lib64/stubs/libcublas.so": elf(soname="libcublas.so.12"),
    }
    pip = {
        "usr/lib/python3/site-packages/nvidia/cublas/lib/libcublas.so.12": elf(soname="libcublas.so.12"),
        "usr/lib/python3/site-packages/nvidia/cufft/lib/libcufft.so.10": elf(soname="libcufft.so.10"),
    }
    image = case(
        step("FROM", *(big(path) for path in facts), facts={"elf": facts}),
        step("RUN pip install torch", *(big(path) for path in pip), facts={"elf": pip}),
    )

    found = one(image.advice(cuda_twice.RULE))

    assert found.paths == ("usr/local/cuda-12/lib64/libcublas.so.12.1",)
    assert (found.net_bytes, found.layers) == (MB, (0,))


def test_developers_tools_of_cuda() -> None:
    image = case(
        step(
            "FROM",
            big("usr/local/cuda-12.4/lib64/libcublas_static.a"),
            big("usr/local/cuda/nsight-compute-2024/ncu"),
            big("usr/local/cuda/lib64/libcublas.so.12"),
        )
    )

    assert one(image.advice(cuda_tools.RULE)).net_bytes == 2 * MB


def test_installers_that_did_their_work() -> None:
    image = case(
        step(
            "RUN ./a.run", big("opt/a.run", 6 * MB), big("opt/setup.sh", 5 * MB), big("opt/start.sh", 4 * MB)
        )
    )

    found = one(image.advice(installers_left.RULE))

    assert (found.net_bytes, found.paths) == (11 * MB, ("opt/a.run", "opt/setup.sh"))
