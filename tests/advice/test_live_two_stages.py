"""The two stages that are proposed, built by a real engine: they run, and are as large as was said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from layerscope.advice.evidence import Evidence
from layerscope.advice.splitting import split_of
from layerscope.advice.two_stages import proposal
from layerscope.config import Options
from layerscope.inspection import inspect
from tests.advice.test_splitting import packed
from tests.conftest import engine_missing
from tests.engines.building import content, import_base

ROOT = "layerscope-test/base-two-stages:1"
NEARLY = 0.01
TIMEOUT_S = 300
BUILDER = {"src/left-behind": content("src/left-behind", 3_000_000)}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What of this machine is in the base, the files of the context, and what must not be in the end."""

    here: set[str]
    files: Mapping[str, bytes]
    steps: tuple[str, ...]
    says: str
    gone: tuple[str, ...]


class Engine:
    """The classic builder of an engine that is ours, and the context of one case."""

    def __init__(self, docker: str, host: str, folder: Path) -> None:
        self._docker = docker
        self._env = os.environ | {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}
        self._folder = folder

    def build(self, tag: str, dockerfile: Path) -> Path:
        """Build with the context, give what ``docker save`` writes."""
        context = str(self._folder / "context")
        self.run("build", "--quiet", "--network=host", "-f", str(dockerfile), "-t", tag, context)
        archive = self._folder / f"{tag.replace(':', '-').replace('/', '-')}.tar"
        self.run("save", "-o", str(archive), tag)
        return archive

    def write(self, files: Mapping[str, bytes]) -> None:
        """Put files into the context; what begins like a script can be run."""
        for path, data in files.items():
            file = self._folder / "context" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(0o755 if data[:2] == b"#!" else 0o644)

    def run(self, *words: str) -> str:
        """What a command of the engine says."""
        done = subprocess.run(
            [self._docker, *words],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout


def libraries_of(program: str, ldd: str) -> set[str]:
    """The loader and the libraries of a program of this machine."""
    said = subprocess.run([ldd, program], capture_output=True, text=True, check=True).stdout
    return {word for line in said.splitlines() for word in line.split() if word.startswith("/")}


def compiled(tool: Callable[[str], str]) -> Kind:
    """A program with a library in a folder that only ld.so.conf.d tells of, run by a link."""
    tar = tool("tar")
    needed = libraries_of(tar, tool("ldd"))
    library = next((path for path in sorted(needed) if "libacl.so" in path), None)
    if library is None:
        engine_missing("the tar of this machine needs no libacl")
    name = Path(library).name
    return Kind(
        here={*needed - {library}, tool("ldconfig")},
        files=BUILDER | {"bin/tar": Path(tar).read_bytes(), f"bin/{name}": Path(library).read_bytes()},
        steps=(
            "COPY src /usr/src/app",
            "COPY bin /build",
            "RUN mkdir -p /opt/app/lib /opt/app/bin /usr/local/bin && cp /build/tar /opt/app/bin/app",
            f"RUN cp /build/{name} /opt/app/lib/{name}.0 && ln -s {name}.0 /opt/app/lib/{name}",
            "RUN echo /opt/app/lib > /etc/ld.so.conf.d/app.conf && ldconfig && chmod 755 /opt/app/bin/app",
            "RUN ln -s ../../../opt/app/bin/app /usr/local/bin/app",
            'CMD ["app", "--version"]',
        ),
        says=subprocess.run([tar, "--version"], capture_output=True, text=True, check=True).stdout,
        gone=("usr/src/app/left-behind", "build/tar"),
    )


def python(tool: Callable[[str], str]) -> Kind:
    """A program in /var with what a RUN wrote there, and a package whose command is run by name."""
    program = Path("/usr/bin/python3")
    if not program.exists():
        engine_missing("/usr/bin/python3 is not installed (Debian: python3)")
    version = program.resolve().name
    library = Path("/usr/lib") / version
    own = {str(path) for path in library.rglob("*.py") if path.is_file() and "test" not in path.parts}
    site = f"/usr/local/lib/{version}/dist-packages"
    shebang = b"#!/usr/bin/python3\n"
    return Kind(
        here={str(program), *libraries_of(str(program), tool("ldd")), *own},
        files={
            "main.py": shebang + b"import subprocess, greet, near\n"
            b"print(greet.WORD, near.WORD, open('built.txt').read(), flush=True)\n"
            b"subprocess.run(['greet-more'], check=True)\n",
            "near.py": b"WORD = 'near'\n",
            "site/greet/__init__.py": b"WORD = 'hello'\n",
            "site/greet-1.dist-info/METADATA": b"Name: greet\nVersion: 1\n",
            "site/greet-1.dist-info/RECORD": b"greet/__init__.py,,\n../../../bin/greet-more,,\n"
            b"greet-1.dist-info/METADATA,,\ngreet-1.dist-info/RECORD,,\n",
            "greet-more": shebang + b"print('more')\n",
            ".git/pack": content("pack", 200_000),
        }
        | BUILDER,
        steps=(
            "COPY src /usr/src/app",
            "WORKDIR /var/www/app",
            "COPY . .",
            f"RUN rm -r src && printf built > built.txt && mkdir -p /usr/local/bin {site}",
            f"RUN mv site/* {site}/ && mv greet-more /usr/local/bin/",
            "RUN ln -s /var/www/app/main.py /usr/local/bin/start",
            'CMD ["start"]',
        ),
        says="hello near built\nmore\n",
        gone=("var/www/app/.git/pack", "usr/src/app/left-behind"),
    )


def node(tool: Callable[[str], str]) -> Kind:
    """A server's folder, of a user of the image's own, and tools that were only needed to build it."""
    program = shutil.which("node", path="/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("there is no node on this machine")
    return Kind(
        here={program, *libraries_of(program, tool("ldd"))},
        files={
            "server.js": b"console.log(require('left').word, process.getuid(), process.env.MODE)\n",
            "node_modules/left/package.json": b'{"name": "left", "version": "1.0.0"}',
            "node_modules/left/index.js": b"exports.word = 'left'\n",
        }
        | BUILDER,
        steps=(
            "ARG mode=production",
            "ENV MODE=$mode",
            "RUN echo app:x:77:77::/:/bin/sh >> /etc/passwd && echo app:x:77: >> /etc/group",
            "COPY src /usr/src/app",
            "WORKDIR /srv/app",
            "COPY . .",
            "RUN rm -r src && chown -R app:app /srv/app",
            "USER app",
            f'CMD ["{program}", "server.js"]',
        ),
        says="left 77 production\n",
        gone=("usr/src/app/left-behind",),
    )


def layers_of(archive: Path) -> list[dict[str, int]]:
    """What is in each layer, and how large it is, by the standard library."""
    found = []
    with tarfile.open(archive) as saved:
        manifest = saved.extractfile("manifest.json")
        assert manifest is not None
        for name in json.load(manifest)[0]["Layers"]:
            with tarfile.open(fileobj=saved.extractfile(name)) as layer:
                found.append({entry.name: entry.size if entry.isreg() else 0 for entry in layer})
    return found


@pytest.fixture
def engine(docker_host: str, tool: Callable[[str], str], tmp_path: Path) -> Engine:
    """An engine with a base that holds one busybox."""
    import docker

    client: Any = docker.APIClient(base_url=docker_host, timeout=TIMEOUT_S)
    import_base(client, ROOT)
    client.close()
    return Engine(tool("docker"), docker_host, tmp_path)


@pytest.mark.parametrize("make", [compiled, python, node])
def test_what_is_proposed_runs_as_before_and_is_as_large_as_was_said(
    make: Callable[[Callable[[str], str]], Kind], engine: Engine, tool: Callable[[str], str], tmp_path: Path
) -> None:
    kind = make(tool)
    base, whole, lean = (f"layerscope-test/{make.__name__}-{name}:1" for name in ("base", "whole", "lean"))
    conf = packed_text("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n")
    engine.write({"here.tar": packed(kind.here), "conf.tar": conf})
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(f"FROM {ROOT}\nADD here.tar conf.tar /\n")
    base_layers = len(layers_of(engine.build(base, dockerfile)))
    shutil.rmtree(tmp_path / "context")
    engine.write(kind.files)
    dockerfile.write_text("\n".join([f"FROM {base}", *kind.steps, ""]))
    archive = engine.build(whole, dockerfile)
    inspection = inspect(str(archive), Options(dockerfile=str(dockerfile)))
    evidence = Evidence(inspection.image, inspection.changesets, inspection.analysis)
    split = split_of(evidence)
    assert split is not None
    dockerfile.write_text(proposal(split, evidence, inspection.beside))

    built = layers_of(engine.build(lean, dockerfile))[base_layers:]

    own: dict[str, int] = {}
    for layer in built:
        own |= layer
    assert engine.run("run", "--rm", "--network=none", whole) == kind.says
    assert engine.run("run", "--rm", "--network=none", lean) == kind.says
    assert sum(own.values()) == pytest.approx(split.needed_bytes, rel=NEARLY), dockerfile.read_text()
    assert not set(kind.gone) & set(own)


def packed_text(path: str, text: str) -> bytes:
    """An archive of one file, and of a folder of settings beside it."""
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        folder = tarfile.TarInfo(f"{path}.d")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        member = tarfile.TarInfo(path)
        member.size, member.mode = len(text), 0o644
        archive.addfile(member, BytesIO(text.encode()))
    return stream.getvalue()
