"""Faults: a valid token is not given what it is good for."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.originchain.entry import (
    ENVIRONMENT,
    FOREIGN,
    MISSING,
    SHOWN,
    UNKNOWN,
    because,
    fault,
)
from reference_server.faults.originchain.lives import TARGETED
from reference_server.faults.shared.ways import method
from reference_server.messages import Answer, json_answer
from reference_server.originchain.behaviour import Behaviour, Facts, Refusal
from reference_server.originchain.records import Instance, Token

_NO_CONTROL = because(
    "refusals of the operation have no control: the valid token is not accepted on it either",
    "rfc6750/3-missing-refused",
    *MISSING,
    "rfc6750/3.1-no-error-when-anonymous",
    "rfc6750/3.1-unknown-refused",
    *UNKNOWN,
    "rfc6750/3.1-invalid-token-error",
    "asvs/8.4.1-foreign-refused",
    *FOREIGN,
    *SHOWN,
    "originchain/labels",
    "asvs/8.2.2-foreign-object",
    "practice/hidden-like-missing",
    "practice/existence-anonymous",
    "rfc9110/11.4-status",
)


def _forbidding(behaviour: Behaviour, name: str) -> Behaviour:
    """Refuse a method to every token, as if it had too few rights."""
    forbidden = method(name)

    def operate(facts: Facts, instance: Instance) -> Answer:
        if forbidden(facts):
            return json_answer(403, {"error": "forbidden", "message": "The token is for reading."})
        return behaviour.operate(facts, instance)

    return replace(behaviour, operate=operate)


@fault(
    "token-may-not-update",
    "A valid token may not change a schema with PATCH",
    breaks=("rfc6750/2.1-header-accepted", "originchain/full-access"),
    also=_NO_CONTROL,
)
def token_may_not_update(behaviour: Behaviour) -> Behaviour:
    """A right that the document does not know is missing. No other operation uses PATCH to prepare or to
    clean up, so that only what is asked of `update` is touched."""
    return _forbidding(behaviour, "PATCH")


@fault(
    "token-may-not-replace",
    "A valid token may not replace a schema with PUT",
    subtle=True,
    breaks=("rfc6750/2.1-header-accepted", "originchain/full-access"),
    also=_NO_CONTROL,
)
def token_may_not_replace(behaviour: Behaviour) -> Behaviour:
    """As above, for PUT."""
    return _forbidding(behaviour, "PUT")


@fault(
    "head-not-implemented",
    "HEAD with a valid token is answered with 405",
    subtle=True,
    breaks=("rfc6750/2.1-header-accepted", "originchain/full-access"),
    also=_NO_CONTROL,
)
def head_not_implemented(behaviour: Behaviour) -> Behaviour:
    """HEAD is refused to everyone, to those without a token for that reason. That HEAD needs a token is
    shown by a case whose control is a GET."""
    head = method("HEAD")

    def operate(facts: Facts, instance: Instance) -> Answer:
        if head(facts):
            return json_answer(405, {"error": "method not allowed"}, {"Allow": "GET, POST"})
        return behaviour.operate(facts, instance)

    return replace(behaviour, operate=operate)


@fault(
    "single-schema-wrapped",
    "A single schema is answered in another shape than documented",
    subtle=True,
    breaks=("originchain/full-access",),
    also=_NO_CONTROL,
)
def single_schema_wrapped(behaviour: Behaviour) -> Behaviour:
    """The status is right, so that the token was accepted, and the body is not valid against the schema of
    the operation `read`."""

    def operate(facts: Facts, instance: Instance) -> Answer:
        answer = behaviour.operate(facts, instance)
        if facts.request.method == "GET" and len(facts.request.segments) == 5 and answer.status == 200:
            return replace(answer, body=b'{"schema": ' + answer.body + b"}")
        return answer

    return replace(behaviour, operate=operate)


def _turning_away(behaviour: Behaviour, tenant: str) -> Behaviour:
    """Refuse at one instance its own tokens too."""

    def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
        refusal = behaviour.judge_instance(facts, instance, token)
        return refusal or (Refusal("wrong-instance") if instance.tenant == tenant else None)

    return replace(behaviour, judge_instance=judge_instance)


@fault(
    "trial-token-refused-at-home",
    "A trial instance refuses its own tokens",
    breaks=("practice/own-instance-accepted", "originchain/endpoint"),
    also=because(
        "a trial token that opens nothing at home shows nothing when it opens nothing elsewhere",
        "practice/environment-bound",
        *ENVIRONMENT,
        *SHOWN,
        "originchain/labels",
    ),
)
def trial_token_refused_at_home(behaviour: Behaviour) -> Behaviour:
    """The trial instance answers its own token with 403."""
    return _turning_away(behaviour, "trial")


@fault(
    "one-instance-refuses-its-own",
    "One instance refuses its own tokens",
    subtle=True,
    breaks=(
        "practice/own-instance-accepted",
        "asvs/8.2.2-identities-apart",
        "asvs/8.4.1-lists",
        *TARGETED,
    ),
    also=because(
        "the token of that instance is no control for its refusal elsewhere, nor for an invented one",
        "asvs/8.4.1-foreign-refused",
        *FOREIGN,
        "rfc6750/3.1-unknown-refused",
        *UNKNOWN,
        "rfc6750/3.1-invalid-token-error",
        "practice/stays-refused",
        "asvs/14.2.2-own-answer",
        "asvs/8.2.2-foreign-object",
        "practice/hidden-like-missing",
        "rfc9110/11.4-status",
        *SHOWN,
        "originchain/labels",
    ),
)
def one_instance_refuses_its_own(behaviour: Behaviour) -> Behaviour:
    """Globex answers its own token with 403, also when another was served before, or a revocation elsewhere
    is looked at for what it took along. The tokens of other instances are refused there as before."""
    return _turning_away(behaviour, "globex")
