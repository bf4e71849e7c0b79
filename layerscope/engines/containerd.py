"""containerd through ``ctr`` or ``nerdctl``: where it listens, its namespaces, and its images there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from layerscope.engines.command import CommandStream, Finished, follow, run
from layerscope.engines.containerd_rows import Row, ctr_rows, familiar, is_name, means, nerdctl_rows
from layerscope.engines.endpoint import Endpoint, Words, knock
from layerscope.engines.engine import Held, PullOrder
from layerscope.engines.pull_errors import pull_error
from layerscope.errors import AccessDenied, EngineUnreachable, ImageNotFound, SourceError
from layerscope.model.digest import Digest
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform, own_platform
from layerscope.model.reference import parse_image_name

CONTAINERD = Words(
    title="containerd",
    start_hint="start containerd, or name its socket in CONTAINERD_ADDRESS",
    denied_hint="run as root (sudo layerscope …), or name a rootless socket in CONTAINERD_ADDRESS",
)
_SOCKETS = ("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock")
_DEFAULT_NAMESPACES = ("default", "k8s.io")


class Containerd:
    """containerd at one address. ``ctr`` reads it, ``nerdctl`` pulls where it is there: it can log in."""

    scheme = "containerd"

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._endpoint = containerd_endpoint(environment)
        self._ctr = shutil.which("ctr")
        self._nerdctl = shutil.which("nerdctl")
        if self._ctr is None and self._nerdctl is None:
            raise EngineUnreachable(
                "containerd: neither ctr nor nerdctl is installed",
                hint="install containerd's ctr (package containerd) or nerdctl",
            )
        knock(self._endpoint, CONTAINERD)
        given = environment.get("CONTAINERD_NAMESPACE")
        self._namespaces = (given,) if given else _DEFAULT_NAMESPACES
        self._found: dict[str, Row] = {}

    def about(self) -> str:
        """Version, address, namespaces."""
        said = self._checked(self._command("version", namespace=None)).out.decode("utf-8", "replace")
        server = said.partition("Server:")[2] or said
        version = next(
            (line.split()[-1] for line in server.splitlines() if line.strip().lower().startswith("version:")),
            "unknown",
        )
        namespaces = ", ".join(self._namespaces)
        return (
            f"containerd {version}, {self._endpoint.shown} ({self._endpoint.origin}), namespaces {namespaces}"
        )

    def find(self, name: str, platform: Platform | None) -> Held | None:  # noqa: ARG002 - it tells them all
        """The image: by name, short ones too, or by the beginning of its digest or of its ID."""
        rows = [row for row in self._rows() if means(row, name)]
        if not rows:
            return None
        row = rows[0]
        self._found[row.digest] = row
        return Held(
            image_id=row.digest,
            names=tuple(dict.fromkeys(familiar(other.name) for other in rows if is_name(other.name))),
            digest=Digest(row.digest),
            platforms=row.platforms,
        )

    def images(self) -> list[LocalImage]:
        """Every image of the namespaces once, with all the names it has there."""
        grouped: dict[str, list[Row]] = {}
        for row in self._rows():
            grouped.setdefault(row.digest, []).append(row)
        return [_listed(digest, rows) for digest, rows in grouped.items()]

    def remove(self, name: str) -> None:
        """``ctr images rm`` or ``nerdctl rmi`` of that name, in each namespace that has it."""
        rows = [row for row in self._rows() if means(row, name)]
        if not rows:
            raise ImageNotFound(f"containerd: {name}: no such image")
        verb = ("images", "rm") if self._ctr is not None else ("rmi",)
        for row in rows:
            self._checked(self._command(*verb, row.name, namespace=row.namespace))

    def pull(self, order: PullOrder) -> None:
        """``nerdctl pull``, else ``ctr images pull`` (no credentials), into the first namespace."""
        full = str(parse_image_name(order.name))
        platform = str(order.platform or own_platform())
        if self._nerdctl is not None:
            arguments = [*self._nerdctl_command(self._namespaces[0]), "pull", "--platform", platform]
            arguments += ["--insecure-registry"] if order.insecure else []
        else:
            arguments = self._command("images", "pull", "--platform", platform, namespace=self._namespaces[0])
            arguments += ["--plain-http"] if order.insecure else []
        said = follow([*arguments, full], _now_and_then(order.notice))
        if said.code != 0:
            raise pull_error(f"{self.scheme}:{order.name}", said.complaint)

    def export(self, held: Held, platform: Platform | None) -> CommandStream:
        """``ctr images export`` or ``nerdctl save`` into a pipe."""
        row = self._found[held.image_id]
        wanted = platform or _here(held.platforms)
        chosen = ["--platform", str(wanted)] if wanted is not None else []
        if self._ctr is not None:
            return CommandStream(
                self._command("images", "export", *chosen, "-", row.name, namespace=row.namespace)
            )
        return CommandStream([*self._nerdctl_command(row.namespace), "save", *chosen, row.name])

    def close(self) -> None:
        """Nothing is left open between commands."""

    def _rows(self) -> list[Row]:
        rows = []
        for namespace in self._namespaces:
            if self._ctr is not None:
                said = self._checked(self._command("images", "ls", namespace=namespace))
                rows += ctr_rows(said.out.decode("utf-8", "replace"), namespace)
            else:
                command = [
                    *self._nerdctl_command(namespace),
                    "images",
                    "--no-trunc",
                    "--format",
                    "{{json .}}",
                ]
                rows += nerdctl_rows(self._checked(command).out, namespace)
        return rows

    def _command(self, *arguments: str, namespace: str | None) -> list[str]:
        if self._ctr is None:
            return [*self._nerdctl_command(namespace), *arguments]
        command = [self._ctr, "--address", self._endpoint.url.removeprefix("unix://")]
        return [*command, *(["--namespace", namespace] if namespace else []), *arguments]

    def _nerdctl_command(self, namespace: str | None) -> list[str]:
        assert self._nerdctl is not None
        command = [self._nerdctl, "--address", self._endpoint.url.removeprefix("unix://")]
        return [*command, *(["--namespace", namespace] if namespace else [])]

    def _checked(self, command: list[str]) -> Finished:
        said = run(command)
        if said.code != 0:
            text = said.complaint
            if "permission denied" in text:
                raise AccessDenied(f"containerd: {text}", hint=CONTAINERD.denied_hint)
            kind = EngineUnreachable if "dial" in text or "connection" in text else SourceError
            raise kind(f"containerd: {text}", hint=CONTAINERD.start_hint)
        return said


def containerd_endpoint(environment: Mapping[str, str] = os.environ) -> Endpoint:
    """The address that the environment names, else containerd's own, else k3s's."""
    if address := environment.get("CONTAINERD_ADDRESS"):
        return Endpoint(url=f"unix://{address.removeprefix('unix://')}", origin="CONTAINERD_ADDRESS")
    for path in _SOCKETS:
        try:
            if Path(path).exists():
                return Endpoint(url=f"unix://{path}", origin="its usual place")
        except OSError:
            continue
    return Endpoint(url=f"unix://{_SOCKETS[0]}", origin="its usual place")


def _here(platforms: tuple[Platform, ...]) -> Platform | None:
    """Where nobody said: this machine's, else the only one, else None: the command chooses."""
    own = own_platform()
    fitting = [platform for platform in platforms if platform.matches(own)]
    if fitting:
        return fitting[0]
    return platforms[0] if len(platforms) == 1 else None


def _listed(digest: str, rows: list[Row]) -> LocalImage:
    names = tuple(dict.fromkeys(familiar(row.name) for row in rows if is_name(row.name)))
    return LocalImage(
        reference=f"containerd:{names[0] if names else digest}",
        names=names,
        image_id=digest,
    )


def _now_and_then(notice: Callable[[str], None], every_s: float = 2.0) -> Callable[[str], None]:
    """Hand on a line at most every few seconds: the commands draw their progress again and again."""
    from time import monotonic

    last = -every_s

    def told(line: str) -> None:
        nonlocal last
        if monotonic() - last >= every_s:
            last = monotonic()
            notice(line)

    return told
