"""The course of one case: what it has issued, done, presented and compared, and what that proves."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from loopback import answering
from scene import (
    ACCEPTED,
    REFUSED,
    UNKNOWN,
    WRITTEN,
    case,
    http,
    operation,
    outcome,
    play,
    problems,
    profile,
    requirement,
    step,
)

from harness.model import CaseOutcome, Expectation, LifecycleVerb, Outcome, Spoil, Step, Where
from harness.plan import Case, PlannedStep, Presentation

AT = Where("profile.yaml", 30)


class Tokens:
    """A server that issues, lists and revokes tokens; `wrong` answers in its place where it has an answer."""

    def __init__(self, wrong: Callable[[str, int], bytes | None] = lambda _line, _count: None) -> None:
        self.wrong = wrong
        self.live = {"key_live_9f8e7d6c5b4a39281706": "configured"}
        self.names: dict[str, str] = {}
        self.lines: list[str] = []

    def answer(self, request: bytes) -> bytes:
        head, _, body = request.decode().partition("\r\n\r\n")
        line = head.splitlines()[0].removesuffix(" HTTP/1.1")
        self.lines.append(line)
        bearer = next(
            (each[22:] for each in head.splitlines() if each.startswith("Authorization: Bearer ")), ""
        )
        if answer := self.wrong(line, self.lines.count(line)):
            return answer
        if line == "GET /data":
            return http(200 if bearer in self.live else 401)
        if bearer not in self.live:
            return http(403)
        if line == "POST /tokens":
            number = len(self.names)
            token, name = f"key_live_0{Random(number).getrandbits(96):024x}", json.loads(body)["name"]
            self.live[token], self.names[f"t{number}"] = f"t{number}", name
            return http(201, json.dumps({"token": token, "id": f"t{number}", "name": name}).encode())
        if line == "GET /tokens":
            listed = [{"id": id, "name": name} for id, name in self.names.items()]
            return http(200, json.dumps(listed).encode())
        id = line.rpartition("/")[2]
        token = next((token for token, known in self.live.items() if known == id), None)
        self.live.pop(token or "", None)
        return http(204 if token else 404, b"")


def verb(name: str, what: str, accepted: int, **changes: Any) -> LifecycleVerb:
    plain = LifecycleVerb(
        name, "request", what, "own", "token", (), None, None, frozenset({accepted}), {}, {}, frozenset(), AT
    )
    return replace(plain, **changes)


LIFECYCLE = {
    "issue": verb(
        "issue",
        "POST /tokens",
        201,
        body={"name": "${name}"},
        body_type="json",
        gives={"secret": "/token", "id": "/id", "name": "/name"},
        defaults={"name": "${unique}"},
    ),
    "revoke": verb("revoke", "DELETE /tokens/${of.id}", 204),
    "list": verb("list", "GET /tokens", 200),
}
REQUIREMENTS = {
    name: requirement(name, level)
    for name, level in {"api/act": "MUST", "api/described": "MUST", "api/other": "MUST"}.items()
}


def obtain(name: str = "fresh", **changes: Any) -> PlannedStep:
    changes = {"options": {"as": name}, **changes}
    return PlannedStep(step(None, None, verb="obtain", subject="token", **changes), None, "")  # type: ignore[arg-type]


def do(verb: str, of: str = "fresh", **changes: Any) -> PlannedStep:
    changes = {"outcome": None, "spoil": None, "options": {"of": of}, **changes}
    return PlannedStep(step(verb="do", subject=verb, **changes), None, "")


def present(name: str, result: Outcome = ACCEPTED, spoil: Spoil | None = None, **changes: Any) -> PlannedStep:
    sent = Presentation(None if name == "nothing" else name, "own", "protected")
    return PlannedStep(step(result, spoil, subject=name, **changes), sent, "bearer")


def settles(within: str = "300ms", reason: str | None = "unknown-token") -> Outcome:
    return Outcome("settles", reason, {"within": within, "watch": "100ms"}, WRITTEN)


def course(*steps: PlannedStep) -> Case:
    plain = case("course", *(each.step for each in steps), control=None)
    return replace(plain, steps=steps)


def ran(server: Tokens, *steps: PlannedStep, **changes: Any) -> CaseOutcome:
    async def scene() -> CaseOutcome:
        async with answering(server.answer) as loopback:
            given = {"profile": profile(operation("protected"), lifecycle=LIFECYCLE), "trials": 1, **changes}
            return await outcome(loopback, course(*steps), requirements=REQUIREMENTS, **given)

    found: CaseOutcome = play(scene())
    return found


def check(name: str, **args: Any) -> Expectation:
    return Expectation(name, args, None, None, None, WRITTEN)


def verdicts(found: CaseOutcome) -> Mapping[str, str]:
    return {each.id: each.verdict for each in found.requirements}


# What a step obtains is presented under its name; the configured credential stays what it was.
def test_local_names() -> None:
    found = ran(
        Tokens(), obtain("fresh"), obtain("second"), present("fresh"), present("second"), present("token")
    )
    assert found.verdict == "pass"
    shown = [each.request["curl"] for each in found.exchanges if "/data" in each.request["url"]]
    assert len(shown) == 3 and "$TOKEN" in shown[2] and "[fresh]" in shown[0] and "[second]" in shown[1]
    assert "key_live_0" not in json.dumps([[each.request, each.response] for each in found.exchanges])


# A refused token that was issued in this very run is a finding, not a doubt.
def test_issued_and_refused() -> None:
    found = ran(
        Tokens(lambda line, _: http(401) if line == "GET /data" else None), obtain(), present("fresh")
    )
    assert found.verdict == "fail"
    assert ("status", "200 OK", "401 Unauthorized") in problems(found)


# What an API may refuse to issue is left alone where it does; what it issues must be right.
def test_issuing_may_be_refused() -> None:
    asked = obtain()
    observed = Outcome("observed", None, {"what": "whether such a name is taken"}, WRITTEN)
    asked = replace(asked, step=replace(asked.step, outcome=observed))
    shown = do("list", expects=(check("shows", of="fresh", what="name"),))

    def issuing(status: int) -> Tokens:
        return Tokens(lambda line, _: http(status) if line == "POST /tokens" else None)

    assert ran(Tokens(), asked, shown).verdict == "pass"
    nameless = Tokens(lambda line, _: http(200, b"[]") if line == "GET /tokens" else None)
    assert ran(nameless, asked, shown).verdict == "fail"
    refused = ran(issuing(400), asked, shown)
    assert (refused.verdict, refused.reason) == (
        "not-applicable", "the API issues none of this kind: 400 Bad Request"
    )  # fmt: skip
    assert ran(issuing(503), asked, shown).verdict == "inconclusive"
    assert ran(issuing(400), obtain(), shown).verdict == "inconclusive"


# A revoked token that is answered with nothing but 500 is not refused: that is a finding, and no doubt.
def test_revoked_and_never_refused() -> None:
    server = Tokens()
    revoked = "DELETE /tokens/t0"
    server.wrong = lambda line, _: http(500) if line == "GET /data" and revoked in server.lines else None
    found = ran(server, obtain(), do("revoke"), present("fresh", settles()))
    assert found.verdict == "fail" and found.problems
    assert found.problems[0].expected == "a refusal from 0.3 s after the change on"
    assert found.problems[0].actual.startswith("500 Internal Server Error, a failure of the server, 0.3")


# So it is with what should come to be so and is taken for granted: what builds upon it is not asked.
def test_assumed_to_settle() -> None:
    assumed = present("fresh", settles("200ms", None), proves=())
    asked = (obtain(), assumed, present("fresh"))
    found = ran(Tokens(), *asked)
    assert found.verdict == "pass", found.reason
    found = ran(Tokens(lambda line, _: http(401) if line == "GET /data" else None), *asked)
    assert (found.verdict, problems(found)) == ("inconclusive", [])
    assert found.reason and found.reason.startswith("assumed accepted with 200 OK, got 401 Unauthorized 0.")


# What is taken for granted proves nothing where it holds, and leaves the rest unknown where it does not.
def test_assumed() -> None:
    assumed = present("fresh", proves=())
    found = ran(Tokens(), obtain(), assumed, do("revoke"), present("fresh", REFUSED))
    assert found.verdict == "pass" and verdicts(found) == {"api/act": "pass", "api/described": "pass"}
    found = ran(Tokens(lambda line, _: http(500) if line == "GET /data" else None), obtain(), assumed)
    assert (found.verdict, problems(found)) == ("inconclusive", [])
    assert found.reason == "assumed accepted with 200 OK, got 500 Internal Server Error (api.suite.yaml:7)"


# What was issued a moment ago is presented again while it is refused, as long as the profile allows for that.
def test_assumed_and_not_yet_active() -> None:
    def lagging(requests: int) -> Tokens:
        return Tokens(lambda line, count: http(401) if line == "GET /data" and count <= requests else None)

    def assuming(server: Tokens, name: str = "fresh", **limits: Any) -> CaseOutcome:
        allowed = profile(operation("protected"), lifecycle=LIFECYCLE, limits=limits)
        steps = (obtain(), present(name, proves=()), do("revoke"), present("fresh", REFUSED))
        return ran(server, *steps, profile=allowed)

    assert assuming(lagging(3), activation="5s").verdict == "pass"
    refused = "assumed accepted with 200 OK, got 401 Unauthorized (api.suite.yaml:7)"
    assert assuming(lagging(3)).reason == refused
    server = lagging(1000)
    assert assuming(server, activation="300ms").reason == refused
    assert 3 < server.lines.count("GET /data") < 10
    # one that is configured is not new
    assert assuming(lagging(3), name="token", activation="5s").reason == refused


# What is asked many times at once is asked so again, and of all that was refused the last answer is kept.
def test_assumed_many_times_and_not_yet_active() -> None:
    server = Tokens(lambda line, count: http(401) if line == "GET /data" and count in (5, 15) else None)
    allowed = profile(operation("protected"), lifecycle=LIFECYCLE, limits={"activation": "5s"})
    assumed = present("fresh", proves=(), times=10, together=True)
    found = ran(server, obtain(), assumed, do("revoke"), present("fresh", REFUSED), profile=allowed)
    assert found.verdict == "pass" and server.lines.count("GET /data") == 31
    kept = [
        each.response["status"]
        for each in found.exchanges
        if each.response and "/data" in each.request["url"]
    ]
    assert kept == [401, *(200 for _ in range(10)), 401]


# A step that is about other requirements proves those.
def test_proves_others() -> None:
    found = ran(
        Tokens(), obtain(), present("fresh", proves=("api/other",)), do("revoke"), present("fresh", REFUSED)
    )
    assert verdicts(found) == {"api/other": "pass", "api/act": "pass", "api/described": "pass"}


# A verb that was not done leaves the rest unknown, unless the step says what must come of it.
def test_not_done() -> None:
    server = Tokens(lambda line, _: http(500) if line.startswith("DELETE") else None)
    found = ran(server, obtain(), do("revoke"), present("fresh", REFUSED))
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "'revoke' was not done: 500 Internal Server Error",
    )
    found = ran(Tokens(lambda line, _: http(500) if line == "POST /tokens" else None), obtain())
    assert (found.verdict, found.reason) == ("inconclusive", "no token was issued: 500 Internal Server Error")


# A verb that presents nothing and is answered with 401 lacks a credential: the reason says where to name one.
def test_a_verb_without_a_credential() -> None:
    denied = Tokens(lambda line, _: http(401) if line != "GET /data" else None)
    bare = {name: replace(each, credential=None) for name, each in LIFECYCLE.items()}
    said = "401 Unauthorized, and it presents no credential: write credential: NAME there (profile.yaml:30)"
    for steps, what in (((obtain(),), "no token was issued"), ((do("list"),), "'list' was not done")):
        found = ran(denied, *steps, profile=profile(operation("protected"), lifecycle=bare))
        assert (found.verdict, found.reason) == ("inconclusive", f"{what}: {said}")
    # a log-in that sends a password has shown a credential
    body = {"password": "${secrets.token}"}
    logging_in = {"issue": replace(bare["issue"], body=body)}
    found = ran(denied, obtain(), profile=profile(operation("protected"), lifecycle=logging_in))
    assert found.reason == "no token was issued: 401 Unauthorized"


# With a status of its own it is judged by that; a target that is busy says nothing.
def test_explicit_status() -> None:
    again = do("revoke", expects=(check("status", **{"is": [204, 404]}),))
    assert ran(Tokens(), obtain(), do("revoke"), again).verdict == "pass"

    def second(status: int) -> Tokens:
        return Tokens(lambda line, count: http(status) if line.startswith("DELETE") and count > 1 else None)

    found = ran(second(500), obtain(), do("revoke"), again)
    assert problems(found) == [("status", "204 No Content or 404 Not Found", "500 Internal Server Error")]
    found = ran(second(502), obtain(), do("revoke"), again)
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "502 Bad Gateway says nothing of whether 'revoke' may be done",
    )


# Who may not do it is refused; who does it nevertheless is found out.
@pytest.mark.parametrize(
    "spoil", [Spoil("credential", "nothing", False, WRITTEN), Spoil("credential", None, True, WRITTEN)]
)
def test_verb_refused(spoil: Spoil) -> None:
    refusals = {"default": (Expectation("status", {"is": 403}, "api/described", None, None, AT),)}
    given = profile(operation("protected"), lifecycle=LIFECYCLE, refusals={**refusals, "unknown-token": ()})
    refused = do("issue", outcome=Outcome("refused", "default", {}, WRITTEN), spoil=spoil)
    found = ran(Tokens(), refused, profile=given)
    assert found.verdict == "pass"
    served = http(201, b'{"token": "key_live_000000000000", "id": 1, "name": "x"}')
    found = ran(Tokens(lambda line, _: served), refused, profile=given)
    assert found.verdict == "fail" and ("status", "403 Forbidden", "201 Created") in problems(found)
    found = ran(Tokens(lambda line, _: http(503)), refused, profile=given)
    assert found.verdict == "inconclusive"


# Revoked and watched: within the time allowed it passes, and tells how long it took.
def test_settles() -> None:
    found = ran(Tokens(), obtain(), do("revoke"), present("fresh", settles()))
    assert found.verdict == "pass", found.reason
    measured = found.measurements["settling"]
    assert measured["flaps"] == 0 and measured["worst_s"] < 0.3
    assert measured["proves"].startswith("1 trial within the time allowed")


# Never revoked: the message says what was expected from when on, and when it was not so.
def test_never_settles() -> None:
    stubborn = Tokens(lambda line, _: http(204, b"") if line.startswith("DELETE") else None)
    found = ran(stubborn, obtain(), do("revoke"), present("fresh", settles("200ms")))
    assert found.verdict == "fail"
    (act, status) = problems(found)
    assert act[1].endswith(" from 0.2 s after the change on")
    assert status[1] == "401 Unauthorized from 0.2 s after the change on"
    assert status[2].startswith("200 OK, 0.2")


# A change that a later step watches must have been done.
def test_settles_without_the_change() -> None:
    server = Tokens(lambda line, _: http(404) if line.startswith("DELETE") else None)
    tolerated = do("revoke", expects=(check("status", **{"is": [204, 404]}),))
    found = ran(server, obtain(), tolerated, present("fresh", settles()))
    assert (found.verdict, found.reason) == ("inconclusive", "'revoke' was not done")


# So many trials as the setting says, where what is changed is the case's own.
def test_trials() -> None:
    server = Tokens()
    found = ran(server, obtain(), do("revoke"), present("fresh", settles()), trials=3)
    assert len(found.measurements["settling"]["trials"]) == 3
    assert sum(line.startswith("DELETE") for line in server.lines) == 3


# Many at once must all be accepted: one that is not is one too many.
@pytest.mark.parametrize("together", [False, True])
def test_times(together: bool) -> None:
    server = Tokens()
    assert ran(server, obtain(), present("fresh", times=12, together=together)).verdict == "pass"
    assert server.lines.count("GET /data") == 12
    seventh = Tokens(lambda line, count: http(401) if line == "GET /data" and count == 7 else None)
    found = ran(seventh, obtain(), present("fresh", times=12, together=together))
    assert found.verdict == "fail" and ("status", "200 OK", "401 Unauthorized") in problems(found)


# Several issued at once are held under numbered names, and judged together.
def test_obtain_several() -> None:
    many = obtain("many", times=3, together=True, expects=(check("all-different"),))
    found = ran(Tokens(), many, present("many"), present("many-2"), present("many-3"))
    assert found.verdict == "pass"
    same = http(201, b'{"token": "key_live_000000000000", "id": "1", "name": "x"}')
    found = ran(Tokens(lambda line, _: same if line == "POST /tokens" else None), many)
    assert problems(found) == [("all-different", "3 different credentials", "only 1 different ones")]


# Each of the answers that issued them is judged, not the last alone.
def test_every_answer_is_judged() -> None:
    private = check("headers", **{"is": {"Cache-Control": "no-store"}})
    issued = http(
        201, b'{"token": "key_live_000000000000", "id": "1", "name": "x"}', "Cache-Control: no-store"
    )
    open_one = issued.replace(b"no-store", b"public, a")
    server = Tokens(lambda line, count: open_one if count == 1 else issued)
    found = ran(server, obtain("many", times=3, expects=(private,)))
    assert [each[:2] for each in problems(found)] == [("headers", "Cache-Control: no-store")]


# The name asked for is the one to be listed, whatever the answer that issued it said.
def test_name_as_asked_for() -> None:
    named = obtain("fresh", options={"as": "fresh", "with": {"name": "etl ${once}"}})
    shows = do("list", expects=(check("shows", of="fresh", what="name"),))
    assert ran(Tokens(), named, shows).verdict == "pass"

    class Folding(Tokens):
        def answer(self, request: bytes) -> bytes:
            return super().answer(request.replace(b'"etl ', b'"ETL '))

    found = ran(Folding(), named, shows)
    assert found.verdict == "fail" and found.problems[0].expected.startswith('the name "etl authconform-')


# Where no check had anything to look at, nothing was learned.
def test_nothing_looked_at() -> None:
    found = ran(Tokens(), obtain("fresh", expects=(check("all-different"),)))
    assert (found.verdict, found.reason) == ("inconclusive", "no answer held what this looks for")


def alike(*parts: str) -> PlannedStep:
    compared = Outcome("observed", None, {"what": "compared"}, WRITTEN)
    branches = {"missing": present("nothing", compared), "unknown": present("token", compared, UNKNOWN)}
    written: Mapping[str, Step] = {name: each.step for name, each in branches.items()}
    whole = step(Outcome("alike", None, {}, WRITTEN), None, verb="alike", subject=parts, branches=written)
    return PlannedStep(whole, None, "", branches)


def refusing(body: Callable[[bool], bytes], *fields: str) -> Callable[[bytes], bytes]:
    def answer(request: bytes) -> bytes:
        token = b"Authorization:" in request
        return http(401, body(token), *(fields if token else ()))

    return answer


# Causes are asked for three times each, in turn; a body that tells them apart is a failure.
def test_alike() -> None:
    server = Tokens()
    server.answer = refusing(lambda token: b"no")  # type: ignore[method-assign]
    found = ran(server, alike("status", "headers", "body"))
    assert (found.verdict, found.measurements) == ("pass", {})
    assert len(found.exchanges) == 6
    server.answer = refusing(lambda token: b"bad" if token else b"none")  # type: ignore[method-assign]
    found = ran(server, alike("status", "headers", "body"))
    assert (found.verdict, problems(found)) == (
        "fail",
        [("alike", "the same body: missing has none", "unknown has bad")],
    )


# What is shown may be changed by others meanwhile; only what differs each time is a difference.
def test_alike_while_others_change_it() -> None:
    server, count = Tokens(), itertools.count()
    server.answer = lambda request: http(200, b"%d items" % min(next(count), 8))  # type: ignore[method-assign]
    found = ran(server, alike("body"))
    assert (found.verdict, problems(found)) == ("pass", [])
    server.answer = lambda request: http(200, b"all" if b"Authorization:" in request else b"few")  # type: ignore[method-assign]
    found = ran(server, alike("body"))
    assert (found.verdict, problems(found)) == (
        "fail",
        [("alike", "the same body: missing has few", "unknown has all")],
    )


# A field that tells them apart is only a warning.
def test_alike_fields() -> None:
    server = Tokens()
    server.answer = refusing(lambda token: b"no", "X-Known: no")  # type: ignore[method-assign]
    found = ran(server, alike("status", "headers", "body"))
    assert (found.verdict, [each.level for each in found.problems]) == ("warn", ["SHOULD"])


# A verb that is changed is done first as it is, and the answer to the change is judged by its checks.
def test_changed_verb() -> None:
    def nameless(line: str, _count: int) -> bytes | None:
        return http(500) if line == "POST /tokens" and '"name": ""' in server.bodies[-1] else None

    class Listening(Tokens):
        bodies: list[str] = []

        def answer(self, request: bytes) -> bytes:
            self.bodies.append(request.decode().partition("\r\n\r\n")[2])
            return super().answer(request)

    spoil = Spoil("param", {"name": ""}, False, WRITTEN)
    issue = do("issue", spoil=spoil, expects=(check("no-server-failure"),))
    server = Listening()
    assert ran(server, issue).verdict == "pass"
    assert server.bodies == [server.bodies[0], '{"name": ""}'] and "authconform-" in server.bodies[0]
    server = Listening(nameless)
    assert [each[0] for each in problems(ran(server, issue))] == ["no-server-failure"]
    found = ran(Tokens(lambda line, _: http(403) if line == "POST /tokens" else None), issue)
    assert (found.verdict, found.reason) == (
        "inconclusive", "the control was not done: 'issue' without the change: 403 Forbidden"
    )  # fmt: skip


# A change that a verb has no parameter for does not apply: the verb as it is would be no finding.
def test_verb_that_cannot_be_changed() -> None:
    found = ran(Tokens(), do("list", spoil=Spoil("param", {"name": ""}, False, WRITTEN)))
    assert (found.verdict, found.reason) == ("not-applicable", "list has no parameters in its body")
