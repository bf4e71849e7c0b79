"""The rules that ask what programs, libraries and package databases tell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from layerscope.model.platform import Platform
from layerscope.packages.dpkg_needs import needs_of
from layerscope.packages.present import Present
from layerscope.rules import (
    apt_recommends,
    cuda_tools,
    cuda_twice,
    debug_tools,
    development_packages,
    foreign_architecture,
    installers_left,
    python_installers,
    python_shadowed,
    unneeded_packages,
    unstripped_binaries,
)
from layerscope.union.apply import build_index
from tests.oci.tar.raw import member
from tests.packages.stacks import probed
from tests.rules.dsl import case, one, step
from tests.sources.images import layer
from tests.union.dsl import file, hardlink, whiteout

BIG = b"x" * 1_000_000


def elf(symbol_bytes: int = 0, debug_bytes: int = 0, kind: str = "program", **fields: Any) -> dict[str, Any]:
    """What the probe tells of a program."""
    return {
        "kind": kind,
        "machine": "x86-64",
        "bits": 64,
        "needed": [],
        "symbol_bytes": symbol_bytes,
        "debug_bytes": debug_bytes,
        **fields,
    }


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


MB = 1_000_000


def big(path: str, size_bytes: int = MB) -> Any:
    """A file that says that it is so large."""
    return msgspec.structs.replace(file(path, path.encode()), size_bytes=size_bytes, stored_bytes=size_bytes)


def debian(instruction: str, packages: dict[str, dict[str, str]], automatic: tuple[str, ...] = ()) -> Any:
    """A layer that installs these packages, a megabyte each: name to relations."""
    status = [
        {"name": name, "version": "1", "architecture": "all", **more} for name, more in packages.items()
    ]
    told: dict[str, Any] = {
        "var/lib/dpkg/status": status,
        "var/lib/apt/extended_states": [{"name": name, "architecture": "all"} for name in automatic],
        **{f"var/lib/dpkg/info/{name}.list": f"/usr/lib/{name}/f" for name in packages},
    }
    files = [file(path) for path in told] + [big(f"usr/lib/{name}/f") for name in packages]
    return step(instruction, *files, facts={"dpkg": told})


def test_what_came_because_it_was_recommended() -> None:
    """Also what that needs; not what something needs besides, or somebody asked for."""
    image = case(
        debian(
            "RUN apt-get -y install app",
            {
                "app": {"Depends": "lib (>= 2) | other, virtual", "Recommends": "nice, both, asked"},
                "lib": {},
                "provider": {"Provides": "virtual (= 1)"},
                "nice": {"Depends": "only-for-nice"},
                "only-for-nice": {"Suggests": "suggested"},
                "suggested": {},
                "both": {},
                "needs-both": {"Pre-Depends": "both"},
                "asked": {},
            },
            automatic=("lib", "provider", "nice", "only-for-nice", "suggested", "both"),
        )
    )

    found = one(image.advice(apt_recommends.RULE, unneeded_packages.RULE))

    assert found.net_bytes == 3 * MB
    assert set(found.paths) == {f"usr/lib/{name}/f" for name in ("nice", "only-for-nice", "suggested")}
    assert found.rewrite == "RUN apt-get -y install --no-install-recommends app"


def test_what_came_for_a_package_that_is_gone() -> None:
    image = case(
        debian(
            "RUN apt-get install -y app && apt-get purge -y app",
            {
                "tool": {"Depends": "lib"},
                "lib": {},
                "left": {"Depends": "left-too"},
                "left-too": {},
                "base": {},
            },
            automatic=("lib", "left", "left-too"),
        )
    )

    found = one(image.advice(unneeded_packages.RULE, apt_recommends.RULE))

    assert (found.net_bytes, found.path_count) == (2 * MB, 2)
    assert found.rewrite is not None
    assert found.rewrite.endswith("&& apt-get autoremove --purge -y")


@pytest.mark.parametrize("kept", ["Essential", "Protected", "Important"])
def test_what_the_distribution_insists_on_is_needed(kept: str) -> None:
    image = case(
        debian("RUN x", {"bash": {kept: "yes", "Depends": "lib"}, "lib": {}}, automatic=("bash", "lib"))
    )

    assert image.advice(unneeded_packages.RULE, apt_recommends.RULE) == ()


def test_apt_itself_would_remove_the_same(tool: Callable[[str], str]) -> None:
    """This machine's own packages, with and without what is only recommended."""
    paths = ("var/lib/dpkg/status", "var/lib/apt/extended_states")
    if not all(Path("/", path).exists() for path in paths):
        pytest.skip("this machine's packages are not apt's")
    changesets = probed(layer(*(member(path.encode(), Path("/", path).read_bytes()) for path in paths)))

    needs = needs_of(Present(build_index(changesets), changesets))

    assert needs is not None
    unneeded = would_remove(tool("apt-get"))
    without = ("-o", "APT::AutoRemove::RecommendsImportant=0", "-o", "APT::AutoRemove::SuggestsImportant=0")
    assert needs.unneeded == unneeded
    assert needs.recommended == would_remove(tool("apt-get"), *without) - unneeded


