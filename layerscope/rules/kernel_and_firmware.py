"""O18: a kernel, its modules, firmware."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="kernel-and-firmware",
    title="a kernel or firmware",
    family="packages",
    patterns=(
        "/boot/",
        "/lib/modules/",
        "/usr/lib/modules/",
        "/lib/firmware/",
        "/usr/lib/firmware/",
        "/usr/src/linux-headers-*/",
    ),
    remedy=Remedy(
        instead=(
            "Find out which package brings it (often a recommended one): apt- "
            "get install --no-install-recommends"
        )
    ),
    help="""A container uses the host's kernel. Kernels, modules and firmware come in with the wrong
packages.""",
    at_least_bytes=1_000_000,
    risk="An image that a machine boots from (bootc) needs them.",
)
