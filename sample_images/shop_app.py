"""The application in both samples: its sources, and what else lies about in its folder."""

import json
from typing import Final

from sample_images.filler import bytecode, hexadecimal, javascript, noise, png, prose, python_module
from sample_images.git_repository import git_folder

SOURCE_TIME_S: Final = 1_740_992_400  # 2025-03-03T09:00:00Z

WASTEFUL_DOCKERFILE: Final = """\
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="shop-api"
ENV PYTHONUNBUFFERED=1
RUN apt-get update
RUN apt-get install -y python3 python3-pip gcc make
RUN useradd --create-home --uid 10001 app
WORKDIR /app
COPY . .
RUN rm -rf .git node_modules .env
ARG APP_ENV=prod
RUN pip install --break-system-packages -r requirements.txt
COPY config/production.py shop/config.py
RUN mv static /srv/static
RUN python3 -m shop.warm_cache
RUN cp -r shop/templates /srv/templates
RUN chmod -R go-w /usr/local/lib/python3.11/dist-packages
RUN rm -rf /var/cache/shop && mkdir /var/cache/shop
RUN chown -R app:app /app
RUN apt-get purge -y gcc make && apt-get autoremove -y
RUN rm -rf /var/lib/apt/lists/*
WORKDIR /app
EXPOSE 8000
USER app
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "shop.app:app"]
"""
# The key pair that the vendor's documentation uses in its examples; it opens nothing.
_DOT_ENV: Final = """\
APP_ENV=dev
DATABASE_URL=postgresql://shop:shop@localhost/shop
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"""
_APP: Final = '''\
"""The shop's HTTP interface."""

from flask import Flask, jsonify

from shop import config, orders

app = Flask(__name__)
app.config.from_object(config)


@app.get("/orders/<int:number>")
def show_order(number: int):
    """Return one order."""
    return jsonify(orders.load_order_0({"number": number}))


@app.get("/healthz")
def healthy():
    """Say that the process answers."""
    return {"status": "ok"}
'''
_BASE_HTML: Final = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{% block title %}Shop{% endblock %}</title>
    <link rel="stylesheet" href="/static/css/site.css">
    <script src="/static/js/vendor.js" defer></script>
  </head>
  <body>{% block body %}{% endblock %}</body>
</html>
"""
_WORKFLOW: Final = """\
name: test
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m pytest
"""
REQUIREMENTS: Final = "flask==3.0.2\ngunicorn==21.2.0\n"


def package_files(settings: str) -> dict[str, bytes]:
    """Return the Python package with its templates; ``settings`` names the environment."""
    return {
        "shop/__init__.py": b'"""A small shop."""\n\n__version__ = "1.4.0"\n',
        "shop/app.py": _APP.encode(),
        "shop/config.py": config_module(settings),
        "shop/models.py": python_module("Models", 2600),
        "shop/orders.py": python_module("Orders", 4200),
        "shop/templates/base.html": _BASE_HTML.encode(),
        "shop/templates/order.html": _page("Order"),
        "shop/warm_cache.py": python_module("Cache", 1200),
    }


def static_files() -> dict[str, bytes]:
    """Return what the browser loads."""
    return {
        "static/css/site.css": _stylesheet(),
        "static/img/banner.png": png("banner", 56, 36),
        "static/js/vendor.js": javascript("vendor.js v3.7.1", 6000),
    }


def build_context() -> dict[str, bytes]:
    """Return everything that ``COPY . .`` copies without a ``.dockerignore``."""
    tracked = package_files("dev") | static_files() | _project_files()
    vendor = tracked["static/js/vendor.js"]
    untracked = {
        ".env": _DOT_ENV.encode(),
        "debug.log": _log("debug", 30),
        "static/dist/vendor.js": vendor,
        **_node_modules(),
    }
    for path, content in tracked.items():
        if path.startswith("shop/") and path.endswith(".py"):
            name = path.removeprefix("shop/").removesuffix(".py")
            compiled = bytecode(content, SOURCE_TIME_S, path)
            untracked[f"shop/__pycache__/{name}.cpython-311.pyc"] = compiled
    dump = {"data/dump.bin": noise("dump", 7_000)}
    return tracked | untracked | git_folder(tracked, dump, SOURCE_TIME_S)


def config_module(settings: str) -> bytes:
    """Return the settings module for one environment."""
    debug = settings != "prod"
    tail = python_module(f"Settings for {settings}", 1400).decode()
    return f'{tail}\n\nAPP_ENV = "{settings}"\nDEBUG = {debug}\nPAGE_SIZE = 50\n'.encode()


def _project_files() -> dict[str, bytes]:
    lock = {
        "name": "shop",
        "lockfileVersion": 3,
        "packages": {
            f"node_modules/{name}": {"version": version, "integrity": f"sha512-{hexadecimal(name)}"}
            for name, version in _NODE_PACKAGES.items()
        },
    }
    return {
        ".github/workflows/test.yml": _WORKFLOW.encode(),
        ".gitignore": b"__pycache__/\nnode_modules/\n.env\n*.log\nstatic/dist/\n",
        "Dockerfile": WASTEFUL_DOCKERFILE.encode(),
        "README.md": b"# shop\n\n" + prose("README", 1200),
        "config/production.py": config_module("prod"),
        "docs/api.md": b"# HTTP interface\n\n" + prose("api", 2400),
        "package-lock.json": json.dumps(lock, indent=2).encode(),
        "package.json": b'{"name": "shop", "devDependencies": {"esbuild": "0.20.1"}}\n',
        "requirements.txt": REQUIREMENTS.encode(),
        "tests/data/orders.json": _orders(),
        "tests/test_orders.py": python_module("Tests of orders", 2600),
    }


_NODE_PACKAGES: Final = {"esbuild": "0.20.1", "nanoid": "5.0.6", "picocolors": "1.0.0"}


def _node_modules() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for number, (name, version) in enumerate(_NODE_PACKAGES.items()):
        folder = f"node_modules/{name}"
        files[f"{folder}/package.json"] = json.dumps({"name": name, "version": version}).encode()
        files[f"{folder}/README.md"] = f"# {name}\n\n".encode() + prose(name, 700)
        files[f"{folder}/lib/main.js"] = javascript(f"{name} v{version}", 6000 - 2000 * number)
        files[f"{folder}/LICENSE"] = b"MIT License\n\n" + prose("MIT", 900)
    return files


def _stylesheet() -> bytes:
    rules = [
        f".c{number} {{ margin: {number % 7}px; color: #{hexadecimal(f'colour {number}', 6)}; }}"
        for number in range(40)
    ]
    return ("\n".join(rules) + "\n").encode()


def _page(title: str) -> bytes:
    paragraphs = "\n".join(f"<p>{line}</p>" for line in prose(title, 1600).decode().splitlines())
    head = '{% extends "base.html" %}\n{% block body %}\n'
    return f"{head}<h1>{title}</h1>\n{paragraphs}\n{{% endblock %}}\n".encode()


def _orders() -> bytes:
    rows = [
        {"number": number, "customer": hexadecimal(f"customer {number}", 12), "cents": number * 371}
        for number in range(40)
    ]
    return json.dumps(rows, indent=1).encode()


def _log(seed: str, lines: int) -> bytes:
    rows = [
        f"2025-03-03 08:{number:02d}:11,204 DEBUG shop.orders load_order {hexadecimal(f'{seed} {number}', 8)}"
        for number in range(lines)
    ]
    return ("\n".join(rows) + "\n").encode()
