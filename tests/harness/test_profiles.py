"""Profiles: what they take over from others, what a refusal looks like, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import profiles, shipped, specs
from harness.checks import CHECKS
from harness.credentials import MECHANISMS
from harness.errors import InputError
from harness.model import Expectation, Profile
from harness.refusals import REASONS, lineage

REQUIREMENTS = ("a/act", "a/challenge", "a/status", "b/status")

BASE = """\
profile: base
title: Base
places: {own: The API.}
credentials:
  token: {kind: bearer, prefix: x_}
operations:
  protected: {request: "GET /things", accepted: {status: 200}}
refusals:
  default:
    status: {is: 401, requirement: a/status}
    challenge: {requirement: a/challenge}
  unknown-credential:
    status: {is: [400, 401]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of profiles in the current directory, with `base` in it."""
    monkeypatch.chdir(tmp_path)
    write(Path("specs"), "base", BASE)
    return Path("specs")


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / profiles.FILE).write_text(text)


def load(folder: Path, name: str) -> Profile:
    vocabulary = profiles.Vocabulary(REQUIREMENTS, CHECKS, MECHANISMS)
    return profiles.load(profiles.path_of(name, folder), folder, vocabulary)


def said(folder: Path, text: str) -> list[str]:
    """The mistakes in the profile `own`, as a person reads them, without the folder's name."""
    write(folder, "own", text)
    with pytest.raises(InputError) as raised:
        load(folder, "own")
    return [each.removeprefix("specs/own/") for each in str(raised.value).splitlines()]


def refusal(profile: Profile, reason: str) -> dict[str, Expectation]:
    return {each.check: each for each in profile.refusals[reason]}


# What a profile says stands beside, or in place of, what the one that it extends says.
def test_extends(folder: Path) -> None:
    write(
        folder,
        "own",
        "profile: own\ntitle: Own\nextends: base\nplaces: {other: Another.}\n"
        "credentials:\n  token: {kind: bearer, prefix: [y_, z_]}\n  other-token: {like: token, at: other}\n"
        "limits: {revocation: 5s}\ncapabilities: [scopes]\n",
    )
    profile = load(folder, "own")
    assert (profile.name, list(profile.places), list(profile.operations)) == (
        "own",
        ["own", "other"],
        ["protected"],
    )
    assert profile.credentials["token"].prefix == ("y_", "z_")
    other = profile.credentials["other-token"]
    assert (other.mechanism, other.at, other.prefix) == ("bearer", "other", ("y_", "z_"))
    assert (profile.limits, profile.capabilities) == ({"revocation": "5s"}, {"scopes"})
    assert str(profile.operations["protected"].where) == "specs/base/profile.yaml:7"


# A profile in another folder extends a shipped one by name, and is found by its path.
def test_profile_by_path(folder: Path) -> None:
    Path("mine.yaml").write_text("profile: mine\ntitle: Mine\nextends: base\n")
    assert profiles.path_of("mine.yaml", folder) == Path("mine.yaml")
    vocabulary = profiles.Vocabulary(REQUIREMENTS, CHECKS, MECHANISMS)
    assert "token" in profiles.load(Path("mine.yaml"), folder, vocabulary).credentials


# A refusal's description is inherited from the reasons that stand in for it, the most general first.
def test_lineage() -> None:
    assert list(lineage("wrong-prefix")) == [
        "default",
        "unknown-credential",
        "unknown-token",
        "altered-token",
        "wrong-prefix",
    ]
    assert list(lineage("default")) == ["default"]
    for reason in REASONS:
        assert list(lineage(reason))[0] == "default"


# Each reason takes over what is not said of it: per check and setting, through lineage and profiles.
def test_refusals_are_inherited(folder: Path) -> None:
    write(
        folder,
        "own",
        "profile: own\ntitle: Own\nextends: base\nrefusals:\n"
        "  unknown-token: {status: {requirement: b/status}}\n"
        "  altered-token: {challenge: null, refused: {requirement: a/act}}\n",
    )
    profile = load(folder, "own")
    status = refusal(profile, "unknown-token")["status"]
    assert (status.args, status.requirement) == ({"is": [400, 401]}, "b/status")
    assert str(status.where) == "specs/own/profile.yaml:5"
    inherited = refusal(profile, "malformed-token")["status"]
    assert inherited == status
    assert (refusal(profile, "missing-credential")["status"].args) == {"is": 401}
    assert set(refusal(profile, "altered-token")) == {"status", "refused"}
    assert set(refusal(profile, "wrong-prefix")) == {"status", "refused"}
    assert set(refusal(profile, "unknown-token")) == {"status", "challenge"}
    assert set(profile.refusals) == {"default", *REASONS}


# With null a profile takes away what the one that it extends had said.
def test_null_takes_away(folder: Path) -> None:
    write(
        folder,
        "own",
        "profile: own\ntitle: Own\nextends: base\nrefusals:\n"
        "  default: {challenge: null}\n  unknown-credential: {status: null}\n  revoked-credential:\n"
        "    challenge: {requirement: a/challenge, level: SHOULD, because: the document is silent}\n",
    )
    profile = load(folder, "own")
    assert set(refusal(profile, "default")) == {"status"}
    assert refusal(profile, "unknown-token") == {}
    challenge = refusal(profile, "revoked-credential")["challenge"]
    assert (challenge.level, challenge.because) == ("SHOULD", "the document is silent")
    assert refusal(profile, "revoked-credential").keys() == {"challenge"}


# A misspelt name of any sort is told at its line, with the one that was meant.
@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("extends: bse", "3: unknown profile 'bse'. Did you mean 'base'?"),
        ("extends: base\nopertions: {}",
         "4: unknown key 'opertions' in a profile. Did you mean 'operations'?"),
        ("extends: base\ncredentials:\n  key: {kind: baerer}",
         "5: unknown kind of credential 'baerer'. Did you mean 'bearer'?"),
        ("extends: base\ncredentials:\n  key: {like: tokn}",
         "5: unknown credential 'tokn'. Did you mean 'token'?"),
        ("extends: base\ncredentials:\n  key: {at: own}",
         "5: the credential 'key' has no kind. Add kind: or like:."),
        ("extends: base\ncredentials:\n  key:\n    kind: bearer\n    at: onw",
         "7: unknown place 'onw'. Did you mean 'own'?"),
        ("extends: base\noperations:\n  b:\n    request: GET /\n    accepted: {status: 200}\n"
         "    after: protectd", "8: unknown operation 'protectd'. Did you mean 'protected'?"),
        ("extends: base\nlifecycle:\n  issue: {request: POST /, at: onw}",
         "5: unknown place 'onw'. Did you mean 'own'?"),
        ("extends: base\nlifecycle:\n  issue: {request: POST /, credential: tokn}",
         "5: unknown credential 'tokn'. Did you mean 'token'?"),
        ("extends: base\nlifecycle:\n  log-in:\n    visits:\n    - open: /\n      at: onw",
         "8: unknown place 'onw'. Did you mean 'own'?"),
        ("extends: base\noperations:\n  b: {request: get /, accepted: {status: 200}}",
         "5: 'request' must be a method and a path, such as GET /v1/things, not 'get /'"),
        ("extends: base\noperations:\n  b: {request: GET /}", "5: an operation needs 'accepted'"),
        ("extends: base\noperations:\n  b: {request: GET /, accepted: {status: 200, satus: {}}}",
         "5: unknown check 'satus'. Did you mean 'status'?"),
        ("extends: base\nrefusals:\n  revoked-credentail: {status: {is: 401}}",
         "5: unknown refusal 'revoked-credentail'. Did you mean 'revoked-credential'?"),
        ("extends: base\nrefusals:\n  default:\n    chalenge: {}",
         "6: unknown check 'chalenge'. Did you mean 'challenge'?"),
        ("extends: base\nrefusals:\n  default:\n    status: {is: 401, requirement: a/statsu}",
         "6: unknown requirement 'a/statsu'. Did you mean 'a/status'?"),
        ("extends: base\nrefusals:\n  default:\n    status: {si: 401}",
         "6: unknown setting 'si' of 'status'. Known: is, requirement, level, because."),
        ("extends: base\nrefusals:\n  default:\n    mentions: {requirement: a/status}",
         "6: 'mentions' needs 'any': a list of phrases"),
        ("extends: base\nrefusals:\n  default:\n    status: {is: '401'}",
         "6: 'status' must be a status code, a class such as 4xx, or a list of them"),
        ("extends: base\nrefusals:\n  default:\n    mentions: {any: sorry}",
         "6: 'any' of 'mentions' must be a list of phrases"),
        ("extends: base\nrefusals:\n  default:\n    challenge: {level: SHOULD}",
         "6: an expectation with 'level' needs 'because'"),
        ("extends: base\nredact: ['(']", "4: '(' is not a regular expression"),
    ],
)  # fmt: skip
def test_mistakes(folder: Path, lines: str, sentence: str) -> None:
    assert said(folder, f"profile: own\ntitle: Own\n{lines}\n") == [f"profile.yaml:{sentence}"]


