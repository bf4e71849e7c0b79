"""``oci-archive:PATH``: an OCI image layout as a tar."""

from layerscope.extensions import Source
from layerscope.sources.archives import open_path, platforms, split

SOURCE = Source(
    id="oci-archive",
    help="an OCI image layout in a tar; what a file is taken for without a scheme",
    claims=lambda name: split(name) is not None,
    open=open_path,
    platforms=platforms,
)
