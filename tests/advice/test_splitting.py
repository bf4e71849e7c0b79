"""An image of one stage told apart: what is copied, what is installed, what is left behind."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from layerscope.advice.evidence import Evidence
from layerscope.advice.splitting import Split
from layerscope.advice.two_stages import proposal
from layerscope.inspection import inspect
from layerscope.rules import single_stage, stage_split
from tests.advice.test_runtime_closure import elf
from tests.rules.dsl import Case, case, step
from tests.sources.images import saved
from tests.union.dsl import directory, file, symlink

MB = 1_000_000
STATUS = "var/lib/dpkg/status"
LISTS = "var/lib/dpkg/info"


def large(path: str, megabytes: int) -> Any:
    """A file that is said to be of a size."""
    return msgspec.structs.replace(file(path), size_bytes=megabytes * MB, stored_bytes=megabytes * MB)


def package(name: str) -> dict[str, str]:
    """A package as the probe tells it."""
    return {"name": name, "version": "1", "architecture": "amd64"}


def built(*, toolchain_mb: int = 90) -> Case:
    """A base, a compiler and a library of the distribution, sources, and a program made of them."""
    lists = {
        f"{LISTS}/gcc-12.list": "/usr/lib/gcc/x/12/cc1\n",
        f"{LISTS}/libz1.list": "/usr/lib/libz.so.1\n/usr/lib/libz.so.1.3\n",
    }
    return case(
        step("ADD base", file("lib64/ld-linux-x86-64.so.2"), file("etc/passwd")),
        step(
            "RUN apt-get install -y gcc libz-dev",
            large("usr/lib/gcc/x/12/cc1", toolchain_mb),
            file("usr/lib/libz.so.1.3", b"z" * 500),
            symlink("usr/lib/libz.so.1", "libz.so.1.3"),
            file("etc/ssl/certs/made-by-a-script.pem", b"m"),
            *(file(path) for path in (STATUS, *lists)),
            facts={
                "elf": {"usr/lib/libz.so.1.3": elf(interpreter=None)},
                "dpkg": {STATUS: [package("gcc-12"), package("libz1")], **lists},
            },
        ),
        step("COPY . /src", file("src/main.c", b"s" * 100)),
        step(
            "RUN make install && adduser app",
            msgspec.structs.replace(file("opt/app/bin/app", b"a" * 1000), uid=7, gid=8),
            msgspec.structs.replace(file("opt/app/data/x", b"d" * 10), uid=7, gid=8),
            file("etc/passwd", b"app"),
            facts={"elf": {"opt/app/bin/app": elf("libz.so.1")}},
        ),
        base=1,
        empty={3: ["ENV A=1 PASSWORD=hunter2", "EXPOSE 80"]},
        Entrypoint=["/opt/app/bin/app"],
        Cmd=["/opt/app/data"],
        User="app",
        WorkingDir="/srv",
    )


def split(image: Case) -> Split:
    """How it is split."""
    found = Evidence(image.image, image.changesets, image.analysis).split
    assert found is not None
    return found


def test_what_the_program_needs_is_copied_or_installed_and_the_rest_left() -> None:
    found = split(built())

    assert found.build_layers == (1, 2, 3)
    assert found.artefacts == ("opt/app",)
    assert found.packages == {"dpkg": ("libz1",)}
    assert found.needed_bytes == 1000 + 10 + 500 + len("app") + len("m")
    assert {item.path for item in found.dropped} >= {"usr/lib/gcc/x/12/cc1", "src/main.c"}
    assert not any(item.path.startswith(("opt", "usr/lib/libz")) for item in found.dropped)


def test_a_dockerfile_of_two_stages() -> None:
    image = built()

    text = proposal(split(image), Evidence(image.image, image.changesets, image.analysis), None)

    assert (
        text
        == """\
FROM … AS build
…

