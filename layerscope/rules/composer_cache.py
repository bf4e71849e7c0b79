"""P30: Composer's cache and what PHP extensions leave."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="composer-cache",
    title="Composer's cache",
    family="php",
    patterns=(
        ".composer/cache/",
        ".cache/composer/",
        "/usr/src/php.tar.xz",
        "/usr/src/php/",
        "/tmp/pear/",
    ),
    remedy=Remedy(
        cleanup="rm -rf {paths}",
        command="composer install",
        option="--no-cache",
        instead="docker-php-source delete removes the sources of PHP",
    ),
    help="""Composer's downloads, and PHP's own source that docker-php-ext-install unpacks.""",
)
