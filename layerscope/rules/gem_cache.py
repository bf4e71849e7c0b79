"""P29: downloaded gems and what their building leaves."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="gem-cache",
    title="RubyGems' cache",
    family="ruby",
    patterns=(
        "/usr/local/bundle/cache/",
        "gems/*/cache/*.gem",
        "ruby/*/cache/",
        ".bundle/cache/",
        "/usr/local/lib/ruby/gems/*/cache/",
        "/var/lib/gems/*/cache/",
        "/var/lib/gems/*/doc/",
        "/usr/local/lib/ruby/gems/*/doc/",
        "/usr/local/bundle/doc/",
    ),
    remedy=Remedy(
        cleanup="rm -rf {paths}",
        command="gem install",
        option="--no-document",
        instead="Or: bundle install --no-cache && bundle clean --force",
    ),
    help="""gem keeps each package it installed, and makes documentation of it.""",
)
