"""What an image needs to run what it is for: the program, what that is run with, and what those load.

Told from the config, the headers of ELF files and the first lines of scripts; nothing is run. What a program
opens by a name of its own making cannot be seen that way: interpreters are taken with their libraries and
the application's folder, and what stays open is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from layerscope.advice.shared_libraries import SharedLibraries
from layerscope.advice.visible_paths import VisiblePaths, joined
from layerscope.model.image import Image
from layerscope.model.shell import commands_of
from layerscope.packages.pip import find_pip
from layerscope.packages.present import Present
from layerscope.union.index import Node

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))
_BUILT_IN = frozenset(
    ("cd", "exec", "export", "set", "source", ".", "echo", "test", "[", "exit", "trap", "umask")
)
_WRAPPERS = frozenset(("env", "exec", "tini", "dumb-init", "gosu", "su-exec", "nice", "--"))
_PYTHON = re.compile(r"(?:python|pypy)(\d+(?:\.\d+)?)?")
_NODE = re.compile(r"node(?:js)?")
_OTHERS = re.compile(r"ruby[\d.]*|perl[\d.]*|php[\d.]*|Rscript|lua[\d.]*")
_LIBRARIES_OF = {"ruby": "ruby", "perl": "perl", "php": "php", "Rscript": "R", "lua": "lua"}
NOT_TO_RUN = frozenset((".git", ".hg", ".svn", "__pycache__"))
_NOT_OF_A_JRE = frozenset(("bin", "jmods", "src.zip", "ct.sym", "include", "demo", "man", "sample", "docs"))
_ALWAYS = (
    *("etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/ld.so.cache", "etc/localtime"),
    *("etc/ssl/certs", "etc/ssl/openssl.cnf", "usr/lib/locale/C.utf8", "etc/hosts"),
    *("etc/os-release", "usr/lib/os-release", "etc/resolv.conf", "usr/share/ca-certificates"),
)
_LOADED_LATE = ("libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2")
"""What glibc opens when it is first needed."""
_SHALLOW = 2
"""A folder of so many parts is part of every system: a link to it does not mean all of it."""


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is needed, as far as that can be told.

    ``nodes`` are files and symlinks by their paths; ``folders`` what of them was taken as a whole;
    ``programs`` what is run, as it was resolved; ``configured`` the libraries that the loader finds through
    its cache only; ``undecided`` says what somebody has to look at.
    """

    programs: tuple[str, ...]
    nodes: dict[str, Node]
    folders: tuple[str, ...]
    configured: tuple[str, ...]
    undecided: tuple[str, ...]


def closure_of(image: Image, present: Present) -> Closure | None:
    """What the image's entrypoint and health check need; None where no program of it is found."""
    return _Search(image, present).run()


