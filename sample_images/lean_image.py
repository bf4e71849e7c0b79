"""`lean.tar`: the same shop, the same base, and hardly a byte that nobody can see."""

from dataclasses import replace
from typing import Final

from sample_images.debian_base import BASE_TIME_S, base_filesystem, link
from sample_images.filler import hexadecimal
from sample_images.layer_tar import NANOSECONDS, Member
from sample_images.python_packages import interpreter, script, standard_library, wheels
from sample_images.root_filesystem import RootFilesystem
from sample_images.sample import Sample, Step, Topic, base_step, buildkit_step
from sample_images.shop_app import SOURCE_TIME_S, package_files, static_files

BUILD_TIME_S: Final = 1_750_153_200  # 2025-06-17T09:40:00Z
_APP_ID: Final = 10001
_VENV: Final = "opt/venv"
_SUMMARY: Final = (
    "The same shop after a rewrite: built in another stage, copied once with the right owner, "
    "nothing left over. Its base layer is byte for byte that of `wasteful.tar`."
)
_DOCKERFILE: Final = """\
FROM debian:bookworm-slim AS build
COPY --from=python /opt/python /opt/python
COPY requirements.txt .
RUN /opt/python/bin/python3 -m venv /opt/venv && \\
    /opt/venv/bin/pip install --no-cache-dir --no-compile -r requirements.txt

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home app && rm -f /etc/*-
COPY --from=build /opt/python /opt/python
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY --chown=app:app shop /app/shop
COPY --chown=app:app static /app/static
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
USER 10001:10001
ENTRYPOINT ["gunicorn", "--bind", "0.0.0.0:8000", "shop.app:app"]
"""
_TOPICS: Final = (Topic(title="accounts", prefixes=("etc/passwd", "etc/group", "etc/shadow"), needed=True),)
_PATH: Final = "/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def lean_image() -> Sample:
    """Return the image as the last stage of a multi-stage build gives it."""
    return Sample(
        repository="shop/api",
        tag="2.0.0",
        summary=_SUMMARY,
        base_layers=1,
        dockerfile=_DOCKERFILE,
        steps=tuple(_steps()),
        topics=_TOPICS,
        config={
            "User": "10001:10001",
            "ExposedPorts": {"8000/tcp": {}},
            "Env": [f"PATH={_PATH}", "PYTHONDONTWRITEBYTECODE=1"],
            "Entrypoint": ["gunicorn", "--bind", "0.0.0.0:8000", "shop.app:app"],
            "WorkingDir": "/app",
            "Labels": {
                "org.opencontainers.image.title": "shop-api",
                "org.opencontainers.image.version": "2.0.0",
            },
        },
    )


def _steps() -> list[Step]:
    root = base_filesystem()
    steps = [*base_step(BASE_TIME_S, hexadecimal("debian rootfs"), root.commit())]

    def layer(created_by: str) -> None:
        steps.append(buildkit_step(created_by, root.clock_s, root.commit()))
        root.clock_s += 3

    def note(created_by: str) -> None:
        steps.append(buildkit_step(created_by, root.clock_s))

    root.clock_s = BUILD_TIME_S
    _add_user(root)
    layer(f"RUN /bin/sh -c useradd --system --uid {_APP_ID} --no-create-home app && rm -f /etc/*- # buildkit")
    root.add([interpreter("opt/python/bin/python3.11")])
    root.add([link("opt/python/bin/python3", "python3.11")])
    root.add(standard_library("opt/python/lib/python3.11"))
    layer("COPY /opt/python /opt/python # buildkit")
    root.add([link(f"{_VENV}/bin/python3", "/opt/python/bin/python3")])
    root.add([script(f"{_VENV}/bin/gunicorn", f"/{_VENV}/bin/python3", "gunicorn")])
    root.add(wheels(f"{_VENV}/lib/python3.11/site-packages"))
    layer("COPY /opt/venv /opt/venv # buildkit")
    root.add([Member(name="app", kind="dir", mode=0o755)])
    layer("WORKDIR /app")
    _copy(root, package_files("prod"))
    layer("COPY --chown=app:app shop /app/shop # buildkit")
    _copy(root, static_files())
    layer("COPY --chown=app:app static /app/static # buildkit")
    note(f"ENV PATH={_PATH} PYTHONDONTWRITEBYTECODE=1")
    note("EXPOSE map[8000/tcp:{}]")
    note("USER 10001:10001")
    note('ENTRYPOINT ["gunicorn" "--bind" "0.0.0.0:8000" "shop.app:app"]')
    return steps


def _add_user(root: RootFilesystem) -> None:
    rows = {
        "passwd": f"app:x:{_APP_ID}:{_APP_ID}::/nonexistent:/usr/sbin/nologin\n",
        "group": f"app:x:{_APP_ID}:\n",
        "shadow": "app:!:20256::::::\n",
    }
    for name, row in rows.items():
        old = root.tree[f"etc/{name}"]
        root.add([replace(old, content=old.content + row.encode(), mtime_ns=0)])


def _copy(root: RootFilesystem, files: dict[str, bytes]) -> None:
    time_ns = SOURCE_TIME_S * NANOSECONDS
    owned = [
        Member(name=f"app/{path}", content=data, mtime_ns=time_ns, uid=_APP_ID, gid=_APP_ID)
        for path, data in files.items()
    ]
    folders = {member.name.rpartition("/")[0] for member in owned}
    folders |= {folder.rpartition("/")[0] for folder in folders} - {"app"}
    root.add(Member(name=path, kind="dir", mode=0o755, uid=_APP_ID, gid=_APP_ID) for path in sorted(folders))
    root.add(owned)
