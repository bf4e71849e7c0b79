"""Measure ``layerscope optimize --squash`` against docker-squash and ``docker build --squash``.

    python squashing.py ARCHIVE [--docker-squash PROGRAM]

The archive (of ``docker save``) is loaded into a daemon of our own, and four layers are built upon it: what
is copied in, changed, removed and copied again. All three join these four, then two of them all layers. The
first row is ``docker save`` alone, which two of them have the daemon do; the last is ours on
the archive that it wrote, without any daemon. How to read the table: README.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

BASE: Final = "layerscope-bench/base:1"
PLAIN: Final = "layerscope-bench/plain:1"
BUILT: Final = "layerscope-bench/built:1"
OWN_LAYERS: Final = 4
SAVE: Final = "docker save"
ARCHIVE: Final = "layerscope (archive)"
"""Ours without a daemon, on the archive that the first row wrote."""
MEGABYTE: Final = 1_000_000
TICKS: Final = os.sysconf("SC_CLK_TCK")
DOCKER: Final = "/usr/bin/docker"
DOCKERFILE: Final = f"""\
FROM {BASE}
USER root
RUN mkdir /bench && dd if=/dev/urandom of=/bench/removed bs=1M count=100 && cp -a /usr/bin /bench/changed
RUN chmod -R go-w /bench && rm /bench/removed
RUN dd if=/dev/urandom of=/bench/kept bs=1M count=50 && touch /bench/changed/new
RUN rm -rf /bench/changed && cp -a /usr/lib/os-release /bench/last
"""


@dataclass(frozen=True, kw_only=True)
class Squashed:
    """What one way took, and how large its joined layer is; a daemon's part is told for itself."""

    name: str
    wall_s: float
    cpu_s: float
    daemon_cpu_s: float
    peak_bytes: int
    daemon_peak_bytes: int
    layer_bytes: int
    layers: int

    @property
    def row(self) -> str:
        """A line of the table."""
        return (
            f"{self.name:<26} {self.wall_s:7.1f} {self.cpu_s:7.1f} {self.daemon_cpu_s:7.1f} "
            f"{self.peak_bytes / MEGABYTE:7.0f} {self.daemon_peak_bytes / MEGABYTE:7.0f} "
            f"{self.layer_bytes / MEGABYTE:9.1f} {self.layers:3}"
        )