class _Search:
    """Files found so far, those still to be looked at, and what could not be told."""

    def __init__(self, image: Image, present: Present) -> None:
        self._elf: dict[str, Any] = {fact.path: fact.value for fact in present.facts("elf")}
        self._scripts: dict[str, Any] = {fact.path: fact.value for fact in present.facts("shebang")}
        self._told = self._elf.keys() | self._scripts.keys()
        self._paths = VisiblePaths(present.index)
        self._runtime = image.config.runtime
        environment = _environment(self._runtime.get("Env"))
        self._search_path = environment.get("PATH") or _DEFAULT_PATH
        self._libraries = SharedLibraries(
            self._paths,
            self._elf,
            environment.get("LD_LIBRARY_PATH", ""),
            {fact.path: fact.value for fact in present.facts("loader-paths")},
        )
        self._present = present
        self._folder = joined("", str(self._runtime.get("WorkingDir") or ""))
        self._found: dict[str, Node] = {}
        self._waiting: list[Node] = []
        self._wholes: list[str] = []
        self._programs: list[str] = []
        self._undecided: dict[str, None] = {}
        self._by_name: dict[str, str] = {}

    def run(self) -> Closure | None:
        """Begin at the config and follow everything."""
        command = [*_words(self._runtime.get("Entrypoint")), *_words(self._runtime.get("Cmd"))]
        if not command or not self._command(command):
            return None
        check = (self._runtime.get("Healthcheck") or {}).get("Test") or []
        if check[:1] == ["CMD"] or check[:1] == ["CMD-SHELL"]:
            self._command(check[1:] if check[0] == "CMD" else ["/bin/sh", "-c", *check[1:]])
        for path in _ALWAYS:
            self._take(path)
        self._follow()
        for name in _LOADED_LATE:
            for program in [path for path in self._programs if path in self._elf][:1]:
                place, _ = self._libraries.find(name, program)
                if place is not None:
                    self._take(place)
        self._follow()
        configured = self._libraries.through_cache
        for path in ("etc/ld.so.conf", *configured.values()) if configured else ():
            self._take(path)
        for place, path in self._by_name.items():
            if not any(_below(place, whole) for whole in self._wholes):
                self._note(f"/{place}, which /{path} needs, was found by its name alone")
        return Closure(
            programs=tuple(self._programs),
            nodes=self._found,
            folders=tuple(dict.fromkeys(self._wholes)),
            configured=tuple(sorted(configured)),
            undecided=tuple(self._undecided),
        )

    # What is run

    def _command(self, words: Sequence[str]) -> bool:
        """Take the program of a command and what its arguments name; whether there is such a program."""
        words = list(words)
        while len(words) > 1 and words[0].rpartition("/")[2] in _WRAPPERS:
            self._program(words.pop(0))
        program = self._program(words[0])
        if program is None:
            return False
        name = words[0].rpartition("/")[2]
        if name in _SHELLS and "-c" in words[1:2]:
            return self._shell_text(" ".join(words[2:3]))
        self._arguments(name, program, words[1:])
        return True

    def _shell_text(self, text: str) -> bool:
        found = False
        for command in commands_of(text):
            if command.program in _BUILT_IN:
                words = command.words[1:]
                if words and command.program == "exec":
                    found = self._command(words) or found
            else:
                found = self._command(command.words) or found
        if "$" in text:
            self._note(f"the shell fills in variables: {text}")
        return found

    def _program(self, name: str) -> str | None:
        """Take a program by its name or path; gives where it is in the end."""
        places = [name] if "/" in name else [f"{folder}/{name}" for folder in self._search_path.split(":")]
        for place in places:
            node, _ = self._paths.resolve(joined(self._folder, place))
            if node is not None and self._paths.is_file(node):
                self._take(joined(self._folder, place))
                if node.path not in self._programs:
                    self._programs.append(node.path)
                return node.path
        self._note(f"{name}: no such program in the image")
        return None

    def _arguments(self, name: str, program: str, words: Sequence[str]) -> None:
        """Take what arguments name, and the folder that an interpreter's program is in."""
        script = None
        for word in words:
            node, _ = self._paths.resolve(joined(self._folder, word.rpartition("=")[2]))
            is_option = word.startswith("-")
            if node is None or node.path in ("", self._folder) or (is_option and "=" not in word):
                continue
            if self._paths.is_file(node):
                self._take(joined(self._folder, word.rpartition("=")[2]))
                script = script or (None if is_option else node.path)
            elif self._paths.is_folder(node) and node.path.count("/") >= 1:
                self._whole(node.path)
        interpreted = program in self._scripts or self._is_interpreter(name)
        elsewhere = script is not None and not _below(script, self._folder)
        if script is not None and (name.startswith("java") or (interpreted and elsewhere)):
            self._whole(script.rpartition("/")[0])
        elif interpreted or name in ("npm", "yarn", "pnpm", "npx"):
            self._working_folder(name)
        elif self._folder and self._paths.names(self._folder):
            self._note(f"/{self._folder} is where it is run: does it read files there by relative names?")
        if name in ("npm", "yarn", "pnpm", "npx"):
            self._program("/bin/sh")
            self._note(f"what {name} runs stands in package.json: only its folder was taken")

    @staticmethod
    def _is_interpreter(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in (_PYTHON, _NODE, _OTHERS)) or name in _SHELLS

    def _working_folder(self, name: str) -> None:
        if self._folder.count("/") >= 1 or (
            self._folder and self._folder not in ("usr", "etc", "var", "bin", "lib")
        ):
            self._whole(self._folder)
        else:
            self._note(f"where the files of {name} are: there is no WORKDIR of its own")

    # What is taken

    def _take(self, path: str) -> None:
        """Take a path with the symlinks that lead to it; a folder as a whole."""
        node, links = self._paths.resolve(path)
        self._keep(links)
        if node is None:
            return
        if self._paths.is_folder(node):
            if node.path.count("/") >= _SHALLOW:
                self._whole(node.path)
        elif node.path not in self._found:
            self._found[node.path] = node
            self._waiting.append(node)

    def _keep(self, links: Sequence[str]) -> None:
        for link in links:
            if link not in self._found and (node := self._paths.node(link)) is not None:
                self._found[link] = node

    def _whole(self, folder: str, without: frozenset[str] = NOT_TO_RUN) -> None:
        node, links = self._paths.resolve(folder)
        self._keep(links)
        if node is None or not self._paths.is_folder(node) or not node.path or node.path in self._wholes:
            return
        self._wholes.append(node.path)
        for child in self._paths.below(node, without):
            path = child.path
            if path not in self._found:
                self._found[path] = child
                if path in self._told or not self._paths.is_plain(child):
                    self._waiting.append(child)

    def _follow(self) -> None:
        """Look at everything that was taken until there is nothing new."""
        while self._waiting:
            node = self._waiting.pop()
            version = node.top
            inode = version.inode if version is not None else None
            path = node.path if inode is None else inode.entry.path  # the name that the probes saw
            if not self._paths.is_file(node):
                self._take(node.path)  # a symlink within a folder
            elif path in self._elf:
                self._loads(path, node.path)
            elif path in self._scripts:
                self._run_with(self._scripts[path], node.path)

    def _loads(self, known: str, path: str) -> None:
        """What an ELF file needs: its loader, its libraries, and an interpreter its own."""
        fact = self._elf[known]
        if fact["interpreter"]:
            self._take(joined("", fact["interpreter"]))
        if fact["needed"] is None:
            self._note(f"/{path}: its headers do not tell which libraries it needs")
        for name in fact["needed"] or ():
            place, sure = self._libraries.find(name, known)
            if place is None:
                self._note(f"{name}, which /{path} needs, is not in the image")
                continue
            self._take(place)
            if not sure:
                self._by_name.setdefault(place, path)
        self._language(path)

    def _run_with(self, words: Sequence[str], path: str) -> None:
        """The interpreter of a script."""
        self._take(joined("", words[0]))
        home = joined("", words[0]).rpartition("/bin/")[0]
        if home and self._paths.node(f"{home}/pyvenv.cfg") is not None:
            self._whole(home)
        arguments = words[1].split() if len(words) > 1 else []
        if words[0].rpartition("/")[2] == "env":
            name = next((word for word in arguments if not word.startswith("-") and "=" not in word), None)
            if name is not None:
                self._named(name)
        if path in self._programs and words[0].rpartition("/")[2] in _SHELLS:
            self._note(f"/{path} is a script of the shell: what it runs was not looked at")
        parts = path.split("/")
        if "node_modules" in parts[:-1]:
            place = parts.index("node_modules")
            scope = 3 if parts[place + 1].startswith("@") else 2
            self._whole("/".join(parts[: place + scope]))

    def _named(self, name: str) -> None:
        for folder in self._search_path.split(":"):
            node, _ = self._paths.resolve(joined("", f"{folder}/{name}"))
            if node is not None and self._paths.is_file(node):
                self._take(joined("", f"{folder}/{name}"))
                return

    def _language(self, path: str) -> None:
        """An interpreter's own libraries, and the packages installed for it."""
        folder, _, name = path.rpartition("/")
        prefix = folder.rpartition("/")[0]
        if python := _PYTHON.fullmatch(name):
            version = python[1] or ""
            for place in (prefix, f"{prefix}/local", "usr/local"):
                for lib in self._paths.names(f"{place}/lib"):
                    if lib in (f"python{version}", "python3") or (not version and lib.startswith("python")):
                        linking = {
                            name for name in self._paths.names(f"{place}/lib/{lib}") if name[:8] == "config-3"
                        }
                        self._whole(f"{place}/lib/{lib}", NOT_TO_RUN | linking)
            self._environments()
            self._python_packages()
        elif _NODE.fullmatch(name) and folder.endswith("bin"):
            self._take(f"{prefix}/share/nodejs")
        elif name == "java" and folder.endswith("/bin"):
            home = prefix.removesuffix("/jre")
            self._whole(home, _NOT_OF_A_JRE)
            self._take(f"{home}/bin/keytool")
        elif other := _OTHERS.fullmatch(name):
            base = next((base for start, base in _LIBRARIES_OF.items() if other[0].startswith(start)), "")
            for above in (f"{prefix}/lib", f"{prefix}/share", f"{prefix}/local/lib"):
                for lib in self._paths.names(above):
                    if lib == base or lib.startswith(f"{base}-base"):
                        self._whole(f"{above}/{lib}")

    def _python_packages(self) -> None:
        """What packages put beside their folder: commands that others run by name, data, settings."""
        for package in self._present.told_by(find_pip):
            if any(_below(package.record, whole) for whole in self._wholes):
                for node, _ in package.files:
                    if node.path not in self._found and not NOT_TO_RUN.intersection(node.path.split("/")):
                        self._found[node.path] = node
                        self._waiting.append(node)

    def _environments(self) -> None:
        """Virtual environments that are in the search path."""
        for place in self._search_path.split(":"):
            home = joined("", place).rpartition("/")[0]
            if home and self._paths.node(f"{home}/pyvenv.cfg") is not None:
                self._whole(home)

    def _note(self, text: str) -> None:
        self._undecided[text] = None


def _environment(lines: Any) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines or () if isinstance(line, str))
    return {name: value for name, _, value in pairs}


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return ["/bin/sh", "-c", value]
    return [str(word) for word in value or ()]


def _below(path: str, folder: str) -> bool:
    return bool(folder) and path.startswith(f"{folder}/")
