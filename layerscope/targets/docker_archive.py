"""``docker-archive:PATH``: the archive that ``docker load`` has always taken."""

from __future__ import annotations

from layerscope.oci.write.content import Content
from layerscope.oci.write.docker_archive import docker_archive
from layerscope.targets.files import Files, file_target, name_notes, shown_names


def docker_archive_files(content: Content) -> Files:
    """The files of an archive; it has no manifest, and takes whole names only."""
    [image] = content.images
    notes, names = name_notes(content), content.names
    if names.bare and not names.tagged:
        notes.append(f"no name in this format: {', '.join(names.bare)}; --name gives one")
    members = docker_archive(image, names.full)
    return Files(
        members=members, names=shown_names(content), digests=(None,), digest=None, notes=tuple(notes)
    )


TARGET = file_target(
    "docker-archive", docker_archive_files, description="an archive for docker load, layers uncompressed"
)