# A schema is named by its file in schemas/ beside the profile.
def test_missing_schema(folder: Path) -> None:
    text = "profile: own\ntitle: Own\nextends: base\noperations:\n  b:\n    request: GET /\n"
    assert said(folder, text + "    accepted: {status: 200, schema: list.json}\n") == [
        "profile.yaml:7: there is no schema file specs/own/schemas/list.json. Write it, or mend the name."
    ]


# All mistakes of a profile are told at once; what several reasons inherit is told once.
def test_all_mistakes_at_once(folder: Path) -> None:
    text = "profile: own\ntitle: Own\nextends: base\n"
    text += "credentials:\n  key: {kind: bear, at: nowhere}\nrefusals:\n  default: {satus: {is: 401}}\n"
    assert said(folder, text) == [
        "profile.yaml:5: unknown kind of credential 'bear'. Did you mean 'bearer'?",
        "profile.yaml:5: unknown place 'nowhere'. Known: own.",
        "profile.yaml:7: unknown check 'satus'. Did you mean 'status'?",
    ]


# Profiles that extend each other in a circle are told so, not read for ever.
def test_circle(folder: Path) -> None:
    write(folder, "other", "profile: other\ntitle: Other\nextends: own\n")
    write(folder, "own", "profile: own\ntitle: Own\nextends: other\n")
    with pytest.raises(InputError) as raised:
        load(folder, "own")
    assert str(raised.value) == ("specs/own/profile.yaml:3: a profile that extends itself. Break the circle.")


