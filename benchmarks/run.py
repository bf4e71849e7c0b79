"""Measure ``layerscope ARCHIVE --ci`` against the least that reading the archive takes.

    python run.py                     archives made for the purpose
    python run.py --corpus FOLDER     every *.tar of a folder too (or set LAYERSCOPE_CORPUS)
    python run.py --only f-build      those whose name holds a text

How to read the table: README.md.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

# Run as a script, Python looks for modules in this folder, not in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.processes import Run, best_of, layerscope
from benchmarks.synthetic import SYNTHETIC

HERE: Final = Path(__file__).resolve().parent
PER_ENTRY_S: Final = 8e-6
PLAIN_FACTOR: Final = 1.5
PLAIN_CONSTANT_S: Final = 0.1
COMPRESSED_FACTOR: Final = 1.3
MEGABYTE: Final = 1_000_000
FLOOR_BYTES: Final = 150 * MEGABYTE
"""What any image may take; what is above it is counted per entry."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One archive: its entries, our run, and the runs it is held against."""

    name: str
    entries: int
    ours: Run
    cat: Run
    decompress: Run | None
    dive: Run | None

    def bar_s(self, per_entry_s: float) -> float:
        """What the run may take, with so much for each entry."""
        if self.decompress is not None:
            return COMPRESSED_FACTOR * self.decompress.seconds + per_entry_s * self.entries
        return PLAIN_FACTOR * self.cat.seconds + per_entry_s * self.entries + PLAIN_CONSTANT_S

    @property
    def ratio(self) -> float:
        """The time it took as a multiple of the bar."""
        return self.ours.seconds / self.bar_s(PER_ENTRY_S)

    @property
    def aim_ratio(self) -> float:
        """The same with half the part per entry."""
        return self.ours.seconds / self.bar_s(PER_ENTRY_S / 2)

    @property
    def bytes_per_entry(self) -> float:
        """Peak memory above the floor, for each entry."""
        return max(0, self.ours.peak_bytes - FLOOR_BYTES) / self.entries if self.entries else 0.0


def main() -> int:
    """Measure and print; the exit code says whether everything could be measured."""
    options = parse_arguments()
    print(f"{os.cpu_count()} processors, load {' '.join(f'{load:.1f}' for load in os.getloadavg())}\n")
    found: list[Measured] = []
    with TemporaryDirectory(prefix="layerscope-bench-") as folder:
        for archive in archives(options.corpus, Path(folder), options.only):
            measured = measure_archive(archive, options.rounds)
            if not found:
                print(HEADINGS)
            print(row(measured), flush=True)
            found.append(measured)
            if archive.parent == Path(folder):
                archive.unlink()
    print(summary(found))
    print_startup(options.rounds)
    return 0 if found else 1


def parse_arguments() -> argparse.Namespace:
    """What to measure and how often."""
    parser = argparse.ArgumentParser(description="Measure layerscope against its bars.")
    parser.add_argument(
        "--corpus",
        type=Path,
        default=os.environ.get("LAYERSCOPE_CORPUS"),
        help="a folder of archives (default: $LAYERSCOPE_CORPUS)",
    )
    parser.add_argument("--only", default="", help="only archives whose name holds this")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many runs (default: 3)")
    return parser.parse_args()


def archives(corpus: Path | None, folder: Path, only: str) -> Iterator[Path]:
    """The archives to measure; those made for the purpose are made when it is their turn."""
    if corpus is not None:
        yield from sorted(path for path in Path(corpus).glob("*.tar") if only in path.name)
    for name in SYNTHETIC:
        if only in name:
            yield make(name, folder)


def make(name: str, folder: Path) -> Path:
    """Write an archive of `SYNTHETIC`, in a process of its own: see `READ_REPORT`."""
    path = folder / f"{name}.tar"
    subprocess.run([sys.executable, str(HERE / "synthetic.py"), name, str(path)], check=True)
    return path


