"""P06: what installs Python's packages, in an image that only runs them."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import unwanted_packages

_PIP = frozenset(
    (
        *("pip", "setuptools", "wheel", "virtualenv", "pipenv", "poetry", "poetry-core", "pdm", "hatch"),
        *("hatchling", "flit", "flit-core", "uv", "pip-tools", "build", "twine", "pipx"),
    )
)
_SYSTEM = frozenset(
    (
        *("python3-pip", "python3-pip-whl", "python3-setuptools", "python3-setuptools-whl", "python3-wheel"),
        *("python3-wheel-whl", "python3-virtualenv", "python3-venv", "virtualenv", "pipx", "py3-pip"),
        *("py3-setuptools", "py3-wheel", "python3-pip-wheel", "python3-setuptools-wheel"),
    )
)


def _pick(evidence: Evidence) -> Iterator[Installed]:
    for one in evidence.installed:
        name = one.name.lower().replace("_", "-")
        if name in _PIP if one.kind == "pip" else name in _SYSTEM:
            yield one


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return (
        f"Keep them out of {step(evidence, layer)}: {named(packages)}. Install in a build stage into "
        "an environment without them (python -m venv --without-pip, pip --python …; uv venv), and COPY that."
    )


RULE = unwanted_packages(
    id="python-installers",
    title="installers of Python packages",
    family="python",
    pick=_pick,
    fix=_fix,
    help="""pip, setuptools, wheel, poetry and uv install packages; a finished application does not need them.
Install in a build stage, and copy an environment that has none of them.""",
    risk="Some packages import setuptools (pkg_resources) when they run.",
    profiles=frozenset(("runtime", "ml")),
)
