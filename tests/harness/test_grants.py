"""Grants: redeemed once, each time a fresh one, twenty times at once; and asking until there is an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from loopback import answering
from scene import (
    ACCEPTED,
    PROFILE,
    REQUIREMENTS,
    SECRET,
    WRITTEN,
    case,
    expects,
    http,
    operation,
    outcome,
    play,
    problems,
    profile,
    reference,
    requirement,
    step,
    target,
)

from harness.model import (
    CaseOutcome,
    CredentialKind,
    CredentialRef,
    Expectation,
    LifecycleVerb,
    Outcome,
    Spoil,
    Where,
)
from harness.plan import PlannedStep, Presentation

TOKEN = operation(
    "token",
    "POST",
    "/token",
    body={"grant_type": "authorization_code"},
    body_type="form",
    accepted=(
        expects("status", **{"is": 200}),
        expects("headers", "api/advice", **{"is": {"Cache-Control": "no-store"}}),
    ),
)
AUTHORIZE = LifecycleVerb(
    "authorize", "request", "POST /authorize", "own", "token", (), None, None, frozenset({200}),
    {"secret": "/code", "nonce": "/nonce"}, {}, frozenset(), Where("profile.yaml", 40),
)  # fmt: skip
CREDENTIALS = {
    "token": CredentialKind("token", "bearer", "own", (), {}, PROFILE),
    "code": CredentialKind(
        "code",
        "grant",
        "own",
        (),
        {"parameter": "code", "once": True, "obtained-by": "authorize", "redeemed-by": "token"},
        PROFILE,
    ),
}
RIGHT = Presentation("code", "own", "token")
INVALID = Outcome("refused", "invalid-grant", {}, WRITTEN)

Wrong = Callable[[str, int], bytes | None]


class Server:
    """Gives out codes and redeems each once; `wrong` answers in its place, told the code and the count."""

    def __init__(
        self, wrong: Wrong = lambda _code, _count: None, uses: int = 1, headers: Sequence[str] = ()
    ) -> None:
        self.wrong = wrong
        self.uses = uses
        self.headers = headers
        self.left: dict[str, int] = {}
        self.redeemed: list[str] = []

    def __call__(self, request: bytes) -> bytes:
        head, _, body = request.decode().partition("\r\n\r\n")
        if head.startswith("POST /authorize"):
            code = f"code_{len(self.left):02d}_0123456789abcdef"
            self.left[code] = self.uses
            return http(200, json.dumps({"code": code, "nonce": f"n{len(self.left)}"}).encode())
        code = parse_qs(body)["code"][0]
        self.redeemed.append(code)
        if answer := self.wrong(code, len(self.redeemed)):
            return answer
        if self.left.get(code, 0) <= 0:
            return http(400, b'{"error": "invalid_grant"}')
        self.left[code] -= 1
        return http(200, b"{}", *self.headers)


def redeem(
    result: Outcome | None = ACCEPTED, spoil: Spoil | None = None, of: str = "code", **changes: Any
) -> PlannedStep:
    one = step(result, spoil, verb="redeem", subject=of, **changes)  # type: ignore[arg-type]
    return PlannedStep(one, replace(RIGHT, credential=of), "grant")


def obtain(name: str = "spent") -> PlannedStep:
    one = step(None, None, verb="obtain", subject="code", options={"as": name})  # type: ignore[arg-type]
    return PlannedStep(one, None, "")


def counted(**options: int) -> Outcome:
    return Outcome("accepted", None, options, WRITTEN)


def ran(server: Server, *steps: PlannedStep, control: bool = False, **changes: Any) -> CaseOutcome:
    plain = case("grants", *(each.step for each in steps), control=RIGHT if control else None)
    refusals = {
        "default": (expects("status", **{"is": 401}),),
        "invalid-grant": (
            expects("status", **{"is": 400}),
            expects("json", **{"is": {"/error": "invalid_grant"}}),
        ),
        "rate-limited": (expects("status", **{"is": 429}),),
    }

    async def scene() -> CaseOutcome:
        async with answering(server) as loopback:
            code = CredentialRef("code", "obtained", "authorize", "CODE", None, True, PROFILE)
            return await outcome(
                loopback,
                replace(plain, steps=steps),
                profile=profile(
                    TOKEN, credentials=CREDENTIALS, lifecycle={"authorize": AUTHORIZE}, refusals=refusals
                ),
                target=target(loopback.url, credentials={"token": reference(), "code": code}),
                **changes,
            )

    found: CaseOutcome = play(scene())
    return found


def asked(found: CaseOutcome) -> list[tuple[str, str]]:
    """(purpose, what for) of each exchange."""
    return [(each.purpose, each.request["url"].rpartition("/")[2]) for each in found.exchanges]


# --- one use --------------------------------------------------------------------------------------


# Every request that presents a code has one of its own, the controls' too.
def test_a_fresh_one_each_time() -> None:
    server = Server()
    found = ran(server, redeem(INVALID, Spoil("value", {"like": "it"}, False, WRITTEN)), control=True)
    assert found.verdict == "pass"
    assert asked(found) == [
        ("control", "token") if each == "c" else ("case", {"a": "authorize", "t": "token"}[each])
        for each in "acatac"
    ]
    assert len(set(server.redeemed)) == 3 and len(server.left) == 3


# The same one twice: what a case had issued itself is presented under its name, as often as it says.
def test_twice() -> None:
    server = Server()
    found = ran(server, obtain(), redeem(of="spent"), redeem(INVALID, of="spent"))
    assert (found.verdict, len(set(server.redeemed))) == ("warn", 1)
    found = ran(Server(uses=2), obtain(), redeem(of="spent"), redeem(INVALID, of="spent"))
    assert found.verdict == "fail"
    assert ("refused", "a refusal", "200 OK: accepted") in problems(found)


# A step that is done several times presents one and the same; a step done once does not hold on to it.
def test_the_same_one_several_times() -> None:
    server = Server(uses=3)
    assert ran(server, redeem(times=3), redeem()).verdict == "warn"
    assert [server.redeemed.count(each) for each in dict.fromkeys(server.redeemed)] == [3, 1]


# Passing trouble may have used it up: a step that can have another one does, and is not deceived.
@pytest.mark.parametrize("trouble", [http(503), http(502), b"nonsense\r\n\r\n"])
def test_trouble_that_uses_it_up(trouble: bytes) -> None:
    def spending(code: str, count: int) -> bytes | None:
        if count == 1:
            server.left[code] = 0
            return trouble
        return None

    server = Server(spending)
    found = ran(server, redeem())
    assert found.verdict == "warn", found.problems
    assert len(set(server.redeemed)) == 2
    server = Server(spending)
    found = ran(server, obtain(), redeem(of="spent"))
    assert found.verdict == "inconclusive" and len(server.redeemed) == 1
    assert found.reason and found.reason.startswith("spent, good for one use, got ")
    assert found.reason.endswith(": it may be used up")


# Who says to come again later has not redeemed it.
def test_come_again_later() -> None:
    busy = http(429, b"{}", "Retry-After: 0")
    server = Server(lambda _, count: busy if count == 1 else None)
    assert ran(server, obtain(), redeem(of="spent")).verdict == "warn"
    assert len(set(server.redeemed)) == 1 and len(server.redeemed) == 2


# What came with it is there for the operation that redeems it.
def test_what_came_with_it() -> None:
    bodies: list[bytes] = []

    class Listening(Server):
        def __call__(self, request: bytes) -> bytes:
            bodies.append(request.rpartition(b"\r\n")[2])
            return super().__call__(request)

    one = replace(TOKEN, body={**TOKEN.body, "nonce": "${grant.nonce}"})
    server = Listening()
    given = profile(one, credentials=CREDENTIALS, lifecycle={"authorize": AUTHORIZE})

    async def scene() -> None:
        async with answering(server) as loopback:
            code = CredentialRef("code", "obtained", "authorize", "CODE", None, True, PROFILE)
            credentials = {"token": reference(), "code": code}
            steps = (obtain(), obtain("second"), redeem(of="spent"), redeem())
            plain = case("grants", *(each.step for each in steps), control=None)
            place = target(loopback.url, credentials=credentials)
            await outcome(loopback, replace(plain, steps=steps), profile=given, target=place)

    play(scene())
    assert [parse_qs(each.decode())["nonce"] for each in bodies if b"nonce" in each] == [["n1"], ["n3"]]


# --- several at once ------------------------------------------------------------------------------


OTHERWISE: Mapping[str, Any] = {"otherwise": {"refused": "invalid-grant"}}


# Twenty at once with one code: one is served, and the rest hears why not.
def test_raced() -> None:
    server = Server(headers=("Cache-Control: no-store",))
    found = ran(server, redeem(counted(at_most=1), times=20, together=True, options=OTHERWISE))
    assert (found.verdict, found.reason) == ("pass", None)
    assert len(server.redeemed) == 20 and len(set(server.redeemed)) == 1


# Two are one too many, whatever else is to be said of the answers that they got.
@pytest.mark.parametrize("headers", [(), ("Cache-Control: no-store",)])
def test_two_winners(headers: Sequence[str]) -> None:
    found = ran(
        Server(uses=2, headers=headers), redeem(counted(at_most=1), times=5, together=True, options=OTHERWISE)
    )
    assert (found.verdict, problems(found)) == ("fail", [("count", "at most 1 of 5 accepted", "2")])
    assert [each.requirement for each in found.problems] == ["api/act"]


# Who is answered with the tokens of another, as by one idempotent transaction, was granted nothing more.
def test_the_same_tokens_again() -> None:
    def granting(tokens: Callable[[int], Mapping[str, str]]) -> CaseOutcome:
        server = Server(lambda _, count: http(200, json.dumps({"data": tokens(count)}).encode()))
        return ran(server, redeem(counted(at_most=1), times=5, together=True, options=OTHERWISE))

    assert granting(lambda _: {"access_token": "at_1", "refresh_token": "rt_1"}).verdict == "pass"
    for name in ("access_token", "refresh_token"):
        given = {"access_token": "at_1", "refresh_token": "rt_1"}
        found = granting(lambda count, name=name, given=given: {**given, name: f"{name}-{count % 2}"})
        assert problems(found) == [("count", "at most 1 of 5 accepted", "2")]
    found = granting(lambda _: {"granted": "yes"})
    assert problems(found) == [("count", "at most 1 of 5 accepted", "5")]


# The losers must be refused as the profile says.
def test_losers() -> None:
    sorry = http(409, b'{"error": "busy"}')
    server = Server(lambda code, count: sorry if count > 1 else None)
    found = ran(server, redeem(counted(at_most=1), times=3, together=True, options=OTHERWISE))
    assert ("status", "400 Bad Request", "409 Conflict") in problems(found)
    without = ran(
        server := Server(lambda code, count: sorry if count > 1 else None),
        redeem(counted(at_most=1), times=3),
    )
    assert without.verdict == "pass" and len(server.redeemed) == 3


# Where none was served, that not two were shows nothing.
def test_no_winner() -> None:
    server = Server(lambda *_: http(400, b'{"error": "invalid_grant"}'))
    found = ran(server, redeem(counted(at_most=1), times=4, together=True, options=OTHERWISE))
    assert (found.verdict, found.reason) == ("inconclusive", "none of 4 was accepted")


# At least so many must be; and both bounds can be set.
def test_at_least() -> None:
    assert ran(Server(uses=3), redeem(counted(at_least=3, at_most=3), times=5)).verdict == "pass"
    found = ran(Server(uses=2), redeem(counted(at_least=3, at_most=3), times=5))
    assert (found.verdict, problems(found)) == ("fail", [("count", "at least 3 of 5 accepted", "2")])
    found = ran(Server(uses=4), redeem(counted(at_least=3, at_most=3), times=5))
    assert problems(found) == [("count", "at most 3 of 5 accepted", "4")]
    found = ran(Server(uses=0), redeem(counted(at_least=1), times=2))
    assert (found.verdict, problems(found)) == ("fail", [("count", "at least 1 of 2 accepted", "0")])


# One that got no answer leaves open what became of it; one too many is one too many all the same.
def test_trouble_in_a_race() -> None:
    def third_fails(code: str, count: int) -> bytes | None:
        return http(502) if count == 3 else None

    found = ran(Server(third_fails), redeem(counted(at_most=1), times=4, together=True, options=OTHERWISE))
    assert found.verdict == "inconclusive"
    assert found.reason == "code, good for one use, got 502 Bad Gateway: it may be used up"
    found = ran(Server(third_fails, uses=2), redeem(counted(at_most=1), times=4, together=True))
    assert problems(found) == [("count", "at most 1 of 4 accepted", "2")]


# The bound may be a limit of the profile, and it is about the requirements that the step proves.
def test_a_limit_as_the_bound() -> None:
    most = Outcome("accepted", None, {"at_most": "${limits.burst}"}, WRITTEN)
    known = {**REQUIREMENTS, "api/other": requirement("api/other")}
    found = ran(Server(uses=9), redeem(most, times=7, proves=("api/other",)), requirements=known)
    assert [(each.requirement, each.expected) for each in found.problems] == [
        ("api/other", "at most 5 of 7 accepted")
    ]


# --- until ----------------------------------------------------------------------------------------


LIMITED = Outcome("refused", "rate-limited", {}, WRITTEN)


def until(most: Any, *checks: Expectation, spoil: Spoil | None = None) -> PlannedStep:
    options = {"until": {"refused": "rate-limited", "at_most": most}}
    return redeem(LIMITED, spoil, options=options, expects=checks)


def limiting(after: int, *fields: str) -> Server:
    return Server(lambda _, count: http(429, b"{}", *fields) if count > after else None)


# Asked until it is refused: that answer is judged, and how many went before is told.
@pytest.mark.parametrize(("after", "most"), [(0, 5), (4, 5), (4, "${limits.burst}")])
def test_until_it_is_refused(after: int, most: Any) -> None:
    server = limiting(after, "Retry-After: 0")
    found = ran(
        server, until(most, Expectation("headers", {"is": {"Retry-After": "0"}}, None, None, None, WRITTEN))
    )
    assert (found.verdict, found.reason) == ("pass", None)
    assert found.measurements == {"answers before the refusal": after}
    assert len(server.redeemed) == after + 1


# Only the refusal is looked at, and what is wrong with it is told.
def test_the_refusal_is_judged() -> None:
    retry = Expectation("headers", {"is": {"Retry-After": {"present": True}}}, None, None, None, WRITTEN)
    found = ran(limiting(2), until(5, retry))
    assert problems(found) == [("headers", "a Retry-After field", "no Retry-After")]


# Never refused is a failure, after just as many requests as are said.
def test_never_refused() -> None:
    server = Server()
    found = ran(server, until(6))
    assert (found.verdict, problems(found)) == (
        "fail", [("count", "refused after at most 6 requests", "none of them was")]
    )  # fmt: skip
    assert len(server.redeemed) == 6


# An answer that is neither is no step towards it, and no failure to come there either.
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(500), "request 3: expected accepted with 200 OK, got 500 Internal Server Error"),
        (http(401), "request 3: expected accepted with 200 OK, got 401 Unauthorized"),
        (http(503), "twice 503 Service Unavailable, which says nothing of the credential"),
    ],
)
def test_neither_accepted_nor_refused(answer: bytes, reason: str) -> None:
    found = ran(Server(lambda _, count: answer if count > 2 else None), until(6))
    assert (found.verdict, found.reason) == ("inconclusive", reason)


# Where what is presented is wrong, being refused for that is what goes before.
def test_until_with_a_wrong_one() -> None:
    spoil = Spoil("value", {"like": "it"}, False, WRITTEN)
    found = ran(limiting(3), until(6, spoil=spoil))
    assert (found.verdict, found.measurements) == ("pass", {"answers before the refusal": 3})


# Each of these requests is another one: a different wrong secret, and a fresh code.
def test_each_is_another() -> None:
    spoil = Spoil("value", {"like": "it"}, False, WRITTEN)
    server = limiting(3)
    ran(server, until(6, spoil=spoil))
    assert len(set(server.redeemed)) == 4
    assert SECRET not in str(server.redeemed)


# A second one that a change draws upon is a fresh one too, and not the one that is presented.
def test_another_grant() -> None:
    bodies: list[list[str]] = []

    class Listening(Server):
        def __call__(self, request: bytes) -> bytes:
            if b"code=" in request:
                bodies.append(parse_qs(request.decode().partition("\r\n\r\n")[2])["code"])
            return super().__call__(request)

    ran(Listening(), redeem(INVALID, Spoil("twice", {"of": "code"}, False, WRITTEN)))
    assert [len(set(each)) for each in bodies] == [2]