class Daemon:
    """A docker daemon with experimental features and data of its own."""

    def __init__(self, home: Path) -> None:
        self.host = f"unix://{home}/docker.sock"
        self.environment = os.environ | {"DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "0"}
        options = ["--experimental", "--iptables=false", "--bridge=none", "--host", self.host]
        folders = [
            f"--{name}={home}/{folder}" for name, folder in (("data-root", "data"), ("exec-root", "exec"))
        ]
        with (home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["/usr/sbin/dockerd", *options, *folders, f"--pidfile={home}/pid"], stdout=log, stderr=log
            )
        for _ in range(300):
            if (
                subprocess.run(
                    [DOCKER, "version"], env=self.environment, capture_output=True, check=False
                ).returncode
                == 0
            ):
                return
            time.sleep(0.2)
        sys.exit(f"dockerd does not start, see {home}/log")

    def docker(self, *arguments: str, stdin: str | None = None) -> str:
        """Run the docker command."""
        done = subprocess.run(
            [DOCKER, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"docker {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def cpu_s(self) -> float:
        """What it and its children that have ended took so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS

    def forget_peak(self) -> None:
        """Measure its peak memory from now on."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The most that it held since."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


@contextmanager
def running() -> Iterator[tuple[Daemon, Path]]:
    """A daemon, and a folder to work in."""
    with TemporaryDirectory(prefix="layerscope-bench-", ignore_cleanup_errors=True) as name:
        daemon = Daemon(Path(name))
        try:
            yield daemon, Path(name)
        finally:
            daemon.stop()
            for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
                if line.split()[1].startswith(f"{name}/"):
                    subprocess.run(["umount", "--lazy", line.split()[1]], check=False)


def measure(name: str, daemon: Daemon, command: list[str], result: Path) -> Squashed:
    """Run one way; ``result`` is the archive that it writes, or that is saved of it afterwards."""
    daemon.forget_peak()
    before = daemon.cpu_s()
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=daemon.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)}: {said.decode(errors='replace')}")
    daemon_cpu_s, daemon_peak_bytes = daemon.cpu_s() - before, daemon.peak_bytes()
    if not result.exists():
        daemon.docker("save", "-o", str(result), BUILT)
    sizes = layers_of(result)
    return Squashed(
        name=name,
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        daemon_cpu_s=daemon_cpu_s,
        peak_bytes=usage.ru_maxrss * 1024,
        daemon_peak_bytes=daemon_peak_bytes,
        layer_bytes=sizes[-1],
        layers=len(sizes),
    )


def layers_of(archive: Path) -> list[int]:
    """The sizes of an archive's layers, the base first."""
    with tarfile.open(archive) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        [image] = json.load(manifest)
        found = []
        for layer in image["Layers"]:
            member = tar.getmember(layer)
            while member.issym():  # a layer that stands in the stack twice
                member = tar.getmember(os.path.normpath(f"{Path(member.name).parent}/{member.linkname}"))
            found.append(member.size)
    return found


def ways(home: Path, docker_squash: str | None, own: int) -> Iterator[tuple[str, list[str], Path]]:
    """Every way that is there: its name, its command, its result; first those that join the four layers."""
    ours = [sys.executable, "-m", "layerscope", "optimize", f"docker:{PLAIN}", "-q", "-o"]
    theirs = [docker_squash or "", "--load-image", "false", "--output-path"]
    results = [home / f"{number}.tar" for number in range(8)]
    yield SAVE, [DOCKER, "save", "--output", str(results[5]), PLAIN], results[5]
    yield "layerscope", [*ours, str(results[0]), "--squash", "--base-layers", str(own)], results[0]
    if docker_squash:
        some = ["--from-layer", str(OWN_LAYERS)]
        yield "docker-squash", [*theirs, str(results[1]), *some, PLAIN], results[1]
    build = [DOCKER, "build", "--squash", "--network=host", "--tag", BUILT, str(home / "empty")]
    yield "docker build --squash", build, results[2]
    yield "layerscope, all", [*ours, str(results[3]), "--flatten"], results[3]
    if docker_squash:
        yield "docker-squash, all", [*theirs, str(results[4]), PLAIN], results[4]
    saved = [*ours[:4], str(results[5]), *ours[5:], str(results[6])]
    yield ARCHIVE, [*saved, "--squash", "--base-layers", str(own)], results[6]
    yield f"{ARCHIVE}, all", [*saved[:-1], str(results[7]), "--flatten"], results[7]


def compared(done: list[Squashed]) -> Iterator[str]:
    """The others beside ours; of those that have the daemon save the image also without that."""
    save, *squashed = done
    for other in squashed:
        alike = [one for one in squashed if one.name.endswith(", all") == other.name.endswith(", all")]
        ours, archive = alike[0], alike[-1]
        if other in (ours, archive):
            continue
        told = (
            f"{other.name}: {other.wall_s / ours.wall_s:.1f} × our wall time, "
            f"{other.cpu_s / ours.cpu_s:.1f} × our processor time without the daemon's, "
            f"{other.layer_bytes / ours.layer_bytes:.4f} × our layer"
        )
        if other.name.startswith("docker-squash"):
            beyond, our_beyond = (one.wall_s - save.wall_s for one in (other, ours))
            told += f"; beyond {SAVE}: {beyond:.1f} s against our {our_beyond:.1f} s"
            told += f"; {other.wall_s / archive.wall_s:.1f} × our wall time on an archive"
        yield told


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("--docker-squash", default=shutil.which("docker-squash"))
    chosen = parser.parse_args()
    archive_mb = chosen.archive.stat().st_size / MEGABYTE
    print(f"load {os.getloadavg()[0]:.1f}, {chosen.archive.name}, {archive_mb:.0f} MB")
    with running() as (daemon, home):
        loaded = daemon.docker("load", "-q", "-i", str(chosen.archive.resolve()))
        daemon.docker("tag", loaded.strip().partition(": ")[2], BASE)
        (home / "empty").mkdir()
        (home / "empty" / "Dockerfile").write_text(DOCKERFILE)
        daemon.docker("build", "--network=host", "--tag", PLAIN, str(home / "empty"))
        count = len(json.loads(daemon.docker("image", "inspect", PLAIN))[0]["RootFS"]["Layers"])
        titles = f"{'wall s':>7} {'cpu s':>7} {'daemon':>7} {'MB':>7} {'daemon':>7} {'layer MB':>9} layers"
        print(f"{'':<26} {titles}")
        done = []
        for name, command, result in ways(home, chosen.docker_squash, count - OWN_LAYERS):
            done.append(measure(name, daemon, command, result))
            print(done[-1].row, flush=True)
            if name != SAVE:  # the last two read it
                result.unlink()
        for line in compared(done):
            print(line)


if __name__ == "__main__":
    main()
