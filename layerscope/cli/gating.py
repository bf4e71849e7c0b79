"""The gates on the command line: their options, which of them count, and their verdicts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec
from click.core import ParameterSource

from layerscope.cli.options import Parsed
from layerscope.errors import IncompleteImage, UsageError
from layerscope.extensions import Gate, Verdict
from layerscope.loading import load, load_named, named

if TYPE_CHECKING:  # most runs judge nothing
    from layerscope.comparison.comparing import Comparison
    from layerscope.comparison.subject import Subject
    from layerscope.gates.dive_ci import DiveRules
    from layerscope.inspection import Inspection

DEFAULT_LIMITS = {"max-waste": "10%"}
"""What an image is held to where nobody says what."""

_DIVE_FILE = ".dive-ci"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """One gate and what it is held to."""

    gate: Gate
    value: Any
    warning: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an image is held to; ``notes`` say where that came from, where nobody asked for it.

    ``baseline`` is what some of the gates compare with: a report, or a reference to an image.
    """

    limits: tuple[Limit, ...] = ()
    baseline: Subject | str | None = None
    dive: DiveRules | None = None
    exit_zero: bool = False
    notes: tuple[str, ...] = ()


def judging_options() -> list[click.Parameter]:
    """What may be said of judging, ``--ci`` first; the gates themselves are `gate_option`."""
    return [
        click.Option(
            ["--ci"],
            is_flag=True,
            help=f"Judge the image; exit 1 when a gate fails. Default: {_defaults()}.",
        ),
        click.Option(
            ["--warn"],
            type=Parsed(parse_warning, "GATE=LIMIT"),
            metavar="GATE=LIMIT",
            multiple=True,
            help="A limit to warn at, which fails nothing: max-waste=5%, no-root.",
        ),
        click.Option(
            ["--baseline"],
            metavar="FILE|IMAGE",
            help="The report (--json) or the image that --max-growth and --max-update compare with.",
        ),
        click.Option(
            ["--dive-ci"],
            metavar="FILE",
            help="The limits of a .dive-ci, measured as dive does. One in this folder is found where no "
            "gate is set.",
        ),
        click.Option(["--exit-zero"], is_flag=True, help="Exit 0 also when a gate fails."),
    ]


def _defaults() -> str:
    return " ".join(f"--{name} {limit}" for name, limit in DEFAULT_LIMITS.items())


def gate_option(gate: Gate) -> click.Option:
    """A gate's own option."""
    said = f"Gate: {gate.help}" + (" Can be repeated." if gate.repeated else "")
    if not gate.metavar:
        return click.Option([f"--{gate.id}"], is_flag=True, help=said)
    return click.Option(
        [f"--{gate.id}"],
        type=Parsed(gate.parse, gate.metavar),
        metavar=gate.metavar,
        multiple=gate.repeated,
        help=said,
    )


def parse_warning(text: str) -> Limit:
    """A gate and the limit to warn at; raises ValueError."""
    name, equals, value = text.partition("=")
    gates: dict[str, Gate] = load("gate")
    gate = gates.get(name.strip().removeprefix("--"))
    if gate is None:
        from difflib import get_close_matches

        near = get_close_matches(name, gates, n=1)
        raise ValueError(f"{name!r} is no gate" + (f": did you mean {near[0]}?" if near else ""))
    if bool(gate.metavar) != bool(equals):
        wanted = f"{gate.id}={gate.metavar}" if gate.metavar else gate.id
        raise ValueError(f"{text!r} is no limit to warn at: write {wanted}")
    return Limit(gate=gate, value=gate.parse(value) if gate.metavar else True, warning=True)


def check_gates(values: dict[str, Any], *, ci: bool) -> None:
    """Refuse a gate that would not count, before anything that takes long."""
    names = [gate.replace("-", "_") for gate in (*named("gate"), "warn", "dive-ci", "baseline")]
    given = (name for name in names if not any(values.get(name) is nothing for nothing in (None, (), False)))
    if not ci and any(map(_was_typed, given)):
        raise click.UsageError("a gate counts only with --ci")


def _was_typed(name: str) -> bool:
    """Whether an option stands on the command line, and not in a file or the environment."""
    context = click.get_current_context(silent=True)
    return context is None or context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def take_limits(values: dict[str, Any], *, ci: bool) -> Limits:
    """Take what is said of the gates out of the values of the options.

    Without a gate, `DEFAULT_LIMITS` count, unless there is a ``.dive-ci``. Raises UsageError.
    """
    check_gates(values, ci=ci)
    wanted = {name: values.pop(name.replace("-", "_"), None) for name in named("gate")}
    warnings = values.pop("warn")
    baseline, dive_ci, exit_zero = (values.pop(name) for name in ("baseline", "dive_ci", "exit_zero"))
    if not ci:
        return Limits()
    limits = [limit for name, given in wanted.items() for limit in _limits(name, given)]
    notes: tuple[str, ...] = ()
    if not limits and dive_ci is None and (dive_ci := _found_dive_ci()) is not None:
        from layerscope.gates.dive_ci import DIFFERENCE

        notes = (f"{dive_ci}: {DIFFERENCE}",)
    if not limits and dive_ci is None:
        limits = [_default(name) for name in DEFAULT_LIMITS]
    return Limits(
        limits=(*limits, *warnings),
        baseline=_baseline([*limits, *warnings], baseline),
        dive=_dive_rules(dive_ci),
        exit_zero=exit_zero,
        notes=notes,
    )


