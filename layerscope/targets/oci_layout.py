"""``oci:PATH``: an OCI layout in a folder."""

from __future__ import annotations

from layerscope.oci.write.content import Content
from layerscope.targets.files import Files, file_target
from layerscope.targets.oci_archive import layout_files


def oci_files(content: Content) -> Files:
    """A layout and nothing beside it."""
    return layout_files(content, for_old_engines=False)


TARGET = file_target(
    "oci",
    oci_files,
    description="an OCI layout in a folder",
    endings=("/",),
    folder=True,
    layout=True,
)
