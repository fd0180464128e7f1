"""Wrong passwords: few in a row, alone, and none any more for a person who has been locked out."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest
from loopback import answering
from scene import PROFILE as AT
from scene import (
    expects,
    http,
    operation,
    play,
    profile,
    reference,
    setting,
    target,
)

from harness import profiles, schedule, suites, targets
from harness.checks import CHECKS
from harness.credentials import MECHANISMS
from harness.exchange import Network
from harness.model import CaseOutcome, CredentialKind
from harness.plan import Batch, Case, batches
from harness.planner import plan
from harness.positions import parse

PAIR = "ann:open-sesame"
PROFILE = """\
profile: acme
title: Acme
places: {own: The API.}
credentials:
  user: {kind: basic}
  service: {kind: basic, locks: false}
  key: {kind: api-key, field: X-Key}
operations:
  protected: {request: GET /data, accepted: {status: 200}}
limits: {burst: 12}
"""
TARGET = """\
profile: acme
places: {own: {url: "https://own.example"}}
credentials: {user: {env: A}, service: {env: B}, key: {env: C}}
"""
GUESSES = "".join(f"  g{number}: {{but: {{password: guess-{number}}}}}\n" for number in range(1, 8))


def cases(folder: Path, text: str, environment: str = "") -> list[Case]:
    path = folder / "profile.yaml"
    path.write_text(PROFILE)
    known = profiles.load(path, folder, profiles.Vocabulary(("api/act",), CHECKS, MECHANISMS))
    written = f"suite: s\ntitle: t\nscenarios:\n{text}"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("api/act",), CHECKS))
    return list(plan([suite], known, targets.build(parse(TARGET + environment, "t.yaml"))).cases)


def guessing(credential: str = "user", name: str = "guess") -> str:
    head = f"- id: {name}\n  requires: api/act\n  present: {credential}\n  refused: wrong-password\n"
    return f"{head}  each:\n" + GUESSES.replace("  g", "    g")


def one(step: str, name: str = "a") -> str:
    return f"- id: {name}\n  requires: api/act\n  {step}\n"


def told(found: Sequence[Batch]) -> list[tuple[int, int, str]]:
    """(cases, wrong secrets, lane) of each batch."""
    return [(len(each.cases), sum(case.wrong_secrets for case in each.cases), each.lane) for each in found]


# --- planned --------------------------------------------------------------------------------------


# At most three wrong passwords stand between two right ones, each batch alone.
def test_three_in_a_row(tmp_path: Path) -> None:
    found = cases(tmp_path, guessing())
    assert told(batches(found)) == [(3, 3, "exclusive"), (3, 3, "exclusive"), (1, 1, "exclusive")]
    assert {each.touches for each in found} == {frozenset({"locks"})}


# What is no wrong password for somebody who is right is not counted: another user, scheme, or whole header.
def test_what_is_not_counted(tmp_path: Path) -> None:
    harmless = ["user: {like: it}", "scheme: Bearer", 'field: "${scheme} !"', "slot: {query: q}"]
    text = "".join(
        one(f"present: user\n  but: {{{spoil}}}\n  refused: wrong-password", f"a{number}")
        for number, spoil in enumerate(harmless)
    )
    assert told(batches(cases(tmp_path, text))) == [(4, 0, "shared")]


# Whatever else makes it a wrong one is: the pair, its Base64, its encoding; beside another credential too.
@pytest.mark.parametrize(
    "step",
    [
        'present: user\n  but: {pair: "${user}:x"}\n  refused: wrong-password',
        "present: user\n  but: {encoded: {cut: 2}}\n  refused: wrong-password",
        "present: key\n  but: {beside: {user: {password: {like: it}}}}\n  refused: wrong-password",
        "alike: [status]\n  among:\n    a: {present: nothing}\n"
        "    b: {present: user, but: {password: {like: it}}}",
    ],
)
def test_what_is_counted(tmp_path: Path, step: str) -> None:
    (case,) = cases(tmp_path, one(step))
    assert case.wrong_secrets in (1, 3) and "locks" in case.touches


# A step that guesses often is alone with that, however the number is written.
@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("times: 5\n  refused: wrong-password", 5),
        ("until: {refused: rate-limited, at_most: 20}", 20),
        ('until: {refused: rate-limited, at_most: "${limits.burst}"}', 12),
    ],
)
def test_many_guesses(tmp_path: Path, step: str, count: int) -> None:
    text = one(f"present: user\n  but: {{password: {{like: it}}}}\n  {step}") + guessing(name="more")
    assert told(batches(cases(tmp_path, text)))[:2] == [(1, count, "exclusive"), (3, 3, "exclusive")]


# A service's password locks nobody out: its cases run beside all others, sixteen to a batch.
def test_no_locks(tmp_path: Path) -> None:
    found = cases(tmp_path, guessing("service"))
    assert told(batches(found)) == [(7, 0, "shared")]
    assert {each.touches for each in found} == {frozenset()}


# Somebody's account is not put at risk in production without leave.
def test_production(tmp_path: Path) -> None:
    found = cases(tmp_path, guessing(), "environment: production\n")
    assert {each.left_out and each.left_out.reason for each in found} == {
        "the target is production and does not allow what this touches (locks); "
        "add `allow: [locks]` to t.yaml"
    }
    allowed = cases(tmp_path, guessing(), "environment: production\nallow: [locks]\n")
    assert [each.left_out for each in allowed] == [None] * 7


# --- asked ----------------------------------------------------------------------------------------


class Door:
    """Knows one user; after `patience` wrong passwords in a row it lets nobody in, not even her."""

    def __init__(self, patience: int, locked: bytes = http(401)) -> None:
        self.patience = patience
        self.locked = locked
        self.wrong = 0
        self.log: list[str] = []

    def __call__(self, request: bytes) -> bytes:
        lines = request.decode().splitlines()
        value = next((each.partition(": ")[2] for each in lines if each.startswith("Authorization")), "")
        pair = base64.b64decode(value.removeprefix("Basic ")).decode()
        self.log.append(pair.partition(":")[2])
        if self.wrong >= self.patience:
            return self.locked
        self.wrong = 0 if pair == PAIR else self.wrong + 1
        return http(200 if pair == PAIR else 401)


def run(door: Door, found: Sequence[Case], concurrency: int = 4) -> list[CaseOutcome]:
    async def scene() -> list[CaseOutcome]:
        async with answering(door) as server:
            basic = {"user": CredentialKind("user", "basic", "own", (), {}, AT)}
            refused = {
                "default": (expects("status", **{"is": 401}),),
                "wrong-password": (expects("status", **{"is": 401}),),
            }
            given = setting(
                server.url,
                profile=profile(operation(), credentials=basic, refusals=refused),
                target=target(server.url, credentials={"user": reference("user")}),
                secrets={"user": PAIR},
            )
            network = Network(redactor=given.redactor)
            outcomes: list[CaseOutcome] = []
            try:
                await schedule.run(given, network, batches(found), concurrency, outcomes.append)
            finally:
                await network.aclose()
            return outcomes

    result: list[CaseOutcome] = play(scene())
    return result


# A door that is patient is asked with a right password after every third wrong one.
def test_a_patient_door(tmp_path: Path) -> None:
    door = Door(4)
    assert {each.verdict for each in run(door, cases(tmp_path, guessing()))} == {"pass"}
    right = "open-sesame"
    assert [right if each == right else "guess" for each in door.log] == [
        right, "guess", "guess", "guess", right,
        right, "guess", "guess", "guess", right,
        right, "guess", right,
    ]  # fmt: skip


# One that locks after two: nothing was learned, that is said, and nobody knocks there any more.
def test_a_door_that_locks(tmp_path: Path) -> None:
    door = Door(2)
    found = {each.case: each for each in run(door, cases(tmp_path, guessing()))}
    assert {each.verdict for each in found.values()} == {"inconclusive"}
    assert found["s/guess[g1]"].reason == (
        "after the case, account locked by us: after 3 wrong secrets in a row the control was not accepted: "
        "user for protected at own: expected accepted with 200 OK, got 401 Unauthorized"
    )
    assert str(found["s/guess[g7]"].reason).startswith(
        "account locked by us: after 3 wrong secrets in a row "
    )
    # the opening control, three guesses, and the closing control, which is asked twice
    assert len(door.log) == 6
    assert not any(each in str(found) for each in ("open-sesame", base64.b64encode(PAIR.encode()).decode()))


# Who is right is let in before anybody is locked out: accepted cases come first, and fail for no guess.
def test_accepted_cases_come_first(tmp_path: Path) -> None:
    door = Door(2)
    right = one("present: user\n  accepted: true", "right")
    found = {
        each.case: each.verdict for each in run(door, cases(tmp_path, guessing() + right), concurrency=1)
    }
    assert found.pop("s/right") == "pass" and set(found.values()) == {"inconclusive"}
    assert door.log[0] == "open-sesame"


# What is measured comes after, and is not asked of a locked account either.
def test_what_comes_after(tmp_path: Path) -> None:
    door = Door(2)
    later = one("steps:\n  - {present: user, settles: {accepted: true, within: 50ms}}", "later")
    found = {each.case: each for each in run(door, cases(tmp_path, guessing() + later))}
    assert found["s/later"].verdict == "inconclusive"
    assert str(found["s/later"].reason).startswith("account locked by us: ")
    assert len(door.log) == 6


# A door that has no time now has locked nobody out.
def test_a_busy_door(tmp_path: Path) -> None:
    door = Door(3, http(503, b"{}", "Retry-After: 0"))
    found = run(door, cases(tmp_path, guessing()))
    assert {each.verdict for each in found} == {"inconclusive"}
    assert not any("locked by us" in str(each.reason) for each in found)
    assert all("503 Service Unavailable" in str(each.reason) for each in found)
