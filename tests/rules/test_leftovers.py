"""The rules that are a list of paths: what each one finds, and what it leaves alone."""

from __future__ import annotations

import pytest

from layerscope.extensions import Rule
from layerscope.rules import (
    apk_cache,
    apt_archives,
    apt_binary_caches,
    apt_lists,
    archives_left,
    backup_files,
    browsers,
    build_intermediates,
    build_toolchain,
    cargo_cache,
    composer_cache,
    conda_packages,
    context_leak,
    core_dumps,
    database_dumps,
    debug_symbols,
    dnf_cache,
    dotnet_leftovers,
    download_caches,
    fonts,
    framework_caches,
    gem_cache,
    git_history,
    go_build_cache,
    go_module_cache,
    headers,
    jdk_at_runtime,
    kernel_and_firmware,
    language_sdk,
    locales,
    logs,
    man_pages,
    maven_gradle_caches,
    model_weights_twice,
    node_build_residue,
    node_dev_tools,
    node_modules_junk,
    node_stores,
    npm_cache,
    other_language_caches,
    other_package_caches,
    package_docs,
    package_manager_leftovers,
    pip_cache,
    python_build_leftovers,
    python_bytecode,
    python_tests,
    python_tool_caches,
    source_maps,
    static_libraries,
    temporary_files,
    time_zones_and_terminals,
)
from tests.rules.dsl import case, one, step
from tests.union.dsl import file, hardlink, whiteout

MB = 1_000_000
SITE = "usr/local/lib/python3.11/site-packages"

