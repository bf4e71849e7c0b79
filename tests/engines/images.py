"""The images that the tests have built, and what each instruction of `accounts` wastes."""

from __future__ import annotations

from collections.abc import Mapping

from tests.engines.building import Recipe

# By path in the build context; `files` is copied to /w.
SIZES: Mapping[str, int] = {
    "files/owned/first": 100_000,
    "files/owned/second": 30_000,
    "files/moded": 20_000,
    "files/touched": 10_000,
    "files/deleted": 70_000,
    "files/overwritten": 50_000,
    "other-content": 50_000,
    "files/linked": 40_000,
    "files/moved/one": 7_000,
    "files/moved/two": 8_000,
    "files/emptied/a": 3_000,
    "files/emptied/b/c": 4_000,
    "files/appended": 6_000,
    "files/again": 9_000,
    "files/replaced/x": 2_000,
    "files/kept": 1_000,
}

RECIPES: Mapping[str, Recipe] = {
    "accounts": Recipe(dockerfile="accounts.Dockerfile", sizes=SIZES),
    "changes": Recipe(dockerfile="changes.Dockerfile", sizes={}),
    "stages": Recipe(dockerfile="stages.Dockerfile", sizes=SIZES),
    "stages-build": Recipe(dockerfile="stages.Dockerfile", sizes=SIZES, target="build"),
}

# Layer 0 is the base and 1 the COPY of the files; a step that changes no file makes no layer.
CHOWN, CHMOD, TOUCH, RM, COPY, LINK, MV = range(2, 9)
EMPTY, APPEND, AGAIN, REPLACE, UNLINK, RM_SECOND, RM_MOVED = range(9, 16)

# path, cause, shipped by, hidden by, bytes
WASTE = {
    ("w/owned/first", "metadata_only", 1, CHOWN, 100_000),
    ("w/owned/second", "metadata_only", 1, CHOWN, 30_000),
    ("w/moded", "metadata_only", 1, CHMOD, 20_000),
    ("w/touched", "metadata_only", 1, TOUCH, 10_000),
    ("w/deleted", "deleted", 1, RM, 70_000),
    ("w/overwritten", "overwritten", 1, COPY, 50_000),
    # The overlay copies the file up to give it a second name; that copy is still there when its
    # first name goes.
    ("w/linked", "metadata_only", 1, LINK, 40_000),
    ("w/moved/one", "deleted", 1, MV, 7_000),
    ("w/moved/two", "deleted", 1, MV, 8_000),
    ("w/emptied/a", "deleted", 1, EMPTY, 3_000),
    ("w/emptied/b/c", "deleted", 1, EMPTY, 4_000),
    ("w/appended", "overwritten", 1, APPEND, 6_000),
    ("w/again", "metadata_only", 1, AGAIN, 9_000),
    ("w/replaced/x", "deleted", 1, REPLACE, 2_000),
    ("w/owned/second", "deleted", CHOWN, RM_SECOND, 30_000),
    ("w/elsewhere/one", "deleted", MV, RM_MOVED, 7_000),
    ("w/elsewhere/two", "deleted", MV, RM_MOVED, 8_000),
}
