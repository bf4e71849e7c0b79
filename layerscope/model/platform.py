"""The platform an image is for (image-spec, image-index.md, "platform")."""

from __future__ import annotations

import msgspec

from layerscope.errors import UsageError

_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"}
_ARCHITECTURES |= {"i686": "386", "armhf": "arm", "armv7l": "arm", "armv6l": "arm"}
_DEFAULT_VARIANTS = {"arm64": "v8", "arm": "v7"}


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """Operating system, architecture and variant, in Go's names."""

    os: str
    architecture: str
    variant: str | None = None

    def __str__(self) -> str:
        """``os/architecture[/variant]``."""
        parts = [self.os, self.architecture, self.variant]
        return "/".join(part for part in parts if part)

    def matches(self, wanted: Platform) -> bool:
        """Whether an image for this platform is what ``wanted`` asks for.

        A variant counts only where ``wanted`` has one; arm64 without one is v8, arm is v7.
        """
        if (self.os, self.architecture) != (wanted.os, wanted.architecture):
            return False
        default = _DEFAULT_VARIANTS.get(self.architecture)
        return wanted.variant is None or (self.variant or default) == wanted.variant


def parse_platform(text: str) -> Platform:
    """Read ``os/architecture[/variant]``; raises UsageError."""
    parts = text.lower().split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise UsageError(f"platform {text!r}: expected os/architecture[/variant]", hint="such as linux/arm64")
    architecture = _ARCHITECTURES.get(parts[1], parts[1])
    return Platform(os=parts[0], architecture=architecture, variant=parts[2] if len(parts) == 3 else None)


def own_platform() -> Platform:
    """The platform of this machine's containers: always Linux, also on a Mac or on Windows."""
    import platform as machine

    name = machine.machine().lower()
    return Platform(os="linux", architecture=_ARCHITECTURES.get(name, name))
