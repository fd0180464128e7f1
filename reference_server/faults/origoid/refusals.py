"""Faults: the envelope of what is refused is not as documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reference_server.faults.origoid.entry import (
    ENVELOPE,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import answering, saying
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts

_ENVELOPE = ("origoid/envelope",)

# --- the envelope --------------------------------------------------------------------------------


def _enveloping(
    behaviour: Behaviour, change: Callable[[Facts, Mapping[str, Any]], Mapping[str, Any]]
) -> Behaviour:
    """Write another envelope."""
    return replace(
        behaviour,
        envelope=lambda facts, type, message: change(facts, behaviour.envelope(facts, type, message)),
    )


def _with(**members: Any) -> Callable[[Facts, Mapping[str, Any]], Mapping[str, Any]]:
    return lambda facts, right: {**right, **members}


@fault("envelope-status-fail", "The status of a failure is FAIL", breaks=_ENVELOPE)
def status_fail(behaviour: Behaviour) -> Behaviour:
    """One of the constants. It is the same for all."""
    return _enveloping(behaviour, _with(status="FAIL"))


@fault("envelope-without-data", "A failure has no member data", subtle=True, breaks=_ENVELOPE)
def without_data(behaviour: Behaviour) -> Behaviour:
    """Serialisers leave null out. The document prints it."""
    return _enveloping(
        behaviour, lambda facts, right: {name: value for name, value in right.items() if name != "data"}
    )


@fault("envelope-data-empty", "The data of a failure is an empty object", subtle=True, breaks=_ENVELOPE)
def data_empty(behaviour: Behaviour) -> Behaviour:
    """In place of null."""
    return _enveloping(behaviour, _with(data={}))


@fault(
    "envelope-one-member-more",
    "A failure has a member more",
    level="SHOULD",
    breaks=("origoid/envelope-closed",),
)
def one_member_more(behaviour: Behaviour) -> Behaviour:
    """The same for all. The document shows seven."""
    return _enveloping(behaviour, _with(version="2.1"))


@fault("envelope-billable", "A failure is billable", breaks=("origoid/not-billable",))
def billable(behaviour: Behaviour) -> Behaviour:
    """Every request is counted where it comes in."""
    return _enveloping(behaviour, _with(billable=True))


@fault(
    "envelope-billable-as-text",
    "That a failure is not billable is told in a text",
    subtle=True,
    breaks=("origoid/not-billable", *_ENVELOPE),
)
def billable_as_text(behaviour: Behaviour) -> Behaviour:
    """Which is true, as texts go."""
    return _enveloping(behaviour, _with(billable="false"))


@fault(
    "envelope-transaction-constant",
    "All failures have the same transactionId",
    level="SHOULD",
    breaks=("origoid/transaction-id",),
)
def transaction_constant(behaviour: Behaviour) -> Behaviour:
    """Made when the server was started."""
    return _enveloping(behaviour, _with(transactionId="9f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f"))


@fault("envelope-transaction-number", "The transactionId is a number", subtle=True, breaks=_ENVELOPE)
def transaction_number(behaviour: Behaviour) -> Behaviour:
    """A new one each time. The document prints a text."""
    return _enveloping(
        behaviour, lambda facts, right: {**right, "transactionId": facts.server.random.getrandbits(48)}
    )


def _processed(behaviour: Behaviour, change: Callable[[str], str]) -> Behaviour:
    return _enveloping(behaviour, lambda facts, right: {**right, "processedAt": change(right["processedAt"])})


_PROCESSED = ("origoid/processed-at",)


@fault("processed-at-without-offset", "The processedAt has no offset", breaks=_PROCESSED)
def processed_without_offset(behaviour: Behaviour) -> Behaviour:
    """Whose clock it is nobody can tell."""
    return _processed(behaviour, lambda right: right[:19])


@fault("processed-at-of-yesterday", "The processedAt is a day old", subtle=True, breaks=_PROCESSED)
def processed_yesterday(behaviour: Behaviour) -> Behaviour:
    """Right in form."""
    return _processed(
        behaviour, lambda right: (datetime.fromisoformat(right) - timedelta(days=1)).isoformat()
    )


@fault(
    "processed-at-in-wrong-zone",
    "The processedAt is local time with the offset of UTC",
    subtle=True,
    breaks=_PROCESSED,
)
def processed_in_wrong_zone(behaviour: Behaviour) -> Behaviour:
    """Six hours ago, therefore."""
    return _processed(behaviour, lambda right: right[:19] + "Z")


@fault("processed-at-for-people", "The processedAt is written for people", breaks=_PROCESSED)
def processed_for_people(behaviour: Behaviour) -> Behaviour:
    """No ISO 8601."""
    return _processed(behaviour, lambda right: datetime.fromisoformat(right).strftime("%d/%m/%Y %H:%M:%S"))


_OF_THE_BODY = because("a body that is no JSON has none of its members", *ENVELOPE)


@fault(
    "refusal-is-a-page",
    "A failure is a page of HTML",
    breaks=("asvs/4.1.1-media-type", *ENVELOPE[:1]),
    also=_OF_THE_BODY,
)
def is_a_page(behaviour: Behaviour) -> Behaviour:
    """As the web server has it, which is asked first. It is the same for all."""
    page = b"<html><title>401</title><p>Invalid credentials</html>"
    return answering(
        behaviour,
        lambda facts, answer: replace(answer, headers=_as(answer, "text/html"), body=page),
    )


def _as(answer: Answer, kind: str) -> tuple[tuple[str, str], ...]:
    """The fields of an answer, with another media type."""
    others = tuple(field for field in answer.headers if field[0] != "Content-Type")
    return (*others, ("Content-Type", kind))


@fault(
    "refusal-says-html",
    "A failure is JSON that says it is HTML",
    subtle=True,
    breaks=("asvs/4.1.1-media-type",),
)
def says_html(behaviour: Behaviour) -> Behaviour:
    """The default of the framework where nobody says otherwise."""
    return answering(
        behaviour, lambda facts, answer: replace(answer, headers=_as(answer, "text/html; charset=utf-8"))
    )


@fault(
    "refusal-shows-traceback",
    "A failure has the traceback in its message",
    breaks=("practice/no-internals", "practice/error-media-type", *_ENVELOPE),
)
def shows_traceback(behaviour: Behaviour) -> Behaviour:
    """A setting for development. The message is not the documented one, therefore, and whoever asks for a
    page is told as much as any other."""
    trace = 'Traceback (most recent call last):\n  File "/srv/origoid/guard.py", line 71, in admit'
    return answering(behaviour, saying(message=trace))
