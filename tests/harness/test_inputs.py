"""The files of a run, put together: target, profile, suites, and the names that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import shipped
from harness.errors import InputError
from harness.inputs import Choice, Inputs

SUITE = "suite: {}\ntitle: t\nscenarios:\n- id: a\n  requires: rfc6750/3-missing-refused\n"


def said(act: Any) -> list[str]:
    with pytest.raises(InputError) as raised:
        act()
    return str(raised.value).splitlines()


def suite(folder: Path, step: str, name: str = "own", more: str = "") -> Path:
    path = folder / f"{name}.suite.yaml"
    path.write_text(SUITE.format(name) + f"  {step}\n" + more)
    return path


@pytest.fixture
def inputs() -> Inputs:
    return Inputs(Choice(profile="originchain"))


# Without a target or a profile there is nothing to test; a misspelt one is told with the nearest.
def test_what_is_tested() -> None:
    assert said(lambda: Inputs(Choice())) == [
        "neither a target nor a profile is given. Add --target FILE, or --profile NAME for a bundled server. "
        "Known profiles: kid-jwt, originchain, origoid, sk-oauth, standard."
    ]
    assert said(lambda: Inputs(Choice(profile="orginchain"))) == [
        "unknown profile 'orginchain'. Did you mean 'originchain'?"
    ]


# A target names its profile, and its mistakes against it are told with their lines.
def test_target_and_its_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("t.yaml")
    file.write_text("profile: originchian\nplaces: {own: {url: 'https://x.example'}}\n")
    assert said(lambda: Inputs(Choice(target=file))) == [
        "t.yaml:1: unknown profile 'originchian'. Did you mean 'originchain'?"
    ]
    file.write_text(
        "profile: originchain\nplaces: {own: {url: 'https://x.example'}}\nabsent:\n  trail: none\n"
    )
    assert said(lambda: Inputs(Choice(target=file))) == [
        "t.yaml:4: the profile has no part 'trail'. Did you mean 'trial'?"
    ]
    file.write_text("profile: mine/profile.yaml\nplaces: {own: {url: 'https://x.example'}}\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "profile.yaml").write_text("profile: mine\ntitle: M\nextends: originchain\n")
    assert Inputs(Choice(target=file)).profile.name == "mine"


# Secrets are looked for beside the target file, whatever the current directory.
def test_secrets(staging: Any) -> None:
    assert Inputs(Choice(target=staging.file)).secrets() == staging.secrets


# A bundled target at an IP address or localhost has all its places there, each under its own name.
def test_base_url_of_an_address() -> None:
    made = Inputs(Choice(profile="originchain", base_url="http://127.0.0.1:8001")).target
    assert made.places["other"].url == "http://globex.originchain.test:8001"
    assert made.resolve["globex.originchain.test"] == "127.0.0.1"


# A host name is the name of its own place; the others have none.
def test_base_url_of_a_name() -> None:
    made = Inputs(Choice(profile="originchain", base_url="https://acme.example/api/")).target
    assert {name: place.url for name, place in made.places.items()} == {"own": "https://acme.example/api"}
    assert made.places["own"].variables == {"tenant": "acme"}


@pytest.mark.parametrize("url", ["acme.example", "ftp://acme.example", "http://", "http://x:port"])
def test_base_url_that_is_none(url: str) -> None:
    assert said(lambda: Inputs(Choice(profile="originchain", base_url=url))) == [
        f"'{url}' is not an http or https URL. Write http://HOST:PORT."
    ]


# A name that no profile has is a misspelling, told at its line; what only others have does not apply.
@pytest.mark.parametrize(
    ("step", "line", "sentence"),
    [
        ("present: tokn\n  accepted: true", 6, "no profile has the credential 'tokn'. Did you mean 'token'?"),
        ("present: token\n  on: protcted\n  accepted: true", 6,
         "no profile has the operation 'protcted'. Did you mean 'protected'?"),
        ("present: token\n  at: othr\n  accepted: true", 6,
         "no profile has the place 'othr'. Did you mean 'other'?"),
        ("present: token\n  but: {address: othr}\n  refused: wrong-instance", 6,
         "no profile has the place 'othr'. Did you mean 'other'?"),
        ("needs: [trail]\n  present: token\n  accepted: true", 4,
         "no profile has 'trail'. Did you mean 'trial'?"),
        ("present: token\n  accepted: true\n  checks: [{no-foreign-data: {of: othr}}]", 6,
         "no profile has the place 'othr'. Did you mean 'other'?"),
        ("present: own\n  accepted: true", 6, "no profile has the credential 'own'"),
    ],
)  # fmt: skip
def test_misspelt_names(inputs: Inputs, tmp_path: Path, step: str, line: int, sentence: str) -> None:
    path = suite(tmp_path, step)
    (told,) = said(lambda: inputs.suite(path))
    assert told.startswith(f"{path}:{line}: {sentence}")


# All names that nobody has are told at once.
def test_all_misspelt_names(inputs: Inputs, tmp_path: Path) -> None:
    more = "- id: b\n  requires: rfc6750/3-missing-refused\n  present: nothing\n  at: onw\n  observed: x\n"
    path = suite(tmp_path, "present: tokn\n  accepted: true", more=more)
    assert [each.partition(": ")[2] for each in said(lambda: inputs.suite(path))] == [
        "no profile has the credential 'tokn'. Did you mean 'token'?",
        "no profile has the place 'onw'. Did you mean 'own'?",
    ]


# Two suites of one id would have cases of one name.
def test_two_suites_of_one_id(inputs: Inputs, tmp_path: Path) -> None:
    first = suite(tmp_path, "present: token\n  accepted: true")
    (tmp_path / "more").mkdir()
    second = suite(tmp_path / "more", "present: token\n  accepted: true")
    assert inputs.suite(first) is inputs.suite(first)
    assert said(lambda: inputs.suite(second)) == [
        f"{second}:1: a second suite 'own', the first is {first}. Give it another id."
    ]


# A schema of an author's own that is none is told before anything is asked.
def test_schema_that_is_none(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"type": "objcet"}')
    path = suite(tmp_path, "present: token\n  schema: body.json")
    (told,) = said(lambda: inputs.suite(path))
    assert told.startswith(f"{tmp_path / 'body.json'}:1: not a JSON Schema")


# The digest of what was read depends on the files' content alone.
def test_digests(inputs: Inputs) -> None:
    path = shipped.folder("suites") / "bearer" / "opaque.suite.yaml"
    inputs.suite(path)
    again = Inputs(Choice(profile="originchain"))
    again.suite(path)
    assert inputs.suite_digest() == again.suite_digest()
    assert inputs.profile_digest() == again.profile_digest()
    again.suite(path.with_name("presentation.suite.yaml"))
    assert inputs.suite_digest() != again.suite_digest()
