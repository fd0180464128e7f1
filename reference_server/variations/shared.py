"""Liberties that servers of several APIs take alike: each profile enters them under a name of its own."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from reference_server.deciding import Refusal
from reference_server.faults.shared.decisions import A, Facts
from reference_server.messages import Answer

CHALLENGE = "WWW-Authenticate"
Field = tuple[str, str]

# --- what they are made of -----------------------------------------------------------------------


def finishing(behaviour: A, change: Callable[[Any, Answer], Answer]) -> A:
    """Change every answer when all else is done."""
    return replace(behaviour, finish=lambda facts, answer: change(facts, behaviour.finish(facts, answer)))


def with_fields(behaviour: A, change: Callable[[tuple[Field, ...]], tuple[Field, ...]]) -> A:
    """Change the header fields of every answer."""
    return finishing(behaviour, lambda facts, answer: replace(answer, headers=change(answer.headers)))


def with_values(behaviour: A, change: Callable[[str, str], str]) -> A:
    """Change the value of each header field, given its name in lower case."""
    return with_fields(
        behaviour, lambda fields: tuple((name, change(name.lower(), value)) for name, value in fields)
    )


def is_json(answer: Answer) -> bool:
    return bool(answer.body) and (answer.value("content-type") or "").startswith("application/json")


def rewritten(answer: Answer, change: Callable[[Any], Any], **style: Any) -> Answer:
    """The answer with another JSON in it; `style` is how that is written out."""
    return replace(answer, body=json.dumps(change(json.loads(answer.body)), **style).encode())


def rewriting(behaviour: A, change: Callable[[Any], Any], **style: Any) -> A:
    """Change every body that is JSON."""

    def rewrite(facts: Facts, answer: Answer) -> Answer:
        return rewritten(answer, change, **style) if is_json(answer) else answer

    return finishing(behaviour, rewrite)


def challenging(behaviour: A, change: Callable[[str], str]) -> A:
    """Write every challenge in another way."""

    def challenge(facts: Facts, refusal: Any) -> str | None:
        given = behaviour.challenge(facts, refusal)
        return given and change(given)

    return replace(behaviour, challenge=challenge)


def reconciling(behaviour: A, reconcile: Callable[[tuple[Any, ...]], Any]) -> A:
    """Decide otherwise between several credentials; of one there is nothing to decide."""
    return replace(
        behaviour,
        reconcile=lambda facts, found: reconcile(found) if len(found) > 1 else found[0],
    )


def leeway(behaviour: A, seconds: float) -> A:
    """Allow for so many seconds more, or fewer, at either end of the time of a JWT."""
    right: Any = behaviour

    def judge_expiry(facts: Any, claims: Mapping[str, Any]) -> Any:
        return right.judge_expiry(replace(facts, now=facts.now - seconds), claims)

    def judge_beginning(facts: Any, claims: Mapping[str, Any]) -> Any:
        return right.judge_beginning(replace(facts, now=facts.now + seconds), claims)

    return replace(behaviour, judge_expiry=judge_expiry, judge_beginning=judge_beginning)


# --- bodies, and how they are sent ---------------------------------------------------------------


def indented(behaviour: A, escaped: Callable[[bytes], bytes]) -> A:
    """RFC 8259: white space and the order of members mean nothing, and any character may be escaped."""
    written = rewriting(
        behaviour, lambda value: dict(reversed(value.items())), indent=2, separators=(",", " : ")
    )
    return finishing(
        written,
        lambda facts, answer: replace(answer, body=escaped(answer.body)) if is_json(answer) else answer,
    )


def in_chunks(behaviour: A) -> A:
    """RFC 9112 section 7.1; and RFC 9110 section 8.6: HEAD need not tell a length."""
    return finishing(behaviour, lambda facts, answer: replace(answer, framing="chunks"))


def closing(behaviour: A) -> A:
    """RFC 9112 section 9.6: either side may close a connection when it likes to, and says so."""
    return with_fields(behaviour, lambda fields: (*fields, ("Connection", "close")))


# --- header fields -------------------------------------------------------------------------------


def in_lower_case(behaviour: A) -> A:
    """RFC 9110 section 5.1: names of fields have no case."""
    return with_fields(behaviour, lambda fields: tuple((name.lower(), value) for name, value in fields))


def otherwise(behaviour: A) -> A:
    """RFC 9110 sections 5.1 and 5.3: names of fields have no case, and the order of different ones means
    nothing."""
    return with_fields(in_lower_case(behaviour), lambda fields: fields[::-1])


def with_charset(behaviour: A) -> A:
    """RFC 8259 section 11: the parameter is not defined for JSON and changes nothing. RFC 6749 section 5.1
    shows it."""

    def change(name: str, value: str) -> str:
        return f"{value};charset=UTF-8" if name == "content-type" and value.endswith("json") else value

    return with_values(behaviour, change)


def behind_a_gateway(behaviour: A, *more: Field) -> A:
    """What a proxy writes on every answer is none of the document's business. The cookie says which machine
    it was, and opens nothing; browsers send it back beside others."""
    added = (
        ("Via", "1.1 edge"),
        ("X-Request-Id", "c81e728d9d4c2f63"),
        ("Set-Cookie", "route=a1; Path=/; HttpOnly"),
    )
    return with_fields(behaviour, lambda fields: (*fields, *added, *more))


def behind_a_gateway_in_chunks(behaviour: A) -> A:
    """As its fields are none of the document's business, so is the way in which it tells the length of a
    body: RFC 9112 section 7.1. The cookie opens nothing."""
    return in_chunks(behind_a_gateway(behaviour, ("RateLimit-Remaining", "9999")))


def retry_at_a_date(behaviour: A) -> A:
    """RFC 9110 section 10.2.3 has either. A date has no fractions, so that it is rounded up."""

    def dated(facts: Facts, answer: Answer) -> Answer:
        def written(name: str, value: str) -> str:
            wait = name == "Retry-After"
            return formatdate(math.ceil(facts.now) + int(value), usegmt=True) if wait else value

        return replace(answer, headers=tuple((name, written(name, value)) for name, value in answer.headers))

    return finishing(behaviour, dated)


# --- challenges ----------------------------------------------------------------------------------


def spelled_otherwise(behaviour: A) -> A:
    """RFC 9110 sections 11.1 and 11.2: schemes and names of parameters have no case; section 5.6.1: spaces
    may stand around the commas of a list, and before a comma too."""

    def change(given: str) -> str:
        named = re.sub(r"(\w+)=", lambda match: match[0].upper(), given.replace("Bearer", "bearer", 1))
        return named.replace('", ', '" ,\t')

    return challenging(behaviour, change)


def beside_others(behaviour: A) -> A:
    """RFC 9110 section 11.6.1: a field may have several challenges, and a client takes the one that it knows.
    It stands last, so that commas have to be told apart."""
    return challenging(behaviour, lambda given: f'Negotiate, DPoP algs="ES256 EdDSA", {given}')


# --- decisions -----------------------------------------------------------------------------------


def first_right_counts(behaviour: A) -> A:
    """Nothing is said of several. Served every time, and as exactly one caller whose credential is right."""
    return reconciling(
        behaviour,
        lambda found: next((each for each in found if not isinstance(each, Refusal)), found[0]),
    )


def led_to_https(behaviour: A) -> A:
    """Nothing is served, and no credential looked at: the answer is the same for all. What was sent in the
    clear is not made any better by it, which is no affair of the server's."""

    def plain(facts: Facts) -> Answer:
        return Answer(308, (("Location", f"https://{facts.request.host}{facts.request.path}"),))

    return replace(behaviour, plain=plain)
