"""A faulty server is asked only what it answers otherwise than the right one; that must hide nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from harness import proving
from harness.exchange import Lane
from harness.proving.reach import _Noticed, _Noticing
from harness.proving.subjects import watches
from harness.proving.trials import Reach, Trial, try_all
from reference_server.api import Opened
from reference_server.comparing import Comparison, Moment
from reference_server.messages import Answer, Request
from reference_server.provider import provider


def opened(handler):
    return Opened(None, handler, lambda port: {}, [], lambda: None, plain=handler)


def asked(path):
    return Request("GET", "api", path, "", (), b"", True, 1, 0)


def counting(limit):
    """Refuses from its `limit`th request on: what it answers depends on all that it has heard."""
    heard = []

    def handle(request):
        heard.append(request)
        return Answer(200 if len(heard) < limit else 429)

    return handle


# Whoever answers otherwise is named, once, and every server hears every request.
def test_who_would_have_answered_otherwise():
    wrong = {"second": opened(counting(2)), "third": opened(counting(3)), "never": opened(counting(9))}
    comparison = Comparison(opened(counting(9)), wrong, Moment())
    server = comparison.opened()

    named = []
    for path in ("/a", "/b", "/c"):
        assert server.handler(asked(path)).status == 200
        named.append(comparison.differing())

    assert named == [set(), {"second"}, {"second", "third"}]
    assert comparison.differing() == set()


# So is one that differs where no TLS is spoken, in how long it takes, or by failing.
@pytest.mark.parametrize(
    "change",
    [
        lambda right: replace(right, plain=lambda request: Answer(301)),
        lambda right: replace(right, plain=lambda request: Answer(200, delay=0.1)),
        lambda right: replace(right, plain=lambda request: {}["no such member"]),
    ],
)
def test_every_difference_counts(change):
    right = opened(lambda request: Answer(200))
    comparison = Comparison(right, {"wrong": change(right)}, Moment())

    assert comparison.opened().plain(asked("/")).status == 200
    assert comparison.differing() == {"wrong"}


# What another makes of the bytes that arrive is compared too.
def test_other_bytes():
    right = opened(lambda request: Answer(200))
    comparison = Comparison(right, {"wrong": replace(right, mend=bytes.lower)}, Moment())
    server = comparison.opened()

    assert (server.mend(b"get /"), comparison.differing()) == (b"get /", set())
    assert (server.mend(b"GET /"), comparison.differing()) == (b"GET /", {"wrong"})


# Where answers don't show the difference, because they are given elsewhere, all cases are asked.
@pytest.mark.parametrize("difference", [{"plain": None}, {"tls": True}])
def test_who_cannot_be_compared(difference):
    right = opened(lambda request: Answer(200))
    comparison = Comparison(right, {"wrong": replace(right, **difference)}, Moment())

    comparison.opened().handler(asked("/"))
    assert comparison.differing() == comparison.differing() == {"wrong"}


# Of cases between the same controls one speaks for the others, but where it says that a control failed.
def test_one_case_of_a_group_is_asked():
    reach = Reach(frozenset({"c"}), frozenset({("a", "b"), ("c", "d", "e")}))

    assert reach.first == {"a", "c"}
    assert reach.then([]) == frozenset()
    assert reach.then(["a"]) == {"b"}
    assert reach.then(["c"]) == {"d", "e"}
    both = reach.and_also(Reach(frozenset({"b"})))
    assert (both.first, both.then("c")) == ({"b", "c"}, {"d", "e"})


# A right control answered otherwise, and one that fails: what is left open by it is left open everywhere.
@pytest.mark.parametrize(
    ("fault", "fails"), [("greeting-cacheable", False), ("greeting-message-not-text", True)]
)
def test_controls_that_are_answered_otherwise(fault, fails, narrow):
    whole = Trial(proving.Aim("kid-jwt"), (fault,), watched=False, timed=False)
    (few,) = narrow([whole])

    shown = [replace(seen, applied=()) for seen in try_all([few, whole])]
    assert shown[0] == shown[1]
    assert bool(shown[0].blinded) is fails
    asks = [sum(map(trial.asks, proving.subject(whole.aim).cases)) for trial in (few, whole)]
    assert 0 < asks[0] < asks[1] / 2


# Changes are watched in time while others listen: who changes none of them is asked none.
def test_what_shows_only_in_time(narrow):
    aim = proving.Aim("originchain")
    faults = ("revocation-undone-after-20s", "revoked-token-may-head", "update-refusal-names-schemas")
    trials = narrow([Trial(aim, (fault,), timed=False) for fault in faults])

    watched = [case for case in proving.subject(aim).cases if watches(case)]
    asked = [{case.id for case in watched if trial.asks(case)} for trial in trials]
    assert "lifecycle/revocation/stays-revoked" in asked[0]
    assert asked[1] == {"lifecycle/revocation/everywhere[head]"}
    assert asked[2] == {"lifecycle/revocation/everywhere[update]"}


# What is no single case's counts for all, but a control, of which only one thing is kept.
@pytest.mark.parametrize(
    ("purpose", "case", "cases", "groups"),
    [
        ("case", "a", {"a"}, set()),
        ("control", "a", {"a"}, set()),
        ("control", None, set(), {("a", "b")}),
        ("setup", None, {"a", "b"}, set()),
        ("case", "", {"a", "b"}, set()),  # a token that is obtained for whoever needs it
    ],
)
def test_what_counts_for_whom(monkeypatch, purpose, case, cases, groups):
    async def sent(lane, request, *, purpose, case):
        return None

    monkeypatch.setattr(Lane, "__init__", lambda lane, network: None)
    monkeypatch.setattr(Lane, "send", sent)
    batch = SimpleNamespace(cases=[SimpleNamespace(id="a"), SimpleNamespace(id="b")])
    noticed = [_Noticed(), _Noticed()]
    lane = _Noticing(None, SimpleNamespace(differing=lambda: {"1"}), batch, noticed)

    asyncio.run(lane.send(None, purpose=purpose, case=case))
    assert (noticed[0], noticed[1]) == (_Noticed(), _Noticed(cases, groups))


# The proof of it: servers that are asked everything show what they show when asked only what they change.
def test_nothing_is_hidden(narrow):
    aim = proving.Aim("kid-jwt")
    faults = [str(each["id"]) for each in provider.faults("kid-jwt")][::30]
    whole = [Trial(aim, (id,), watched=False, timed=False) for id in faults]
    few = narrow(whole)

    shown = [[replace(seen, applied=()) for seen in try_all(trials)] for trials in (few, whole)]
    assert shown[0] == shown[1]
    asks = [sum(map(trial.asks, proving.subject(aim).cases)) for trial in (few[0], whole[0])]
    assert 0 < asks[0] < asks[1]
