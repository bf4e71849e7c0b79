"""``.layerscope.toml``, ``[tool.layerscope]``, the environment: what wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Outcome
from tests.cli.looking import Run
from tests.cli.test_ci import rows, stripped
from tests.sources.samples import WASTEFUL


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository of our own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def limits(outcome: Outcome) -> dict[str, str]:
    """The gates that were judged, and their limits."""
    return {row[0]: row[2] for row in map(stripped, rows(outcome))}


def write(text: str, name: str = ".layerscope.toml") -> None:
    """Set something."""
    Path(name).write_text(text)


def test_the_file_sets_gates_and_options(look: Run) -> None:
    write('exit-zero = true\n[gates]\nmax-layers = 3\nmax-dir = ["/usr=1kB", "/etc=2kB"]\nno-root = true\n')

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 0
    assert limits(outcome) == {
        "max-layers": "3",
        "max-dir /usr": "1.00 kB",
        "max-dir /etc": "2.00 kB",
        "no-root": "not root",
    }


def test_one_value_serves_where_several_may_be(look: Run) -> None:
    write('[gates]\nmax-dir = "/usr=1kB"\nno-secrets = false\n')

    assert limits(look(WASTEFUL, "--ci")) == {"max-dir /usr": "1.00 kB"}


def test_limits_to_warn_at(look: Run) -> None:
    write("[gates]\nmax-layers = 20\n[gates.warn]\nmax-layers = 5\nno-root = true\nno-secrets = false\n")

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 0
    assert [row[0] for row in map(stripped, rows(outcome)) if row[3] == "warn"] == ["max-layers"]


def test_a_project_file_has_a_table_for_it(look: Run) -> None:
    write('[project]\nname = "x"\n[tool.layerscope.gates]\nmax-layers = 4\n', "pyproject.toml")

    assert limits(look(WASTEFUL, "--ci")) == {"max-layers": "4"}


def test_a_project_file_without_the_table_is_left_alone(look: Run) -> None:
    write("[this is no TOML", "pyproject.toml")

    assert limits(look(WASTEFUL, "--ci")) == {"max-waste": "10.0 %"}


def test_defaults_file_environment_and_flags_in_that_order(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = limits(look(WASTEFUL, "--ci"))
    write('[gates]\nmax-waste = "20%"\n')
    file = limits(look(WASTEFUL, "--ci"))
    monkeypatch.setenv("LAYERSCOPE_MAX_WASTE", "30%")
    environment = limits(look(WASTEFUL, "--ci"))
    flag = limits(look(WASTEFUL, "--ci", "--max-waste", "40%"))

    assert [found["max-waste"] for found in (default, file, environment, flag)] == [
        "10.0 %",
        "20.0 %",
        "30.0 %",
        "40.0 %",
    ]


def test_the_environment_can_name_several(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_FORBID", "*.pem /root/")
    monkeypatch.setenv("LAYERSCOPE_CI", "1")

    assert set(limits(look(WASTEFUL))) == {"forbid *.pem", "forbid /root/"}


def test_a_version_in_the_environment_is_none_of_our_options(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_VERSION", "1.2.3")

    assert limits(look(WASTEFUL, "--ci")) == {"max-waste": "10.0 %"}


def test_gates_in_a_file_do_not_ask_for_ci(look: Run) -> None:
    write("[gates]\nmax-layers = 1\n")

    outcome = look(WASTEFUL)

    assert outcome.code == 0
    assert "verdict" not in outcome.out


def test_a_file_above_in_the_repository_is_found(
    look: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("[gates]\nmax-layers = 4\n")
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder / "a" / "b")

    assert limits(look(WASTEFUL, "--ci")) == {"max-layers": "4"}


def test_a_file_above_the_repository_is_not(look: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("[gates]\nmax-layers = 4\n")
    (folder / "inner" / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder / "inner")

    assert limits(look(WASTEFUL, "--ci")) == {"max-waste": "10.0 %"}


def test_the_nearest_file_wins_and_none_is_none(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("[gates]\nmax-layers = 4\n")
    write("[gates]\nmax-layers = 5\n", "other.toml")

    assert limits(look(WASTEFUL, "--ci", "--config", "other.toml")) == {"max-layers": "5"}
    assert limits(look(WASTEFUL, "--ci", "--config", "none")) == {"max-waste": "10.0 %"}
    monkeypatch.setenv("LAYERSCOPE_CONFIG", "other.toml")
    assert limits(look(WASTEFUL, "--ci")) == {"max-layers": "5"}


def test_files_are_named_from_where_the_settings_lie(
    look: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(WASTEFUL, "--json", "before.json")
    write('baseline = "before.json"\n[gates]\nmax-growth = 0\n')
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 0
    assert limits(outcome) == {"max-growth": "0 B"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[gates]\n\nmax-wast = 1\n", 3, "did you mean max-waste?"),
        ("verfy = true\n", 1, "did you mean verify?"),
        ("# x\nmax-waste = 1\n", 2, "[gates]"),
        ("[gate]\nmax-waste = 1\n", 1, "did you mean gates?"),
        ("[gates.warn]\nmax-layer = 1\n", 2, "did you mean max-layers?"),
        ("[gates]\nmax-waste = 'much'\n", 2, "no size"),
        ("[gates]\nmax-dir = ['/usr=1kB', '/etc']\n", 2, "no limit"),
        ("[gates]\nmax-waste = [1]\n", 2, "one value"),
        ("[gates]\nmax-waste = true\n", 2, "one value"),
        ("[gates]\nno-root = 1\n", 2, "true or false"),
        ("[gates.warn]\nno-root = 'x'\n", 2, "true or false"),
        ("[gates.warn]\nmax-layers = 'x'\n", 2, "no count"),
        ("gates = 3\n", 1, "table"),
        ("# x\n[tool.layerscope.gates]\nmax-layers = 1\n", 2, "tool"),
        ("verify = 1\n", 1, "true or false"),
        ("pull = 'often'\n", 1, "often"),
        ("platform = 'x y'\n", 1, "platform"),
        ("a = 1\nb = \n", 2, ""),
        ('"\\u001b[2J" = 1\n', 1, r"\x1b[2J"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(text: str, line: int, said: str, look: Run) -> None:
    write(text)

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 2
    assert f".layerscope.toml:{line}: " in outcome.err
    assert said in outcome.err
    assert "\x1b" not in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("wish", ["--ci", "--summary"])
def test_a_dockerfile_that_the_settings_name_has_to_be_there(wish: str, folder: Path, look: Run) -> None:
    write('dockerfile = "nope"\n')

    outcome = look(WASTEFUL, wish)

    assert outcome.code == 2
    assert f"{folder}/nope: no such file" in outcome.err


def test_the_command_line_may_name_another_dockerfile_than_settings_that_have_none(look: Run) -> None:
    write('dockerfile = "nope"\n')
    write("FROM scratch\nCOPY a /a\n", "Dockerfile")

    assert look(WASTEFUL, "--ci", "--dockerfile", "Dockerfile").err.startswith(
        "error: Dockerfile: the image's"
    )


@pytest.mark.parametrize("command", ["dockerignore", "split", "diff"])
def test_gates_in_a_file_do_not_disturb_a_command_that_judges_nothing(command: str, look: Run) -> None:
    write("baseline = 'x.json'\n[gates]\nmax-layers = 3\nno-root = true\n[gates.warn]\nmax-waste = '1%'\n")
    images = [WASTEFUL, WASTEFUL] if command == "diff" else [WASTEFUL]

    outcome = look(command, *images)

    assert (outcome.code, "error" in outcome.err) == (0, False)


def test_a_line_of_a_project_file_is_named_too(look: Run) -> None:
    write("[tool.other]\nverfy = 1\n[tool.layerscope]\nverfy = true\n", "pyproject.toml")

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 2
    assert "pyproject.toml:4: verfy" in outcome.err


def test_a_file_that_is_not_there_is_refused(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--config", "none.toml")

    assert outcome.code == 2
    assert "none.toml: No such file" in outcome.err
