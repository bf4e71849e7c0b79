"""Packages, and the records that dpkg and apt keep of them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sample_images.filler import hexadecimal, noise, prose
from sample_images.layer_tar import Member

STATUS_PATH: Final = "var/lib/dpkg/status"
_MAINTAINER: Final = "Sample Maintainers <packages@example.com>"


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package: its control fields and the files that it owns."""

    name: str
    version: str
    summary: str
    files: tuple[Member, ...]
    section: str = "libs"
    depends: str = ""

    @property
    def size_bytes(self) -> int:
        """Content of the package's files."""
        return sum(len(member.content) for member in self.files)


def package(
    title: str,
    version: str,
    summary: str,
    *files: Member,
    section: str = "utils",
    depends: str = "",
) -> Package:
    """Return a package with its copyright file added, as every Debian package has one."""
    text = f"This package was put together from the upstream sources of {title}.\n\n".encode()
    licence = Member(
        name=f"usr/share/doc/{title}/copyright",
        content=text + prose(f"copyright {title}", 260) + b"\nLicense: GPL-3+\n",
    )
    return Package(
        name=title,
        version=version,
        summary=summary,
        files=(*files, licence),
        section=section,
        depends=depends,
    )


def status(packages: Iterable[Package]) -> Member:
    """Return dpkg's status file for the packages that are installed."""
    stanzas = [_status_stanza(item) for item in sorted(packages, key=lambda item: item.name)]
    return Member(name=STATUS_PATH, content="\n".join(stanzas).encode())


def info_files(item: Package) -> list[Member]:
    """Return the lists of paths and checksums that dpkg keeps of one package."""
    folders: set[str] = set()
    for member in item.files:
        parts = member.name.split("/")
        folders.update("/".join(parts[:number]) for number in range(1, len(parts)))
    paths = sorted(folders | {member.name for member in item.files})
    listing = "/.\n" + "".join(f"/{path}\n" for path in paths)
    sums = "".join(
        f"{hashlib.md5(member.content, usedforsecurity=False).hexdigest()}  {member.name}\n"
        for member in item.files
        if member.kind == "file"
    )
    stem = f"var/lib/dpkg/info/{item.name}"
    return [
        Member(name=f"{stem}.list", content=listing.encode()),
        Member(name=f"{stem}.md5sums", content=sums.encode()),
    ]


def apt_lists(size_bytes: int) -> list[Member]:
    """Return what ``apt-get update`` downloads: the index of a whole distribution."""
    stem = "var/lib/apt/lists/mirror.example.com_debian_dists_bookworm"
    stanzas: list[str] = []
    while sum(map(len, stanzas)) < size_bytes:
        stanzas.append(_index_stanza(len(stanzas)))
    index = "\n".join(stanzas).encode()
    release = (
        "Origin: Debian\nLabel: Debian\nSuite: stable\nCodename: bookworm\n"
        "Date: Sat, 11 Jan 2025 10:22:31 UTC\nArchitectures: amd64 arm64\nComponents: main\n"
        f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} main/binary-amd64/Packages\n"
    )
    return [
        Member(name=f"{stem}_InRelease", content=release.encode() + _signature()),
        Member(name=f"{stem}_main_binary-amd64_Packages", content=index),
        Member(name="var/lib/apt/lists/lock", mode=0o640),
        Member(name="var/lib/apt/lists/partial", kind="dir", mode=0o700),
    ]


def _status_stanza(item: Package) -> str:
    depends = f"Depends: {item.depends}\n" if item.depends else ""
    return (
        f"Package: {item.name}\nStatus: install ok installed\nPriority: optional\n"
        f"Section: {item.section}\nInstalled-Size: {-(-item.size_bytes // 1024)}\n"
        f"Maintainer: {_MAINTAINER}\nArchitecture: amd64\nVersion: {item.version}\n"
        f"{depends}Description: {item.summary}\n {prose(item.name, 60).decode().splitlines()[0]}.\n"
    )


def _index_stanza(number: int) -> str:
    seed = f"index {number}"
    pick = noise(seed, 4)
    name = ("lib" if pick[0] % 2 else "") + prose(seed, 1).decode().split()[1] + f"-{pick[1]}"
    version = f"{pick[2] % 9}.{pick[3] % 30}-{1 + pick[2] % 3}"
    return (
        f"Package: {name}\nVersion: {version}\nInstalled-Size: {pick[3] * 7}\n"
        f"Maintainer: {_MAINTAINER}\nArchitecture: amd64\n"
        f"Depends: libc6 (>= 2.{14 + pick[0] % 20})\n"
        f"Description: {prose(seed, 1).decode().splitlines()[0]}\n"
        f"Section: misc\nPriority: optional\n"
        f"Filename: pool/main/{name[0]}/{name}/{name}_{version}_amd64.deb\n"
        f"Size: {pick[1] * 977}\nSHA256: {hexadecimal(seed)}\n"
    )


def _signature() -> bytes:
    body = hexadecimal("signature", 512)
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN PGP SIGNATURE-----\n\n{lines}\n-----END PGP SIGNATURE-----\n".encode()
