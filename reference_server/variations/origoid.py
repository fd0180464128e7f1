"""How else OrigoID could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server import timestamps
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.origoid.cors import ALLOW_ORIGIN, VARY
from reference_server.origoid.records import User
from reference_server.variations import shared
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("origoid")
variation = CATALOGUE.variation


def _members(behaviour: Behaviour, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Behaviour:
    """Change the body of a token answer."""

    def grant(facts: Facts, token: str, life: float) -> Answer:
        answer = behaviour.grant(facts, token, life)
        return shared.rewritten(answer, change)

    return replace(behaviour, grant=grant)


# --- who asks ------------------------------------------------------------------------------------


@variation("tokens-by-elliptic-curve", "Tokens are signed by ES256")
def tokens_by_elliptic_curve(behaviour: Behaviour) -> Behaviour:
    """That a token is a JWT is all that is said. RFC 7518 section 3.1 recommends this algorithm."""
    return replace(behaviour, name_algorithm=lambda server: "ES256")


variation("first-right-credential-counts", "Of several credentials the first one that is right counts")(
    shared.first_right_counts
)


@variation(
    "several-credentials-refused",
    "Several credentials are refused even where each is right",
    not_with=("first-right-credential-counts",),
)
def several_refused(behaviour: Behaviour) -> Behaviour:
    """Nothing is said of several; RFC 6750 section 2 has clients use one method in a request."""
    return shared.reconciling(behaviour, lambda found: Refusal("conflicting-credentials"))


@variation("list-binds-the-key-alone", "The list of a key does not bind the tokens that are had for it")
def list_binds_the_key_alone(behaviour: Behaviour) -> Behaviour:
    """Not said, hence recorded: to hand a token to somebody elsewhere is what the document advises."""

    def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
        return None if caller.method == "bearer" else behaviour.judge_address(facts, caller)

    return replace(behaviour, judge_address=judge_address)


@variation("base64-in-any-alphabet", "Basic credentials may be without padding, and in the alphabet for URLs")
def base64_in_any_alphabet(behaviour: Behaviour) -> Behaviour:
    """RFC 4648 sections 3.2 and 3.3 are stricter; it is the same pair, and lets nobody else in."""

    def decode_pair(facts: Facts, encoded: str) -> bytes | None:
        usual = encoded.replace("-", "+").replace("_", "/").rstrip("=")
        try:
            raw = base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)
        except ValueError:
            return None
        spelled = base64.b64encode(raw).decode().rstrip("=") == usual
        return raw if spelled and len(encoded) <= len(usual) + (-len(usual) % 4) else None

    return replace(behaviour, decode_pair=decode_pair)


@variation("user-names-without-case", "User names are compared without regard to case")
def user_names_without_case(behaviour: Behaviour) -> Behaviour:
    """RFC 7617 section 2 leaves user names to the server; the case of the password counts."""

    def enrol(server: Any, user: User, password: str) -> None:
        behaviour.enrol(server, replace(user, name=user.name.lower()), password)

    return replace(
        behaviour, enrol=enrol, find_user=lambda facts, name: behaviour.find_user(facts, name.lower())
    )


LOCKED_AFTER = 5
LOCKED_FOR = 60.0


@variation("locked-after-five-wrong-passwords", "Five wrong passwords in a row lock a user for a minute")
def locked_after_five(behaviour: Behaviour) -> Behaviour:
    """A usual guard (ASVS 6.3.1), answered like a wrong password. A right one starts the count anew."""
    row: Counter[str] = Counter()
    until: dict[str, float] = {}

    def check_password(facts: Facts, user: User | None, password: str) -> bool:
        right = behaviour.check_password(facts, user, password)
        if user is None or facts.now < until.get(user.name, 0.0):
            return False
        row[user.name] = 0 if right else row[user.name] + 1
        if row[user.name] >= LOCKED_AFTER:
            until[user.name] = facts.now + LOCKED_FOR
        return right

    return replace(behaviour, check_password=check_password)


# --- the exchange --------------------------------------------------------------------------------


@variation("more-members-with-a-token", "The answer with a token has more members")
def more_members_with_a_token(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1: a client ignores members that it does not know."""

    def change(body: dict[str, Any]) -> Mapping[str, Any]:
        return {
            **body,
            "data": {**body["data"], "scope": "account reports"},
            "message": "",
            "billable": False,
        }

    return _members(behaviour, change)


@variation("token-lasts-longer-than-told", "A token lasts some seconds longer than its answer says")
def token_lasts_longer(behaviour: Behaviour) -> Behaviour:
    """Told shorter for safety: a client asks again before it must. 3600 is an example."""

    def grant(facts: Facts, token: str, life: float) -> Answer:
        return behaviour.grant(facts, token, life - 5 if life > 60 else life)

    return replace(behaviour, grant=grant)


@variation("same-token-again", "Who asks for a token again gets the same one for a minute")
def same_token_again(behaviour: Behaviour) -> Behaviour:
    """A new one is promised nowhere. It ends with its key, like any, and another is made then."""
    known: dict[tuple[str, str | None, float], tuple[float, Mapping[str, Any]]] = {}

    def claim(facts: Facts, caller: Caller, life: float) -> Mapping[str, Any]:
        asked = (caller.account.id, caller.key.id if caller.key else None, life)
        until, claims = known.get(asked, (0.0, {}))
        if facts.now >= until:
            claims = behaviour.claim(facts, caller, life)
            known[asked] = (facts.now + min(60.0, life / 4), claims)
        return claims

    return replace(behaviour, claim=claim)


