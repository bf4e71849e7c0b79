"""P20: browsers that test tools download."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="browsers",
    title="browsers that test tools download",
    family="node",
    patterns=(
        "ms-playwright/",
        ".cache/ms-playwright/",
        ".cache/puppeteer/",
        ".cache/Cypress/",
        ".cache/selenium/",
    ),
    remedy=Remedy(
        cleanup=None,
        instead=(
            "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1, or playwright install chromium "
            "--only-shell: the one that is used"
        ),
    ),
    help="""Test tools download one to three browsers of 100 to 400 MB each.""",
    priority=Priority.GENERIC,
    confidence="low",
)
