"""O21: editors, tracers and network tools."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import SYSTEM, unwanted_packages

_NAMES = frozenset(
    (
        *(
            "vim",
            "vim-runtime",
            "vim-common",
            "vim-enhanced",
            "vim-minimal",
            "vim-tiny",
            "vim-data",
            "vim-nox",
        ),
        *(
            "nano",
            "emacs",
            "emacs-common",
            "emacs-nox",
            "emacs-bin-common",
            "emacs-el",
            "joe",
            "mc",
            "mc-data",
        ),
        *(
            "strace",
            "ltrace",
            "perf",
            "linux-perf",
            "bpftrace",
            "sysstat",
            "htop",
            "iotop",
            "lsof",
            "procps-ng",
        ),
        *("tcpdump", "nmap", "nmap-common", "nmap-ncat", "wireshark-common", "tshark", "iperf3", "socat"),
        *("dnsutils", "bind9-dnsutils", "bind9-host", "bind9-libs", "bind-tools", "bind-utils", "telnet"),
        *("traceroute", "mtr-tiny", "net-tools", "netcat-openbsd", "netcat-traditional", "tmux", "screen"),
        *("man-db", "info", "texinfo"),
    )
)


def _pick(evidence: Evidence) -> Iterator[Installed]:
    return (one for one in evidence.installed if one.kind in SYSTEM and one.name in _NAMES)


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return (
        f"Leave them out of {step(evidence, layer)}: {named(packages)}. To look into a running container, "
        "bring the tools with you: docker debug, kubectl debug, or a container that shares its namespaces."
    )


RULE = unwanted_packages(
    id="debug-tools",
    title="editors and tools to look around",
    family="packages",
    pick=_pick,
    fix=_fix,
    help="""Editors, tracers and network tools are for people, not for the program. A container of their own
beside the one that runs (docker debug, kubectl debug) has them when they are needed.""",
    risk="A script or health check may call one of them.",
    profiles=frozenset(("runtime", "ml")),
)