FROM …
RUN apt-get update \\
    && apt-get install -y --no-install-recommends libz1 \\
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /etc/passwd /etc/group /etc/
COPY --from=build --chown=7:8 /opt/app /opt/app
ENV A=1 PASSWORD=…
EXPOSE 80
WORKDIR /srv
USER app
ENTRYPOINT ["/opt/app/bin/app"]
CMD ["/opt/app/data"]"""
    )


def run_image(*entries: Any, command: str = "RUN make", base: tuple[Any, ...] = (), **runtime: Any) -> Case:
    """An image of a base and one own layer."""
    return case(
        step("ADD base", file("etc/passwd"), file("usr/bin/sh"), *base, facts={"elf": {"usr/bin/sh": elf()}}),
        step(command, *entries, facts={"elf": {"opt/app/run": elf()}}),
        base=1,
        **({"Entrypoint": ["/opt/app/run"]} | runtime),
    )


def lines_of(image: Case) -> list[str]:
    """The lines of the second stage, and of the first what is added."""
    evidence = Evidence(image.image, image.changesets, image.analysis)
    return proposal(split(image), evidence, None).split("\n")[2:]


@pytest.mark.parametrize("command", ["RUN npm ci && npm run build", "COPY . ."])
def test_what_the_image_made_below_var_or_etc_is_copied(command: str) -> None:
    image = run_image(
        file("var/www/app/node_modules/a.js"),
        file("var/www/app/b.js"),
        file("etc/app.conf"),
        file("opt/app/run"),
        command=command,
        Entrypoint=["sh", "/var/www/app/b.js", "--config=/etc/app.conf"],
        WorkingDir="/var/www/app",
    )

    assert split(image).artefacts == ("etc/app.conf", "var/www/app")


def test_what_scripts_of_packages_write_is_not_copied() -> None:
    image = run_image(
        file("opt/app/run"),
        file("etc/ssl/certs/a.pem", b"pem"),
        file("etc/ld.so.cache"),
        command="RUN apt-get install -y ca-certificates && make",
    )

    assert split(image).artefacts == ("opt/app/run",)


def test_what_the_image_itself_puts_where_scripts_write_is_copied() -> None:
    image = run_image(
        file("opt/app/run"), file("etc/ssl/certs/own.pem", b"pem"), command="RUN ./certificates"
    )

    assert split(image).artefacts == ("etc/ssl/certs/own.pem", "opt/app/run")


def test_a_link_is_made_again_since_copying_would_follow_it() -> None:
    image = run_image(
        file("opt/app/run"),
        file("opt/app/beside"),
        symlink("opt/bin/it's", "../app/run"),
        symlink("usr/bin/go", "/opt/app/run"),
        base=(directory("usr/bin"),),
        Entrypoint=["/opt/bin/it's"],
        Healthcheck={"Test": ["CMD", "go"]},
    )

    assert lines_of(image)[2:5] == [
        "COPY --from=build /opt/app/run /opt/app/run",
        "RUN mkdir -p /opt/bin \\",
        "    && ln -sfn ../app/run '/opt/bin/it'\"'\"'s' \\",
    ]
    assert lines_of(image)[5] == "    && ln -sfn /opt/app/run /usr/bin/go"


@pytest.mark.parametrize(("user", "before"), [("app", ["USER root"]), ("", [])])
def test_a_repository_is_taken_out_of_the_first_stage(user: str, before: list[str]) -> None:
    image = run_image(
        file("srv/app/run.sh"),
        file("srv/app/b"),
        file("srv/app/.git/pack", b"p" * 9),
        Entrypoint=["sh", "run.sh"],
        WorkingDir="/srv/app",
        User=user,
    )

    assert lines_of(image)[: len(before) + 1] == [*before, "RUN rm -rf /srv/app/.git"]
    assert "srv/app/.git/pack" in {item.path for item in split(image).dropped}


def test_a_library_that_the_cache_tells_of_is_told_again() -> None:
    image = case(
        step("ADD base", file("lib64/ld-linux-x86-64.so.2"), file("etc/ld.so.conf"), facts=loader_paths()),
        step(
            "RUN make install && ldconfig",
            file("opt/app/run"),
            file("opt/app/lib/liba.so"),
            file("etc/ld.so.conf.d/a.conf"),
            facts={
                "elf": {"opt/app/run": elf("liba.so")},
                "loader-paths": {"etc/ld.so.conf.d/a.conf": "/opt/app/lib\n"},
            },
        ),
        base=1,
        Cmd=["/opt/app/run"],
    )

    assert split(image).artefacts == ("etc/ld.so.conf.d/a.conf", "opt/app")
    assert lines_of(image)[4] == "RUN ldconfig"


def loader_paths() -> dict[str, dict[str, Any]]:
    """What the probe says of Debian's ld.so.conf."""
    return {"loader-paths": {"etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n"}}


