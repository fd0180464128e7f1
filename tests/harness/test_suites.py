"""Suite files: what becomes of them, and how their mistakes are told."""

from pathlib import Path

import pytest

from harness import positions, shipped, specs, suites
from harness.checks import CHECKS
from harness.errors import InputError
from harness.model import Scenario, Suite, Where
from harness.positions import parse

REQUIREMENTS = ("rfc6750/2.1-header-accepted", "rfc6750/3-missing-refused", "rfc6750/3.1-unknown-refused")
HEAD = "suite: s\ntitle: t\nscenarios:\n"  # three lines, so that scenarios begin on line 4


def read(scenarios: str) -> Suite:
    """The suite with these scenarios, called s.suite.yaml."""
    return suites.build(parse(HEAD + scenarios, "s.suite.yaml"), suites.Vocabulary(REQUIREMENTS, CHECKS))


def only(scenarios: str) -> Scenario:
    (scenario,) = read(scenarios).scenarios
    return scenario


def said(scenarios: str) -> list[str]:
    """The mistakes in these scenarios, as a person reads them."""
    with pytest.raises(InputError) as raised:
        read(scenarios)
    return str(raised.value).splitlines()


# A scenario of one step needs no steps:, and remembers the line of each of its parts.
def test_one_step() -> None:
    scenario = only(
        """\
- id: unknown-token
  requires: rfc6750/3.1-unknown-refused
  present: token
  but:
    value: {like: it}
  refused: unknown-token
  checks: [{mentions: {any: [sorry], requirement: rfc6750/3-missing-refused}}]
"""
    )
    assert (scenario.id, scenario.title) == ("s/unknown-token", "unknown token")
    assert scenario.where == Where("s.suite.yaml", 4)
    (step,) = scenario.steps
    assert (step.verb, step.subject, step.where.line) == ("present", "token", 6)
    assert step.spoil is not None and step.outcome is not None
    assert (step.spoil.part, step.spoil.change, step.spoil.where.line) == ("value", {"like": "it"}, 8)
    assert (step.outcome.kind, step.outcome.reason, step.outcome.where.line) == (
        "refused",
        "unknown-token",
        9,
    )
    (check,) = step.expects
    assert (check.check, check.args, check.requirement) == (
        "mentions",
        {"any": ["sorry"]},
        "rfc6750/3-missing-refused",
    )


# What differs under each: replaces what the scenario says; the rest stays.
def test_variants_are_merged() -> None:
    variants = read(
        """\
- id: scheme-case
  requires: rfc6750/2.1-header-accepted
  present: token
  needs: [bearer]
  refused: wrong-scheme
  each:
    lower: {but: {scheme: bearer}}
    other:
      present: other-token
      requires: [rfc6750/3-missing-refused, rfc6750/3.1-unknown-refused]
      refused: unknown-token
      without: credential
"""
    ).scenarios
    lower, other = variants
    assert [(each.id, each.variant) for each in variants] == [
        ("s/scheme-case", "lower"),
        ("s/scheme-case", "other"),
    ]
    assert lower.requires == ("rfc6750/2.1-header-accepted",)
    assert other.requires == ("rfc6750/3-missing-refused", "rfc6750/3.1-unknown-refused")
    assert lower.steps[0].subject == "token" and other.steps[0].subject == "other-token"
    assert [each.steps[0].outcome and each.steps[0].outcome.reason for each in variants] == [
        "wrong-scheme",
        "unknown-token",
    ]
    assert lower.steps[0].spoil and lower.steps[0].spoil.where.line == 10
    assert other.steps[0].spoil and other.steps[0].spoil.removed
    assert (lower.where.line, other.where.line) == (10, 11)


