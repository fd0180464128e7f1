"""A faulty server is asked only what it answers otherwise than the right one; that must hide nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness import proving
from harness.proving.reach import narrowed
from harness.proving.trials import Trial, try_all
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


# The proof of it: servers that are asked everything show what they show when asked only what they change.
def test_nothing_is_hidden():
    aim = proving.Aim("kid-jwt")
    faults = [str(each["id"]) for each in provider.faults("kid-jwt")][::30]
    whole = [Trial(aim, (id,), watched=False, timed=False) for id in faults]
    few = narrowed(whole)

    shown = [[replace(seen, applied=()) for seen in try_all(trials)] for trials in (few, whole)]
    assert shown[0] == shown[1]
    asks = [sum(map(trial.asks, proving.subject(aim).cases)) for trial in (few[0], whole[0])]
    assert 0 < asks[0] < asks[1]
