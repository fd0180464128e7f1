"""Targets: one deployment, described in a file that can be shared, and where its secrets come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import shipped, specs, targets
from harness.errors import InputError
from harness.inputs import load_profile
from harness.model import CredentialRef, Profile, Target
from harness.positions import Document, parse

HEAD = 'profile: originchain\nplaces:\n  own: {url: "https://acme.example", tenant: acme}\n'


@pytest.fixture(scope="module")
def profile() -> Profile:
    folder = shipped.folder("specs")
    return load_profile(folder / "originchain" / "profile.yaml", folder, specs.load(folder))


def document(more: str) -> Document:
    return parse(HEAD + more, "t.yaml")


def target(more: str = "") -> Target:
    return targets.build(document(more))


def said(more: str) -> list[str]:
    """The mistakes in the file, as a person reads them."""
    with pytest.raises(InputError) as raised:
        target(more)
    return str(raised.value).splitlines()


def secrets(more: str, environment: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    return targets.secrets(target(more), environment, folder)


# A place has an address and variables; a number as a variable is its digits.
def test_places() -> None:
    made = target("  other: {url: 'http://globex.example:8080/api/', tenant: globex, shard: 7}\n")
    other = made.places["other"]
    assert (other.url, other.variables) == (
        "http://globex.example:8080/api",
        {"tenant": "globex", "shard": "7"},
    )
    assert (made.environment, str(other.where)) == ("unnamed", "t.yaml:4")


# A misspelt key or a wrong form is told at its line.
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("enviroment: staging", "4: unknown key 'enviroment' in a target. Did you mean 'environment'?"),
        ("credentials: {token: {evn: X}}",
         "4: unknown key 'evn' in a credential reference. Did you mean 'env'?"),
        ("credentials: {token: {env: X, file: y}}",
         "4: a credential reference has 'env' and 'file', but can have only one of them"),
        ("credentials: {token: {env: X, key: y}}", "4: a credential reference with 'key' needs 'file'"),
        ("allow: [creats]",
         "4: 'creats' is not one of creates, revokes, locks, bursts, strains, destroys. "
         "Did you mean 'creates'?"),
        ("absent: {trial: ''}", "4: 'trial' must not be empty"),
        ("  other: {url: ftp://x}", "4: 'url' must be an http or https URL without query, not 'ftp://x'"),
        ("  other: {tenant: x}", "4: a place needs 'url'"),
    ],
)  # fmt: skip
def test_mistakes(more: str, sentence: str) -> None:
    assert f"t.yaml:{sentence}" in said(more + "\n")


# A secret that is written out is refused without being repeated, with the way out.
@pytest.mark.parametrize(
    ("credentials", "line"),
    [
        ("  token: oc_live_s3cr3tvalue\n", 5),
        ("  token: {value: oc_live_s3cr3tvalue}\n", 5),
        ("  token:\n    value: oc_live_s3cr3tvalue\n", 6),
        ("  token: [oc_live_s3cr3tvalue]\n", 5),
    ],
)
def test_literal_secret(credentials: str, line: int) -> None:
    assert said("credentials:\n" + credentials) == [
        f"t.yaml:{line}: the secret of 'token' is written out, and a target is a file to be shared. "
        "Write token: {env: TOKEN}, or {file: PATH} where a file holds it."
    ]


# It hides no other mistake; a secret in place of a variable's name is not repeated either.
def test_literal_secret_beside_other_mistakes() -> None:
    lines = said("credentials:\n  other-token: s3cr3tvalue\n  token: {env: s3cr3t-value}\nabsnt: {}\n")
    assert lines == [
        "t.yaml:5: the secret of 'other-token' is written out, and a target is a file to be shared. "
        "Write other-token: {env: OTHER_TOKEN}, or {file: PATH} where a file holds it.",
        "t.yaml:6: 'env' must be the name of an environment variable",
        "t.yaml:7: unknown key 'absnt' in a target. Did you mean 'absent'?",
    ]


# Secrets come from the environment, from a file, or from one line of a file; white space is not theirs.
def test_secrets(tmp_path: Path) -> None:
    (tmp_path / "whole").write_text("first-secret\n")
    (tmp_path / "lines.env").write_text("# ours\nOTHER=x\nTRIAL=third=secret \n")
    found = secrets(
        "credentials:\n  token: {env: OC}\n  other-token: {file: whole}\n"
        "  trial-token: {file: lines.env, key: TRIAL}\n",
        {"OC": "zeroth-secret"},
        tmp_path,
    )
    assert found == {
        "token": "zeroth-secret",
        "other-token": "first-secret",
        "trial-token": "third=secret",
    }


# Every secret that cannot be had is told, each with what to do; none is repeated.
def test_secrets_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("abc\n")
    (tmp_path / "lines.env").write_text("TRAIL=abcdefgh\n")
    with pytest.raises(InputError) as raised:
        secrets(
            "credentials:\n  token: {env: OC_TOKEN}\n  other-token: {file: none.txt}\n"
            "  trial-token: {file: lines.env, key: TRIAL}\n  gone-token: {file: short}\n",
            {"OC_TOKEN": ""},
            tmp_path,
        )
    assert str(raised.value).splitlines() == [
        "t.yaml:5: the environment variable OC_TOKEN is not set. It must hold the credential 'token'.",
        "t.yaml:6: the file 'none.txt' of the credential 'other-token' cannot be read: "
        "No such file or directory. Check the path.",
        "t.yaml:7: 'lines.env' has no line TRIAL=…. Did you mean 'TRAIL'?",
        "t.yaml:8: the secret of 'gone-token' has fewer than 4 characters. Look at short.",
    ]


# The file that tests of other packages use has all three kinds of reference, and no secret.
def test_staging_target(staging: Any) -> None:
    file, known = staging.file, staging.secrets
    made = targets.load(file)
    assert targets.secrets(made, {"STAGING_TOKEN": known["token"]}, file.parent) == known
    assert not any(secret in file.read_text() for secret in known.values())


# A name that the profile does not have is told at its line, whatever it names.
def test_names_that_the_profile_does_not_have(profile: Profile) -> None:
    written = document(
        "  oter: {url: 'https://globex.example'}\n"
        "credentials:\n  tokn: {env: X}\n  other-token:\n    env: Y\n    at: oter\n"
        "canary:\n  own: abcdef\n  othr: abcdef\n"
        "absent:\n  trial: none\n  bearer: none\n  gnoe: none\n"
    )
    found = targets.mistakes_against(targets.build(written), profile, written)
    assert [str(each) for each in found][:5] == [
        "t.yaml:4: the profile has no place 'oter'. Did you mean 'other'?",
        "t.yaml:6: the profile has no credential 'tokn'. Did you mean 'token'?",
        "t.yaml:7: the profile has no place 'oter'. Did you mean 'other'?",
        "t.yaml:12: the profile has no place 'othr'. Did you mean 'other'?",
        "t.yaml:16: the profile has no part 'gnoe'. Did you mean 'gone'?",
    ]


# The bundled target takes addresses and secrets from the server that was started, as issued in this run.
def test_started(profile: Profile) -> None:
    made = targets.started(
        target("provider: a:b\n"),
        {
            "environment": "bundled",
            "places": {"own": {"url": "http://127.0.0.1:1", "tenant": "t"}},
            "credentials": {"token": {"value": "oc_live_abc", "env": "OC"}},
            "canary": {"own": "canary"},
        },
    )
    assert (made.environment, made.places["own"].variables) == ("bundled", {"tenant": "t"})
    assert made.credentials["token"].issued
    assert targets.secrets(made, {}, Path()) == {"token": "oc_live_abc"}


# What it gives comes first, as in every other target, and what is still to be obtained after that.
def test_started_gives_first() -> None:
    bundled = target("provider: a:b\n")
    due = CredentialRef("session", "obtained", "exchange", "SESSION", None, True, bundled.where)
    bundled = replace(bundled, credentials={name: replace(due, name=name) for name in ("session", "token")})
    given = {"token": {"value": "oc_live_abc", "env": "OC"}}
    made = targets.started(bundled, {"places": {}, "credentials": given})
    assert [(name, each.source) for name, each in made.credentials.items()] == [
        ("token", "value"), ("session", "obtained")
    ]  # fmt: skip
