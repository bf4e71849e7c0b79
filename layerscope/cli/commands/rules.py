"""``layerscope rules``: what is looked for, and what to do about it."""

from __future__ import annotations

import sys
import textwrap
from difflib import get_close_matches

import click

from layerscope.cli.output import page_for, write_lines
from layerscope.errors import UsageError
from layerscope.extensions import EVERY_PROFILE, Rule
from layerscope.loading import load
from layerscope.model.suggestion import Priority
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
    columns = [Column("rule", paint=paint.strong), Column("what it finds", stretch=True)]
    lines = table(columns, [["  " + rule.id, _titled(rule)] for rule in rules], page.width, paint.dim)
    listed = lines[:1]
    family = ""
    for rule, line in zip(rules, lines[1:], strict=True):
        if rule.family != family:
            family = rule.family
            listed += ["", paint.dim(family)]
        listed.append(line)
    families = len({rule.family for rule in rules})
    return [
        *listed,
        "",
        f"  {len(rules)} rules in {families} families. layerscope rules RULE explains one;",
        "  --ignore RULE leaves it out; --max-findings RULE=0 makes --ci fail on it.",
    ]


def _titled(rule: Rule) -> str:
    """A rule's title; a program's name keeps its small letters."""
    first = rule.title.split()[0]
    is_name = first.endswith("'s") and first.removesuffix("'s") in rule.id.split("-")
    return rule.title if is_name else rule.title[:1].upper() + rule.title[1:]


def _one(rule: Rule, page: Page) -> list[str]:
    """What a rule is about, and where it looks."""
    lines = [f"{page.paint.strong(rule.id)}  {_titled(rule)}", ""]
    lines += textwrap.wrap(rule.help, min(page.width, 88), initial_indent="  ", subsequent_indent="  ")
    if rule.priority is Priority.ADVICE:
        lines += ["", "  saves no bytes by itself, or bytes that other findings tell of"]
    if rule.profiles != EVERY_PROFILE:
        lines += ["", f"  for images of the profile {' or '.join(sorted(rule.profiles))}"]
    if rule.patterns:
        lines += ["", "  " + page.paint.dim("paths"), *(f"    {pattern}" for pattern in rule.patterns)]
    if rule.keep:
        lines += ["", "  " + page.paint.dim("left alone"), *(f"    {name}" for name in rule.keep)]
    return lines


COMMAND = click.Command(
    "rules",
    params=[click.Argument(["rule"], required=False)],
    callback=_rules,
    help="""List the rules behind the suggestions, or explain RULE: what it finds, why that costs bytes,
what to write instead, and which paths it looks at.""",
)
