"""`wasteful.tar`: the shop built by somebody's first Dockerfile."""

from dataclasses import replace
from typing import Final

from sample_images import shop_app
from sample_images.debian_base import (
    BASE_TIME_S,
    LIBRARIES,
    base_filesystem,
    base_packages,
    link,
    program,
    text,
)
from sample_images.debian_packages import (
    STATUS_PATH,
    Package,
    apt_lists,
    info_files,
    package,
    status,
)
from sample_images.filler import bytecode, hexadecimal, noise, prose, python_module
from sample_images.layer_tar import NANOSECONDS, Member
from sample_images.python_packages import compiled, interpreter, script, standard_library, wheels
from sample_images.root_filesystem import RootFilesystem
from sample_images.sample import Sample, Step, Topic, base_step, buildkit_step
from sample_images.stable_deflate import gzip_bytes

BUILD_TIME_S: Final = 1_741_096_800  # 2025-03-04T14:00:00Z
_APP_ID: Final = 10001
_SITE_PACKAGES: Final = "usr/local/lib/python3.11/dist-packages"
_TOOLCHAIN: Final = ("gcc-12", "libc6-dev", "make")
_SUMMARY: Final = (
    "The shop built by somebody's first Dockerfile. It works, and nearly half of what it ships "
    "can never be seen."
)
_TOPICS: Final = (
    Topic(title="apt package lists", prefixes=("var/lib/apt/lists/",)),
    Topic(
        title="compiler, headers, static library, make",
        prefixes=(
            *("usr/bin/gcc", "usr/bin/x86_64", "usr/bin/make", "usr/include/"),
            *(f"{LIBRARIES}/libc.a", "usr/lib/gcc/", "usr/share/man/"),
            *(f"usr/share/doc/{name}" for name in _TOOLCHAIN),
            *(f"var/lib/dpkg/info/{name}" for name in _TOOLCHAIN),
        ),
    ),
    Topic(title="`.git` of the build context", prefixes=("app/.git/",)),
    Topic(title="`node_modules` of the build context", prefixes=("app/node_modules/",)),
    Topic(title="`.env` with a (made-up) key pair", prefixes=("app/.env",)),
    Topic(title="`/app/static`, moved to `/srv/static`", prefixes=("app/static/",)),
    Topic(title="cache made by `shop.warm_cache`", prefixes=("var/cache/shop/",)),
    Topic(title="installed wheels", prefixes=(f"{_SITE_PACKAGES}/",), needed=True),
    Topic(title="dpkg's records", prefixes=(STATUS_PATH, "var/lib/dpkg/"), needed=True),
    Topic(title="accounts", prefixes=("etc/passwd", "etc/group", "etc/shadow"), needed=True),
    Topic(title="logs", prefixes=("var/log/", "app/debug.log")),
    Topic(title="pip's download cache", prefixes=("root/.cache/pip/",)),
    Topic(
        title="tests, docs, CI and build files of the build context",
        prefixes=(
            *("app/tests/", "app/docs/", "app/.github/", "app/.gitignore", "app/Dockerfile"),
            *("app/README.md", "app/config/", "app/package"),
        ),
    ),
    Topic(title="`shop/config.py`, replaced", prefixes=("app/shop/config.py",), needed=True),
    Topic(title="bytecode of the application", prefixes=("app/shop/__pycache__/",)),
    Topic(title="the application", prefixes=("app/",), needed=True),
)


def wasteful_image() -> Sample:
    """Return the image with its steps in Dockerfile order."""
    return Sample(
        repository="shop/api",
        tag="1.4.0",
        summary=_SUMMARY,
        base_layers=1,
        dockerfile=shop_app.WASTEFUL_DOCKERFILE,
        steps=tuple(_Build().steps()),
        topics=_TOPICS,
        config={
            "User": "app",
            "ExposedPorts": {"8000/tcp": {}},
            "Env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "PYTHONUNBUFFERED=1",
            ],
            "Cmd": ["gunicorn", "--bind", "0.0.0.0:8000", "shop.app:app"],
            "ArgsEscaped": True,
            "WorkingDir": "/app",
            "Labels": {"org.opencontainers.image.title": "shop-api"},
            "OnBuild": None,
        },
    )


