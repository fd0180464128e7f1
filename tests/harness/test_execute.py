"""A batch against a real server of a few lines: what each of its ways to answer is called, and why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, answering, read_request, serving
from scene import (
    ACCEPTED,
    PROFILE,
    SECRET,
    UNKNOWN,
    WRITTEN,
    authorized,
    case,
    expects,
    http,
    operation,
    outcome,
    outcomes,
    play,
    problems,
    profile,
    purposes,
    reference,
    schema,
    setting,
    step,
    target,
)

from harness.exchange import Network
from harness.execute import run_batch
from harness.model import CaseOutcome, Exchange, Outcome, Profile
from harness.plan import Batch, Case, Presentation

CANARY = "canary-of-acme"
DATA = b'{"items": ["canary-of-acme"]}'

Respond = Callable[[bytes], bytes]


def api(refusal: bytes | Respond, data: bytes = DATA) -> Respond:
    """A server that serves its data to the one token, and answers everybody else with `refusal`."""

    def respond(request: bytes) -> bytes:
        if authorized(request):
            return http(200, data)
        return refusal(request) if callable(refusal) else refusal

    return respond


def run(respond: Respond, *cases: Case, timeout: float = 2.0, **changes: Any) -> Mapping[str, CaseOutcome]:
    async def scene() -> Mapping[str, CaseOutcome]:
        async with answering(respond) as server:
            return await outcomes(server, *cases, timeout=timeout, **changes)

    found: Mapping[str, CaseOutcome] = play(scene())
    return found


def one(respond: Respond, given: Case | None = None, **changes: Any) -> CaseOutcome:
    given = given or case()
    return run(respond, given, **changes)[given.scenario.id]


def verdicts(found: CaseOutcome) -> dict[str, str]:
    return {each.id: each.verdict for each in found.requirements}


def guarded(folder: Path) -> Profile:
    """The profile of a place whose data has a schema."""
    file = str(schema(folder, '{"type": "object", "required": ["items"]}'))
    described = (expects("status", **{"is": 200}), expects("schema", **{"is": "x.json", "file": file}))
    return profile(operation(accepted=described))


# --- a refusal, and what is none ------------------------------------------------------------------


# Refused, with a control accepted before and after: it was the spoil that was refused.
def test_a_refusal_between_two_controls_passes() -> None:
    found = one(api(http(401)))
    assert (found.verdict, found.reason, found.problems) == ("pass", None, ())
    assert verdicts(found) == {"api/act": "pass", "api/described": "pass"}
    assert purposes(found.exchanges) == ["control", "case", "control"]
    assert [(each.response or {})["status"] for each in found.exchanges] == [200, 401, 200]


# Each way in which a server can fail to refuse, in the words that people will read.
@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (
            http(200, DATA),
            [
                ("refused", "a refusal", "200 OK: accepted"),
                ("refused", "nothing of what is protected", "the canary of own in the body"),
                ("refused", "a body that is no accepted one", "a body as an accepted answer has it"),
                ("status", "401 Unauthorized", "200 OK"),
            ],
        ),
        (
            http(401, DATA),
            [
                ("refused", "nothing of what is protected", "the canary of own in the body"),
                ("refused", "a body that is no accepted one", "a body as an accepted answer has it"),
            ],
        ),
        (
            http(401, b'{"debug": "canary-of-acme"}'),
            [("refused", "nothing of what is protected", "the canary of own in the body")],
        ),
        (
            http(401, b'{"items": []}'),
            [("refused", "a body that is no accepted one", "a body as an accepted answer has it")],
        ),
        (
            http(302, b"", "Location: /login"),
            [
                ("refused", "a refusal", "302 Found, which refuses nothing"),
                ("status", "401 Unauthorized", "302 Found"),
            ],
        ),
        (
            http(500),
            [
                ("refused", "a refusal", "500 Internal Server Error, a failure of the server"),
                ("status", "401 Unauthorized", "500 Internal Server Error"),
            ],
        ),
    ],
    ids=["200-with-data", "401-with-data", "401-with-canary", "401-with-accepted-body", "302", "500"],
)
def test_what_is_no_refusal(tmp_path: Path, refusal: bytes, expected: list[tuple[str, str, str]]) -> None:
    async def scene() -> CaseOutcome:
        async with answering(api(refusal)) as server:
            guarded_place = target(server.url, canary={"own": CANARY})
            return await outcome(server, profile=guarded(tmp_path), target=guarded_place)

    found: CaseOutcome = play(scene())
    assert found.verdict == "fail" and found.reason is None
    assert problems(found) == expected
    assert all(each.requirement in ("api/act", "api/described") for each in found.problems)
    assert {str(each.where) for each in found.problems} <= {str(WRITTEN), str(PROFILE)}


# A change that is refused and yet made.
def test_a_side_effect_despite_the_refusal() -> None:
    items: set[str] = set()

    def respond(request: bytes) -> bytes:
        method, path = request.decode().split()[:2]
        name = path.rpartition("/")[2]
        if method == "POST":
            items.add(name)
            return http(201 if authorized(request) else 401)
        if method == "DELETE":
            items.discard(name)
        return http(200, " ".join(items).encode()) if authorized(request) else http(401)

    found = one(respond, case(on="create"))
    assert found.verdict == "fail" and not items
    assert problems(found) == [("refused", "nothing done", "POST took effect although it was refused")]


# A problem's words hold no secret, whatever the server puts into its answer.
def test_problems_are_redacted() -> None:
    def echo(request: bytes) -> bytes:
        return http(401, b"{}", f'WWW-Authenticate: Bearer realm="{SECRET}" junk')

    noisy = profile(refusals={"unknown-token": (expects("challenge-grammar", "api/advice"),)})
    found = one(api(echo), profile=noisy)
    assert found.verdict == "warn"
    assert found.problems[0].actual == 'no comma before “junk” in Bearer realm="[token]" junk'


# What is too long is cut, but only after the secrets in it are gone: a piece of one would not be recognised.
def test_long_problems_are_cut() -> None:
    def echo(request: bytes) -> bytes:
        return http(401, b'{"error": "' + b"x" * 274 + SECRET.encode() + b'"}')

    noisy = profile(refusals={"unknown-token": (expects("json", **{"is": {"/error": 1}}),)})
    (problem,) = one(api(echo), profile=noisy).problems
    assert problem.actual == '"' + "x" * 274 + '[token]"'
    (problem,) = one(api(http(401, b'{"error": "' + b"x" * 5000 + b'"}')), profile=noisy).problems
    assert problem.actual == '"' + "x" * 299 + "…"


# --- when nothing is learned ----------------------------------------------------------------------


# Without an accepted control every refusal would be worthless: the reason shows its exchange.
def test_the_opening_control_fails() -> None:
    found = one(lambda request: http(401))
    assert found.verdict == "inconclusive"
    assert found.reason == (
        "the control was not accepted: token for protected at own: "
        "expected accepted with 200 OK, got 401 Unauthorized"
    )
    assert verdicts(found) == {"api/act": "inconclusive", "api/described": "inconclusive"}
    assert purposes(found.exchanges) == ["control", "control"] and found.problems == ()


# A control that lacks only what it should have is accepted all the same: it hides nothing of the other cases.
def test_the_control_is_not_perfect() -> None:
    greeting = (expects("status", **{"is": 200}), expects("json", "api/advice", **{"is": {"/time": "now"}}))
    found = one(api(http(401)), profile=profile(operation(accepted=greeting)))
    assert (found.verdict, found.reason) == ("pass", None)


# Trouble twice says nothing; once it is passed over, and the case goes on.
def test_trouble() -> None:
    assert one(api(http(503))).reason == (
        "twice 503 Service Unavailable, which says nothing of the credential"
    )
    assert one(api(http(429))).verdict == "inconclusive"
    answers = [http(429), http(401)]
    found = one(api(lambda request: answers.pop(0)))
    assert found.verdict == "pass" and purposes(found.exchanges) == ["control", "case", "case", "control"]


# A status that the profile declares for this reason is an answer, not trouble.
def test_declared_trouble_is_a_refusal() -> None:
    limited = step(Outcome("refused", "rate-limited", {}, WRITTEN))
    assert one(api(http(429)), case("limited", limited)).verdict == "pass"


# Connections that are closed and servers that hang end in a reason, in time.
@pytest.mark.parametrize(
    ("hang", "reason"),
    [(False, "closed the connection before the answer was complete"), (True, "within 0.3 s")],
)
def test_no_answer(hang: bool, reason: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            if not authorized(request):
                await asyncio.sleep(60 if hang else 0)
                return
            writer.write(http(200))

    async def scene() -> CaseOutcome:
        async with serving(serve) as server:
            return await outcome(server, timeout=0.3)

    began = time.monotonic()
    found: CaseOutcome = play(scene())
    assert time.monotonic() - began < 3
    assert found.verdict == "inconclusive"
    assert found.reason and found.reason.startswith("no answer: ") and found.reason.endswith(reason)


# The cookies of a case are those that its own answers set: what others were given has no part in it.
def test_cookies_of_another_case() -> None:
    data = http(200, DATA, "Set-Cookie: lb=2")
    spoil = replace(UNKNOWN, part="cookies", change="set")
    first = case("first", step(ACCEPTED, spoil=None), step(spoil=spoil))

    def respond(request: bytes) -> bytes:
        return data if authorized(request) and b"Cookie: lb=2" not in request else http(401)

    found = run(respond, first, case("none-set", step(spoil=spoil)))
    assert found["api/none-set"].reason == "no answer has set a cookie"
    assert [each.verdict for each in found.values()] == ["pass", "not-applicable"]


# What cannot be done to this credential does not apply.
def test_a_spoil_that_cannot_be() -> None:
    found = one(api(http(401)), case("cut", step(spoil=replace(UNKNOWN, change={"cut": 99}))))
    assert (found.verdict, found.requirements) == ("not-applicable", ())
    assert found.reason == f"the secret has only {len(SECRET)} characters"


# A mistake of our own, or in a file, costs its own case and no other.
def test_a_check_that_raises() -> None:
    broken = case("broken", step(expects=(expects("json", **{"nothing": "given"}),)))
    found = run(api(http(401, b"{}")), case(), broken, case("last"))
    assert [each.verdict for each in found.values()] == ["pass", "inconclusive", "pass"]
    reason = found["api/broken"].reason
    assert reason and reason.startswith("authconform itself failed: KeyError: 'is' (answers.py:")


def test_a_name_that_nobody_gives() -> None:
    broken = profile(*profile().operations.values(), operation("bad", path="/${nowhere}"))
    found = run(api(http(401)), case("bad", on="bad"), case(), profile=broken)
    reason = found["api/bad"].reason
    assert reason and reason.startswith("profile.yaml:3: unknown name 'nowhere' in '${…}'. Known: ")
    assert [each.verdict for each in found.values()] == ["inconclusive", "pass"]
    # in the control it is the whole batch, and nothing hangs
    batch = [replace(case(name), control=Presentation("token", "own", "bad")) for name in ("one", "two")]
    found = run(api(http(401)), *batch, profile=broken)
    assert [each.reason for each in found.values()] == [reason, reason]


# --- controls -------------------------------------------------------------------------------------


# The opening control had ended before the first case was sent; the closing one began after the last answer.
def test_controls_enclose_the_cases() -> None:
    found = run(api(http(401)), *(case(f"case-{number}") for number in range(5)))
    exchanges: dict[int, Exchange] = {id(each): each for one in found.values() for each in one.exchanges}
    controls = [each for each in exchanges.values() if each.purpose == "control"]
    cases = [each for each in exchanges.values() if each.purpose == "case"]
    opening, closing = sorted(controls, key=lambda each: each.timing.sent)
    assert len(cases) == 5
    assert opening.timing.done <= min(each.timing.sent for each in cases)
    assert closing.timing.sent >= max(each.timing.done for each in cases)


# After a closing control that fails, all are run once more, each between controls of its own.
def test_the_closing_control_fails_once() -> None:
    seen: list[bool] = []

    def respond(request: bytes) -> bytes:
        seen.append(authorized(request))
        # the two tries of the first closing control
        return http(401) if len(seen) in (4, 5) else api(http(401))(request)

    found = run(respond, case("one"), case("two"))
    assert [each.verdict for each in found.values()] == ["pass", "pass"]
    assert seen == [True, False, False, True, True] + 2 * [True, False, True]
    assert all(purposes(each.exchanges) == ["control", "case", "control"] for each in found.values())


# A credential that dies in a case: this case says so, and those after it have nothing to stand on.
def test_the_closing_control_fails_for_good() -> None:
    left = [True] * 3

    def respond(request: bytes) -> bytes:
        return http(200) if authorized(request) and left and left.pop() else http(401)

    found = run(respond, case("one"))
    assert found["api/one"].verdict == "pass"
    left[:] = [True]
    found = run(respond, case("one"), case("two"))
    assert [each.verdict for each in found.values()] == ["inconclusive", "inconclusive"]
    left[:] = [True]
    (only,) = run(respond, case("one")).values()
    assert only.reason and only.reason.startswith("after the case, the control was not accepted: token for ")
    assert purposes(only.exchanges) == ["control", "case", "control", "control"]
    assert only.problems == ()


# A batch that takes longer than it may gets a control in between.
def test_a_long_batch_gets_a_control_in_between() -> None:
    seen: list[str] = []

    def respond(request: bytes) -> bytes:
        seen.append("control" if authorized(request) else "case")
        return api(http(401))(request)

    run(respond, case("one"), case("two"), case("three"), batch_seconds=0.0)
    assert seen == ["control", "case", "control"] * 3


# A case that is a control itself needs none around it.
def test_a_case_without_a_control() -> None:
    found = one(api(http(401)), case("valid", step(ACCEPTED, None), control=None))
    assert found.verdict == "pass" and purposes(found.exchanges) == ["case"]


# --- repetition -----------------------------------------------------------------------------------


# Asked many times, each answer counts: one that is wrong is enough, alone or together.
@pytest.mark.parametrize("together", [False, True])
def test_one_wrong_answer_of_many(together: bool) -> None:
    served: list[int] = []

    def tenth(request: bytes) -> bytes:
        served.append(1)
        return http(200 if len(served) == 10 else 401)

    found = one(api(tenth), case("many", step(times=20, together=together)))
    assert len(served) == 20 and found.verdict == "fail"
    assert problems(found) == [
        ("refused", "a refusal", "200 OK: accepted"),
        ("status", "401 Unauthorized", "200 OK"),
    ]


# What one answer has shown does not go away because another never came.
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("shown", "verdict"), [(200, "fail"), (401, "inconclusive")])
def test_one_answer_of_many_never_came(together: bool, shown: int, verdict: str) -> None:
    served: list[int] = []

    def respond(request: bytes) -> bytes:
        served.append(1)
        return http(shown if len(served) == 1 else 503)

    found = one(api(respond), case("many", step(times=3, together=together)))
    assert found.verdict == verdict


# --- provenance -----------------------------------------------------------------------------------

VALID = case("valid", step(ACCEPTED, None), control=None)


def refused_valid(issued: bool, accepted: set[str]) -> CaseOutcome:
    async def scene() -> CaseOutcome:
        async with answering(http(401)) as server:
            deployment = target(server.url, credentials={"token": reference(issued=issued)})
            return await outcome(server, VALID, target=deployment, accepted=accepted)

    found: CaseOutcome = play(scene())
    return found


# A configured credential that was never accepted may simply be wrong.
def test_a_configured_credential_never_accepted() -> None:
    found = refused_valid(issued=False, accepted=set())
    assert found.verdict == "inconclusive"
    assert found.reason == (
        "the credential 'token' ($TOKEN) was refused with 401 Unauthorized and never accepted in this run: "
        "it may be wrong"
    )


# Accepted elsewhere, or issued in this run, it is the API that is wrong.
@pytest.mark.parametrize(("issued", "accepted"), [(False, {"token"}), (True, set())])
def test_a_credential_that_is_known_to_be_good(issued: bool, accepted: set[str]) -> None:
    found = refused_valid(issued, accepted)
    assert found.verdict == "fail"
    assert problems(found) == [
        ("accepted", "accepted with 200 OK", "401 Unauthorized"),
        ("status", "200 OK", "401 Unauthorized"),
    ]


# --- what is handed on ----------------------------------------------------------------------------


# The same seed sends the same invented values; the case's id goes along with each of its requests.
def test_a_seed_repeats_what_is_sent() -> None:
    def sent(seed: int) -> list[bytes]:
        seen: list[bytes] = []

        def respond(request: bytes) -> bytes:
            seen.append(request)
            return api(http(401))(request)

        one(respond, seed=seed)
        lines = [line for line in seen[1].split(b"\r\n") if b"uthor" in line]
        assert b"X-Authconform-Case: api/unknown" in seen[1] and b"-Case" not in seen[0]
        return [line for line in lines if line.startswith(b"Authorization")]

    assert sent(1) == sent(1) != sent(2)


# What is only observed is recorded, and passes.
def test_an_observation() -> None:
    observed = step(Outcome("observed", None, {"what": "the answer to junk"}, WRITTEN))
    found = one(api(http(418)), case("observed", observed))
    assert (found.verdict, found.measurements) == ("pass", {"the answer to junk": "418 I'm a Teapot"})


# Whose data an answer holds is told by the canary alone: without one nothing was learned.
def test_data_that_nothing_tells_apart() -> None:
    looking = step(
        Outcome("observed", None, {"what": "whose data come"}, WRITTEN),
        None,
        expects=(expects("no-foreign-data", requirement="api/act", of="other"),),
    )

    def found(**changes: Any) -> tuple[str, str | None]:
        async def scene() -> CaseOutcome:
            async with answering(api(http(401))) as server:
                here = target(server.url, **changes)
                (outcome,) = (await outcomes(server, case("whose", looking), target=here)).values()
                return outcome

        outcome = play(scene())
        return outcome.verdict, outcome.reason

    assert found() == (
        "inconclusive",
        "nothing tells the data of other from others: add `canary: {other: <a text that stands in its "
        "answers alone>}` to target.yaml, or `absent: {canary: <reason>}`",
    )
    assert found(absent={"canary": "all answers are alike"}) == (
        "not-applicable",
        "canary: all answers are alike",
    )
    assert found(canary={"other": "globex"}) == ("pass", None)
    assert found(canary={"other": "items"})[0] == "fail"


# A suite may have a schema of its own.
def test_a_schema_of_the_suite(tmp_path: Path) -> None:
    file = schema(tmp_path, '{"required": ["error"]}', "error.json")
    own = step(expects=(expects("schema", **{"is": "error.json"}, file=str(file)),))
    found = one(api(http(401)), case("own", own))
    assert problems(found) == [
        ("schema", "a body as error.json describes it", "$: 'error' is a required property")
    ]


# Cancelled in the middle, nothing is delivered and nothing lingers.
def test_cancelling() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(60)

    async def scene(server: Loopback, found: list[CaseOutcome]) -> None:
        given = setting(server.url)
        network = Network(redactor=given.redactor)
        try:
            await run_batch(given, Batch((case(),), case().control, "shared"), network.lane(), found.append)
        finally:
            await network.aclose()

    async def cancelled() -> list[CaseOutcome]:
        found: list[CaseOutcome] = []
        async with serving(serve) as server:
            task = asyncio.create_task(scene(server, found))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return found

    began = time.monotonic()
    assert play(cancelled()) == [] and time.monotonic() - began < 1
