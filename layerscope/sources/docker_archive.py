"""``docker-archive:PATH``: what ``docker save`` and many others write."""

from layerscope.extensions import Source
from layerscope.sources.archives import open_path

SOURCE = Source(
    id="docker-archive",
    help="an archive as docker save writes it",
    open=open_path,
)