# Rule, what it finds, what looks like it and is none, and how large a file must be to count.
CASES: list[tuple[Rule, list[str], list[str], int]] = [
    (apk_cache.RULE, ["var/cache/apk/APKINDEX.1.tar.gz", "etc/apk/cache/x"], ["lib/apk/db/installed"], 0),
    (
        apt_archives.RULE,
        ["var/cache/apt/archives/x_1_amd64.deb"],
        ["var/cache/apt/archives/lock", "x.deb"],
        0,
    ),
    (
        apt_binary_caches.RULE,
        ["var/cache/apt/pkgcache.bin", "var/cache/apt/srcpkgcache.bin"],
        ["var/cache/apt/other.bin", "srv/pkgcache.bin"],
        0,
    ),
    (
        apt_lists.RULE,
        ["var/lib/apt/lists/deb_Packages", "var/lib/apt/lists/auxfiles/x"],
        ["var/lib/apt/lists/lock", "var/lib/apt/extended_states", "srv/var/lib/apt/lists/x"],
        0,
    ),
    (
        archives_left.RULE,
        ["opt/tool.tar.gz", "srv/data.zip"],
        ["usr/share/x/y.zip", f"{SITE}/x/data.zip", "srv/app.jar", "srv/zip"],
        MB,
    ),
    (backup_files.RULE, ["etc/app.conf.bak", "srv/a.orig"], ["srv/backup", "srv/bak"], 0),
    (browsers.RULE, ["root/.cache/ms-playwright/chromium-1/chrome"], ["usr/bin/chromium"], 0),
    (build_intermediates.RULE, ["src/main.o", "src/CMakeFiles/x/y"], ["usr/lib/crt1.o", "src/main.so"], 0),
    (
        build_toolchain.RULE,
        ["usr/lib/gcc/x86_64-linux-gnu/12/cc1", "usr/bin/x86_64-linux-gnu-gcc-12"],
        ["usr/lib/x86_64-linux-gnu/libgcc_s.so.1", "usr/lib/x86_64-linux-gnu/libstdc++.so.6"],
        5 * MB,
    ),
    (
        cargo_cache.RULE,
        ["usr/local/cargo/registry/src/x.rs", "app/target/release/deps/x.rlib", "root/.cargo/git/db/x"],
        ["app/target/release/app", "usr/local/cargo/bin/cargo"],
        0,
    ),
    (composer_cache.RULE, ["root/.composer/cache/x.zip", "usr/src/php.tar.xz"], ["app/vendor/x.php"], 0),
    (conda_packages.RULE, ["opt/conda/pkgs/numpy.conda"], ["opt/conda/lib/x.so", "srv/pkgs/x"], 0),
    (
        context_leak.RULE,
        ["app/tests/test_a.py", "app/.vscode/settings.json", "app/Dockerfile", "app/README.md"],
        ["app/main.py", "app/vendor/x/README.md", "app/node_modules/x/tests/a.js", "app/latest/x"],
        0,
    ),
    (
        core_dumps.RULE,
        ["srv/core", "srv/a.hprof", "srv/hs_err_pid12.log"],
        ["srv/core.py", "srv/err.log"],
        MB,
    ),
    (database_dumps.RULE, ["srv/dump.sql", "var/lib/mysql/ibdata1"], ["srv/sql", "var/lib/dpkg/status"], MB),
    (
        debug_symbols.RULE,
        ["usr/lib/debug/.build-id/aa/bb.debug", "srv/app.debug", "srv/app.dwp"],
        ["srv/debug", "srv/debug.py"],
        0,
    ),
    (
        dnf_cache.RULE,
        ["var/cache/dnf/x.solv", "var/cache/yum/a/b", "var/lib/dnf/history.sqlite-wal"],
        ["var/lib/rpm/rpmdb.sqlite", "var/lib/dnf/modulefailsafe"],
        0,
    ),
    (
        dotnet_leftovers.RULE,
        ["root/.nuget/packages/x/1/x.dll", "usr/share/dotnet/packs/a/b.xml", "app/a.pdb"],
        ["app/a.dll", "usr/share/dotnet/shared/x.dll"],
        0,
    ),
    (download_caches.RULE, ["root/.cache/huggingface/hub/x"], ["srv/models/x"], 0),
    (fonts.RULE, ["usr/share/fonts/noto/cjk.ttc"], ["usr/share/icons/x.png"], 20 * MB),
    (
        framework_caches.RULE,
        ["app/.next/cache/x", "app/node_modules/.cache/babel/x"],
        ["app/.next/server/x"],
        0,
    ),
    (
        gem_cache.RULE,
        ["usr/local/bundle/cache/rails.gem", "var/lib/gems/3.1.0/cache/x.gem"],
        ["usr/local/bundle/gems/rails/lib/rails.rb"],
        0,
    ),
    (
        git_history.RULE,
        ["app/.git/objects/pack/p.pack", "srv/x/.svn/wc.db"],
        ["app/.gitignore", "mod/.git"],
        0,
    ),
    (go_build_cache.RULE, ["root/.cache/go-build/00/x-d"], ["root/go-build"], 0),
    (
        go_module_cache.RULE,
        ["go/pkg/mod/x/y.go", "home/me/go/pkg/sumdb/x"],
        ["go/bin/app", "usr/pkg/mod/x"],
        0,
    ),
    (
        headers.RULE,
        ["usr/include/stdio.h", "usr/lib/x86_64-linux-gnu/pkgconfig/x.pc"],
        ["usr/lib/x86_64-linux-gnu/libx.so", f"{SITE}/numpy/include/x.h"],
        0,
    ),
    (
        jdk_at_runtime.RULE,
        ["usr/lib/jvm/java-17/jmods/java.base.jmod", "usr/lib/jvm/java-17/lib/src.zip"],
        ["usr/lib/jvm/java-17/lib/modules", "usr/lib/jvm/java-17/bin/java"],
        0,
    ),
    (
        kernel_and_firmware.RULE,
        ["boot/vmlinuz", "usr/lib/firmware/x.bin"],
        ["usr/lib/modules-load.d/x.conf", "srv/boot/x"],
        MB,
    ),
    (
        language_sdk.RULE,
        ["usr/local/go/bin/go", "root/.rustup/toolchains/x/bin/rustc"],
        ["usr/bin/go"],
        5 * MB,
    ),
    (
        locales.RULE,
        ["usr/share/locale/de/LC_MESSAGES/x.mo", "usr/lib/locale/locale-archive"],
        ["usr/share/locale/locale.alias", "usr/lib/locale/C.utf8/LC_CTYPE"],
        0,
    ),
    (logs.RULE, ["var/log/dpkg.log", "var/log/apt/term.log"], ["srv/var/log/x", "var/logs/x"], 0),
    (man_pages.RULE, ["usr/share/man/man1/ls.1.gz", "usr/share/info/x.info"], ["usr/share/manifest/x"], 0),
    (
        maven_gradle_caches.RULE,
        ["root/.m2/repository/x/x.jar", "home/gradle/.gradle/caches/x"],
        ["root/.m2/settings.xml", "app/repository/x.jar"],
        0,
    ),
    (
        model_weights_twice.RULE,
        ["m/pytorch_model-00001.bin", "m/tf_model.h5", "n/optimizer.pt"],
        ["only/pytorch_model.bin", "m/model.safetensors"],
        0,
    ),
    (
        node_build_residue.RULE,
        ["root/.cache/node-gyp/20/include/x.h", "app/node_modules/a/build/Release/obj.target/a.o"],
        ["app/node_modules/a/build/Release/a.node"],
        0,
    ),
    (
        node_dev_tools.RULE,
        ["app/node_modules/typescript/lib/tsc.js", "app/node_modules/@types/node/x.d.ts"],
        ["app/node_modules/express/x.js", "app/typescript/x.js"],
        0,
    ),
    (
        node_modules_junk.RULE,
        ["app/node_modules/a/docs/x.html", "app/node_modules/a/README.md", "app/node_modules/@a/b/test/x.js"],
        ["app/README.md", "app/node_modules/a/LICENSE.md", "app/node_modules/a/index.js"],
        0,
    ),
    (
        node_stores.RULE,
        ["root/.local/share/pnpm/store/v3/x", "root/.cache/yarn/v6/x"],
        ["app/.yarn/cache/x.zip"],
        0,
    ),
    (npm_cache.RULE, ["root/.npm/_cacache/content-v2/x", "home/a/.npm/_logs/x.log"], ["root/.npmrc"], 0),
    (
        other_language_caches.RULE,
        ["root/.cabal/packages/x", "root/.cpanm/work/x"],
        ["root/.julia/packages/x"],
        0,
    ),
    (
        other_package_caches.RULE,
        ["var/cache/pacman/pkg/x.zst", "var/cache/zypp/x"],
        ["var/lib/pacman/local/x"],
        0,
    ),
    (
        package_docs.RULE,
        ["usr/share/doc/x/changelog.gz", "usr/share/lintian/x"],
        ["usr/share/doc/x/copyright", "usr/share/docs/x"],
        0,
    ),
    (
        package_manager_leftovers.RULE,
        ["var/lib/dpkg/status-old", "etc/passwd-", "etc/x.conf.dpkg-dist"],
        ["var/lib/dpkg/status", "etc/passwd"],
        0,
    ),
    (
        pip_cache.RULE,
        ["root/.cache/pip/http/x", "home/me/.cache/pip/wheels/y"],
        [".cache/pipes/x", "pip/x"],
        0,
    ),
    (
        python_build_leftovers.RULE,
        ["wheels-here/x.whl", "srv/y.egg"],
        ["usr/share/python-wheels/pip.whl", f"{SITE}/z.egg"],
        0,
    ),
    (python_bytecode.RULE, ["app/__pycache__/a.cpython-311.pyc", "b.pyo"], ["app/a.py", "app/pyc"], 0),
    (
        python_tests.RULE,
        [f"{SITE}/numpy/tests/test_a.py", f"{SITE}/a/b/test/x", "usr/lib/python3.11/test/x.py"],
        [f"{SITE}/numpy/testing/x.py", "app/tests/test_a.py", f"{SITE}/test.py"],
        0,
    ),
    (python_tool_caches.RULE, ["root/.cache/uv/x", "root/.cache/pypoetry/y"], ["root/.cache/other/x"], 0),
    (source_maps.RULE, ["app/a.js.map", "app/b.css.map"], ["app/a.map", "app/a.js"], 0),
    (static_libraries.RULE, ["usr/lib/libx.a"], ["usr/lib/libx.so"], 65_536),
    (
        time_zones_and_terminals.RULE,
        [
            "usr/share/zoneinfo/right/Europe/Berlin",
            "usr/share/cracklib/pw_dict.pwd",
            "usr/share/misc/magic.mgc",
        ],
        ["usr/share/zoneinfo/UTC", "usr/share/terminfo/x/xterm", "srv/zoneinfo/x"],
        3 * MB,
    ),
    (temporary_files.RULE, ["tmp/x", "var/tmp/y/z"], ["srv/tmp/x", "tmpx"], 0),
]
IDS = [rule.id for rule, _, _, _ in CASES]


