"""Copy-ups: content stored again for an owner, a mode or an attribute; and how it is had at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from layerscope.advice.evidence import Evidence, Lost
from layerscope.advice.fixing import appended, copied_with, joined, some, step
from layerscope.advice.waste_claims import Pair, items_of, layers_of, pairs, replacing_confidence
from layerscope.extensions import Rule
from layerscope.model.entry import Entry, Kind
from layerscope.model.shell import Command
from layerscope.model.suggestion import Claim, Edit, Priority
from layerscope.model.waste import Cause

_OPTION = re.compile(r"-[Rcfv]+|--[a-z-]+(?:=.*)?")
"""An option of chmod; not ``-w``, which is a mode."""


class CopyUp:
    """What one layer stored again of what another one ships.

    ``origin`` is the layer that brought the content first, ``path`` the largest file, ``differs`` what is
    other than in the layer below, ``before`` and ``after`` what it was when it came and what it is in the
    end (None where its content changed since).
    """

    def __init__(self, evidence: Evidence, pair: Pair, records: list[Lost]) -> None:
        self.evidence = evidence
        self.pair = pair
        self.path = records[0].waste.path
        self.differs = records[0].waste.differs
        self.origin = pair[0]
        self.before: Entry | None = None
        node = evidence.analysis.index.find(self.path)
        for version in reversed(node.versions if node else []):
            source = version.source
            if version.layer > pair[1]:
                continue
            if source is None or (self.before and source.content_hash != self.before.content_hash):
                break
            if self.before and version.layer < pair[0] and source.mtime_ns != self.before.mtime_ns:
                break  # a copy-up keeps the time: this was written again
            self.before, self.origin = source, version.layer
        self.after = self._final(self.path, self.before)

    def options(self) -> list[str]:
        """What COPY takes to give the file at once what it has in the end."""
        before, after = self.before, self.after
        found = []
        if before and after and (before.uid, before.gid) != (after.uid, after.gid):
            found.append(f"--chown={self.owner()}")
        if before and after and before.mode != after.mode:
            found.append(f"--chmod={after.mode:o}")
        return found

    def edits(self) -> tuple[Edit, ...]:
        """The COPYs that give it and the RUN without it; none where that is not certain."""
        from layerscope.advice.given_while_copying import GivenWhileCopying

        return GivenWhileCopying(self.evidence, self.pair[1], self.differs).edits(self.origin, self.path)

    def is_for_all(self) -> bool:
        """Whether everything that the origin brought has the owner and mode of this file in the end."""
        after = self.after
        for entry in self.evidence.changesets[self.origin].entries:
            if entry.kind is Kind.FILE and entry.stored_bytes:
                final = self._final(entry.path, entry)
                if final and after and (final.uid, final.gid) != (after.uid, after.gid):
                    return False
                changed = self.before and after and self.before.mode != after.mode
                if changed and final and after and final.mode != after.mode:
                    return False
        return True

    def owner(self) -> str:
        """The owner, as the chown that gave it names it, else by numbers."""
        commands = self._commands("chown", (self.pair[1], *reversed(range(self.origin, self._count()))))
        named = next((command.operands[0] for command in commands if command.operands), None)
        return named or (f"{self.after.uid}:{self.after.gid}" if self.after else "user:group")

    def mode(self) -> str:
        """The mode, as the chmod that gave it names it, else by numbers."""
        for command in self._commands("chmod", (self.pair[1],)):
            words = [word for word in command.words[1:] if not _OPTION.fullmatch(word)]
            if words:
                return words[0]
        return f"{self.after.mode:o}" if self.after else "0755"

    def operands(self, program: str) -> str:
        """The paths that the command of the layer was given, else the largest path."""
        for command in self._commands(program, (self.pair[1],)):
            if len(command.operands) > 1:
                return " ".join(command.operands[1:])
        return some([self.path])

    def _count(self) -> int:
        return len(self.evidence.image.layers)

    def _commands(self, program: str, layers: tuple[int, ...]) -> list[Command]:
        """The commands of that name, layer by layer, those first whose operands lead to the path."""
        found = []
        for layer in layers:
            commands = [one for one in self.evidence.commands(layer) if one.program == program]
            commands.sort(key=lambda one: not any(map(f"/{self.path}".startswith, one.operands[1:])))
            found += commands
        return found

    def _final(self, path: str, entry: Entry | None) -> Entry | None:
        """What a path is in the end, None where that is not this content any more."""
        node = self.evidence.analysis.index.find(path)
        version = node.top if node is not None else None
        source = version.source if version is not None else None
        return source if source and entry and source.content_hash == entry.content_hash else None


def copied_up(
    *,
    id: str,  # noqa: A002 - the name that every plug-in's identity has
    title: str,
    does: str,
    is_it: Callable[[tuple[str, ...]], bool],
    fix: Callable[[CopyUp], tuple[str, str | None]],
    help: str,  # noqa: A002 - likewise
) -> Rule:
    """A rule for copy-ups with certain differences, a claim for each pair of layers.

    ``does`` is what the upper one does, up to the number of the lower one.
    """

    def detect(evidence: Evidence) -> Iterator[Claim]:
        records = [lost for lost in evidence.lost_of(Cause.METADATA_ONLY) if is_it(lost.waste.differs)]
        for pair, lost in pairs(records):
            copy_up = CopyUp(evidence, pair, lost)
            text, rewrite = fix(copy_up)
            edits = copy_up.edits()
            rest = [edit.text for edit in edits if edit.layer == pair[1] and edit.text]
            yield Claim(
                title=f"layer {pair[1]} {does} layer {pair[0]}",
                items=items_of(lost),
                layers=layers_of(*pair),
                blamed=pair[1],
                confidence=replacing_confidence(evidence, pair),
                fix=text,
                rewrite="\n".join((rewrite, *rest)) if rewrite is not None else None,
                edits=edits,
            )

    return Rule(
        id=id,
        title=title,
        family="layers",
        help=help,
        detect=detect,
        priority=Priority.WASTE,
    )


def given_at_once(copy_up: CopyUp, program: str, value: str) -> tuple[str, str | None]:
    """The fix for a chown or chmod: where the files come in, not in a layer of its own."""
    evidence, origin, hidden_by = copy_up.evidence, copy_up.origin, copy_up.pair[1]
    where = step(evidence, origin)
    if evidence.blame(origin) == "base":
        return f"Leave what the base ships as it is, or build a base of your own; drop the {program}.", None
    if evidence.keyword(origin) in ("COPY", "ADD"):
        given = " ".join(copy_up.options()) or f"--{program}={value}"
        needs = " COPY --chmod needs BuildKit or buildah." if "--chmod" in given else ""
        if copy_up.is_for_all():
            rewrite = copied_with(evidence.instructions[origin], *copy_up.options())
            return f"Give {given} in {where}, and drop the {program} from layer {hidden_by}.{needs}", rewrite
        paths = copy_up.operands(program)
        text = f"Copy {paths} in an instruction of its own, with {given}, beside {where}"
        return f"{text}, and drop the {program} from layer {hidden_by}.{needs}", None
    command = f"{program} -R {value} {copy_up.operands(program)}"
    text = f"Run {program} in {where}, which makes the files, not in layer {hidden_by}."
    return text, joined(evidence, origin, hidden_by) or appended(evidence.instructions[origin], command)
