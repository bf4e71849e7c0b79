"""Which target an output means: by its scheme, by the format asked for, by its ending."""

from __future__ import annotations

from layerscope.errors import SourceError, UsageError
from layerscope.extensions import Target
from layerscope.loading import load

DEFAULT = "docker-archive"
_COMPRESSED = (".gz", ".tgz", ".zst", ".tzst", ".xz", ".txz", ".bz2", ".tbz2")


def choose_target(output: str, form: str | None = None) -> tuple[Target, str]:
    """The target, and the place within it; raises UsageError.

    ``form`` is a target's id. What names no scheme and has no ending that tells is an archive that
    everything loads.
    """
    targets: dict[str, Target] = load("target")
    scheme, colon, rest = output.partition(":")
    if colon and scheme in targets:
        if form is not None and form != scheme:
            raise UsageError(f"{output}: is no place for --format {form}", hint="leave one of them out")
        return targets[scheme], rest.removeprefix("//") if not targets[scheme].streams else rest
    if form is not None:
        return target_of(form), output
    if output.endswith(_COMPRESSED):
        raise UsageError(
            f"{output}: archives are written uncompressed",
            hint="leave that ending off, or: layerscope export IMAGE -o - | gzip > FILE",
        )
    for target in targets.values():
        if output.endswith(target.endings):
            return target, output
    return targets[DEFAULT], output


def target_of(form: str) -> Target:
    """The target of an id; raises UsageError."""
    targets: dict[str, Target] = load("target")
    if form not in targets:
        raise UsageError(f"{form}: no such format", hint="the formats are " + ", ".join(sorted(targets)))
    return targets[form]


def keeps_compression(form: str, *, certain: bool) -> bool:
    """Whether a target, by its id, keeps layers as they are stored.

    An engine that does not answer is taken for one that unpacks them, unless it has to be ``certain``; that
    raises SourceError.
    """
    try:
        return target_of(form).keeps_compression()
    except SourceError:
        if certain:
            raise
        return False