def contents(paths: list[str], least_bytes: int) -> dict[str, int]:
    """A size for each path: powers of two, so that no two sets of them have the same sum."""
    return {path: least_bytes + (1 << number) for number, path in enumerate(paths)}


@pytest.mark.parametrize(("rule", "hits", "misses", "least_bytes"), CASES, ids=IDS)
def test_a_rule_finds_its_files_and_no_others(
    rule: Rule, hits: list[str], misses: list[str], least_bytes: int
) -> None:
    sizes = contents([*hits, *misses], least_bytes)
    entries = [file(path, bytes([65 + n]) * size) for n, (path, size) in enumerate(sizes.items())]
    keyword = "COPY . ." if rule is context_leak.RULE else "RUN make"

    found = one(case(step("FROM"), step(keyword, *entries)).advice(rule))

    assert set(found.paths) == set(hits)
    assert found.net_bytes == found.gross_bytes == sum(sizes[path] for path in hits)
    assert (found.rule, found.layers, found.path_count) == (rule.id, (1,), len(hits))
    assert found.fix


@pytest.mark.parametrize(("rule", "hits", "misses", "least_bytes"), CASES, ids=IDS)
def test_a_rule_finds_nothing_in_what_only_looks_like_it(
    rule: Rule, hits: list[str], misses: list[str], least_bytes: int
) -> None:
    sizes = contents([*hits, *misses], least_bytes)
    entries = [file(path, bytes(sizes[path])) for path in misses]

    assert case(step("COPY . .", *entries)).advice(rule) == ()


