"""``oci:PATH``: an OCI image layout in a folder."""

from layerscope.extensions import Source
from layerscope.sources.archives import open_path, platforms

SOURCE = Source(
    id="oci",
    help="an OCI image layout in a folder",
    open=open_path,
    platforms=platforms,
)
