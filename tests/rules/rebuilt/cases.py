"""Small Dockerfiles that each waste something, on a base that holds one busybox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.rules.rebuilt.edits import Edit, ignore, link, replace

DATA_BYTES = 300_000
"""How large a file is that does not say otherwise."""

# Package managers that do what the real ones do to the filesystem, as far as a rule looks at it.
APT = """#!/bin/sh
set -e
lists=/var/lib/apt/lists
action=$1
shift
case $action in
update) mkdir -p $lists && head -c 200000 /dev/urandom > $lists/packages && exit ;;
install)
    cat $lists/packages > /dev/null
    mkdir -p /var/lib/dpkg /usr/lib/gcc /usr/share/man/man1 /usr/share/doc/gcc
    for package in "$@"; do
        head -c 150000 /dev/urandom > /usr/lib/gcc/$package
        head -c 110000 /dev/urandom > /usr/share/man/man1/$package.1.gz
        head -c 120000 /dev/urandom > /usr/share/doc/gcc/$package.gz
    done
    echo licence > /usr/share/doc/gcc/copyright ;;
purge) for package in "$@"; do rm -f /usr/lib/gcc/$package; done ;;
esac
head -c 90000 /dev/urandom > /var/lib/dpkg/status
"""
PIP = """#!/bin/sh
set -e
packages=/usr/lib/python3/site-packages/lib
mkdir -p $packages
head -c 400000 /dev/urandom > $packages/code.py
for number in 1 2 3 4 5 6 7 8 9 10; do
    mkdir -p $packages/part$number/tests $packages/part$number/__pycache__
    head -c 20000 /dev/urandom > $packages/part$number/tests/test_$number.py
    head -c 30000 /dev/urandom > $packages/part$number/__pycache__/p.cpython-311.pyc
