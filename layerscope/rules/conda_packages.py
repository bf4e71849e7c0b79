"""P08: packages and tarballs that conda keeps."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="conda-packages",
    title="conda's package cache",
    family="python",
    patterns=(
        "/opt/conda/pkgs/",
        "/opt/miniconda3/pkgs/",
        "/opt/mamba/pkgs/",
        "miniconda3/pkgs/",
        "anaconda3/pkgs/",
        ".conda/pkgs/",
        "micromamba/pkgs/",
        "miniforge3/pkgs/",
    ),
    remedy=Remedy(cleanup="conda clean -afy", mount="/opt/conda/pkgs"),
    help="""conda keeps each package twice: packed, and unpacked with hard links into the environments. What
is linked costs nothing, and is not counted.""",
)
