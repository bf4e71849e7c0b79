"""``--max-findings``, ``--no-secrets``, ``--no-root``: what the rules and the config tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.gates.max_findings import GATE as FINDINGS
from layerscope.gates.no_root import GATE as NO_ROOT
from layerscope.gates.no_secrets import GATE as NO_SECRETS
from layerscope.inspection import Inspection
from layerscope.model.severity import severity_of
from layerscope.model.suggestion import Confidence, Suggestion
from tests.sources.images import file, inspected, layer, whiteout

KEY = b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"


def suggestion(
    rule: str,
    family: str = "layers",
    *,
    net_bytes: int = 0,
    confidence: Confidence = "high",
    base: bool = False,
) -> Suggestion:
    """A suggestion that no rule made."""
    return Suggestion(
        rule=rule,
        title=f"about {rule}",
        family=family,
        gross_bytes=net_bytes,
        net_bytes=net_bytes,
        compressed_bytes=net_bytes,
        layers=(0,),
        instruction=None,
        paths=(),
        path_count=0,
        confidence=confidence,
        blame="base" if base else "own",
        fix="do it",
    )


def suggesting(folder: Path, *suggestions: Suggestion) -> Inspection:
    """An image of which exactly this is said."""
    inspection = inspected(folder, layer(file(b"a", b"1")))
    inspection.__dict__["suggestions"] = suggestions
    return inspection


SOME = (
    suggestion("apt-lists", "packages", net_bytes=10),
    suggestion("apt-lists", "packages", net_bytes=5),
    suggestion("logs", "packages", net_bytes=7, confidence="low"),
    suggestion("secret-in-file", "secrets"),
)


@pytest.mark.parametrize(
    ("which", "count"),
    [("apt-lists", 2), ("packages", 3), ("all", 4), ("error", 1), ("warning", 2), ("note", 1), ("fonts", 0)],
)
def test_findings_of_a_rule_a_family_or_a_severity_are_counted(
    which: str, count: int, tmp_path: Path
) -> None:
    inspection = suggesting(tmp_path, *SOME)

    verdict = FINDINGS.judge(inspection, FINDINGS.parse(f"{which}={count}"))

    assert (verdict.passed, verdict.measured, verdict.subject) == (True, str(count), which)
    if count:
        assert not FINDINGS.judge(inspection, FINDINGS.parse(f"{which}={count - 1}")).passed


def test_the_first_finding_is_named(tmp_path: Path) -> None:
    verdict = FINDINGS.judge(suggesting(tmp_path, *SOME), FINDINGS.parse("apt-lists=0"))

    assert verdict.because == "about apt-lists and 1 more"


@pytest.mark.parametrize("text", ["", "apt-lists", "apt-lists=", "=0", "apt-lists=-1", "apt-lists=1.5"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no limit|no count"):
        FINDINGS.parse(text)


def test_an_unknown_rule_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match="did you mean apt-lists"):
        FINDINGS.parse("apt-list=0")


@pytest.mark.parametrize(
    ("one", "severity"),
    [
        (suggestion("secret-deleted", "secrets"), "error"),
        (suggestion("secret-in-file", "secrets", confidence="low"), "warning"),
        (suggestion("root-user", "secrets"), "warning"),
        (suggestion("apt-lists", net_bytes=1), "warning"),
        (suggestion("apt-lists", net_bytes=1, confidence="low"), "note"),
        (suggestion("apt-lists", net_bytes=1, base=True), "note"),
        (suggestion("many-layers"), "note"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_how_much_a_suggestion_matters(one: Suggestion, severity: str) -> None:
    assert severity_of(one) == severity


@pytest.mark.parametrize("deleted", [False, True])
def test_a_secret_in_any_layer_fails(tmp_path: Path, *, deleted: bool) -> None:
    layers = [layer(file(b"app/key", KEY))] + ([layer(whiteout(b"app/key"))] if deleted else [])

    verdict = NO_SECRETS.judge(inspected(tmp_path, *layers), True)

    assert (verdict.passed, verdict.measured) == (False, "1")
    assert "private key" in verdict.because


def test_without_a_secret_it_passes(tmp_path: Path) -> None:
    verdict = NO_SECRETS.judge(inspected(tmp_path, layer(file(b"a", b"1"))), True)

    assert (verdict.passed, verdict.measured, verdict.because) == (True, "0", "")


@pytest.mark.parametrize("user", [None, "", "0", "root", "root:root", "0:0", "00", ":5", "+0", " root "])
def test_root_under_any_name_fails(user: str | None, tmp_path: Path) -> None:
    config = {} if user is None else {"User": user}

    assert not NO_ROOT.judge(inspected(tmp_path, layer(), config=config), True).passed


@pytest.mark.parametrize("user", ["app", "10001", "app:root", "rooty", "1000:0"])
def test_another_user_passes(user: str, tmp_path: Path) -> None:
    assert NO_ROOT.judge(inspected(tmp_path, layer(), config={"User": user}), True).passed


def test_a_hostile_user_is_harmless(tmp_path: Path) -> None:
    verdict = NO_ROOT.judge(inspected(tmp_path, layer(), config={"User": "\x1b[2J"}), True)

    assert verdict.measured == r"\x1b[2J"
