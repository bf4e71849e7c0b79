"""``--dockerfile``, ``--ignore``, ``--profile``, ``--assume``: what is told of suggestions, and where."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.looking import Run
from tests.cli.test_blame import DOCKERFILE, HISTORY, LAYERS
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

LEAKY = (
    layer(member(b"app/tests/a.py", b"a" * 700), member(b"app/docs/b.md", b"b" * 300)),
    layer(member(b"var/lib/apt/lists/x", b"l" * 4000), member(b"usr/share/man/m", b"m" * 2000)),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project of our own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def built(folder: Path) -> Path:
    """An image whose Dockerfile lies in the folder."""
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return saved(folder, *LAYERS, history=HISTORY)


@pytest.fixture
def leaky(folder: Path) -> Path:
    """An image with several things to find."""
    return saved(
        folder, *LEAKY, history=steps("COPY . /app # buildkit", "RUN /bin/sh -c apt-get update # buildkit")
    )


def report(look: Run, *arguments: str | Path) -> dict[str, Any]:
    """The object of ``--json``."""
    outcome = look(*arguments, "--json", "-")
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def rules(found: list[dict[str, Any]]) -> list[str]:
    """The rules of suggestions."""
    return [one["rule"] for one in found]


def test_a_dockerfile_in_the_folder_is_found(built: Path, look: Run) -> None:
    found = report(look, built)

    lines = {one["rule"]: one["dockerfile_lines"] for one in found["suggestions"]}
    assert found["dockerfile"] == "Dockerfile"
    assert lines["cleanup-layer"] == [10, 10]


def test_one_that_was_named_is_told_from_where_one_stands(built: Path, look: Run, folder: Path) -> None:
    (folder / "docker").mkdir()
    (folder / "Dockerfile").rename(folder / "docker" / "api.Dockerfile")

    found = report(look, built, "--dockerfile", folder / "docker" / "api.Dockerfile")

    assert found["dockerfile"] == "docker/api.Dockerfile"


def test_the_settings_may_name_it(built: Path, look: Run, folder: Path) -> None:
    (folder / "Dockerfile").rename(folder / "api.Dockerfile")
    (folder / ".layerscope.toml").write_text('dockerfile = "api.Dockerfile"\n')

    assert report(look, built)["dockerfile"] == "api.Dockerfile"


def written(look: Run, image: Path, name: str) -> str:
    """What a report says."""
    look(image, f"--{name}", "report")
    return Path("report").read_text()


def test_annotations_stand_beside_the_line(built: Path, look: Run) -> None:
    text = written(look, built, "github")

    assert re.search(
        r"^::\w+ file=Dockerfile,line=10,endLine=10,title=layerscope cleanup-layer::", text, re.MULTILINE
    )


def test_code_quality_names_the_line(built: Path, look: Run) -> None:
    found = json.loads(written(look, built, "gitlab"))

    places = {one["check_name"]: one["location"] for one in found}
    assert places["cleanup-layer"] == {"path": "Dockerfile", "lines": {"begin": 10, "end": 10}}


def test_sarif_has_the_line_as_the_physical_location(built: Path, look: Run) -> None:
    results = json.loads(written(look, built, "sarif"))["runs"][0]["results"]

    places = {one["ruleId"]: one["locations"][0]["physicalLocation"] for one in results}
    assert places["cleanup-layer"] == {
        "artifactLocation": {"uri": "Dockerfile"},
        "region": {"startLine": 10, "endLine": 10},
    }


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_pages_name_the_line(name: str, built: Path, look: Run) -> None:
    assert "Dockerfile:10" in written(look, built, name)


def test_the_summary_names_the_line(look: Run, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM x\nCOPY . /app\nRUN apt-get update\n")
    history = steps("ADD base", "COPY . /app # buildkit", "RUN /bin/sh -c apt-get update # buildkit")
    image = saved(folder, layer(member(b"base", b"b")), *LEAKY, history=history)

    assert "             Dockerfile:3  End the RUN of layer 2" in look(image).out


def test_what_is_ignored_is_counted_and_its_bytes_are_nobody_elses(leaky: Path, look: Run) -> None:
    before = report(look, leaky)

    after = report(look, leaky, "--ignore", "apt-lists", "--ignore", "man-pages")

    hidden = {one["suggestion"]["rule"]: one for one in after["ignored_suggestions"]}
    assert set(hidden) == {"apt-lists", "man-pages"}
    assert hidden["apt-lists"]["ignored_by"] == {
        "rule": "apt-lists",
        "paths": [],
        "reason": "",
        "until": None,
    }
    assert after["suggestions"] == [one for one in before["suggestions"] if one["rule"] not in hidden]
    assert (
        "2 ignored: 1 of apt-lists, 1 of man-pages"
        in look(leaky, "--ignore", "apt-lists", "--ignore", "man-pages").out
    )


def test_paths_hide_a_part_of_a_finding(leaky: Path, look: Run) -> None:
    found = report(look, leaky, "--ignore", "context-leak:/app/docs/")

    (told,) = [one for one in found["suggestions"] if one["rule"] == "context-leak"]
    (hidden,) = [one["suggestion"] for one in found["ignored_suggestions"]]
    assert (told["net_bytes"], told["paths"]) == (700, ["app/tests/a.py"])
    assert (hidden["net_bytes"], hidden["paths"]) == (300, ["app/docs/b.md"])


def test_the_settings_ignore_with_a_reason_and_the_command_line_adds_to_it(
    leaky: Path, look: Run, folder: Path
) -> None:
    (folder / ".layerscope.toml").write_text(
        '[[ignore]]\nrule = "context-leak"\npaths = ["/app/tests/", "*.md"]\n'
        'reason = "for support"\nuntil = 9999-01-31\n'
    )

    found = report(look, leaky, "--ignore", "apt-lists")

    by = {one["suggestion"]["rule"]: one["ignored_by"] for one in found["ignored_suggestions"]}
    assert by["context-leak"] == {
        "rule": "context-leak",
        "paths": ["/app/tests/", "*.md"],
        "reason": "for support",
        "until": "9999-01-31",
    }
    assert set(by) == {"context-leak", "apt-lists"}


def test_what_has_expired_warns_and_hides_no_more(leaky: Path, look: Run, folder: Path) -> None:
    (folder / ".layerscope.toml").write_text(
        '[[ignore]]\nrule = "apt-lists"\nreason = "until the move"\nuntil = "2020-02-29"\n'
    )

    outcome = look(leaky, "--json", "-")

    assert "warning: ignore apt-lists: expired on 2020-02-29, told again (until the move)\n" in outcome.err
    assert "apt-lists" in rules(json.loads(outcome.out)["suggestions"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[[ignore]]\nrule = 'apt-list'\n",
            ".layerscope.toml:1: ignore: 'apt-list' is no rule: did you mean apt-lists?",
        ),
        ("[[ignore]]\npaths = ['a']\n", "no rule is named"),
        ("[[ignore]]\nrule = 'logs'\nwhy = 'x'\n", "why: no such key"),
        ("[[ignore]]\nrule = 'logs'\nuntil = 'soon'\n", "expected a day"),
        ("[[ignore]]\nrule = 'logs'\nuntil = '2020-02-30'\n", "ignore: day is out of range"),
        ("[[ignore]]\nrule = 'logs'\npaths = []\n", "expected a list of paths"),
        ("[[ignore]]\nrule = 'logs'\npaths = [1]\n", "expected texts in quotes"),
        ("ignore = 'logs'\n", "expected a list"),
        ("ignore = ['logs', 'log']\n", "ignore number 2: 'log' is no rule"),
    ],
)
def test_a_wrong_ignore_is_refused_with_its_place(
    text: str, said: str, leaky: Path, look: Run, folder: Path
) -> None:
    (folder / ".layerscope.toml").write_text(text)

    outcome = look(leaky)

    assert outcome.code == 2
    assert said in outcome.err


@pytest.mark.parametrize("value", ["logz", "logs:", ":x"])
def test_a_wrong_ignore_on_the_command_line_is_refused(value: str, leaky: Path, look: Run) -> None:
    assert look(leaky, "--ignore", value).code == 2


@pytest.mark.parametrize(("ignored", "code"), [((), 1), (("--ignore", "apt-lists"), 0)])
def test_gates_do_not_see_what_is_ignored(
    ignored: tuple[str, ...], code: int, leaky: Path, look: Run
) -> None:
    assert look(leaky, "--ci", "--max-findings", "apt-lists=0", *ignored).code == code


@pytest.mark.parametrize(("ignored", "code"), [((), 1), (("--ignore", "secret-in-file:/app/id_rsa"), 0)])
def test_a_secret_that_is_none_can_be_ignored_where_it_lies(
    ignored: tuple[str, ...], code: int, look: Run, folder: Path
) -> None:
    key = b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    image = saved(folder, layer(member(b"app/id_rsa", key)))

    assert look(image, "--ci", "--no-secrets", *ignored).code == code


def test_a_profile_leaves_out_what_does_not_fit(leaky: Path, look: Run) -> None:
    assert "context-leak" in rules(report(look, leaky)["suggestions"])
    assert "context-leak" not in rules(report(look, leaky, "--profile", "dev")["suggestions"])


def test_the_potential_counts_what_is_sure_and_what_is_assumed(leaky: Path, look: Run) -> None:
    """The content is 7000 bytes; lists and manual are sure, what leaked is not."""
    sure = report(look, leaky)["potential"]
    assumed = report(look, leaky, "--assume", "context-leak")["potential"]

    assert (sure["content_bytes"], sure["saved_bytes"], sure["assumed"]) == (1000, 6000, [])
    assert (assumed["content_bytes"], assumed["saved_bytes"]) == (0, 7000)
    assert assumed["assumed"] == ["context-leak"]
    assert "could be 1.00 kB of content, 85.7 % less" in look(leaky).out


def test_what_has_no_bytes_of_its_own_is_not_said_to_be_counted(leaky: Path, look: Run) -> None:
    assert "(assuming squash-layers: 0 B)" in look(leaky, "--assume", "squash-layers").out
