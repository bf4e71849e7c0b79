"""The rules that ask what package databases tell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerscope.packages.dpkg_needs import needs_of
from layerscope.packages.present import Present
from layerscope.rules import (
    apt_recommends,
    debug_tools,
    desktop_packages,
    development_packages,
    python_installers,
    python_shadowed,
    unneeded_packages,
)
from layerscope.union.apply import build_index
from tests.oci.tar.raw import member
from tests.packages.stacks import probed
from tests.rules.dsl import Case, case, one, step
from tests.rules.installed import MB, big, debian, elf, python
from tests.sources.images import layer
from tests.union.dsl import file


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


def desktop(entrypoint: str | None, *needed: str, large_bytes: int = 6 * MB) -> Case:
    """A program, and a graphics driver and a lean library of the distribution that it may be linked to."""
    status = [
        {"name": name, "version": "1", "architecture": "amd64"}
        for name in ("libgl1-mesa-dri", "libx11-6", "libssl3")
    ]
    told = {
        "var/lib/dpkg/status": status,
        "var/lib/dpkg/info/libgl1-mesa-dri.list": "/usr/lib/dri/swrast.so",
        "var/lib/dpkg/info/libx11-6.list": "/usr/lib/libX11.so.6",
        "var/lib/dpkg/info/libssl3.list": "/usr/lib/libssl.so.3",
    }
    libraries = {"usr/lib/dri/swrast.so": elf(), "usr/lib/libX11.so.6": elf(), "usr/lib/libssl.so.3": elf()}
    program = elf(interpreter="/lib/ld.so") | {"needed": list(needed)}
    return case(
        step(
            "RUN apt-get install -y thing",
            *(file(path) for path in told),
            *(big(path, large_bytes) for path in libraries),
            facts={"dpkg": told, "elf": libraries},
        ),
        step("COPY app /app", big("app"), facts={"elf": {"app": program}}),
        Entrypoint=[entrypoint] if entrypoint else None,
        base=0,
    )


@pytest.mark.parametrize(
    ("needed", "paths"),
    [
        ((), {"usr/lib/dri/swrast.so", "usr/lib/libX11.so.6"}),
        (("libX11.so.6",), {"usr/lib/dri/swrast.so"}),
    ],
)
def test_packages_of_a_desktop_that_the_program_does_not_load(
    needed: tuple[str, ...], paths: set[str]
) -> None:
    found = one(desktop("/app", *needed).advice(desktop_packages.RULE))

    assert (set(found.paths), found.net_bytes) == (paths, 6 * MB * len(paths))
    assert (found.confidence, found.layers) == ("low", (0,))


@pytest.mark.parametrize(
    ("entrypoint", "large_bytes"),
    [(None, 6 * MB), ("/not-there", 6 * MB), ("/app", 2 * MB)],
    ids=["nothing is run", "what is run is unknown", "small"],
)
def test_without_a_program_or_much_to_leave_out_nobody_is_told(
    entrypoint: str | None, large_bytes: int
) -> None:
    assert desktop(entrypoint, large_bytes=large_bytes).advice(desktop_packages.RULE) == ()
