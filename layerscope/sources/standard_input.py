"""``-``: an archive through a pipe, compressed or not."""

from layerscope.extensions import Source
from layerscope.sources.archives import open_standard_input

SOURCE = Source(
    id="-",
    help="an archive through standard input",
    claims=lambda name: name == "-" or name.startswith("-:"),
    open=open_standard_input,
)
