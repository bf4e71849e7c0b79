"""Write the sample images, or check or explain them.

    python build.py             write the three archives and the figures in README.md
    python build.py --check     exit 1 when they are not what would be written
    python build.py --explain   print the figures; with --json, as data

The same bytes come out on every machine: no clock, no randomness, no compression library.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

# Run as a script, Python looks for modules in this folder, not in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_images.figures import as_data, count, markdown
from sample_images.image_archives import classic_archive, flat_archive, hybrid_archive
from sample_images.lean_image import lean_image
from sample_images.odd_image import GZIPPED_LAYER, odd_image
from sample_images.sample import Sample
from sample_images.wasteful_image import wasteful_image

HERE: Final = Path(__file__).resolve().parent
README: Final = "README.md"
FIGURES_BEGIN: Final = "<!-- figures: written by build.py -->\n"
FIGURES_END: Final = "<!-- end of figures -->\n"


def main() -> int:
    """Do what the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(description="Write the sample images.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="exit 1 when a file differs")
    action.add_argument("--explain", action="store_true", help="print what is in the images")
    parser.add_argument("--json", action="store_true", help="with --explain: print data")
    parser.add_argument("--folder", type=Path, default=HERE, help="instead of this folder")
    options = parser.parse_args()
    samples = all_samples()
    if options.explain:
        print(figures_json(samples) if options.json else figures_markdown(samples), end="")
        return 0
    files = expected_files(samples, options.folder)
    if options.check:
        return check(files)
    for path, content in files.items():
        path.write_bytes(content)
        print(f"{path.name}: {len(content):,} bytes", file=sys.stderr)
    return 0


def all_samples() -> dict[str, tuple[Sample, bytes]]:
    """Return each sample with its archive, by the archive's name."""
    wasteful, lean, odd = wasteful_image(), lean_image(), odd_image()
    return {
        "wasteful.tar": (wasteful, classic_archive(wasteful)),
        "lean.tar": (lean, hybrid_archive(lean)),
        "odd.tar": (odd, flat_archive(odd, gzipped_layer=GZIPPED_LAYER)),
    }


def expected_files(samples: dict[str, tuple[Sample, bytes]], folder: Path) -> dict[Path, bytes]:
    """Return what the folder should hold; its README, if there is one, with new figures."""
    files = {folder / name: archive for name, (_, archive) in samples.items()}
    readme = folder / README
    if readme.exists():
        before, _, rest = readme.read_text("utf-8").partition(FIGURES_BEGIN)
        _, _, after = rest.partition(FIGURES_END)
        text = f"{before}{FIGURES_BEGIN}\n{figures_markdown(samples)}\n{FIGURES_END}{after}"
        files[readme] = text.encode()
    return files


def check(files: dict[Path, bytes]) -> int:
    """Name the files that differ from what would be written, and return the exit code."""
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    for path in stale:
        print(f"error: {path.name} is not what build.py writes", file=sys.stderr)
    if stale:
        print("hint: run `python sample_images/build.py`", file=sys.stderr)
    return 1 if stale else 0


def figures_markdown(samples: dict[str, tuple[Sample, bytes]]) -> str:
    """Return all figures as the README shows them."""
    sections = [markdown(name, sample, count(sample, archive)) for name, (sample, archive) in samples.items()]
    return "\n".join(sections)


def figures_json(samples: dict[str, tuple[Sample, bytes]]) -> str:
    """Return all figures as JSON, by the archive's name."""
    data = {name: as_data(count(sample, archive)) for name, (sample, archive) in samples.items()}
    return json.dumps(data, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