def test_what_is_smaller_than_the_least_counts_for_nothing() -> None:
    built = case(step("RUN x", file("opt/tool.tar.gz", b"x" * 999_999)))

    assert built.advice(archives_left.RULE) == ()


def test_hidden_bytes_of_the_same_kind_are_gross_and_not_net() -> None:
    built = case(
        step("RUN a", file("var/lib/apt/lists/a", b"x" * 100), file("var/lib/apt/lists/d", b"x" * 7)),
        step("RUN b", file("var/lib/apt/lists/b", b"y" * 30), whiteout("var/lib/apt/lists/a")),
    )

    found = {suggestion.layers: suggestion for suggestion in built.advice(apt_lists.RULE)}

    assert {layers: one.net_bytes for layers, one in found.items()} == {(0,): 7, (1,): 30}
    assert {layers: one.gross_bytes for layers, one in found.items()} == {(0,): 107, (1,): 30}


def test_a_hard_link_group_counts_only_when_all_its_names_go() -> None:
    """What pnpm, uv and conda link out of their stores costs nothing there."""
    built = case(
        step(
            "RUN conda install numpy",
            file("opt/conda/pkgs/numpy/x.so", b"x" * 1000),
            hardlink("opt/conda/lib/x.so", "opt/conda/pkgs/numpy/x.so"),
            file("opt/conda/pkgs/numpy/y", b"y" * 10),
            hardlink("opt/conda/pkgs/other/y", "opt/conda/pkgs/numpy/y"),
        )
    )

    found = one(built.advice(conda_packages.RULE))

    assert found.net_bytes == 10
    assert found.paths == ("opt/conda/pkgs/numpy/y",)


def test_what_was_only_copied_up_is_blamed_on_the_layer_that_brought_it() -> None:
    content = b"p" * 500
    built = case(
        step("COPY . /app", file("app/.git/pack", content)),
        step("RUN chown -R 5 /app", file("app/.git/pack", content, uid=5)),
    )

    found = one(built.advice(git_history.RULE))

    assert found.instruction == "COPY . /app"
    assert found.layers == (0, 1)
    assert (found.gross_bytes, found.net_bytes) == (1000, 500)


def test_what_leaked_from_the_context_leaked_whoever_owns_it_now() -> None:
    built = case(
        step("COPY . /app", file("app/tests/a", b"t" * 50)),
        step("RUN chown -R 5 /app", file("app/tests/a", b"t" * 50, uid=5)),
    )

    assert one(built.advice(context_leak.RULE)).net_bytes == 50


def test_a_profile_leaves_out_what_it_has_no_use_for() -> None:
    built = case(step("RUN x", file("usr/include/a.h", b"x")))

    assert built.advice(headers.RULE, profile="dev") == ()
    assert built.advice(headers.RULE, profile="runtime") != ()