def would_remove(apt: str, *options: str) -> set[str]:
    """What apt-get autoremove would remove, with these options."""
    said = subprocess.run(
        [apt, "--simulate", *options, "autoremove"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return {line.split()[1] for line in said.stdout.splitlines() if line.startswith("Remv ")}


def test_without_apt_s_notes_nobody_knows() -> None:
    status = {"var/lib/dpkg/status": [{"name": "a", "version": "1", "architecture": "all"}]}
    image = case(step("RUN x", file("var/lib/dpkg/status"), facts={"dpkg": status}))

    assert image.advice(unneeded_packages.RULE, apt_recommends.RULE) == ()


@pytest.mark.parametrize(
    "name", ["libssl-dev", "gcc-12", "g++", "build-essential", "cmake-data", "binutils", "make"]
)
def test_packages_to_build_with(name: str) -> None:
    image = case(debian(f"RUN apt-get install {name}", {name: {}, "libssl3": {}}))

    found = one(image.advice(development_packages.RULE))

    assert (found.net_bytes, found.paths) == (MB, (f"usr/lib/{name}/f",))


@pytest.mark.parametrize(
    "name", ["libgcc-s1", "gcc-12-base", "devscripts-x", "makeself", "device-tree", "libstdc++6"]
)
def test_packages_that_only_sound_like_it(name: str) -> None:
    assert case(debian("RUN x", {name: {}})).advice(development_packages.RULE) == ()


def test_the_development_profile_keeps_them() -> None:
    image = case(debian("RUN x", {"gcc-12": {}, "vim": {}}))

    assert image.advice(development_packages.RULE, debug_tools.RULE, profile="dev") == ()


def test_editors_and_the_like() -> None:
    image = case(
        debian("RUN apt-get install curl", {"curl": {}, "libvim": {}}),
        debian("RUN apt-get install vim", {"curl": {}, "libvim": {}, "vim": {}, "strace": {}}),
    )

    found = one(image.advice(debug_tools.RULE))

    assert (found.net_bytes, found.layers) == (2 * MB, (1,))
    assert "strace vim" in found.fix


def python(site: str, name: str, size_bytes: int = MB) -> tuple[list[Any], dict[str, Any]]:
    """The files of a Python package and what the probe tells of it."""
    info = f"{site}/{name}-1.dist-info"
    facts = {f"{info}/METADATA": {"name": name, "version": "1"}, f"{info}/RECORD": f"{name}/a.py"}
    return [file(path) for path in facts] + [big(f"{site}/{name}/a.py", size_bytes)], facts


def test_pip_and_its_like() -> None:
    site = "opt/venv/lib/python3.12/site-packages"
    files, facts = zip(*(python(site, name) for name in ("pip", "Poetry_Core", "flask")), strict=True)
    told = {path: fact for some in facts for path, fact in some.items()}
    image = case(
        step(
            "RUN python -m venv",
            *(entry for some in files for entry in some),
            facts={"python-packages": told},
        )
    )

    found = one(image.advice(python_installers.RULE))

    assert set(found.paths) == {f"{site}/pip/a.py", f"{site}/Poetry_Core/a.py"}
    assert found.net_bytes == 2 * MB


def shadowed(site: str, name: str) -> Any:
    """Debian's numpy, and then a package that pip puts at a place."""
    folder = "usr/lib/python3/dist-packages"
    info = f"{folder}/numpy-1.dist-info/METADATA"
    told = {
        "var/lib/dpkg/status": [{"name": "python3-numpy", "version": "1", "architecture": "all"}],
        "var/lib/dpkg/info/python3-numpy.list": f"/{info}\n/{folder}/numpy/a.py",
    }
    files, facts = python(site, name)
    return case(
        step(
            "RUN apt-get install python3-numpy",
            *(file(path) for path in (*told, info)),
            big(f"{folder}/numpy/a.py", 3 * MB),
            facts={"dpkg": told, "python-packages": {info: {"name": "NumPy", "version": "1"}}},
        ),
        step("RUN pip install numpy", *files, facts={"python-packages": facts}),
    )


def test_pip_s_package_in_front_of_debian_s() -> None:
    found = one(shadowed("usr/local/lib/python3.11/dist-packages", "numpy").advice(python_shadowed.RULE))

    assert (found.net_bytes, found.layers) == (3 * MB, (0,))
    assert "python3-numpy" in found.fix


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("opt/venv/lib/python3.11/site-packages", "numpy"),
        ("usr/local/lib/python3.11/dist-packages", "numpydoc"),
    ],
)
def test_an_environment_of_its_own_or_another_package_is_in_front_of_nothing(site: str, name: str) -> None:
    assert shadowed(site, name).advice(python_shadowed.RULE) == ()


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
