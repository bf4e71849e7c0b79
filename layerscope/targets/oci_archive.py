"""``oci-archive:PATH``: an OCI layout as a tar, which ``docker load`` takes too."""

from __future__ import annotations

from layerscope.oci.write.content import Content
from layerscope.oci.write.layout import layout
from layerscope.targets.files import Files, file_target, name_notes, shown_names


def layout_files(content: Content, *, for_old_engines: bool) -> Files:
    """The files of a layout, in an archive or a folder."""
    made, notes = layout(content, for_old_engines=for_old_engines), name_notes(content)
    if made.new_manifest and any(image.opened.image.manifest_bytes is not None for image in content.images):
        notes.append("Docker's manifest was converted to OCI's, so the digest is another")
    names = (*shown_names(content), *content.names.bare)
    digests = tuple(manifest.digest for manifest in made.manifests[: len(content.images)])
    return Files(members=made.members, names=names, digests=digests, digest=made.digest, notes=tuple(notes))


def oci_archive_files(content: Content) -> Files:
    """A layout with a manifest.json beside, where its layers are such as old engines read."""
    return layout_files(content, for_old_engines=True)


TARGET = file_target(
    "oci-archive",
    oci_archive_files,
    description="an OCI layout as a tar",
    endings=(".oci", ".oci.tar", ".oci-archive"),
    layout=True,
)
