"""The base layer that two of the samples share: a very small Debian-like root filesystem."""

from typing import Final

from sample_images import elf_binary
from sample_images.debian_packages import Package, info_files, package, status
from sample_images.filler import noise, prose
from sample_images.layer_tar import Member
from sample_images.root_filesystem import RootFilesystem

BASE_TIME_S: Final = 1_736_726_400  # 2025-01-13T00:00:00Z
LIBRARIES: Final = "usr/lib/x86_64-linux-gnu"

_OS_RELEASE: Final = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
"""
_ACCOUNTS: Final = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP: Final = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nadm:x:4:\nshadow:x:42:\nwww-data:x:33:\n"
_SHADOW: Final = "".join(f"{line.split(':')[0]}:*:20101:0:99999:7:::\n" for line in _ACCOUNTS.splitlines())
_SOURCES: Final = """\
Types: deb
URIs: http://mirror.example.com/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_GUNZIP: Final = """\
#!/bin/sh
# Uncompress files. This is the inverse of gzip.
case $1 in
--help) printf 'Usage: gunzip [OPTION]... [FILE]...\\n'; exit 0;;
esac
exec gzip -d "$@"
"""


def program(path: str, code_bytes: int, *needed: str, debug_bytes: int = 0) -> Member:
    """Return an executable file at a path."""
    name = path.rpartition("/")[2]
    content = elf_binary.executable(name, code_bytes, "libc.so.6", *needed, debug_bytes=debug_bytes)
    return Member(name=path, content=content, mode=0o755)


def shared_library(soname: str, code_bytes: int, *needed: str) -> Member:
    """Return a shared library in the folder for the architecture."""
    content = elf_binary.library(soname, code_bytes, *needed)
    return Member(name=f"{LIBRARIES}/{soname}", content=content)


def text(path: str, content: str, mode: int = 0o644) -> Member:
    """Return a text file."""
    return Member(name=path, content=content.encode(), mode=mode)


def link(path: str, target: str) -> Member:
    """Return a symbolic link."""
    return Member(name=path, kind="symlink", mode=0o777, target=target)


def hard_link(path: str, target: str) -> Member:
    """Return a second name of an executable file that stands earlier in the layer."""
    return Member(name=path, kind="hardlink", mode=0o755, target=target)


def base_packages() -> list[Package]:
    """Return the packages of the base, with all the files that they own."""
    return [*_foundations(), *_commands(), *_administration()]


def base_filesystem() -> RootFilesystem:
    """Return the root filesystem of the base, ready to be committed as its one layer."""
    root = RootFilesystem(clock_s=BASE_TIME_S)
    for path in ("boot", "dev", "etc", "home", "media", "mnt", "opt", "proc", "run", "srv", "sys"):
        root.add([Member(name=path, kind="dir", mode=0o755)])
    root.add([link(name, f"usr/{name}") for name in ("bin", "lib", "lib64", "sbin")])
    root.add([Member(name="tmp", kind="dir", mode=0o1777)])
    root.add([Member(name="root", kind="dir", mode=0o700)])
    packages = base_packages()
    for item in packages:
        root.add(item.files)
        root.add(info_files(item))
    root.add([status(packages), *_configuration(), *_empty_folders()])
    return root


def _configuration() -> list[Member]:
    return [
        text("etc/passwd", _ACCOUNTS),
        text("etc/group", _GROUP),
        text("etc/shadow", _SHADOW, 0o640),
        text("etc/apt/sources.list.d/debian.sources", _SOURCES),
        text("etc/hostname", ""),
        text("root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\numask 022\n"),
        text("root/.profile", "if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\nmesg n || true\n"),
        Member(name="etc/ld.so.cache", content=b"glibc-ld.so.cache1.1" + noise("ld.so.cache", 900)),
    ]


def _empty_folders() -> list[Member]:
    paths = (
        "var/cache/apt/archives/partial",
        "var/lib/apt/lists/partial",
        "var/log/apt",
        "var/tmp",
    )
    modes = (0o700, 0o700, 0o755, 0o1777)
    return [Member(name=path, kind="dir", mode=mode) for path, mode in zip(paths, modes, strict=True)]


def _foundations() -> list[Package]:
    return [
        package(
            *("base-files", "12.4+deb12u9", "Debian base system miscellaneous files"),
            text("usr/lib/os-release", _OS_RELEASE),
            link("etc/os-release", "../usr/lib/os-release"),
            text("etc/debian_version", "12.9\n"),
            text("etc/issue", "Debian GNU/Linux 12 \\n \\l\n"),
            Member(name="usr/share/common-licenses/GPL-3", content=prose("GPL-3", 2600)),
            section="admin",
        ),
        package(
            *("libc6", "2.36-9+deb12u9", "GNU C Library: Shared libraries"),
            shared_library("libc.so.6", 11_000),
            shared_library("libm.so.6", 4_000, "libc.so.6"),
            shared_library("ld-linux-x86-64.so.2", 3_000),
            link("usr/lib64/ld-linux-x86-64.so.2", f"/{LIBRARIES}/ld-linux-x86-64.so.2"),
            section="libs",
        ),
        package(
            *("libssl3", "3.0.15-1~deb12u1", "Secure Sockets Layer toolkit - shared libraries"),
            shared_library("libcrypto.so.3", 8_000, "libc.so.6"),
            shared_library("libssl.so.3", 3_000, "libcrypto.so.3", "libc.so.6"),
            section="libs",
            depends="libc6 (>= 2.34)",
        ),
        package(
            *("tzdata", "2024b-0+deb12u1", "time zone and daylight-saving time data"),
            Member(name="usr/share/zoneinfo/UTC", content=b"TZif2" + bytes(109)),
            Member(name="usr/share/zoneinfo/Europe/Berlin", content=b"TZif2" + noise("Berlin", 1300)),
            link("etc/localtime", "/usr/share/zoneinfo/UTC"),
            section="localization",
        ),
    ]


def _commands() -> list[Package]:
    names = ("cat", "chmod", "chown", "cp", "ls", "mkdir", "mv", "rm")
    libc = "libc6 (>= 2.34)"
    gunzip = text("usr/bin/gunzip", _GUNZIP, 0o755)
    uncompress = hard_link("usr/bin/uncompress", "usr/bin/gunzip")
    # `perl` comes first in the archive, so its entry holds the bytes of both names.
    perl_name = hard_link("usr/bin/perl5.36.0", "usr/bin/perl")
    return [
        package(
            *("bash", "5.2.15-2+b7", "GNU Bourne Again SHell"),
            program("usr/bin/bash", 6_000),
            section="shells",
            depends=libc,
        ),
        package(
            *("dash", "0.5.12-2", "POSIX-compliant shell"),
            program("usr/bin/dash", 3_000),
            link("usr/bin/sh", "dash"),
            section="shells",
            depends=libc,
        ),
        package(
            *("coreutils", "9.1-1", "GNU core utilities"),
            *(program(f"usr/bin/{name}", 1_400) for name in names),
            depends=libc,
        ),
        package("gzip", "1.12-1", "GNU compression utilities", gunzip, uncompress),
        package(
            *("perl-base", "5.36.0-7+deb12u1", "minimal Perl system"),
            *(program("usr/bin/perl", 6_000, "libm.so.6"), perl_name),
            section="perl",
            depends=libc,
        ),
        package(
            *("tar", "1.34+dfsg-1.2+deb12u1", "GNU version of the tar archiving utility"),
            program("usr/bin/tar", 2_400),
            depends=libc,
        ),
    ]


def _administration() -> list[Package]:
    return [
        package(
            *("dpkg", "1.21.22", "Debian package management system"),
            program("usr/bin/dpkg", 2_900),
            Member(name="var/lib/dpkg/arch", content=b"amd64\n"),
            section="admin",
            depends="libc6 (>= 2.34), tar (>= 1.28-1)",
        ),
        package(
            *("apt", "2.6.1", "commandline package manager"),
            program("usr/bin/apt-get", 2_000, "libapt-pkg.so.6.0"),
            shared_library("libapt-pkg.so.6.0", 5_000, "libc.so.6"),
            section="admin",
            depends="libc6 (>= 2.34), libssl3",
        ),
        package(
            *("passwd", "1:4.13+dfsg1-1", "change and administer password and group data"),
            program("usr/sbin/useradd", 3_000),
            Member(
                name="usr/bin/passwd",
                content=elf_binary.executable("passwd", 2_000, "libc.so.6"),
                mode=0o4755,
            ),
            section="admin",
            depends="libc6 (>= 2.34)",
        ),
    ]