@variation("unreadable-exchange-otherwise", "What is no JSON is answered with 415, another grant with 422")
def unreadable_exchange_otherwise(behaviour: Behaviour) -> Behaviour:
    """Nothing is said of either, and any 4xx without a token will do."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        if answer.status != 400:
            return answer
        json_sent = "application/json" in "".join(facts.request.values("content-type"))
        return replace(answer, status=422 if json_sent else 415)

    return replace(behaviour, operate=operate)


# --- what is answered ----------------------------------------------------------------------------


@variation("another-success", "A success has another message and more members")
def another_success(behaviour: Behaviour) -> Behaviour:
    """The document prints none but that of the exchange; a client ignores what it does not know."""

    def succeed(facts: Facts, data: Mapping[str, Any]) -> Answer:
        answer = behaviour.succeed(facts, data)
        more = {"message": "Todo está bien – gracias", "quota": {"left": 99}}
        return shared.rewritten(answer, lambda body: {**body, **more}, ensure_ascii=False)

    return replace(behaviour, succeed=succeed)


@variation("processed-at-in-utc", "The processedAt is in UTC, to the millisecond")
def processed_at_in_utc(behaviour: Behaviour) -> Behaviour:
    """ISO 8601 with an offset, of which Z is one, and with a fraction. The printed zone is an example."""

    def envelope(facts: Facts, type: str, message: str) -> Mapping[str, Any]:
        right = behaviour.envelope(facts, type, message)
        return {**right, "processedAt": timestamps.instant(facts.now)}

    return replace(behaviour, envelope=envelope)


@variation("short-transaction-id", "The transactionId is no UUID")
def short_transaction_id(behaviour: Behaviour) -> Behaviour:
    """The document leaves its value out."""

    def envelope(facts: Facts, type: str, message: str) -> Mapping[str, Any]:
        right = behaviour.envelope(facts, type, message)
        return {**right, "transactionId": "txn." + right["transactionId"][:13].replace("-", "")}

    return replace(behaviour, envelope=envelope)


@variation("json-in-lines", "Bodies are written over several lines")
def json_in_lines(behaviour: Behaviour) -> Behaviour:
    """RFC 8259 section 2: white space means nothing. The document prints its examples so."""
    return shared.rewriting(behaviour, lambda value: value, indent=2)


@variation("challenge-in-two-lines", "Each scheme has a line of WWW-Authenticate, Bearer first")
def challenge_in_two_lines(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1: several challenges may be in one field line or in several, in any order."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        basic, comma, bearer = (answer.value(shared.CHALLENGE) or "").partition(", Bearer")
        if not comma:
            return answer
        rest = tuple((name, value) for name, value in answer.headers if name != shared.CHALLENGE)
        return replace(
            answer, headers=(*rest, (shared.CHALLENGE, f"bearer{bearer}"), (shared.CHALLENGE, basic))
        )

    return replace(behaviour, refuse=refuse)


# --- browsers ------------------------------------------------------------------------------------


@variation("vary-on-everything", "Every answer says that it depends on the origin")
def vary_on_everything(behaviour: Behaviour) -> Behaviour:
    """Vary opens nothing; to say it too often costs a cache some space."""

    def vary(facts: Facts, answer: Answer) -> Answer:
        return answer if VARY in answer.headers else replace(answer, headers=(*answer.headers, VARY))

    return shared.finishing(behaviour, vary)


@variation("preflight-with-a-body", "A preflight is answered with 200, with more permissions")
def preflight_with_a_body(behaviour: Behaviour) -> Behaviour:
    """Fetch section 4.8: any 2xx. Authorization is named beside the asterisk, which does not cover it."""

    def preflight(facts: Facts) -> Answer | None:
        origin = (behaviour.preflight(facts) or Answer(0)).value(ALLOW_ORIGIN)
        if origin is None:
            return None
        permitted = (
            ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS"),
            ("Access-Control-Allow-Headers", "Authorization, X-Api-Key, Content-Type, *"),
        )
        fields = ((ALLOW_ORIGIN, origin), *permitted, VARY, ("Content-Type", "text/plain"))
        return Answer(200, fields, b"ok")

    return replace(behaviour, preflight=preflight)


@variation("every-preflight-answered", "A preflight from anywhere is answered with 204, and grants nothing")
def every_preflight_answered(behaviour: Behaviour) -> Behaviour:
    """A status alone permits nothing in a browser: Fetch section 4.8."""

    def preflight(facts: Facts) -> Answer | None:
        asked = facts.request.method == "OPTIONS" and facts.request.values("access-control-request-method")
        return behaviour.preflight(facts) or (Answer(204, (VARY,)) if asked else None)

    return replace(behaviour, preflight=preflight)


# --- without TLS, and framing --------------------------------------------------------------------


@variation("nobody-listens-without-tls", "Nobody listens where TLS is not spoken")
def nobody_listens(behaviour: Behaviour) -> Behaviour:
    """The surest way to serve nothing there."""
    return replace(behaviour, plain=None)


variation(
    "redirected-to-https",
    "What comes without TLS is sent to https",
    not_with=("nobody-listens-without-tls",),
)(shared.led_to_https)
variation("fields-otherwise", "Header fields come in lower case and in the reverse order")(shared.otherwise)
variation("gateway", "A gateway adds its fields and a cookie, and sends chunks")(
    shared.behind_a_gateway_in_chunks
)


VARIATIONS = CATALOGUE.variations