# A misspelt key is told at its line, with the one that was meant, wherever it stands.
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("presnt: token", "unknown key 'presnt' in a scenario. Did you mean 'present'?"),
        ("refusd: x", "unknown key 'refusd' in a scenario. Did you mean 'refused'?"),
        ("steps: [{obtian: token}]", "unknown key 'obtian' in a step. Did you mean 'obtain'?"),
        ("each: {a: {buut: {value: x}}}", "unknown key 'buut' in a variant under each. Did you mean 'but'?"),
        ("but: {vlaue: x}", "unknown key 'vlaue' in but. Did you mean 'value'?"),
        ("but: {value: {lik: it}}", "unknown key 'lik' in a computed value. Did you mean 'like'?"),
        ("touches: [crates]",
         "'crates' is not one of creates, revokes, locks, bursts, strains, destroys. "
         "Did you mean 'creates'?"),
        ("control: never", "'control' must be 'none', not 'never'"),
        ("times: 0", "'times' must be at least 1, not 0"),
        ("settles: {refused: unknown-token, within: soon}",
         "'within' must be a duration such as 500ms, 5s, 2m or ${limits.revocation}, not 'soon'"),
    ],
)  # fmt: skip
def test_misspelt_keys(line: str, sentence: str) -> None:
    assert said(f"- id: a\n  requires: rfc6750/3-missing-refused\n  {line}\n")[0] == (
        f"s.suite.yaml:6: {sentence}"
    )


# So is a name of a check, a reason or a requirement that nobody knows.
@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("refused: unknwon-token", "7: unknown refusal 'unknwon-token'. Did you mean 'unknown-token'?"),
        ("refused: unknown-token\n  checks: [staus]", "8: unknown check 'staus'. Did you mean 'status'?"),
        ("refused: unknown-token\n  checks:\n  - status: {is: 401, requirement: rfc6750/3-mising-refused}",
         "9: unknown requirement 'rfc6750/3-mising-refused'. Did you mean 'rfc6750/3-missing-refused'?"),
        ("settles:\n    within: 5s\n    refused: revoked-credentail",
         "9: unknown refusal 'revoked-credentail'. Did you mean 'revoked-credential'?"),
        ("until: {refused: rate-limitd, at_most: 3}",
         "7: unknown refusal 'rate-limitd'. Did you mean 'rate-limited'?"),
        ("accepted: {at_most: 1}\n  otherwise: {refused: invalid-grnt}",
         "8: unknown refusal 'invalid-grnt'. Did you mean 'invalid-grant'?"),
    ],
)  # fmt: skip
def test_misspelt_names(lines: str, sentence: str) -> None:
    scenario = f"- id: a\n  requires: rfc6750/3-missing-refused\n  present: token\n  {lines}\n"
    assert said(scenario) == [f"s.suite.yaml:{sentence}"]


# A requirement that is not in specs/ is told where the scenario cites it.
def test_unknown_requirement() -> None:
    assert said("- id: a\n  requires: rfc6750/3.1-unknown-refsed\n  present: token\n  accepted: true\n") == [
        "s.suite.yaml:5: unknown requirement 'rfc6750/3.1-unknown-refsed'. "
        "Did you mean 'rfc6750/3.1-unknown-refused'?"
    ]


# The settings of a check are looked at too: a misspelt one could make it pass whatever comes.
@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ("checks: [{mentions: {al: [x]}}]",
         "unknown setting 'al' of 'mentions'. Known: any, requirement, level, because."),
        ("checks: [{mentions: {any: x}}]", "'any' of 'mentions' must be a list of phrases"),
        ("checks: [mentions]", "'mentions' needs 'any': a list of phrases"),
        (
            "checks: [{status: {is: '401'}}]",
            "'status' must be a status code, a class such as 4xx, or a list of them",
        ),
        ("checks: [{nothing-served: {level: MAY}}]", "an expectation with 'level' needs 'because'"),
        ("headers: {Retry-After: {presnt: true}}",
         "'headers' must be field names, each with a value, {present: true}, {absent: true} or "
         "{matches: regex}"),
        ("headers: {Retry-After: {matches: '('}}",
         "'headers' must be field names, each with a value, {present: true}, {absent: true} or "
         "{matches: regex}. '(' is no regular expression: missing ), unterminated subpattern at position 0."),
        ("headers: {Retry After: 5}",
         "'headers' must be field names, each with a value, {present: true}, {absent: true} or "
         "{matches: regex}"),
        ("json: {error: x}", "'json' must be JSON Pointers such as /error, each with a value"),
        ("checks: [{utc-time: {at: time}}]", "'at' of 'utc-time' must be a JSON Pointer such as /time"),
    ],
)  # fmt: skip
def test_settings_of_checks(checks: str, sentence: str) -> None:
    scenario = f"- id: a\n  requires: rfc6750/3-missing-refused\n  present: token\n  {checks}\n"
    assert sentence in [each.removeprefix("s.suite.yaml:7: ") for each in said(scenario)]