class _Build:
    """The build as it runs: a root filesystem, a clock and the history so far."""

    def __init__(self) -> None:
        self._root = base_filesystem()
        self._packages = base_packages()
        digest = hexadecimal("debian rootfs")
        self._steps: list[Step] = [*base_step(BASE_TIME_S, digest, self._root.commit())]

    def steps(self) -> list[Step]:
        """Run every instruction of the Dockerfile."""
        self._note("LABEL org.opencontainers.image.title=shop-api")
        self._note("ENV PYTHONUNBUFFERED=1")
        self._tick().add(apt_lists(36_000))
        self._run("apt-get update")
        self._install()
        self._add_user()
        self._tick().add([Member(name="app", kind="dir", mode=0o755)])
        self._layer("WORKDIR /app")
        self._tick().add(self._copied(shop_app.build_context()))
        self._layer("COPY . . # buildkit")
        self._tick().remove("app/.git", "app/node_modules", "app/.env")
        self._run("rm -rf .git node_modules .env")
        self._note("ARG APP_ENV=prod")
        self._pip_install()
        self._configure()
        self._tidy_up()
        self._note("WORKDIR /app")
        self._note("EXPOSE map[8000/tcp:{}]")
        self._note("USER app")
        self._note('CMD ["gunicorn" "--bind" "0.0.0.0:8000" "shop.app:app"]')
        return self._steps

    def _install(self) -> None:
        root = self._tick()
        before = root.tree[STATUS_PATH].content
        for item in _installed(root.clock_s):
            self._packages.append(item)
            root.add([*item.files, *info_files(item)])
            self._log("install", item)
        root.add([status(self._packages), Member(name=f"{STATUS_PATH}-old", content=before)])
        root.append("var/log/alternatives.log", b"update-alternatives: link group cc updated\n" * 12)
        self._run("apt-get install -y python3 python3-pip gcc make")

    def _add_user(self) -> None:
        root = self._tick()
        rows = {
            "passwd": f"app:x:{_APP_ID}:{_APP_ID}::/home/app:/bin/sh\n",
            "group": f"app:x:{_APP_ID}:\n",
            "shadow": "app:!:20151:0:99999:7:::\n",
        }
        for name, row in rows.items():
            old = root.tree[f"etc/{name}"]
            root.add([replace(old, name=f"etc/{name}-", mtime_ns=0)])
            root.add([replace(old, content=old.content + row.encode(), mtime_ns=0)])
        home = Member(name="home/app", kind="dir", mode=0o755, uid=_APP_ID, gid=_APP_ID)
        root.add([home, replace(text("home/app/.profile", "umask 022\n"), uid=_APP_ID, gid=_APP_ID)])
        self._run(f"useradd --create-home --uid {_APP_ID} app")

    def _pip_install(self) -> None:
        root = self._tick()
        installed = wheels(_SITE_PACKAGES, 0o664, speedups_debug_bytes=2600)
        root.add(installed)
        root.add(compiled(installed, root.clock_s))
        for name in ("flask", "gunicorn"):
            root.add([script(f"usr/local/bin/{name}", "/usr/bin/python3", name)])
        for number in range(3):
            key = hexadecimal(f"pip {number}", 56)
            folder = f"root/.cache/pip/http-v2/{'/'.join(key[:5])}"
            body = b"PK\x03\x04" + noise(f"wheel {number}", 5200)
            root.add([Member(name=f"{folder}/{key}.body", content=body, mode=0o600)])
        self._run("pip install --break-system-packages -r requirements.txt", "APP_ENV=prod")

    def _configure(self) -> None:
        context = shop_app.build_context()
        settings = {"shop/config.py": context["config/production.py"]}
        self._tick().add(self._copied(settings))
        self._layer("COPY config/production.py shop/config.py # buildkit")
        self._tick().move("app/static", "srv/static")
        self._run("mv static /srv/static", "APP_ENV=prod")
        root = self._tick()
        for number in range(4):
            page = prose(f"cached page {number}", 2000)
            root.add([Member(name=f"var/cache/shop/page-{number}.html", content=page)])
        code = bytecode(settings["shop/config.py"], shop_app.SOURCE_TIME_S, "production")
        root.add([Member(name="app/shop/__pycache__/config.cpython-311.pyc", content=code)])
        self._run("python3 -m shop.warm_cache", "APP_ENV=prod")
        root = self._tick()
        for name in root.below("app/shop/templates"):
            copy = root.tree[name]
            target = name.replace("app/shop/templates", "srv/templates")
            root.add([replace(copy, name=target, mtime_ns=0)])
        self._run("cp -r shop/templates /srv/templates", "APP_ENV=prod")

    def _tidy_up(self) -> None:
        self._tick().change(_SITE_PACKAGES, lambda old: replace(old, mode=old.mode & ~0o022))
        self._run(f"chmod -R go-w /{_SITE_PACKAGES}", "APP_ENV=prod")
        self._tick().remake("var/cache/shop")
        self._run("rm -rf /var/cache/shop && mkdir /var/cache/shop", "APP_ENV=prod")
        self._tick().change("app", lambda old: replace(old, uid=_APP_ID, gid=_APP_ID))
        self._run("chown -R app:app /app", "APP_ENV=prod")
        self._purge()
        root = self._tick()
        root.remove(*(name for name in root.below("var/lib/apt/lists") if name.count("/") == 4))
        self._run("rm -rf /var/lib/apt/lists/*", "APP_ENV=prod")

    def _purge(self) -> None:
        root = self._tick()
        before = root.tree[STATUS_PATH].content
        for item in [item for item in self._packages if item.name in _TOOLCHAIN]:
            self._packages.remove(item)
            root.remove(*(member.name for member in item.files if member.kind != "dir"))
            root.remove(*(member.name for member in info_files(item)))
            self._log("purge", item)
        root.remove("usr/include", "usr/lib/gcc", "usr/share/man")
        root.remove(*(f"usr/share/doc/{name}" for name in _TOOLCHAIN))
        root.add([status(self._packages), Member(name=f"{STATUS_PATH}-old", content=before)])
        self._run("apt-get purge -y gcc make && apt-get autoremove -y", "APP_ENV=prod")

    def _log(self, action: str, item: Package) -> None:
        stamp = f"2025-03-04 14:{self._root.clock_s // 60 % 60:02d}:09"
        line = f"{stamp} {action} {item.name}:amd64 {item.version}\n"
        term = prose(f"{action} {item.name}", 500).decode()
        self._root.append("var/log/dpkg.log", line.encode() * 4)
        self._root.append("var/log/apt/history.log", line.encode())
        self._root.append("var/log/apt/term.log", f"Log started: {stamp}\n{term}".encode())

    def _copied(self, files: dict[str, bytes]) -> list[Member]:
        time_ns = shop_app.SOURCE_TIME_S * NANOSECONDS
        return [
            Member(name=f"app/{path}", content=content, mtime_ns=time_ns) for path, content in files.items()
        ]

    def _tick(self) -> RootFilesystem:
        self._root.clock_s = BUILD_TIME_S + 7 * len(self._steps)
        return self._root

    def _run(self, command: str, *arguments: str) -> None:
        prefix = f"|{len(arguments)} {' '.join(arguments)} " if arguments else ""
        self._layer(f"RUN {prefix}/bin/sh -c {command} # buildkit")

    def _layer(self, created_by: str) -> None:
        step = buildkit_step(created_by, self._root.clock_s, self._root.commit())
        self._steps.append(step)

    def _note(self, created_by: str) -> None:
        self._steps.append(buildkit_step(created_by, BUILD_TIME_S + 7 * len(self._steps)))


