"""Faults: what a client asks the authorization endpoint is answered wrongly, or with something missing."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from reference_server.faults.sk_oauth.entry import (
    CHARACTERS,
    EACH_REFUSAL,
    FLOW,
    OAUTH,
    STATE,
    TOLD,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import with_header
from reference_server.forms import Pairs
from reference_server.messages import Answer
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Parameters, Problem
from reference_server.sk_oauth.records import Asked, Client

RESPONSE_TYPE = "rfc6749/3.1.1-response-type"
TWICE = "rfc6749/3.1-duplicate-parameter"
IMPLICIT = "rfc9700/2.1.2-implicit"
IN_QUERY = "rfc6749/4.1.2-code-in-query"
UNKNOWN_PARAMETER = "rfc6749/3.1-unknown-parameter"

Told = Mapping[str, str]


def sending(behaviour: Behaviour, change: Callable[[Asked, Told], tuple[Asked, Told]]) -> Behaviour:
    """Send the client something else than it should be told."""
    return replace(
        behaviour,
        send_back=lambda facts, asked, told: behaviour.send_back(facts, *change(asked, told)),
    )


def _returning_state(
    behaviour: Behaviour, change: Callable[[str], str | None], when: Callable[[Told], bool] = bool
) -> Behaviour:
    """Bring back another state."""

    def changed(asked: Asked, told: Told) -> tuple[Asked, Told]:
        if asked.state is None or not when(told):
            return asked, told
        return replace(asked, state=change(asked.state)), told

    return sending(behaviour, changed)


# --- the state -------------------------------------------------------------------------------------


@fault("state-lost", "The state does not come back", breaks=(*STATE, UNKNOWN_PARAMETER))
def state_lost(behaviour: Behaviour) -> Behaviour:
    """It is read and not passed on, with a code or with an error. A request with an unknown parameter is to
    be served as if it had none, state included."""
    return _returning_state(behaviour, lambda state: None)


@fault("state-lost-on-errors", "The state does not come back with an error", subtle=True, breaks=STATE)
def state_lost_on_errors(behaviour: Behaviour) -> Behaviour:
    """As above, on the path that fewer people try."""
    return _returning_state(behaviour, lambda state: None, lambda told: "error" in told)


@fault("state-lost-on-denial", "The state does not come back with a denial", subtle=True, breaks=STATE[:1])
def state_lost_on_denial(behaviour: Behaviour) -> Behaviour:
    """As above, for the error that a user causes."""
    return _returning_state(behaviour, lambda state: None, lambda told: told.get("error") == "access_denied")


@fault("state-cut", "The state comes back cut after 100 characters", subtle=True, breaks=STATE)
def state_cut(behaviour: Behaviour) -> Behaviour:
    """The column is as long as somebody thought that it would have to be. One of the states is longer."""
    return _returning_state(behaviour, lambda state: state[:100])


@fault("state-escaped", "The state comes back escaped for HTML", subtle=True, breaks=STATE)
def state_escaped(behaviour: Behaviour) -> Behaviour:
    """It went through a page. Quotes, ampersands and angle brackets are others afterwards."""
    return _returning_state(behaviour, html.escape)


@fault("state-encoded-twice", "The state comes back encoded once more", subtle=True, breaks=STATE)
def state_encoded_twice(behaviour: Behaviour) -> Behaviour:
    """It is encoded when it is stored and when it is sent. Letters and digits stay what they are."""
    return _returning_state(behaviour, lambda state: quote(state, safe=""))


@fault("state-in-ascii", "Letters of a state that are not ASCII are replaced", subtle=True, breaks=STATE)
def state_in_ascii(behaviour: Behaviour) -> Behaviour:
    """One of the states has such a letter."""
    return _returning_state(behaviour, lambda state: state.encode("ascii", "replace").decode())


@fault("state-trimmed", "Space at the end of a state is lost", subtle=True, breaks=STATE)
def state_trimmed(behaviour: Behaviour) -> Behaviour:
    """One of the states ends in a space."""
    return _returning_state(behaviour, str.strip)


def _judging(behaviour: Behaviour, judge: Callable[[Pairs, Parameters], Problem | None]) -> Behaviour:
    """Find more wrong with a request than there is."""

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        return behaviour.judge_request(facts, client, given, found) or judge(given, found)

    return replace(behaviour, judge_request=judge_request)


@fault(
    "state-required",
    "A request without a state is refused",
    breaks=("rfc6749/4.1.2-state-optional", "sk-oauth/state"),
)
def state_required(behaviour: Behaviour) -> Behaviour:
    """Safe, and against the URL that the document shows. All other requests have a state; the page for the
    log-in is asked for without, and is a redirect then."""
    return _judging(
        behaviour,
        lambda given, found: None if "state" in found else Problem("invalid_request", "state is missing"),
    )


@fault("unknown-parameter-refused", "A parameter that nobody knows is refused", breaks=(UNKNOWN_PARAMETER,))
def unknown_parameter_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 3.1 wants it ignored. The known ones are those of RFC 6749 and RFC 7636."""
    known = {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    }
    return _judging(
        behaviour,
        lambda given, found: (
            None if {name for name, _ in given} <= known else Problem("invalid_request", "unknown parameter")
        ),
    )