# The profiles that come with the program are free of mistakes.
def test_shipped_profiles() -> None:
    folder = shipped.folder("specs")
    vocabulary = profiles.Vocabulary(specs.load(folder), CHECKS, MECHANISMS)
    for name in profiles.names(folder):
        profile = profiles.load(profiles.path_of(name, folder), folder, vocabulary)
        assert profile.name == name


# A grant is sent under its own name where nothing is said, whatever a case calls the one that it obtains.
def test_parameter_of_a_grant(tmp_path: Path) -> None:
    text = (
        "profile: p\ntitle: P\nplaces: {own: x}\n"
        "credentials:\n"
        "  code: {kind: grant}\n"
        "  other-code: {like: code}\n"
        "  refresh: {kind: grant, parameter: refresh_token}\n"
        "  old-refresh: {like: refresh}\n"
    )
    path = tmp_path / "profile.yaml"
    path.write_text(text)
    found = profiles.load(path, tmp_path, profiles.Vocabulary((), CHECKS, MECHANISMS)).credentials
    assert {name: kind.options["parameter"] for name, kind in found.items()} == {
        "code": "code",
        "other-code": "code",
        "refresh": "refresh_token",
        "old-refresh": "refresh_token",
    }


# An API that answers otherwise than the standards say does so where they are tolerant too, and is not said
# to keep to what it does otherwise: the status is the scenario's own claim then.
def test_another_status_than_the_standards(folder: Path) -> None:
    write(
        folder, "own", "profile: own\ntitle: Own\nextends: base\nrefusals:\n  default: {status: {is: 403}}\n"
    )
    refusals = load(folder, "own").refusals

    def status(reason: str) -> tuple[object, str | None]:
        (found,) = (each for each in refusals[reason] if each.check == "status")
        return found.args["is"], found.requirement

    assert status("default") == (403, None)
    assert status("missing-credential") == (403, None)
    assert status("unknown-credential") == ([403, 400, 401], None)
    write(
        folder,
        "own",
        "profile: own\ntitle: Own\nextends: base\nrefusals:\n  default: {status: {is: [401]}}\n",
    )
    refusals = load(folder, "own").refusals
    assert status("default") == ([401], "a/status")
