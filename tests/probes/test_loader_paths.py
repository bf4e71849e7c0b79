"""Settings of loaders are kept as they are, other files are let pass."""

from __future__ import annotations

import pytest

from layerscope.probes.loader_paths import PROBE


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        ("etc/ld.so.conf", "/opt/\udcff\n"),
        ("etc/ld.so.conf.d/app.conf", "/opt/\udcff\n"),
        ("etc/ld-musl-x86_64.path", "/opt/\udcff\n"),
        ("etc/nginx/nginx.conf", None),
        ("srv/etc/ld.so.conf.d/app.conf", None),
    ],
)
def test_only_settings_of_the_loader_are_kept(path: str, fact: str | None) -> None:
    sink = PROBE.begin(path, 7)
    sink.feed(memoryview(b"/opt/\xff\n"))

    assert sink.finish() == fact
