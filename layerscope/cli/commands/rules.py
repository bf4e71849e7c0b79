"""``layerscope rules``: what is looked for, and what to do about it."""

from __future__ import annotations

import sys
import textwrap
from difflib import get_close_matches

import click

from layerscope.cli.output import page_for, write_lines
from layerscope.errors import UsageError
from layerscope.extensions import EVERY_PROFILE, Rule, load
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page


def _rules(*, rule: str | None) -> int:
    known: dict[str, Rule] = load("rule")
    page = page_for(sys.stdout)
    if rule is None:
        write_lines(_all(list(known.values()), page), sys.stdout)
        return 0
    if rule not in known:
        near = get_close_matches(rule, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "layerscope rules lists them all"
        raise UsageError(f"{rule}: no such rule", hint=hint)
    write_lines(_one(known[rule], page), sys.stdout)
    return 0


def _all(rules: list[Rule], page: Page) -> list[str]:
    """Every rule on a line, by family."""
    paint = page.paint
    rules.sort(key=lambda rule: (rule.family, rule.id))
    columns = [
        Column("family", paint=paint.dim),
        Column("rule", paint=paint.strong),
        Column("what", stretch=True),
    ]
    rows = [[rule.family, rule.id, rule.title[:1].upper() + rule.title[1:]] for rule in rules]
    return [*table(columns, rows, page.width, paint.dim), "", "  layerscope rules RULE explains one"]


def _one(rule: Rule, page: Page) -> list[str]:
    """What a rule is about, and where it looks."""
    lines = [f"{page.paint.strong(rule.id)}  {rule.title}", ""]
    lines += textwrap.wrap(rule.help, min(page.width, 88), initial_indent="  ", subsequent_indent="  ")
    if rule.profiles != EVERY_PROFILE:
        lines += ["", f"  for images of the profile {' or '.join(sorted(rule.profiles))}"]
    if rule.patterns:
        lines += ["", "  " + page.paint.dim("paths"), *(f"    {pattern}" for pattern in rule.patterns)]
    return lines


COMMAND = click.Command(
    "rules",
    params=[click.Argument(["rule"], required=False)],
    callback=_rules,
    help="List the rules behind the suggestions, or explain one.",
)