# --- what is asked for -----------------------------------------------------------------------------


def _reading_type(behaviour: Behaviour, read: Callable[[str | None], str | None]) -> Behaviour:
    """Take some response types for code."""

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        meant = read(found.get("response_type"))
        changed = {**found, "response_type": meant} if meant else found
        return behaviour.judge_request(facts, client, given, changed)

    return replace(behaviour, judge_request=judge_request)


@fault(
    "response-type-unchecked",
    "Whatever the response type, there is a code",
    breaks=(RESPONSE_TYPE, TOLD, IMPLICIT),
    also=because("the request that should be answered with an error is not", *STATE, CHARACTERS),
)
def response_type_unchecked(behaviour: Behaviour) -> Behaviour:
    """There is but one, so nobody asks which. Where it is missing, unknown, or asks for a token, too."""
    return _reading_type(behaviour, lambda kind: "code")


@fault(
    "response-type-optional",
    "Without a response type there is a code",
    subtle=True,
    breaks=(RESPONSE_TYPE, TOLD),
)
def response_type_optional(behaviour: Behaviour) -> Behaviour:
    """As above, where it is missing or empty."""
    return _reading_type(behaviour, lambda kind: kind or "code")


@fault(
    "response-type-in-other-case",
    "Letter case in the response type means nothing",
    subtle=True,
    breaks=(RESPONSE_TYPE, TOLD),
)
def response_type_in_other_case(behaviour: Behaviour) -> Behaviour:
    """As above, for CODE."""
    return _reading_type(behaviour, lambda kind: kind and kind.lower())


@fault(
    "response-type-has-code-in-it",
    "A response type with code in it gets a code",
    level="SHOULD",
    subtle=True,
    breaks=(IMPLICIT,),
)
def response_type_has_code_in_it(behaviour: Behaviour) -> Behaviour:
    """`code token` is taken for code: one of those that ask for a token."""
    return _reading_type(behaviour, lambda kind: "code" if "code" in (kind or "").split(" ") else kind)


@fault(
    "implicit-grant",
    "A token is given by a redirect",
    level="SHOULD",
    breaks=(IMPLICIT,),
)
def implicit_grant(behaviour: Behaviour) -> Behaviour:
    """Left over from applications in browsers, and without any question: the fragment has a token where the
    response type is token. Other types that ask for one are refused."""

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        if found.get("response_type") == "token":
            return Problem("implicit", "token")
        return behaviour.judge_request(facts, client, given, found)

    def send_back(facts: Facts, asked: Asked, told: Told) -> Answer:
        if told.get("error") == "implicit":
            fragment = "access_token=at_given-to-everybody&token_type=bearer&expires_in=3600"
            return Answer(303, (("Location", f"{asked.redirect_uri}#{fragment}"),))
        return behaviour.send_back(facts, asked, told)

    return replace(behaviour, judge_request=judge_request, send_back=send_back)


def _once(given: Pairs, *names: str) -> Pairs:
    """Without repetitions of these parameters, or of any: the first of each stays."""
    found: dict[int, tuple[str, str]] = {}
    seen: set[str] = set()
    for index, (name, value) in enumerate(given):
        if name not in seen or (names and name not in names):
            found[index] = (name, value)
        seen.add(name)
    return tuple(found.values())


def _tolerating(behaviour: Behaviour, *names: str) -> Behaviour:
    """Take the first of several values of these parameters."""

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        reduced = _once(given, *names)
        return behaviour.judge_request(facts, client, reduced, {**dict(reduced), **found})

    return replace(behaviour, judge_request=judge_request)


