"""What an entrypoint needs: told from the config, ELF headers and first lines."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.advice.runtime_closure import Closure, closure_of
from layerscope.packages.present import Present
from tests.rules.dsl import Case, case, step
from tests.union.dsl import directory, file, hardlink, symlink

LOADER = "lib64/ld-linux-x86-64.so.2"


def elf(*needed: str, **more: Any) -> dict[str, Any]:
    """What the probe says of an ELF file."""
    fact = {
        "kind": "program",
        "symbol_bytes": 0,
        "debug_bytes": 0,
        "machine": "x86-64",
        "bits": 64,
        "interpreter": f"/{LOADER}",
        "needed": list(needed),
    }
    return fact | {"soname": None, "runpath": None, "rpath": None} | more


def image(
    *entries: Any, elves: dict[str, Any] | None = None, scripts: dict[str, Any] | None = None, **runtime: Any
) -> Case:
    """An image of one layer on a base with a loader, and the C library in one of its usual places."""
    base = step("ADD base", file(LOADER), file("usr/lib/x86_64-linux-gnu/libc.so.6"), file("etc/passwd"))
    return case(
        base, step("RUN make", *entries, facts={"elf": elves or {}, "shebang": scripts or {}}), **runtime
    )


def needed(built: Case) -> Closure:
    """Its closure."""
    found = closure_of(built.image, Present(built.analysis.index, built.changesets))
    assert found is not None
    return found


def own(built: Case) -> set[str]:
    """The paths of it that the base does not bring."""
    return set(needed(built).nodes) - {"etc/passwd"}


LIBC = "usr/lib/x86_64-linux-gnu/libc.so.6"


def test_a_program_needs_its_loader_and_libraries_and_theirs() -> None:
    built = image(
        file("usr/bin/app"),
        file("usr/lib/liba.so.1.2"),
        symlink("usr/lib/liba.so.1", "liba.so.1.2"),
        file("usr/lib/libb.so"),
        file("usr/lib/libother.so"),
        elves={
            "usr/bin/app": elf("liba.so.1", "libc.so.6"),
            "usr/lib/liba.so.1.2": elf("libb.so", interpreter=None),
        },
        Cmd=["app"],
    )

    assert own(built) == {
        *("usr/bin/app", "usr/lib/liba.so.1", "usr/lib/liba.so.1.2", "usr/lib/libb.so"),
        *(LOADER, LIBC),
    }


@pytest.mark.parametrize(
    ("fact", "environment", "found"),
    [
        (elf("libx.so", runpath="$ORIGIN/../deep:/opt/x"), [], "opt/deep/libx.so"),
        (elf("libx.so", rpath="/opt/x"), [], "opt/x/libx.so"),
        (elf("libx.so"), ["LD_LIBRARY_PATH=/opt/x"], "opt/x/libx.so"),
        (elf("libx.so", runpath="/opt/deep"), ["LD_LIBRARY_PATH=/opt/x"], "opt/x/libx.so"),
        (elf("libx.so", rpath="/opt/deep"), ["LD_LIBRARY_PATH=/opt/x"], "opt/deep/libx.so"),
        (elf("libx.so"), [], "usr/lib/libx.so"),
        (elf("/opt/x/libx.so"), [], "opt/x/libx.so"),
        (elf("libx.so", bits=32, machine="x86"), [], "usr/lib32/libx.so"),
    ],
)
def test_libraries_are_looked_for_as_the_loader_does(
    fact: dict[str, Any], environment: list[str], found: str
) -> None:
    places = ("opt/deep/libx.so", "opt/x/libx.so", "usr/lib/libx.so", "usr/lib32/libx.so")
    others = {place: elf(interpreter=None) for place in places[:3]}
    others[places[3]] = elf(interpreter=None, bits=32, machine="x86")
    built = image(
        file("opt/bin/app"),
        *map(file, places),
        elves={"opt/bin/app": fact, **others},
        Entrypoint=["/opt/bin/app"],
        Env=environment,
    )

    assert own(built) & set(places) == {found}


def test_a_library_that_is_nowhere_is_told() -> None:
    built = image(file("app"), elves={"app": elf("libgone.so")}, Cmd=["/app"])

    assert needed(built).undecided == ("libgone.so, which /app needs, is not in the image",)


def test_a_library_in_a_folder_of_its_own_is_found_by_its_name_and_that_is_told() -> None:
    built = image(
        file("app"), file("opt/vendor/libv.so.3.1"),
        elves={"app": elf("libv.so.3"), "opt/vendor/libv.so.3.1": elf(soname="libv.so.3", interpreter=None)},
        Cmd=["/app"],
    )  # fmt: skip

    assert "opt/vendor/libv.so.3.1" in own(built)
    assert needed(built).undecided == (
        "/opt/vendor/libv.so.3.1, which /app needs, was found by its name alone",
    )


def test_a_program_is_found_by_the_search_path_through_symlinks() -> None:
    built = image(
        file("opt/tool/bin/tool"),
        symlink("usr/bin/tool", "../../etc/alternatives/tool"),
        symlink("etc/alternatives/tool", "/opt/tool/bin/tool"),
        elves={"opt/tool/bin/tool": elf()},
        Cmd=["tool"],
    )

    assert needed(built).programs == ("opt/tool/bin/tool",)
    assert {"usr/bin/tool", "etc/alternatives/tool", "opt/tool/bin/tool"} <= own(built)


def test_a_script_needs_its_interpreter_and_the_folder_that_it_runs_in() -> None:
    built = image(
        file("usr/bin/env"),
        file("usr/local/bin/node"),
        file("srv/app/server.js"),
        file("srv/app/node_modules/x/index.js"),
        file("srv/app/.git/HEAD"),
        file("srv/other"),
        elves={"usr/local/bin/node": elf(), "usr/bin/env": elf()},
        scripts={"srv/app/server.js": ["/usr/bin/env", "node"]},
        Entrypoint=["./server.js"],
        WorkingDir="/srv/app",
    )

    assert own(built) >= {
        "usr/bin/env",
        "usr/local/bin/node",
        "srv/app/server.js",
        "srv/app/node_modules/x/index.js",
    }
    assert not own(built) & {"srv/other", "srv/app/.git/HEAD"}


def test_python_needs_its_library_and_packages() -> None:
    built = image(
        file("usr/bin/python3.11"),
        symlink("usr/bin/python3", "python3.11"),
        file("usr/lib/python3.11/os.py"),
        file("usr/lib/python3.11/config-3.11-x/libpython3.11.a"),
        file("usr/local/lib/python3.11/dist-packages/flask/a.py"),
        file("usr/lib/python3/dist-packages/apt.py"),
        file("usr/lib/python3.9/os.py"),
        file("app/app.py"),
        file("bin/sh"),
        elves={"usr/bin/python3.11": elf()},
        Cmd=["/bin/sh", "-c", "exec python3 app.py"],
        WorkingDir="/app",
    )

    assert own(built) >= {
        *("usr/bin/python3", "usr/lib/python3.11/os.py", "app/app.py"),
        *("usr/local/lib/python3.11/dist-packages/flask/a.py", "usr/lib/python3/dist-packages/apt.py"),
    }
    assert not own(built) & {"usr/lib/python3.9/os.py", "usr/lib/python3.11/config-3.11-x/libpython3.11.a"}


def test_a_virtual_environment_comes_as_a_whole() -> None:
    built = image(
        file("usr/bin/python3.11"),
        symlink("venv/bin/python3", "/usr/bin/python3.11"),
        file("venv/bin/serve"),
        file("venv/pyvenv.cfg"),
        file("venv/lib/python3.11/site-packages/a.py"),
        elves={"usr/bin/python3.11": elf()},
        scripts={"venv/bin/serve": ["/venv/bin/python3"]},
        Entrypoint=["/venv/bin/serve"],
    )

    assert {"venv/bin/python3", "usr/bin/python3.11", "venv/lib/python3.11/site-packages/a.py"} <= own(built)


def test_a_jar_needs_its_folder_and_a_java_without_what_compiles() -> None:
    home = "usr/lib/jvm/java-17"
    built = image(
        file(f"{home}/bin/java"),
        file(f"{home}/bin/javac"),
        file(f"{home}/lib/modules"),
        file(f"{home}/jmods/java.base.jmod"),
        file("opt/app/app.jar"),
        file("opt/app/lib/a.jar"),
        file("build/src/A.java"),
        elves={f"{home}/bin/java": elf()},
        Entrypoint=[f"/{home}/bin/java", "-jar", "/opt/app/app.jar"],
        WorkingDir="/build",
    )

    assert {"opt/app/app.jar", "opt/app/lib/a.jar", f"{home}/lib/modules"} <= own(built)
    assert not own(built) & {f"{home}/bin/javac", f"{home}/jmods/java.base.jmod", "build/src/A.java"}


def test_npm_needs_its_own_package_a_shell_and_the_folder_it_is_run_in() -> None:
    built = image(
        file("usr/local/lib/node_modules/npm/bin/npm-cli.js"),
        file("usr/local/lib/node_modules/npm/lib/npm.js"),
        file("usr/local/lib/node_modules/other/a.js"),
        symlink("usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js"),
        file("usr/local/bin/node"),
        file("usr/bin/env"),
        file("bin/sh"),
        file("srv/app/package.json"),
        scripts={"usr/local/lib/node_modules/npm/bin/npm-cli.js": ["/usr/bin/env", "node"]},
        elves={"usr/local/bin/node": elf(), "bin/sh": elf()},
        Cmd=["npm", "start"],
        WorkingDir="/srv/app",
    )

    assert {"usr/local/lib/node_modules/npm/lib/npm.js", "bin/sh", "srv/app/package.json"} <= own(built)
    assert "usr/local/lib/node_modules/other/a.js" not in own(built)
    assert any("package.json" in note for note in needed(built).undecided)


def test_the_health_check_is_run_too() -> None:
    built = image(
        file("app"), file("usr/bin/curl"), file("bin/sh"),
        elves={"app": elf(), "usr/bin/curl": elf()},
        Entrypoint=["/app"], Healthcheck={"Test": ["CMD-SHELL", "curl -f http://localhost || exit 1"]},
    )  # fmt: skip

    assert "usr/bin/curl" in own(built)


def test_a_second_name_of_a_hard_link_group_is_looked_into() -> None:
    built = image(
        file("usr/bin/first"), hardlink("usr/bin/second", "usr/bin/first"), file("usr/lib/liba.so"),
        elves={"usr/bin/first": elf("liba.so")},
        Cmd=["second"],
    )  # fmt: skip

    assert "usr/lib/liba.so" in own(built)


def test_a_circle_of_links_and_a_link_to_the_root_end() -> None:
    built = image(
        file("srv/app/run.py"),
        file("usr/bin/python3"),
        symlink("srv/app/a", "b"),
        symlink("srv/app/b", "a"),
        symlink("srv/app/root", "/"),
        symlink("srv/app/gone", "/nowhere"),
        file("usr/share/much"),
        elves={"usr/bin/python3": elf()},
        Cmd=["python3", "run.py"],
        WorkingDir="/srv/app",
    )

    assert "usr/share/much" not in own(built)
    assert "srv/app/run.py" in own(built)


@pytest.mark.parametrize("runtime", [{}, {"Cmd": ["gone"]}, {"Entrypoint": ["/usr"]}])
def test_without_a_program_there_is_nothing_to_tell(runtime: dict[str, Any]) -> None:
    built = image(directory("usr"), **runtime)

    assert closure_of(built.image, Present(built.analysis.index, built.changesets)) is None