def measure_archive(archive: Path, rounds: int) -> Measured:
    """Look at an archive once, which warms the page cache, then time everything in turns."""
    entries, compressed = first_look(archive)
    commands = {"ours": [layerscope(), str(archive), "--ci", "-q"], "cat": ["cat", str(archive)]}
    if compressed:
        commands["decompress"] = [sys.executable, str(HERE / "decompress.py"), str(archive)]
    if dive := shutil.which("dive"):
        commands["dive"] = [dive, "--ci", f"docker-archive://{archive}"]
    runs = best_of(rounds, commands)
    if runs["ours"].exit_code not in {0, 1} or runs["ours"].complaint:
        sys.exit(f"error: layerscope {archive} --ci: {runs['ours'].exit_code}\n{runs['ours'].complaint}")
    return Measured(
        name=archive.stem,
        entries=entries,
        ours=runs["ours"],
        cat=runs["cat"],
        decompress=runs.get("decompress"),
        dive=runs.get("dive"),
    )


# This process stays small: the kernel counts the memory of the process that starts another as if it
# were the other's own.
READ_REPORT: Final = """
import json, sys
said = json.load(sys.stdin)
print(said["totals"]["entries"], any(layer["compression"] != "none" for layer in said["layers"]))
"""


def first_look(archive: Path) -> tuple[int, bool]:
    """How many entries an archive has, and whether its layers are compressed."""
    look = [layerscope(), str(archive), "--json", "-", "-q"]
    with subprocess.Popen(look, stdout=subprocess.PIPE) as report:
        reader = subprocess.run(
            [sys.executable, "-c", READ_REPORT],
            stdin=report.stdout,
            capture_output=True,
            text=True,
            check=True,
        )
    entries, compressed = reader.stdout.split()
    return int(entries), compressed == "True"


HEADINGS: Final = (
    f"{'archive':<24} {'entries':>9} {'cat':>6} {'unpack':>7} {'bar':>7} {'ours':>7} {'cpu':>6}"
    f" {'× bar':>7} {'× aim':>7} {'MB':>6} {'B/entry':>8} {'dive':>7}"
)


def row(measured: Measured) -> str:
    """One line of the table; a ratio above 1 is marked."""
    unpack = f"{measured.decompress.seconds:.2f}" if measured.decompress else "·"
    dive = f"{measured.dive.seconds:.1f}" if measured.dive else "·"
    return (
        f"{measured.name:<24} {measured.entries:>9,} {measured.cat.seconds:>6.2f} {unpack:>7}"
        f" {measured.bar_s(PER_ENTRY_S):>7.2f} {measured.ours.seconds:>7.2f}"
        f" {measured.ours.cpu_seconds:>6.2f}"
        f" {marked(measured.ratio):>7} {marked(measured.aim_ratio):>7}"
        f" {measured.ours.peak_bytes / MEGABYTE:>6.0f} {measured.bytes_per_entry:>8.0f} {dive:>7}"
    )


def marked(ratio: float) -> str:
    """A ratio with a mark where it is above 1."""
    return f"{'!' if ratio > 1 else ''}{ratio:.2f}"


def summary(found: list[Measured]) -> str:
    """How many archives are within their bars, and the worst of them."""
    if not found:
        return "no archive of that name"
    within = sum(measured.ratio <= 1 for measured in found)
    worst = max(found, key=lambda measured: measured.ratio)
    return f"\n{within} of {len(found)} within the bar; the worst is {worst.name} with {worst.ratio:.2f}"


def print_startup(rounds: int) -> None:
    """What the program costs before it does anything, and what a headless run imports."""
    runs = best_of(
        max(rounds, 5),
        {"version": [layerscope(), "--version"], "python": [sys.executable, "-c", "pass"]},
    )
    extra_ms = (runs["version"].seconds - runs["python"].seconds) * 1000
    print(f"layerscope --version: {extra_ms:.0f} ms more than python -c pass (bar: 100)")
    with TemporaryDirectory(prefix="layerscope-bench-") as folder:
        archive = make("20x10000-files", Path(folder))
        imports = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "layerscope", str(archive), "--ci", "-q"],
            capture_output=True,
            text=True,
            check=False,
        )
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in imports.stderr.splitlines()}
    assert "layerscope" in names, imports.stderr
    print(f"--ci imports Textual: {'yes' if 'textual' in names else 'no'}")


if __name__ == "__main__":
    sys.exit(main())