def _limits(name: str, given: Any) -> list[Limit]:
    """A gate with each limit that an option gave, none where it was not said."""
    if given is None or given is False:
        return []
    gate: Gate = load_named("gate", name)
    return [Limit(gate=gate, value=value) for value in (given if gate.repeated else [given])]


def _default(name: str) -> Limit:
    gate: Gate = load_named("gate", name)
    return Limit(gate=gate, value=gate.parse(DEFAULT_LIMITS[name]))


def _found_dive_ci() -> str | None:
    return _DIVE_FILE if os.path.isfile(_DIVE_FILE) else None


def _dive_rules(path: str | None) -> DiveRules | None:
    if path is None:
        return None
    from layerscope.gates.dive_ci import read_dive_ci

    return read_dive_ci(path)


def _baseline(limits: Sequence[Limit], reference: str | None) -> Subject | str | None:
    """What is compared with: read where it is a report, since that takes no time."""
    needing = [limit.gate.id for limit in limits if limit.gate.against_baseline]
    if not needing:
        if reference is not None and _was_typed("baseline"):
            raise click.UsageError("--baseline counts only with --max-growth or --max-update")
        return None
    if reference is None:
        raise UsageError(
            f"--{needing[0]} needs --baseline FILE|IMAGE",
            hint="a file that --json wrote before, or an image: --baseline my-app:released",
        )
    from layerscope.comparison.saved_report import is_report, read_report

    return read_report(reference) if is_report(reference) else reference


def comparison_gate_options() -> list[click.Parameter]:
    """What may be said of the gates where two images are compared anyway."""
    return [
        click.Option(["--ci"], is_flag=True, help="Judge the new image; exit 1 when a gate fails."),
        *(gate_option(gate) for gate in _comparing()),
        click.Option(
            ["--warn"],
            type=Parsed(parse_warning, "GATE=LIMIT"),
            metavar="GATE=LIMIT",
            multiple=True,
            help="A limit to warn at, which fails nothing: max-update=20MB.",
        ),
        click.Option(["--exit-zero"], is_flag=True, help="Exit 0 also when a gate fails."),
    ]


def _comparing() -> list[Gate]:
    gates: dict[str, Gate] = load("gate")
    return [gate for gate in gates.values() if gate.against_baseline]


def take_comparison_limits(values: dict[str, Any], *, ci: bool) -> Limits:
    """Take what is said of these gates out of the values of the options; raises UsageError.

    Limits to warn at that a file or the environment has for other gates are not meant for a comparison.
    """
    check_gates(values, ci=ci)
    wanted = [(gate, values.pop(gate.id.replace("-", "_"))) for gate in _comparing()]
    warnings, exit_zero = values.pop("warn"), values.pop("exit_zero")
    if not ci:
        return Limits()
    known = " or ".join(f"--{gate.id}" for gate, _ in wanted)
    other = next((limit.gate.id for limit in warnings if not limit.gate.against_baseline), None)
    if other is not None and _was_typed("warn"):
        raise click.UsageError(f"{other} compares nothing: here are {known}")
    limits = [Limit(gate=gate, value=value) for gate, value in wanted if value is not None]
    limits += [limit for limit in warnings if limit.gate.against_baseline]
    if not limits:
        raise click.UsageError(f"--ci needs {known}")
    return Limits(limits=tuple(limits), exit_zero=exit_zero)


def judge(inspection: Inspection, limits: Limits, baseline: Subject | None = None) -> list[Verdict]:
    """The verdicts of all limits; raises IncompleteImage where the image cannot be judged."""
    if not inspection.image.complete:
        missing = [remark.message for remark in inspection.image.diagnostics]
        raise _incomplete(inspection.image.reference, f": {'; '.join(missing)}")
    comparison = None
    if baseline is not None:
        from layerscope.comparison.comparing import Comparison
        from layerscope.comparison.subject import subject_of

        comparison = Comparison(old=baseline, new=subject_of(inspection))
    verdicts = _verdicts(limits, inspection, comparison)
    if limits.dive is not None:
        from layerscope.gates.dive_ci import judge_dive

        verdicts += judge_dive(inspection, limits.dive)
    return verdicts


def judge_comparison(comparison: Comparison, limits: Limits) -> list[Verdict]:
    """The verdicts of the limits on what changed; raises IncompleteImage."""
    if not comparison.new.complete:
        raise _incomplete(comparison.new.reference)
    return _verdicts(limits, comparison.new.inspection, comparison)


def _verdicts(limits: Limits, inspection: Inspection | None, comparison: Comparison | None) -> list[Verdict]:
    if comparison is not None and not comparison.old.complete:
        raise _incomplete(comparison.old.reference)
    verdicts = []
    for limit in limits.limits:
        value = limit.value
        if limit.gate.against_baseline:
            from layerscope.gates.baseline import Against

            assert comparison is not None, "no gate that needs a baseline is taken without one"
            value = Against(comparison, value)
        verdict = limit.gate.judge(inspection, value)
        verdicts.append(msgspec.structs.replace(verdict, warning=True) if limit.warning else verdict)
    return verdicts


def _incomplete(reference: str, why: str = "") -> IncompleteImage:
    return IncompleteImage(
        f"{reference} is not complete{why}", hint="without --ci it can be looked at as far as it goes"
    )
