"""`lint`, `doctor`, `list`, `serve` and the help: what a newcomer reads of them."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from harness import shipped
from harness.cli import cli, main
from harness.cli.serve import write_target
from harness.inputs import Choice, Inputs

SUITE = "suite: own/x\ntitle: Mine\nscenarios:\n- {{id: a, requires: rfc6750/3-missing-refused, {}}}\n"


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit code of a command, and the lines that it prints."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    gc.enable()
    out = capsys.readouterr()
    return int(ended.value.code or 0), [*out.out.splitlines(), *out.err.splitlines()]


# --- the help -------------------------------------------------------------------------------------


# The list of commands fits a terminal: no sentence is cut.
def test_commands_are_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(capsys, "--help")
    commands = lines[lines.index("Commands:") + 1 :]
    assert code == 0 and len(commands) == len(cli.list_commands(click.Context(cli)))
    assert [line for line in commands if line.endswith("...") or len(line) > 80] == []


def test_misspelt_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "rnu") == (2, ["authconform: there is no command 'rnu'. Did you mean 'run'?"])


# Every option says what it does.
def test_every_option_has_help() -> None:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command and command.help
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert [each.name for each in options if not each.help] == []


# --- list -----------------------------------------------------------------------------------------


# A profile without a server of its own has a title all the same.
def test_list_profiles(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = said(capsys, "list", "profiles")
    told = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines)
    assert told["originchain"] == "OriginChain"
    assert told["standard"] == "The standards, before any API's own document"


def test_list_of_a_misspelt_profile(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(capsys, "list", "scenarios", "--profile", "orgin")
    assert (code, lines) == (2, ["authconform: unknown profile 'orgin'. Did you mean 'originchain'?"])


# --- lint -----------------------------------------------------------------------------------------


# What a run would refuse lint refuses: names that no profile has, and names in templates.
@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("present: tokn, accepted: true", "no profile has the credential 'tokn'. Did you mean 'token'?"),
        ("present: token, on: protectd, accepted: true",
         "no profile has the operation 'protectd'. Did you mean 'protected'?"),
        ("present: token, but: {field: '${schme} x'}, refused: malformed-credential",
         "unknown name 'schme' in '${…}'. Did you mean 'scheme'?"),
        ("present: token, accepted: true, checks: [staus]", "unknown check 'staus'. Did you mean 'status'?"),
    ],
)  # fmt: skip
def test_lint_refuses_what_run_refuses(
    capsys: pytest.CaptureFixture[str], step: str, sentence: str
) -> None:  # fmt: skip
    Path("x.suite.yaml").write_text(SUITE.format(step))
    assert said(capsys, "lint", "x.suite.yaml") == (2, [f"authconform: x.suite.yaml:4: {sentence}"])
    with pytest.raises(Exception, match=re.escape(sentence)):
        Inputs(Choice(profile="originchain")).cases(Path("x.suite.yaml"))


# A name of the profile that is given along is no mistake, and one of its target's variables neither.
def test_lint_with_a_profile_and_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.suite.yaml").write_text(SUITE.format("present: card, accepted: true"))
    profile = "profile: cards\ntitle: Cards\nextends: standard\ncredentials:\n  card: {kind: bearer}\n"
    Path("profile.yaml").write_text(
        profile + "operations:\n  protected: {request: GET /x, accepted: {status: 200}}\n"
    )
    assert said(capsys, "lint", "x.suite.yaml")[0] == 2
    good = ["x.suite.yaml: a good suite file", "profile.yaml: a good profile file"]
    assert said(capsys, "lint", "x.suite.yaml", "profile.yaml") == (0, good)
    Path("target.yaml").write_text("profile: profile.yaml\nplaces: {own: {url: 'http://x.example'}}\n")
    assert said(capsys, "lint", ".")[0] == 0


# Mistakes of shape and of names, of all files, come together; what is right is said to be.
def test_lint_tells_all_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    misshapen = "- {id: b, requires: rfc6750/3-missing-refused, presnt: token, accepted: true}\n"
    Path("a.suite.yaml").write_text(SUITE.format("present: tokn, accepted: true") + misshapen)
    Path("b.suite.yaml").write_text("suite: own/b\nscenarios: []\n")
    Path("c.suite.yaml").write_text(SUITE.format("present: token, accepted: true"))
    Path("target.yaml").write_text("profile: originchian\nplaces: {own: {url: 'https://x.example'}}\n")
    code, lines = said(capsys, "lint", ".")
    assert (code, lines[0]) == (2, "c.suite.yaml: a good suite file")
    told = "\n".join(lines)
    for sentence in (
        "a.suite.yaml:4: no profile has the credential 'tokn'. Did you mean 'token'?",
        "a.suite.yaml:5: unknown key 'presnt' in a scenario. Did you mean 'present'?",
        "b.suite.yaml:1: a suite needs 'title'",
        "target.yaml:1: unknown profile 'originchian'. Did you mean 'originchain'?",
    ):
        assert sentence in told


# Ours are without a mistake.
def test_lint_ours(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(capsys, "lint", *(str(shipped.folder(name)) for name in ("suites", "specs")))
    assert code == 0, lines


# --- doctor ---------------------------------------------------------------------------------------


# All of a target at once: places, credentials, a variable that is not set, and what is missing by its worth.
def test_doctor(capsys: pytest.CaptureFixture[str], staging: Any) -> None:
    text = staging.file.read_text().replace("{file: trial.env, key: TRIAL}", "{env: NOT_SET_ANYWHERE}")
    staging.file.write_text(re.sub(r"(?m)^  other(-token)?: .*\n", "", text))
    code, lines = said(capsys, "doctor", "--target", "target.yaml")
    assert code == 2
    assert lines[0] == "target.yaml: OriginChain, staging"
    assert "  yes  credential token: accepted at own" in lines
    unset = "the environment variable NOT_SET_ANYWHERE is not set. It must hold the credential 'trial-token'."
    assert any(line.startswith("  no   target.yaml:") and line.endswith(unset) for line in lines)
    gaps = [line for line in lines if line.startswith("  gap  ")]
    assert gaps[0].startswith(
        "  gap  place other: add `places: other: {url: …, tenant: …}` and "
        "`credentials: other-token: {env: OTHER_TOKEN}`, or `absent: other: <reason>` (unlocks "
    )
    worth = [int(found[1]) for line in gaps if (found := re.search(r"unlocks (\d+) scenario", line))]
    assert worth == sorted(worth, reverse=True) and sum("other" in line for line in gaps) == 1
    assert re.fullmatch(r"\d+ of \d+ scenarios can be asked", lines[-2])
    assert lines[-1] == "next: mend what 'no' stands before, the first one first"


# A variable that a place lacks is one line, whatever number of operations need it.
def test_doctor_and_variables(capsys: pytest.CaptureFixture[str], staging: Any) -> None:
    text = re.sub(r"(  own: .*), tenant: acme", r"\1", staging.file.read_text())
    staging.file.write_text(text)
    code, lines = said(capsys, "doctor", "--target", "target.yaml")
    told = [line for line in lines if line.startswith("  gap  place own")]
    assert len(told) == 1 and re.fullmatch(
        r"  gap  place own: add `tenant: …` to it \(target.yaml:4\) \(unlocks \d+ scenarios[ a-z]*\)", told[0]
    ), lines


# The credential of the management plane is not tried on data: it is there for the lifecycle.
def test_doctor_and_the_management_plane(
    capsys: pytest.CaptureFixture[str], served: Any, tmp_path: Path
) -> None:
    lifecycle = Inputs(Choice(profile="originchain")).written.value["lifecycle"]
    write_target({**served.target, "lifecycle": lifecycle}, tmp_path / "t.yaml")
    code, lines = said(capsys, "doctor", "--target", "t.yaml")
    assert code == 0, lines
    (told,) = (line for line in lines if "credential dashboard-token" in line)
    assert told.startswith("  yes  credential dashboard-token: used for the lifecycle alone (activity, ")
    assert not any(line.startswith("  gap") for line in lines)


# What `serve` writes is a whole target: the lifecycle verbs too, or a person would be asked to do them.
def test_what_serve_writes(served: Any, tmp_path: Path) -> None:
    written = write_target(
        {**served.target, "lifecycle": {"issue": {"prompt": "do it"}}}, tmp_path / "t.yaml"
    )
    assert written.stat().st_mode & 0o777 == 0o600
    target = yaml.safe_load((tmp_path / "t.yaml").read_text())
    assert target["lifecycle"] == {"issue": {"prompt": "do it"}}
    assert Inputs(Choice(target=tmp_path / "t.yaml")).target.lifecycle["issue"].kind == "prompt"


# --- digests --------------------------------------------------------------------------------------


# What lies beside a profile and is none of its business has no part in its digest; what it names has.
def test_profile_digest(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    schema = tmp_path / "schemas" / "x.json"
    schema.write_text("{}")
    operation = "protected: {request: GET /x, accepted: {status: 200, schema: x.json}}"
    Path("p.yaml").write_text(
        "profile: p\ntitle: P\nextends: standard\ncredentials: {token: {kind: bearer}}\n"
        f"operations:\n  {operation}\n"
    )
    Path("t.yaml").write_text("profile: p.yaml\nplaces: {own: {url: 'http://x.example'}}\n")

    def digest() -> str:
        return Inputs(Choice(target=Path("t.yaml"))).profile_digest()

    before = digest()
    Path("secrets.env").write_text("TOKEN=hunter2\n")
    assert digest() == before
    statement = "act: {level: MUST, basis: spec, says: It is so.}"
    Path("requirements.yaml").write_text(f"specification: p\ntitle: P\nrequirements:\n  {statement}\n")
    assert digest() != before
    Path("requirements.yaml").unlink()
    assert digest() == before
    Path("p.yaml").write_text(Path("p.yaml").read_text().replace("title: P", "title: Q"))
    assert digest() != before
