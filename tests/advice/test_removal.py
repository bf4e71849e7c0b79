"""The command that deletes what a rule found, as a shell really runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from layerscope.advice.removal import removal

MANY = [f"site-packages/p{number}" for number in range(20)]


def run(command: str | None, root: Path) -> set[str]:
    """What files are left of a folder after a command whose paths are below it."""
    assert command is not None
    inside = command.replace(" /", f" {root}/").replace("'/", f"'{root}/")
    subprocess.run(["/bin/sh", "-c", inside], check=True)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def make(root: Path, *paths: str) -> None:
    """Files of these paths."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


@pytest.mark.parametrize(
    ("patterns", "roots", "others"),
    [
        (("cache/",), ["a b/cache", "c/cache"], ["a b/kept"]),
        (("*.map",), [f"{folder}/x'{n}.map" for folder in "ab" for n in range(9)], ["a/x.js"]),
        (("tests/", "test/"), [f"{path}/{n}" for path in MANY for n in ("tests", "test")], ["kept"]),
        (
            ("site-packages/**/tests/",),
            [f"{path}/tests" for path in MANY],
            [f"{path}/code.py" for path in MANY],
        ),
        (
            ("node_modules/jest/",),
            [f"app{number}/node_modules/jest" for number in range(20)],
            ["app1/jest", "app1/node_modules/left-pad/index.js"],
        ),
        (
            ("/usr/share/locale/*/LC_MESSAGES/", "/usr/share/i18n/"),
            [*(f"usr/share/locale/{number}/LC_MESSAGES" for number in range(20)), "usr/share/i18n"],
            ["usr/share/locale/1/other", "usr/share/zoneinfo"],
        ),
    ],
)
def test_all_that_was_found_goes_and_nothing_else(
    patterns: tuple[str, ...], roots: list[str], others: list[str], tmp_path: Path
) -> None:
    is_folder = patterns[0].endswith("/")
    make(tmp_path, *(f"{root}/file" if is_folder else root for root in roots), *others)

    left = run(removal("rm -rf {paths}", roots, patterns), tmp_path)

    assert left == set(others)


def test_many_paths_that_no_pattern_tells_are_not_deleted_by_name() -> None:
    """A rule that looks at each file passes no patterns: others of the same name may have to stay."""
    assert removal("rm -f {paths}", [f"{path}/a.zip" for path in MANY]) is None


def test_a_cleanup_that_names_its_own_paths_stays_as_it_is() -> None:
    assert removal("apt-get clean", MANY) == "apt-get clean"


def test_proc_and_sys_are_not_searched() -> None:
    found = removal("rm -rf {paths}", [f"{number}/a.pyc" for number in range(9)], ("*.pyc",))

    assert found == "find / -xdev -name '*.pyc' -prune -exec rm -rf {} +"


def test_many_of_a_glob_are_deleted_by_it_and_a_few_by_their_names() -> None:
    patterns = ("/usr/share/locale/*/LC_MESSAGES/", "/usr/share/i18n/")
    roots = [*(f"usr/share/locale/{number}/LC_MESSAGES" for number in "abc"), "usr/share/i18n"]

    many, few = (
        removal("find {paths} -type f", roots, patterns),
        removal("rm -r {paths}", roots[2:], patterns),
    )

    assert many == "find /usr/share/locale/*/LC_MESSAGES /usr/share/i18n -type f"
    assert few == "rm -r /usr/share/locale/c/LC_MESSAGES /usr/share/i18n"
