"""P31: caches of R, Julia, Haskell, OCaml, Elixir, Perl."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="other-language-caches",
    title="a language's package cache",
    family="languages",
    patterns=(
        ".julia/registries/",
        ".julia/compiled/",
        ".stack/",
        ".cabal/packages/",
        ".opam/download-cache/",
        ".opam/repo/",
        ".hex/packages/",
        ".cpanm/",
        ".cpan/build/",
        ".cpan/sources/",
        "downloaded_packages/",
        ".cache/luarocks/",
        ".cache/zig/",
        ".cache/bazel/",
        ".ccache/",
        ".cache/ccache/",
    ),
    remedy=Remedy(),
    help="""Downloads and compiled packages of language tools, needed to build only.""",
    confidence="medium",
)
