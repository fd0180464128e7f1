"""Faults: a service is open to all, closed to some, or greets in the wrong way."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.kid_jwt.entry import (
    ASKED_WITH_KEY,
    ASKED_WITH_TOKEN,
    CHALLENGE,
    ERROR,
    GREETED,
    MISSING,
    NO_ERROR,
    SERVED_NOBODY,
    SHOWN,
    SHOWN_NOBODY,
    STATUS,
    TOKEN,
    UNASKED,
    UNKNOWN,
    UNREFUSED,
    because,
    fault,
)
from reference_server.faults.kid_jwt.wrong import greeting, path, waiving, with_greeting
from reference_server.faults.shared.ways import When, method
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Refusal
from reference_server.kid_jwt.records import Account

_REPORTS = path("/reports/")
_AT_REPORTS = because(
    "refusals by the other service have no control: it does not accept the valid token as it should either",
    *MISSING,
    *UNKNOWN,
    *CHALLENGE,
    ERROR,
    NO_ERROR,
    *SHOWN,
)
_WITHOUT_TOKEN = because(
    "that a request without its credential is refused has the valid token for its control, where it is tried",
    *MISSING,
    *CHALLENGE,
    NO_ERROR,
    *SHOWN,
    STATUS,
)
_UNCONTROLLED = because(
    "nothing that is asked at the root has a control: the valid credential is not greeted as documented",
    *ASKED_WITH_KEY,
    *ASKED_WITH_TOKEN,
    "kid-jwt/time-format",
)


@fault(
    "greets-anybody",
    "Requests without a credential are greeted",
    breaks=(*MISSING, *SERVED_NOBODY),
    also=UNREFUSED,
)
def greets_anybody(behaviour: Behaviour) -> Behaviour:
    """A credential in a query, a cookie or another field is none, so those are greeted as well, and nobody
    gets the 401 that is due. What has an Authorization field is judged as before. Paths and methods that are
    not there are so for everybody."""
    return waiving(behaviour, "missing-credential")


@fault("reports-open", "The second service needs no credential", subtle=True, breaks=MISSING)
def reports_open(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard. Credentials in other slots are tried at the root."""
    return waiving(behaviour, "missing-credential", _REPORTS)


@fault("greeting-head-open", "HEAD needs no credential", subtle=True, breaks=MISSING)
def head_open(behaviour: Behaviour) -> Behaviour:
    """The guard hangs on GET alone; only the operation `head` is a HEAD."""
    return waiving(behaviour, "missing-credential", method("HEAD"))


@fault(
    "greeting-beside-401",
    "The 401 to a request without a credential has the greeting in its body",
    subtle=True,
    breaks=tuple(name for name in (*MISSING, *SHOWN_NOBODY) if name != UNASKED),
    also=UNREFUSED,
)
def greeting_beside_401(behaviour: Behaviour) -> Behaviour:
    """The handler writes its answer and the guard only changes the status, which is right therefore. A
    credential in another slot is a request without one; the path and the method are looked at behind the
    guard, so that all that are made up show the greeting as well."""
    return with_greeting(behaviour, "missing-credential")


@fault(
    "greeting-beside-unknown-key",
    "The 401 to an unknown static token on the second service has the greeting in its body",
    subtle=True,
    breaks=tuple(name for name in UNKNOWN if name != "kid-jwt/refusal-status"),
)
def greeting_beside_unknown_key(behaviour: Behaviour) -> Behaviour:
    """As above, for a static token that nobody has; the second service is asked that of static tokens alone.
    The status is right."""
    return with_greeting(behaviour, "unknown-key", _REPORTS)


def _refusing(behaviour: Behaviour, when: When) -> Behaviour:
    """Refuse every JWT where `when` says so."""

    def verify(facts: Facts, token: str) -> Account | Refusal:
        return Refusal("unknown-kid") if when(facts) else behaviour.verify(facts, token)

    return replace(behaviour, verify=verify)


@fault(
    "reports-without-tokens",
    "The second service takes static tokens only",
    breaks=(*TOKEN, "kid-jwt/any-service"),
    also=_WITHOUT_TOKEN,
)
def reports_without_tokens(behaviour: Behaviour) -> Behaviour:
    """It was never taught to read a JWT. A valid one is shown to it by the scenarios that try every
    operation, with it and without, and by none of those that spoil it."""
    return _refusing(behaviour, _REPORTS)


@fault(
    "head-without-tokens",
    "HEAD is refused to JWTs",
    subtle=True,
    breaks=(*TOKEN, "kid-jwt/root"),
    also=_WITHOUT_TOKEN,
)
def head_without_tokens(behaviour: Behaviour) -> Behaviour:
    """As above, for HEAD at the root."""
    return _refusing(behaviour, method("HEAD"))


@fault(
    "reports-without-keys",
    "The second service takes JWTs only",
    breaks=(*GREETED, "kid-jwt/any-service"),
    also=_AT_REPORTS,
)
def reports_without_keys(behaviour: Behaviour) -> Behaviour:
    """A static token is refused there, so that what is refused besides shows nothing. At the root all is as
    before."""

    def find_key(facts: Facts, value: str) -> Account | None:
        return None if _REPORTS(facts) else behaviour.find_key(facts, value)

    return replace(behaviour, find_key=find_key)


@fault(
    "greeting-without-message",
    "The greeting of the second service has no message",
    breaks=("kid-jwt/any-service",),
    also=_AT_REPORTS,
)
def greeting_without_message(behaviour: Behaviour) -> Behaviour:
    """It is accepted, with a body that the document does not know."""
    return greeting(behaviour, _REPORTS, message=None)


@fault(
    "greeting-message-not-text",
    "The message of the root's greeting is an object",
    breaks=("kid-jwt/root",),
    also=_UNCONTROLLED,
)
def greeting_message_not_text(behaviour: Behaviour) -> Behaviour:
    """With both credentials, so that no refusal at the root has a control. The second service greets well."""
    return greeting(behaviour, path("/"), message={"text": "Oh, Hello"})


@fault(
    "greeting-time-without-offset",
    "The time has no offset from UTC",
    level="SHOULD",
    breaks=("kid-jwt/time-format",),
)
def greeting_time_without_offset(behaviour: Behaviour) -> Behaviour:
    """RFC 3339 has none without. A greeting that tells the time wrongly still controls what is refused."""
    return replace(behaviour, tell_time=lambda facts: behaviour.tell_time(facts).rstrip("Z"))


@fault(
    "greeting-time-local",
    "The time is that of another zone, with its offset",
    level="SHOULD",
    subtle=True,
    breaks=("kid-jwt/time-format",),
)
def greeting_time_local(behaviour: Behaviour) -> Behaviour:
    """A right date-time, and the same instant, but not in UTC as the document prints it."""

    def tell_time(facts: Facts) -> str:
        ahead = replace(facts, now=facts.now + 2 * 3600)
        return behaviour.tell_time(ahead).replace("Z", "+02:00")

    return replace(behaviour, tell_time=tell_time)


@fault(
    "greeting-time-of-yesterday",
    "The time is that of an answer a day old",
    level="SHOULD",
    subtle=True,
    breaks=("kid-jwt/time-format",),
)
def greeting_time_of_yesterday(behaviour: Behaviour) -> Behaviour:
    """Right in form. A greeting from a cache tells a time that is not now."""
    return replace(
        behaviour, tell_time=lambda facts: behaviour.tell_time(replace(facts, now=facts.now - 86400))
    )
