"""``layerscope fix`` on Dockerfiles that give owners too late: as small as said, and the same inside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.dockerfile.fixing import Fixed, fix
from layerscope.inspection import inspect
from tests.engines.building import content, export, import_base
from tests.engines.oracles import recorded
from tests.engines.tree import Tree
from tests.rules.rebuilt.test_live_rebuilt import looked_at

BASE = "layerscope-test/base-fixed:1"
TIMEOUT_S = 120
FILES = {"app/main.py": 300_000, "app/lib/code.py": 50_000, "conf/app.conf": 20_000}
USER = "RUN echo app:x:1000:1000::/:/bin/sh >> /etc/passwd && echo app:x:1000: >> /etc/group"
CASES = {
    "nothing is left of the RUN": (
        ["COPY app /srv/", "RUN chown -R 1000:1000 /srv"],
        ["COPY --chown=1000:1000 app /srv/"],
    ),
    "a folder that was there before, a user that is made later": (
        [
            *(
                "WORKDIR /srv",
                "# The application.",
                "COPY app ./",
                f"{USER} && \\",
                "    # It is the user's.",
            ),
            *("    chown -R app:app /srv \\", "    && echo done > /done"),
        ],
        [
            *("WORKDIR /srv", "# The application.", "COPY --chown=1000:1000 app ./", f"{USER} && \\"),
            *("    # It is the user's.", "    chown app:app /srv \\", "    && echo done > /done"),
        ],
    ),
    "two COPYs, a user that is known, relative paths": (
        [
            *(USER, "WORKDIR /srv", "COPY app/lib lib", "COPY conf/app.conf etc/"),
            "RUN set -e; chown -R app:app lib etc; echo done > /done",
        ],
        [
            *(USER, "WORKDIR /srv", "COPY --chown=app:app app/lib lib"),
            *("COPY --chown=app:app conf/app.conf etc/", "RUN set -e; echo done > /done"),
        ],
    ),
    "a few files of another RUN": (
        ["COPY app /srv", "RUN echo 1 > /srv/one && echo 2 > '/srv/it is'", "RUN chown -Rv 5:6 /srv"],
        [
            *("COPY --chown=5:6 app /srv", "RUN echo 1 > /srv/one && echo 2 > '/srv/it is' \\"),
            "    && chown 5:6 '/srv/it is' /srv/one",
        ],
    ),
    "many files of another RUN": (
        [
            "COPY app /srv",
            "RUN for n in 1 2 3 4 5 6 7 8; do echo $n > /srv/$n; done",
            "RUN chown -R 5:6 /srv",
        ],
        [
            *("COPY app /srv", "RUN for n in 1 2 3 4 5 6 7 8; do echo $n > /srv/$n; done \\"),
            "    && chown -R 5:6 /srv",
        ],
    ),
    "one file of the COPY only": (
        ["COPY app /srv/", "RUN chown 5:6 /srv/main.py"],
        ["COPY app /srv/", "RUN chown 5:6 /srv/main.py"],
    ),
    "in the middle of a loop": (
        ["COPY app /srv", "RUN for n in 5; do chown -R $n:6 /srv; done"],
        ["COPY app /srv", "RUN for n in 5; do chown -R $n:6 /srv; done"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fixed_dockerfile_builds_the_same_with_fewer_bytes(
    name: str, docker_host: str, tool: Callable[[str], str], tmp_path: Path
) -> None:
    before, after = CASES[name]
    builder = Builder(docker_host, tool("docker"), tmp_path)
    archive, tree = builder.build([f"FROM {BASE}", *before], "before")

    fixed, saved_bytes = fixed_of(archive, tmp_path / "Dockerfile")
    again, tree_again = builder.build(fixed.lines, "after")

    assert list(fixed.lines[1:]) == after
    assert tree_again == tree
    assert looked_at(archive).content_bytes - looked_at(again).content_bytes == saved_bytes
    assert (saved_bytes > 0) is (before != after)


def fixed_of(archive: Path, dockerfile: Path) -> tuple[Fixed, int]:
    """The better Dockerfile, and what those that were put in say that they save."""
    inspection = inspect(str(archive), Options(dockerfile=str(dockerfile)))
    assert inspection.beside is not None
    chowned = [one for one in inspection.suggestions if one.rule == "chown-copy"]
    assert chowned
    fixed = fix(inspection.beside, inspection.image, chowned)
    put_in = [one.suggestion for one in fixed.outcomes if not one.left_out]
    return fixed, sum(one.net_bytes for one in put_in)


class Builder:
    """The classic builder, and a context with files that are always the same."""

    def __init__(self, host: str, docker: str, folder: Path) -> None:
        self._host = host
        self._docker = docker
        self._folder = folder
        for path, size_bytes in FILES.items():
            file = folder / "context" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content(path, size_bytes))

    def build(self, lines: Sequence[str], tag: str) -> tuple[Path, Tree]:
        """What ``docker save`` writes, and the merged filesystem by ``docker export``, without times."""
        import docker

        client: Any = docker.APIClient(base_url=self._host, timeout=TIMEOUT_S)
        import_base(client, BASE)
        (self._folder / "Dockerfile").write_text("\n".join([*lines, ""]))
        tag = f"layerscope-test/fixed-{os.getpid()}:{tag}"
        archive = self._folder / f"{tag.rpartition(':')[2]}.tar"
        build = ["build", "-q", "--network=host", "-f", str(self._folder / "Dockerfile"), "-t", tag]
        self._run(*build, str(self._folder / "context"))
        self._run("save", "-o", str(archive), tag)
        oracle = archive.with_suffix(".tsv")
        export(client, tag, oracle)
        client.close()
        return archive, {path: replace(row, mtime_ns=None) for path, row in recorded(oracle).items()}

    def _run(self, *words: str) -> None:
        env = os.environ | {"DOCKER_HOST": self._host, "DOCKER_BUILDKIT": "0"}
        done = subprocess.run(
            [self._docker, *words], env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