def _installed(time_s: int) -> list[Package]:
    pip = "usr/lib/python3/dist-packages/pip"
    headers = ("stdio", "stdlib", "string", "unistd")
    manual = gzip_bytes(b".TH GCC 1\n" + prose("gcc manual", 2000))
    archive = b"!<arch>\n" + b"printf.o/       0           0     0     644     7000      `\n"
    return [
        package(
            *("python3.11", "3.11.2-6+deb12u5", "Interactive high-level object-oriented language"),
            interpreter("usr/bin/python3.11"),
            link("usr/bin/python3", "python3.11"),
            *standard_library("usr/lib/python3.11", compiled_at_s=time_s),
            section="python",
        ),
        package(
            *("python3-pip", "23.0.1+dfsg-1", "Python package installer"),
            script("usr/bin/pip", "/usr/bin/python3", "pip"),
            *(
                Member(name=f"{pip}/{name}.py", content=python_module(f"pip {name}", size))
                for name, size in {"__init__": 500, "resolver": 2600, "wheel": 2200}.items()
            ),
            section="python",
        ),
        package(
            *("gcc-12", "12.2.0-14", "GNU C compiler"),
            program("usr/bin/x86_64-linux-gnu-gcc-12", 8_000, debug_bytes=2_000),
            link("usr/bin/gcc", "x86_64-linux-gnu-gcc-12"),
            program("usr/lib/gcc/x86_64-linux-gnu/12/cc1", 11_000),
            Member(name="usr/share/man/man1/gcc.1.gz", content=manual),
            section="devel",
        ),
        package(
            *("libc6-dev", "2.36-9+deb12u9", "GNU C Library: Development Libraries"),
            *(
                Member(name=f"usr/include/{name}.h", content=b"/* " + prose(name, 1100) + b"*/\n")
                for name in headers
            ),
            Member(name=f"{LIBRARIES}/libc.a", content=archive + noise("libc.a", 7000)),
            section="libdevel",
        ),
        package(
            *("make", "4.3-4.1", "utility for directing compilation"),
            program("usr/bin/make", 4_000),
            section="devel",
        ),
    ]
