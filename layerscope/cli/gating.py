"""The gates on the command line: their options, which of them count, and their verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from click.core import ParameterSource

from layerscope.cli.options import Parsed
from layerscope.errors import IncompleteImage, UsageError
from layerscope.extensions import Gate, Verdict, load

if TYPE_CHECKING:  # most runs judge nothing
    from layerscope.gates.dive_ci import DiveRules
    from layerscope.inspection import Inspection


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """One gate and what it is held to."""

    gate: Gate
    value: Any
    warning: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an image is held to; ``notes`` say where that came from, where nobody asked for it."""

    limits: tuple[Limit, ...] = ()
    dive: DiveRules | None = None
    exit_zero: bool = False
    notes: tuple[str, ...] = ()


def gate_options() -> list[click.Parameter]:
    """What may be said of the gates."""
    return [
        click.Option(
            ["--ci"],
            is_flag=True,
            help="Judge the image; exit 1 when a gate fails. Default: --max-waste 10%.",
        ),
        *(_option(gate) for gate in load("gate").values()),
        click.Option(
            ["--warn"],
            type=Parsed(parse_warning, "GATE=LIMIT"),
            metavar="GATE=LIMIT",
            multiple=True,
            help="A limit to warn at, which fails nothing: max-waste=5%, no-root.",
        ),
        click.Option(
            ["--baseline"], metavar="FILE", help="The report (--json) that --max-growth compares with."
        ),
        click.Option(
            ["--dive-ci"],
            metavar="FILE",
            help="The limits of a .dive-ci, measured as dive does. One in this folder is found where no "
            "gate is set.",
        ),
        click.Option(["--exit-zero"], is_flag=True, help="Exit 0 also when a gate fails."),
    ]


def _option(gate: Gate) -> click.Option:
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
    names = [gate.replace("-", "_") for gate in (*load("gate"), "warn", "dive-ci", "baseline")]
    given = (name for name in names if not any(values[name] is nothing for nothing in (None, (), False)))
    if not ci and any(map(_was_typed, given)):
        raise click.UsageError("a gate counts only with --ci")


def _was_typed(name: str) -> bool:
    """Whether an option stands on the command line, and not in a file or the environment."""
    context = click.get_current_context(silent=True)
    return context is None or context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def take_limits(values: dict[str, Any], *, ci: bool) -> Limits:
    """Take what is said of the gates out of the values of the options.

    Without a gate, those with a default are judged, unless there is a ``.dive-ci``. Raises UsageError.
    """
    check_gates(values, ci=ci)
    gates: dict[str, Gate] = load("gate")
    wanted = {name: values.pop(name.replace("-", "_")) for name in gates}
    warnings = values.pop("warn")
    baseline, dive_ci, exit_zero = (values.pop(name) for name in ("baseline", "dive_ci", "exit_zero"))
    if not ci:
        return Limits()
    limits = [
        Limit(gate=gates[name], value=value)
        for name, given in wanted.items()
        for value in (given if gates[name].repeated else [given])
        if value is not None and value is not False
    ]
    notes: tuple[str, ...] = ()
    if not limits and dive_ci is None and (dive_ci := _found_dive_ci()) is not None:
        from layerscope.gates.dive_ci import DIFFERENCE

        notes = (f"{dive_ci}: {DIFFERENCE}",)
    if not limits and dive_ci is None:
        limits = [Limit(gate=gate, value=gate.parse(gate.default)) for gate in gates.values() if gate.default]
    return Limits(
        limits=tuple(_with_baseline([*limits, *warnings], baseline)),
        dive=_dive_rules(dive_ci),
        exit_zero=exit_zero,
        notes=notes,
    )


def _found_dive_ci() -> str | None:
    from layerscope.gates.dive_ci import FILE_NAME

    return FILE_NAME if Path(FILE_NAME).is_file() else None


def _dive_rules(path: str | None) -> DiveRules | None:
    if path is None:
        return None
    from layerscope.gates.dive_ci import read_dive_ci

    return read_dive_ci(path)


def _with_baseline(limits: list[Limit], path: str | None) -> list[Limit]:
    """The limits, each that needs it with the baseline."""
    needing = [limit.gate.id for limit in limits if limit.gate.against_baseline]
    if not needing:
        if path is not None and _was_typed("baseline"):
            raise click.UsageError("--baseline counts only with --max-growth")
        return limits
    if path is None:
        raise UsageError(f"--{needing[0]} needs --baseline FILE", hint="FILE is what --json wrote before")
    from layerscope.gates.baseline import Against, read_baseline

    baseline = read_baseline(path)
    return [
        msgspec.structs.replace(limit, value=Against(baseline, limit.value))
        if limit.gate.against_baseline
        else limit
        for limit in limits
    ]


def judge(inspection: Inspection, limits: Limits) -> list[Verdict]:
    """The verdicts of all limits; raises IncompleteImage where the image cannot be judged."""
    if not inspection.image.complete:
        missing = [remark.message for remark in inspection.image.diagnostics]
        raise IncompleteImage(
            f"{inspection.image.reference} is not complete: {'; '.join(missing)}",
            hint="without --ci it can be looked at as far as it goes",
        )
    verdicts = []
    for limit in limits.limits:
        verdict = limit.gate.judge(inspection, limit.value)
        verdicts.append(msgspec.structs.replace(verdict, warning=True) if limit.warning else verdict)
    if limits.dive is not None:
        from layerscope.gates.dive_ci import judge_dive

        verdicts += judge_dive(inspection, limits.dive)
    return verdicts