done
case "$*" in
*--no-cache-dir*) ;;
*) mkdir -p /root/.cache/pip/http && head -c 250000 /dev/urandom > /root/.cache/pip/http/wheel ;;
esac
"""
NPM = """#!/bin/sh
set -e
mkdir -p node_modules/left-pad /root/.npm/_cacache /root/.npm/_logs
head -c 200000 /dev/urandom > node_modules/left-pad/index.js
for number in 1 2 3 4 5 6 7 8 9 10; do head -c 25000 /dev/urandom > node_modules/left-pad/$number.js.map; done
head -c 350000 /dev/urandom > /root/.npm/_cacache/package
head -c 30000 /dev/urandom > /root/.npm/_logs/debug-0.log
"""
MVN = """#!/bin/sh
set -e
case "$1" in
fetch) mkdir -p /root/.m2/repository && head -c 400000 /dev/urandom > /root/.m2/repository/guava.jar ;;
package) cp /root/.m2/repository/guava.jar /app.jar && head -c 1000 /dev/urandom >> /app.jar ;;
esac
"""
TOOLS: Mapping[str, str] = {"apt-get": APT, "pip": PIP, "npm": NPM, "mvn": MVN}


@dataclass(frozen=True, kw_only=True)
class Case:
    """Instructions behind the base's FROM, the files of the context, and how the finding is followed.

    ``files`` are sizes (of what is random, but always the same) by path; ``also`` are the rules whose
    findings the same edit follows, since joining two RUNs ends all waste between them.
    """

    rule: str
    steps: tuple[str, ...]
    edit: Edit = replace
    files: Mapping[str, int] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def made(path: str, size_bytes: int = DATA_BYTES) -> str:
    """A command that makes a file of random bytes."""
    return f"head -c {size_bytes} /dev/urandom > {path}"


APP = {"app/main.py": DATA_BYTES, "app/lib/code.py": 50_000}

CASES: Mapping[str, Case] = {
    "chown of what was copied": Case(
        rule="chown-copy", files=APP, steps=("COPY app /srv/", "RUN chown -R 1000:1000 /srv")
    ),
    "chown of what a RUN made": Case(
        rule="chown-copy",
        steps=(f"RUN mkdir /srv && {made('/srv/a')}", "RUN chown -R 1000:1000 /srv"),
    ),
    "chown two layers up": Case(
        rule="chown-copy",
        files=APP,
        steps=("COPY app /srv/", f"RUN {made('/z', 1000)}", "RUN chown -R 1000:1000 /srv"),
    ),
    "chmod of what a RUN made": Case(
        rule="chmod-copy", steps=(f"RUN mkdir /srv && {made('/srv/a')}", "RUN chmod -R 0750 /srv")
    ),
    "deleted in the next RUN": Case(
        rule="deleted-later",
        steps=(f"RUN {made('/data')}", "RUN sha256sum /data > /sum && rm /data"),
    ),
    "deleted three RUNs on": Case(
        rule="deleted-later",
        steps=(
            f"RUN mkdir /src && {made('/src/a')}",
            "RUN cat /src/a | sha256sum > /sum",
            f"RUN {made('/kept', 9000)}",
            "RUN rm -rf /src && echo done > /done",
        ),
    ),
    "a cleanup of its own": Case(
        rule="cleanup-layer",
        steps=(f"RUN mkdir /src && {made('/src/a')} && {made('/b', 7000)}", "RUN rm -rf /src"),
    ),
    "written over": Case(
        rule="overwritten",
        steps=(f"RUN {made('/data')}", "RUN echo more >> /data"),
    ),
    "touched": Case(rule="repeated-copy", steps=(f"RUN {made('/data')}", "RUN touch /data")),
    "moved": Case(rule="moved", steps=(f"RUN mkdir /opt && {made('/opt/a')}", "RUN mv /opt/a /opt/b")),
    "copied in a later RUN": Case(
        rule="copied-across-layers", steps=(f"RUN {made('/data')}", "RUN cp /data /copy"), edit=link
    ),
    "copied in the same RUN": Case(
        rule="duplicate-files", steps=(f"RUN {made('/data')} && cp /data /copy",), edit=link
    ),
    "packages purged later": Case(
        rule="purged-later",
        files={"tools/apt-get": 0},
        steps=(
            "COPY tools /bin/",
            "RUN apt-get update && apt-get install gcc && rm -rf /var/lib/apt/lists/*",
            "RUN echo built > /app",
            "RUN apt-get purge gcc",
        ),
        also=("package-database-rewritten",),
    ),
    "a database stored again": Case(
        rule="package-database-rewritten",
        files={"tools/apt-get": 0},
        steps=(
            "COPY tools /bin/",
            "RUN apt-get update && apt-get install one",
            "RUN apt-get install two",
            "RUN apt-get install three",
        ),
    ),
    "package lists, needed by two installs": Case(
        rule="apt-lists",
        files={"tools/apt-get": 0},
        steps=(
            "COPY tools /bin/",
            "RUN apt-get update",
            "RUN apt-get install one",
            "RUN apt-get install two",
        ),
        also=("package-database-rewritten",),
    ),
    "manual pages": Case(
        rule="man-pages",
        files={"tools/apt-get": 0},
        steps=(
            "COPY tools /bin/",
            "RUN apt-get update && apt-get install gcc && rm -rf /var/lib/apt/lists/*",
        ),
    ),
    "documentation": Case(
        rule="package-docs",
        files={"tools/apt-get": 0},
        steps=(
            "COPY tools /bin/",
            "RUN apt-get update && apt-get install gcc && rm -rf /var/lib/apt/lists/*",
        ),
    ),
    "pip's cache": Case(
        rule="pip-cache", files={"tools/pip": 0}, steps=("COPY tools /bin/", "RUN pip install flask")
    ),
    "tests in many packages": Case(
        rule="python-tests", files={"tools/pip": 0}, steps=("COPY tools /bin/", "RUN pip install flask")
    ),
    "bytecode of many packages": Case(
        rule="python-bytecode", files={"tools/pip": 0}, steps=("COPY tools /bin/", "RUN pip install flask")
    ),
    "npm's cache": Case(rule="npm-cache", files={"tools/npm": 0}, steps=("COPY tools /bin/", "RUN npm ci")),
    "many source maps": Case(
        rule="source-maps", files={"tools/npm": 0}, steps=("COPY tools /bin/", "RUN npm ci")
    ),
    "a repository that the next RUN reads": Case(
        rule="maven-gradle-caches",
        files={"tools/mvn": 0},
        steps=("COPY tools /bin/", "RUN mvn fetch", "RUN find /root/.m2 -type f > /list && mvn package"),
    ),
    "temporary files that the next RUN reads": Case(
        rule="temporary-files",
        steps=(
            f"RUN mkdir /root/tmp && {made('/root/tmp/data')} && {made('/root/tmp/.hidden', 60_000)}",
            "RUN wc -c /root/tmp/data > /size",
        ),
    ),
    "logs at two places": Case(
        rule="logs",
        steps=(f"RUN mkdir -p /var/log/apt && {made('/var/log/apt/term.log')} && {made('/var/log/a')}",),
    ),
    "translations into many languages": Case(
        rule="locales",
        steps=(
            (
                "RUN mkdir -p /usr/share/locale; cd /usr/share/locale; for n in a b c d e f g h i j k; do "
                "mkdir -p $n/LC_MESSAGES "
                f"&& {made('$n/LC_MESSAGES/x.mo', 20_000)}; done && mkdir -p /usr/share/i18n/charmaps "
                f"&& {made('/usr/share/i18n/charmaps/c')}"
            ),
        ),
    ),
    "debug symbols": Case(
        rule="debug-symbols",
        steps=(f"RUN mkdir -p /usr/lib/debug && {made('/usr/lib/debug/a')} && {made('/app')}",),
    ),
    "object files of a build": Case(
        rule="build-intermediates",
        steps=("RUN mkdir /src && " + " && ".join(made(f"/src/{n}.o", 40_000) for n in range(5)),),
    ),
    "an archive beside what was in it": Case(
        rule="archives-left",
        steps=(
            f"RUN mkdir /opt && {made('/opt/a', 1_500_000)} && tar -cf /opt.tar /opt",
            "RUN tar -tf /opt.tar > /list",
        ),
    ),
    "a repository's history": Case(
        rule="git-history",
        files={".git/objects/pack/p": DATA_BYTES, "web/.git/HEAD": 20_000, "app/main.py": 60_000},
        steps=("COPY . /srv/",),
        edit=ignore,
    ),
    "tests and settings in the context": Case(
        rule="context-leak",
        files={
            "tests/test_a.py": DATA_BYTES,
            "web/docs/a.md": 70_000,
            ".github/workflows/a.yml": 30_000,
            "README.md": 40_000,
            "main.py": 60_000,
        },
        steps=("COPY . /srv/",),
        edit=ignore,
    ),
    "what was built on the host": Case(
        rule="host-artefacts",
        files={"app/node_modules/left-pad/index.js": DATA_BYTES, "tools/npm": 0, "app/main.js": 5000},
        steps=("COPY tools /bin/", "WORKDIR /srv", "COPY app .", "RUN npm ci"),
        edit=ignore,
    ),
}

MODE_WHILE_COPYING = Case(
    rule="chmod-copy",
    files={"app/run.sh": DATA_BYTES},
    steps=("COPY app/run.sh /srv/run.sh", "RUN chmod 0755 /srv/run.sh"),
)
"""The classic builder knows no ``COPY --chmod``."""