def test_of_packages_those_are_installed_that_bring_the_others_along() -> None:
    lists = {f"{LISTS}/{name}.list": f"/usr/lib/{name}\n" for name in ("liba", "libb", "libc", "other")}
    status = [
        package("liba") | {"Depends": "libb (>= 1) | libz, virtual"},
        package("libb"),
        package("libc") | {"Provides": "virtual"},
        package("other") | {"Pre-Depends": "liba"},
    ]
    image = case(
        step("ADD base", file("lib64/ld-linux-x86-64.so.2")),
        step(
            "RUN apt-get install -y other",
            *(file(f"usr/lib/{name}", b"x" * 10) for name in ("liba", "libb", "libc", "other")),
            file(f"{LISTS}/libc.postinst", b"p" * 7),
            file(f"{LISTS}/other.postinst", b"p" * 70),
            file("app"),
            *(file(path) for path in (STATUS, *lists)),
            facts={"dpkg": {STATUS: status, **lists}, "elf": {"app": elf("liba", "libb")}},
        ),
        base=1,
        Cmd=["/app"],
    )

    found = split(image)

    assert found.packages == {"dpkg": ("liba",)}
    assert found.needed_bytes == 3 * 10 + 7


def test_it_is_suggested_instead_of_stages_in_general() -> None:
    found = {one.rule: one for one in built().advice()}

    assert "single-stage" not in found
    assert found["stage-split"].gross_bytes == sum(item.size_bytes for item in split(built()).dropped)
    assert found["stage-split"].net_bytes == 0
    assert found["stage-split"].layers == (1, 2, 3)
    assert "COPY --from=build --chown=7:8 /opt/app /opt/app" in (found["stage-split"].rewrite or "")


def test_a_small_toolchain_is_no_reason_to_split() -> None:
    assert built(toolchain_mb=29).advice(stage_split.RULE, single_stage.RULE) == ()


def test_an_image_without_an_entrypoint_of_its_own_is_not_split() -> None:
    image = case(step("ADD base", file("bin/sh"), facts={"elf": {"bin/sh": elf()}}), base=1, Cmd=["/bin/sh"])

    assert Evidence(image.image, image.changesets, image.analysis).split is None


@pytest.mark.parametrize("program", ["/bin/ls", "/usr/bin/openssl", "/bin/tar"])
def test_what_is_needed_of_real_programs_is_what_the_loader_says(
    program: str, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    """The image holds further libraries; with no more than what is found the program runs."""
    if not Path(program).exists():
        pytest.skip(f"{program} is not installed")
    said = subprocess.run([tool("ldd"), program], capture_output=True, text=True, check=True).stdout
    libraries = {word for line in said.splitlines() for word in line.split() if word.startswith("/")}
    wanted = {str(Path(path).resolve()) for path in {*libraries, program}}
    other = Path(tool("python3")).resolve()
    image = saved(tmp_path, packed({*libraries, program, str(other)}), config={"Cmd": [program]})

    inspection = inspect(str(image))
    evidence = Evidence(inspection.image, inspection.changesets, inspection.analysis)
    from layerscope.advice.runtime_closure import closure_of

    found = closure_of(evidence.image, evidence.present)

    assert found is not None
    files = {
        f"/{path}"
        for path, node in found.nodes.items()
        if node.top and node.top.source and node.top.source.link_target is None
    }
    assert files == wanted
    assert found.undecided == ()


def packed(paths: set[str]) -> bytes:
    """A layer with these files of this machine, and the symlinks that lead to them."""
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        seen: set[str] = set()
        for path in sorted(paths):
            for place in places(path):
                if place not in seen:
                    seen.add(place)
                    archive.add(place, place.lstrip("/"), recursive=False)
    return stream.getvalue()


def places(path: str) -> list[str]:
    """A path with everything on the way to what it leads to."""
    found, place = [], Path("/")
    for part in Path(path).parts[1:]:
        place /= part
        found.append(str(place))
        if place.is_symlink():
            target = place.readlink()
            rest = Path(path).relative_to(place)
            return [*found, *places(str((place.parent / target) / rest))]
    return found