# A schema of an author's own suite lies beside it.
def test_schema_beside_the_suite(tmp_path: Path) -> None:
    text = "- id: a\n  requires: rfc6750/3-missing-refused\n  present: token\n  schema: body.json\n"
    path = tmp_path / "own.suite.yaml"
    path.write_text(HEAD + text)
    vocabulary = suites.Vocabulary(REQUIREMENTS, CHECKS)
    with pytest.raises(InputError) as raised:
        suites.load(path, vocabulary)
    assert str(raised.value) == (
        f"{path}:7: there is no schema file {tmp_path / 'body.json'}. It lies beside the suite."
    )
    (tmp_path / "body.json").write_text("{}")
    (expected,) = suites.load(path, vocabulary).scenarios[0].steps[0].expects
    assert expected.args == {"is": "body.json", "file": str(tmp_path / "body.json")}


# It is found there whatever the suite is called in messages: shipped suites are called by their place in the
# wheel, others by their place below the folder that the command was started in.
def test_schema_beside_the_real_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = tmp_path / "installed" / "suites", tmp_path / "elsewhere"
    folder.mkdir(parents=True)
    elsewhere.mkdir()
    text = "- id: a\n  requires: rfc6750/3-missing-refused\n  present: token\n  schema: body.json\n"
    (folder / "own.suite.yaml").write_text(HEAD + text)
    (folder / "body.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    relative = positions.read(Path("installed/suites/own.suite.yaml"))
    packed = positions.read(folder / "own.suite.yaml", "suites/own.suite.yaml")
    monkeypatch.chdir(elsewhere)
    for document in (relative, packed):
        built = suites.build(document, suites.Vocabulary(REQUIREMENTS, CHECKS))
        (expected,) = built.scenarios[0].steps[0].expects
        assert expected.args["file"] == str(folder / "body.json")
        assert str(expected.where) == f"{document.path}:7"


# What contradicts itself is told with the way out.
@pytest.mark.parametrize(
    ("lines", "sentences"),
    [
        ("present: token\n  redeem: code\n  accepted: true",
         ["7: a step does one thing: 'present' and 'redeem'. Remove one."]),
        ("present: token\n  accepted: true\n  refused: unknown-token",
         ["8: a step has one outcome: 'accepted' and 'refused'. Remove one."]),
        ("present: token\n  but: {value: x}\n  without: credential\n  refused: unknown-token",
         ["8: 'but' and 'without' in one step. Change one thing only."]),
        ("present: token\n  steps: [{present: token, accepted: true}]",
         ["6: 'present' stands beside 'steps'. Write it in one of the steps."]),
        ("present: token\n  but: {value: x, scheme: y}\n  refused: unknown-token",
         ["7: 'but' must have exactly one entry, not 2"]),
        ("accepted: true",
         ["4: a step does one thing, this one none. "
          "Add one of present, obtain, redeem, do, preflight, alike, send."]),
        ("present: token",
         ["4: a step without an outcome. Add one of accepted, refused, settles, observed."]),
        ("present: token\n  accepted: false", ["7: 'accepted' must be true or a mapping, not false"]),
        ("present: token\n  accepted: true\n  control: none",
         ["8: control: none needs a reason. Add because: …"]),
        ("present: token\n  accepted: true\n  because: x",
         ["8: 'because' without 'control: none'. Add it, or a comment."]),
        ("steps:\n  - {obtain: token, as: spare}\n  - {do: list, checks: [{masked: {of: spair}}]}",
         ["8: no step up to this one obtains 'spair'. Did you mean 'spare'?"]),
        ("alike: [status]", ["4: 'alike' without 'among'. Name the steps that are compared."]),
        ("present: token\n  accepted: true\n  among: {a: {present: token}, b: {present: nothing}}",
         ["8: 'among' without 'alike'. Say what must be alike."]),
        ("alike: [status]\n  among:\n    a: {present: nothing, refused: unknown-token}\n"
         "    b: {present: token}",
         ["8: 'refused' in a step under 'among'. Remove it: what must come of them is 'alike'."]),
    ],
)  # fmt: skip
def test_contradictions(lines: str, sentences: list[str]) -> None:
    scenario = f"- id: a\n  requires: rfc6750/3-missing-refused\n  {lines}\n"
    assert said(scenario) == [f"s.suite.yaml:{each}" for each in sentences]


# An explicit status is an outcome too, for authors who write their own.
def test_explicit_status_is_an_outcome() -> None:
    scenario = only(
        "- id: a\n  requires: rfc6750/3-missing-refused\n  present: token\n  status: [200, 204]\n"
    )
    assert scenario.steps[0].outcome is None
    assert [(each.check, each.args) for each in scenario.steps[0].expects] == [("status", {"is": [200, 204]})]


# All mistakes of a file are told at once: those of its shape first, then those of its meaning.
def test_all_mistakes_at_once() -> None:
    assert said(
        """\
- id: a
  requires: rfc6750/9
  present: token
  refused: nope
- id: a
  requires: rfc6750/3-missing-refused
  present: token
  each:
    x: {but: {scheme: x}, without: credential}
    y: {checks: [nope]}
  refused: unknown-token
"""
    ) == [
        "s.suite.yaml:5: unknown requirement 'rfc6750/9'. Known: rfc6750/2.1-header-accepted, "
        "rfc6750/3-missing-refused, rfc6750/3.1-unknown-refused.",
        "s.suite.yaml:7: unknown refusal 'nope'",
        "s.suite.yaml:8: a second scenario 'a', the first is on line 4",
        "s.suite.yaml:12: 'but' and 'without' in one step. Change one thing only.",
        "s.suite.yaml:13: unknown check 'nope'",
    ]
    assert said("- requires: x\n  presen: token\n- id: A b\n  requires: []\n") == [
        "s.suite.yaml:4: a scenario needs 'id'",
        "s.suite.yaml:5: unknown key 'presen' in a scenario. Did you mean 'present'?",
        "s.suite.yaml:6: 'id' must be lower-case letters, digits, dots and hyphens, not 'A b'",
        "s.suite.yaml:7: 'requires' must not be empty",
    ]


# The suites that come with the program are free of mistakes, and each is called like its file.
def test_shipped_suites() -> None:
    folder = shipped.folder("suites")
    vocabulary = suites.Vocabulary(specs.load(shipped.folder("specs")), CHECKS)
    found = suites.find(folder)
    assert found
    for path in found:
        suite = suites.load(path, vocabulary)
        assert path == folder / f"{suite.id}{suites.SUFFIX}"


# A scenario of the wrong shape does not hide what is wrong with the names of the others.
def test_shape_and_names_together() -> None:
    assert said(
        """\
- {id: a, requires: rfc6750/3-missing-refused, presnt: token, accepted: true}
- id: b
  requires: rfc6750/3-missing-refsed
  present: token
  accepted: true
- {id: c, requires: rfc6750/3-missing-refused, present: token, accepted: maybe}
"""
    ) == [
        "s.suite.yaml:4: unknown key 'presnt' in a scenario. Did you mean 'present'?",
        "s.suite.yaml:6: unknown requirement 'rfc6750/3-missing-refsed'. "
        "Did you mean 'rfc6750/3-missing-refused'?",
        "s.suite.yaml:9: 'accepted' must be true or a mapping, not a string",
    ]


# Suites are looked for where an author keeps them: not in hidden folders, nor among installed packages.
def test_where_suites_are_found(tmp_path: Path) -> None:
    for folder in ("", "deep/er", ".hidden", "env/lib", "node_modules/x"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "x.suite.yaml").write_text("")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    assert suites.find(tmp_path) == [tmp_path / "deep/er/x.suite.yaml", tmp_path / "x.suite.yaml"]
    assert suites.find(tmp_path / "env" / "lib") == [tmp_path / "env/lib/x.suite.yaml"]
