"""A Python runtime and installed wheels, wherever an image keeps them."""

from collections.abc import Iterable
from typing import Final

from sample_images import elf_binary
from sample_images.filler import bytecode, prose, python_module, record_hash
from sample_images.layer_tar import Member

_MODULES: Final = {
    "argparse": 3000,
    "dataclasses": 2200,
    "datetime": 2600,
    "http/client": 2000,
    "json/__init__": 1200,
    "logging/__init__": 2800,
    "os": 1600,
    "typing": 3000,
}
_WHEELS: Final = {
    ("flask", "3.0.2"): {"__init__": 600, "app": 3800, "blueprints": 1500},
    ("jinja2", "3.1.3"): {"__init__": 500, "compiler": 3400, "environment": 2800},
    ("gunicorn", "21.2.0"): {"__init__": 300, "arbiter": 2400, "workers/sync": 1400},
}


def standard_library(folder: str, *, compiled_at_s: int | None = None) -> list[Member]:
    """Return part of a standard library, with its bytecode when a time for it is given."""
    sources = {
        f"{folder}/{name}.py": python_module(f"stdlib {name}", size) for name, size in _MODULES.items()
    }
    members = [Member(name=path, content=content) for path, content in sources.items()]
    return members if compiled_at_s is None else [*members, *compiled(members, compiled_at_s)]


def interpreter(path: str) -> Member:
    """Return the interpreter."""
    content = elf_binary.executable("python3.11", 12_000, "libm.so.6", "libc.so.6")
    return Member(name=path, content=content, mode=0o755)


def wheels(site_folder: str, mode: int = 0o644, *, speedups_debug_bytes: int = 0) -> list[Member]:
    """Return the application's dependencies as an installer lays them down.

    The one compiled extension is stripped unless it is given debug sections.
    """
    library = "_speedups.cpython-311-x86_64-linux-gnu.so"
    speedups = elf_binary.library(library, 2200, "libc.so.6", debug_bytes=speedups_debug_bytes)
    members: list[Member] = []
    for (name, version), modules in _WHEELS.items():
        contents = {
            f"{name}/{module}.py": python_module(f"{name}.{module}", size) for module, size in modules.items()
        }
        if name == "jinja2":
            contents[f"{name}/{library}"] = speedups
        info = f"{name}-{version}.dist-info"
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: BSD-3-Clause\n\n"
        contents[f"{info}/INSTALLER"] = b"pip\n"
        contents[f"{info}/METADATA"] = head.encode() + prose(f"{name} metadata", 900)
        contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        rows = [f"{path},{record_hash(data)},{len(data)}" for path, data in contents.items()]
        contents[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
        members += [
            Member(name=f"{site_folder}/{path}", content=data, mode=mode) for path, data in contents.items()
        ]
    return members


def compiled(sources: Iterable[Member], time_s: int) -> list[Member]:
    """Return the bytecode that running or installing the sources leaves beside them."""
    members = []
    for source in sources:
        if source.name.endswith(".py"):
            folder, _, base = source.name.rpartition("/")
            name = f"{folder}/__pycache__/{base.removesuffix('.py')}.cpython-311.pyc"
            code = bytecode(source.content, time_s, source.name)
            members.append(Member(name=name, content=code, mode=source.mode))
    return members


def script(path: str, python: str, module: str) -> Member:
    """Return a console script as an installer writes it."""
    content = f"#!{python}\nimport sys\nfrom {module} import main\nsys.exit(main())\n"
    return Member(name=path, content=content.encode(), mode=0o755)
