"""O19: packages of a desktop or of a machine that boots, which no program here uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import SYSTEM, unwanted_packages

_NAMES = re.compile(
    r"systemd(?:-.+)?|dbus(?:-.+)?|udev|policykit-1|polkitd|network-manager|packagekit(?:-.+)?|rtkit"
    r"|mesa-.+|libgl1-mesa-dri|libglx-mesa0|libegl-mesa0|libgbm1|libllvm\d.*|libz3-4|libdrm.*"
    r"|lib(?:x11|xcb|xt|xi|xtst|xrender|xext|xcursor|xrandr|wayland).*|libX.+|x11-.+|xserver-.+|xorg.*|xauth"
    r"|libgtk-?[234].*|gtk[23](?:-.+)?|libgdk-.+|(?:adwaita|hicolor|humanity|gnome|tango)-icon-theme"
    r"|gsettings-desktop-schemas|dconf-.+|at-spi2-.+|libatk.+|glib-networking.*|xdg-.+|desktop-file-utils"
    r"|cups(?:-.+)?|libcups.+|alsa-.+|libasound.+|pulseaudio.*|libpulse.*"
)


def _pick(evidence: Evidence) -> Iterator[Installed]:
    """Only where it is known what the image runs, and without what that loads."""
    found = [one for one in evidence.installed if one.kind in SYSTEM and _NAMES.fullmatch(one.name)]
    split = evidence.split if found else None
    if split is not None:
        needed = split.closure.nodes
        yield from (one for one in found if all(node.path not in needed for node, _ in one.files))


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return (
        f"See what brings {named(packages)} into {step(evidence, layer)} (apt-cache rdepends --installed, "
        "rpm -q --whatrequires), and install the variant for servers: …-jre-headless, …-nox, or "
        "--no-install-recommends."
    )


RULE = unwanted_packages(
    id="desktop-packages",
    title="packages of a desktop",
    family="packages",
    pick=_pick,
    fix=_fix,
    help="""Graphics drivers, X11, icon themes, printing and systemd come along when a package is built for
desktops too. A service draws nothing and starts no services: there are variants without, or they are only
recommended. What the entrypoint loads is not counted.""",
    risk="Something that the entrypoint starts, or loads by name, may use them (a browser, a toolkit).",
    profiles=frozenset(("runtime",)),
    confidence="low",
    at_least_bytes=5_000_000,
)
