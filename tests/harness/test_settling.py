"""A change is watched as it takes effect, on small servers that forget a token in many ways."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from loopback import Loopback, answering
from scene import CONTROL, WRITTEN, http, operation, play, profile, setting

from harness.asking import Ask
from harness.credentials import CannotSpoil
from harness.exchange import Network
from harness.measure.latency import estimate
from harness.model import Exchange, Spoil
from harness.setting import Inconclusive
from harness.settling import Change, Settled, settle

OK, REFUSED, BUSY = http(200), http(401), http(429, b"{}", "Retry-After: 1")
Answers = Callable[[float | None], bytes]
"""The answer, by the seconds since the token was revoked; None where it is not."""


class Scene:
    """A server that answers by the time since the revocation, and the network to it on the same clock."""

    def __init__(self, answers: Answers, *, rate: float | None = None, call: float = 0.0) -> None:
        self.answers = answers
        self.given = setting("")
        self.network = Network(redactor=self.given.redactor, rate=rate, timeout=2.0)
        self.call = call
        self.revoked_at: float | None = None
        self.exchanges: list[Exchange] = []
        self.server = Loopback()

    def answer(self, request: bytes) -> bytes:
        now = self.network.now()
        return self.answers(None if self.revoked_at is None else now - self.revoked_at)

    async def revoke(self) -> tuple[float, bool]:
        self.revoked_at = self.network.now()
        return self.network.now(), False

    async def settled(
        self, make: Callable[[], Awaitable[tuple[float, bool]]] | None = None, **changes: Any
    ) -> Settled:
        ask = Ask(CONTROL, "case")
        change = replace(
            Change(ask=ask, make=make or self.revoke, accepts=False, within=0.4, watch=0.1), **changes
        )
        try:
            async with answering(self.answer) as self.server:
                place = replace(self.given.target.places["own"], url=self.server.url)
                target = replace(self.given.target, places={"own": place})
                given = replace(self.given, target=target, profile=profile(operation()))
                return await settle(given, self.network.lane(), self.exchanges, change)
        finally:
            await self.network.aclose()


def watched(answers: Answers, **changes: Any) -> Settled:
    """What comes of revoking a token of a server that answers so."""
    return play(Scene(answers).settled(**changes))


def after(seconds: float) -> Answers:
    """Refused from so many seconds after the revocation on."""
    return lambda since: OK if since is None or since < seconds else REFUSED


# Refused at once: the interval is narrow and holds the instant of the call; nothing is late.
def test_at_once() -> None:
    found = watched(after(0.0))
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None
    assert last < 0.001 and first > 0 and first - last < 0.05
    assert found.trial.flaps == 0 and not found.late
    assert {answer.status for answer in found.after} == {401}


# Refused a while after: the interval tells when, and evidence holds both sides of it.
def test_after_a_while() -> None:
    scene = Scene(after(0.3))
    found = play(scene.settled())
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None and last < 0.3 <= first + 0.001
    middle = estimate(found.trial)
    assert middle is not None and abs(middle - 0.3) < 0.03
    assert not found.late
    statuses = [each.response and each.response["status"] for each in scene.exchanges]
    assert statuses[0] == 200 and set(statuses[1:]) == {401}
    assert len(statuses) <= 5


# Never refused: what was sent after the time allowed is late, and some of it is kept.
def test_never() -> None:
    found = watched(after(1e9))
    assert not found.after and 1 <= len(found.late) <= 3
    assert all(at > 0.4 and answer.status == 200 for at, answer in found.late)
    assert found.trial.first_after is None


# Another answer of the 2xx class is no refusal either.
def test_not_refused_by_another_success() -> None:
    found = watched(lambda since: OK if since is None else http(204, b""))
    assert found.late and found.late[0][1].status == 204


# It comes back for a moment inside the time allowed: counted, and not late.
def test_flap_inside_the_time_allowed() -> None:
    found = watched(lambda since: OK if since is None or 0.02 < since < 0.3 else REFUSED, within=0.6)
    assert found.trial.flaps > 0 and not found.late
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None and last < 0.3 <= first + 0.001


# It comes back after the time allowed: late.
def test_flap_outside_the_time_allowed() -> None:
    found = watched(
        lambda since: OK if since is None or 0.3 < since < 0.4 else REFUSED, within=0.2, watch=0.3
    )
    assert found.late and found.trial.flaps > 0
    assert all(0.3 < at < 0.41 for at, _ in found.late)


# Three machines in turn, one of which learns of it later: flaps until then, and the interval holds the last.
def test_three_replicas() -> None:
    turns = cycle((0.0, 0.05, 0.2))
    found = watched(lambda since: after(next(turns))(since), within=0.5)
    last, first = found.trial.last_before, found.trial.first_after
    assert found.trial.flaps > 3 and not found.late
    assert last is not None and first is not None and last < 0.2 <= first + 0.001
    middle = estimate(found.trial)
    assert middle is not None and abs(middle - 0.2) < 0.03


# A target that asks to be spared is left alone for as long as it says; the interval is as wide as that.
def test_retry_after_is_obeyed() -> None:
    asked: list[float] = []

    def answers(since: float | None) -> bytes:
        if since is not None and since < 0.9:
            asked.append(since)
            return BUSY
        return OK if since is None else REFUSED

    found = watched(answers, within=1.5)
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None and last < 0.01 and first > 0.9
    assert len(asked) <= 12  # those under way when the first came back
    assert max(asked) < 0.2
    assert not found.late and not any(answer.status == 429 for answer in found.after)


# One that was never accepted may simply be wrong: nothing was learned.
def test_never_accepted_before() -> None:
    with pytest.raises(Inconclusive, match="was not answered as before the change when it was to be made"):
        watched(lambda since: REFUSED, patience=0.3)


# A token that is not yet known everywhere when it was just made is waited for.
def test_known_a_little_later() -> None:
    scene = Scene(after(0.0))
    begun = scene.network.now()
    scene.answers = lambda since: REFUSED if scene.network.now() - begun < 0.15 else after(0.0)(since)
    found = play(scene.settled())
    assert found.trial.flaps == 0 and found.trial.first_after is not None and not found.late


# Only 500 after the change: no refusal, and shown to the judge; nobody waits for a better answer.
@pytest.mark.parametrize("status", [500, 302, 501])
def test_neither_accepted_nor_refused(status: int) -> None:
    scene = Scene(lambda since: OK if since is None else http(status))
    found = play(scene.settled())
    assert not found.after and found.trial.watched is None
    assert [answer.status for _, answer in found.late] == [status] * len(found.late) and found.late
    assert all(at > 0.4 for at, _ in found.late)
    assert scene.network.now() < 3.0


# The same of a change that is to let in: it does not.
def test_neither_accepted_nor_refused_when_let_in() -> None:
    found = watched(lambda since: http(500), accepts=True, known_before=False)
    assert found.late and found.late[0][1].status == 500


# A failure among refusals is one of the moment: it is refused all the same, and the judge sees the refusals.
def test_failure_among_refusals() -> None:
    turns = cycle((REFUSED, http(500)))
    found = watched(lambda since: OK if since is None else next(turns))
    assert not found.late and {answer.status for answer in found.after} == {401}


# What speaks of the moment, or of the request's circumstances, says nothing of the token.
@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_nothing_informative(status: int) -> None:
    with pytest.raises(Inconclusive, match="no answer after the time allowed said anything"):
        watched(lambda since: OK if since is None else http(status), patience=0.2)


# At most so many requests a second: fewer probes, a wider interval, the same truth.
def test_rate() -> None:
    scene = Scene(after(0.2), rate=20)
    found = play(scene.settled(within=0.5))
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None and last < 0.2 <= first + 0.001
    assert 0.02 < first - last < 0.3
    assert len(scene.server.requests) <= 30


# Made by hand the clock runs from the asking; the watch goes on from when the person was done.
def test_by_hand() -> None:
    scene = Scene(after(0.0))

    async def person() -> tuple[float, bool]:
        asked = scene.network.now()
        await asyncio.sleep(0.6)
        await scene.revoke()
        return asked, True

    found = play(scene.settled(person))
    assert found.trial.upper_bound and not found.trial.bounded
    assert found.trial.first_after is not None and 0.6 <= found.trial.first_after < 0.9
    assert len(scene.server.requests) < 700  # a person takes long: the target is not besieged meanwhile


# The change that lets in: refused until then, accepted after.
def test_activation() -> None:
    found = watched(
        lambda since: REFUSED if since is None or since < 0.2 else OK, accepts=True, known_before=False
    )
    last, first = found.trial.last_before, found.trial.first_after
    assert last is not None and first is not None and last < 0.2 <= first + 0.001
    assert {answer.status for answer in found.after} == {200} and not found.late


# Where it does not matter how long it takes, a few probes do.
def test_unmeasured() -> None:
    scene = Scene(after(0.0))
    found = play(scene.settled(measures=False))
    assert not found.late and found.after
    assert len(scene.server.requests) < 40


# One wrong refusal among many right ones is shown to the judge too.
def test_other_statuses_are_judged() -> None:
    found = watched(
        lambda since: http(403) if since is not None and 0.02 < since < 0.04 else after(0.0)(since)
    )
    assert [answer.status for answer in found.after] == [401, 403, 401]


# What keeps a probe from being sent is told as it is, and at once.
def test_trouble_is_told() -> None:
    spoil = Spoil("claims", {"exp": 0}, False, WRITTEN)
    with pytest.raises(CannotSpoil, match="a credential of kind bearer has no claims"):
        watched(after(0.0), ask=Ask(CONTROL, "case", spoil))