@fault(
    "repeated-parameters-tolerated", "Of a parameter that is given twice the first counts", breaks=(TWICE,)
)
def repeated_parameters_tolerated(behaviour: Behaviour) -> Behaviour:
    """As most frameworks have it. Client and redirect URI, which are read before, must be there once."""
    return _tolerating(behaviour)


@fault(
    "repeated-state-tolerated",
    "Two states are tolerated",
    subtle=True,
    breaks=(TWICE,),
)
def repeated_state_tolerated(behaviour: Behaviour) -> Behaviour:
    """As above, for the one parameter that means nothing to the server. It brings back neither."""
    return _tolerating(behaviour, "state")


# --- how the client is told ------------------------------------------------------------------------


@fault(
    "code-in-fragment",
    "The code stands in the fragment",
    breaks=(IN_QUERY,),
    also=because(
        "what is not in the query is not found, so that there is no code to go on with",
        *OAUTH,
        *EACH_REFUSAL,
        but=(IN_QUERY,),
    ),
)
def code_in_fragment(behaviour: Behaviour) -> Behaviour:
    """As it was for clients in browsers: no server ever sees it."""

    def send_back(facts: Facts, asked: Asked, told: Told) -> Answer:
        answer = behaviour.send_back(facts, asked, told)
        location = (answer.value("location") or "").replace("?", "#", 1)
        return with_header("Location", location)(facts, answer) if "code" in told else answer

    return replace(behaviour, send_back=send_back)


@fault(
    "led-to-the-front-page",
    "After the consent the front page of the client has the code",
    breaks=(*FLOW, *STATE, "rfc6749/4.1.2-state-optional", UNKNOWN_PARAMETER),
)
def led_to_the_front_page(behaviour: Behaviour) -> Behaviour:
    """The path of the redirect URI is lost. Code and state are there, and both are right; that nobody is led
    to the URI itself is seen wherever a request succeeds. Errors go where they should."""

    def send_back(facts: Facts, asked: Asked, told: Told) -> Answer:
        answer = behaviour.send_back(facts, asked, told)
        location = (answer.value("location") or "").replace("/callback", "/", 1)
        return with_header("Location", location)(facts, answer) if "code" in told else answer

    return replace(behaviour, send_back=send_back)


@fault("redirect-by-307", "The redirect after the consent is a 307", breaks=("rfc9700/4.12-not-forwarded",))
def redirect_by_307(behaviour: Behaviour) -> Behaviour:
    """It has the user agent send the form again, to the client."""

    def send_back(facts: Facts, asked: Asked, told: Told) -> Answer:
        return replace(behaviour.send_back(facts, asked, told), status=307)

    return replace(behaviour, send_back=send_back)


@fault(
    "errors-on-a-page",
    "What is wrong with a request is told to the user alone",
    level="SHOULD",
    breaks=(TOLD,),
    also=because("where nobody is led back there is neither state nor error to look at", *STATE, CHARACTERS),
)
def errors_on_a_page(behaviour: Behaviour) -> Behaviour:
    """A page, though client and redirect URI are right. A denial is told to the client as before."""

    def send_back(facts: Facts, asked: Asked, told: Told) -> Answer:
        if told.get("error") in (None, "access_denied"):
            return behaviour.send_back(facts, asked, told)
        return behaviour.page(facts, 400, "This cannot be done", "<p>The request is wrong.</p>\n")

    return replace(behaviour, send_back=send_back)


@fault(
    "error-of-another-name",
    "What is wrong with a request is always server_error",
    level="SHOULD",
    subtle=True,
    breaks=(TOLD,),
)
def error_of_another_name(behaviour: Behaviour) -> Behaviour:
    """An error that exists, for another cause. A denial is access_denied as before."""

    def changed(asked: Asked, told: Told) -> tuple[Asked, Told]:
        wrong = told.get("error") not in (None, "access_denied")
        return asked, {**told, "error": "server_error"} if wrong else told

    return sending(behaviour, changed)


@fault(
    "error-quotes-the-request",
    "The description of an error quotes the request",
    subtle=True,
    breaks=(CHARACTERS,),
)
def error_quotes_the_request(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 4.1.2.1 permits neither quotes nor backslashes in it. That of a denial has none."""

    def changed(asked: Asked, told: Told) -> tuple[Asked, Told]:
        wrong = told.get("error") == "unsupported_response_type"
        return asked, {**told, "error_description": 'no such type: "unknown"'} if wrong else told

    return sending(behaviour, changed)
