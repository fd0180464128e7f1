"""Faults: requests without any credential are served, or do their work before they are refused."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.originchain.entry import (
    AFTER_REFUSAL,
    ALTERED,
    ANONYMOUS,
    ANONYMOUS_UNSERVED,
    FAIL_CLOSED,
    MISSING,
    UNKNOWN,
    because,
    fault,
)
from reference_server.faults.originchain.lives import (
    DEAD,
    EVERYWHERE,
    EXPIRY,
    IRREVERSIBLE,
    SUFFICIENT,
    WATCHED,
)
from reference_server.faults.originchain.wrong import waiving, with_data
from reference_server.faults.shared.ways import answering, method
from reference_server.messages import Answer
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal
from reference_server.originchain.records import Instance, Token

_NO_401 = {
    **AFTER_REFUSAL,
    **because(
        "a request without a credential is not refused any more, so its challenge cannot be seen",
        "rfc6750/3.1-no-error-when-anonymous",
    ),
}


@fault(
    "serves-without-credentials",
    "Requests without a credential are served",
    breaks=(*ANONYMOUS, *ANONYMOUS_UNSERVED, "practice/existence-anonymous", "practice/auth-before-body"),
    also=_NO_401,
)
def serves_without_credentials(behaviour: Behaviour) -> Behaviour:
    """Every operation, HEAD among them, answers nobody. A token in a query, cookie, other field or
    Proxy-Authorization is a request without a credential, so those fall as well, and so is one with a field
    that names a user, a method, a condition or a range, the first time and every other. So is one whose path
    is only encoded otherwise; another path is still not found, and by that it tells which schemas there are.
    A body that makes nothing is answered with 400, and one that makes something with 201. What has an
    Authorization field is judged as before."""
    return waiving(behaviour, "missing-credential")


@fault(
    "open-head",
    "HEAD needs no credential",
    subtle=True,
    breaks=("rfc9110/9.3.2-head-like-get", "rfc6750/3-missing-refused", *MISSING),
)
def open_head(behaviour: Behaviour) -> Behaviour:
    """The guard hangs on GET alone. HEAD is one of the operations, so that the general requirements fall
    with that of HEAD. Tokens in other slots are tried with GET."""
    return waiving(behaviour, "missing-credential", method("HEAD"))


@fault(
    "open-create",
    "A schema can be created without a credential",
    subtle=True,
    breaks=("rfc6750/3-missing-refused", *MISSING, FAIL_CLOSED, "practice/auth-before-body"),
)
def open_create(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, on POST. Only the operation `create` meets it, without a token; a body that makes
    nothing is answered with 400, one that makes something with 201."""
    return waiving(behaviour, "missing-credential", method("POST"))


@fault(
    "open-read-by-name",
    "A single schema can be read without a credential",
    subtle=True,
    breaks=("rfc6750/3-missing-refused", *MISSING, "practice/existence-anonymous"),
)
def open_read_by_name(behaviour: Behaviour) -> Behaviour:
    """The collection is guarded, its members are not. Only the operation `read` is a GET of a member.
    One that does not exist is answered with 404."""
    return waiving(
        behaviour,
        "missing-credential",
        lambda facts: facts.request.method == "GET" and len(facts.request.segments) == 5,
    )


@fault(
    "open-update",
    "A schema can be changed with PATCH without a credential",
    subtle=True,
    breaks=("rfc6750/3-missing-refused", *MISSING),
)
def open_update(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, on PATCH. Only the operation `update` meets it, without a token."""
    return waiving(behaviour, "missing-credential", method("PATCH"))


@fault(
    "open-remove",
    "A schema can be deleted without a credential",
    subtle=True,
    breaks=("rfc6750/3-missing-refused", *MISSING),
)
def open_remove(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, on DELETE. Only the operation `remove` meets it, without a token."""
    return waiving(behaviour, "missing-credential", method("DELETE"))


@fault(
    "connection-remembers-token",
    "A connection that has carried a valid token needs none any more",
    subtle=True,
    breaks=("rfc9110/3.3-each-request", *MISSING),
    also={
        **_NO_401,
        **because(
            "there is no Authorization field: served where the connection has carried a valid token before,"
            " in the control of the batch or for another case",
            *(name for name in ANONYMOUS if name not in ("rfc9110/3.3-each-request", *MISSING)),
            *ANONYMOUS_UNSERVED,
            "practice/existence-anonymous",
            "practice/auth-before-body",
        ),
    },
)
def connection_remembers_token(behaviour: Behaviour) -> Behaviour:
    """Authentication is done once per connection. One scenario sends a valid token and then none on the same
    connection; whatever else is sent without one depends on what its connection carried before."""
    return _vouching(behaviour, "missing-credential")


_VOUCHED = ("rfc9110/3.3-each-request", *UNKNOWN, *WATCHED, *EVERYWHERE, *IRREVERSIBLE, *EXPIRY)


@fault(
    "connection-vouches-for-unknown-token",
    "A connection that has carried a valid token takes any other as well",
    subtle=True,
    breaks=_VOUCHED,
    also={
        **AFTER_REFUSAL,
        **because(
            "an unknown or altered token is served where the connection has carried a valid one before",
            *(name for name in (*ALTERED, *DEAD) if name not in _VOUCHED),
        ),
    },
)
def connection_vouches_for_unknown_token(behaviour: Behaviour) -> Behaviour:
    """The token is looked up once per connection; later ones only have to be there. The same scenario sends
    an unknown token after the valid one. Without a token the request is refused as before. Whoever watches
    the end of a token has shown it on his connections while it was good; and the operations that need a
    schema, and the namesake of a revoked token, are asked for with a valid one right before."""
    return _vouching(behaviour, "unknown-token")


def _vouching(behaviour: Behaviour, reason: Reason) -> Behaviour:
    """Serve what should be refused for `reason` on a connection that has carried a valid token."""
    trusted: set[int] = set()

    def admit(facts: Facts, instance: Instance) -> Token | Refusal:
        admitted = behaviour.admit(facts, instance)
        if isinstance(admitted, Token):
            trusted.add(facts.request.connection)
        return admitted

    return waiving(replace(behaviour, admit=admit), reason, lambda facts: facts.request.connection in trusted)


@fault(
    "creates-before-refusing",
    "A refused creation has taken place all the same",
    subtle=True,
    breaks=(
        "rfc6750/3-missing-refused",
        "rfc6750/3.1-unknown-refused",
        "originchain/every-call",
        "asvs/8.4.1-foreign-refused",
        "originchain/instance-scope",
        "asvs/7.4.1-revoked-everywhere",
        SUFFICIENT,
        FAIL_CLOSED,
    ),
)
def creates_before_refusing(behaviour: Behaviour) -> Behaviour:
    """The work is done first and the caller judged after it. Each refused creation leaves its schema:
    without a token, with an unknown one, a revoked one, a foreign one. Status, body and challenge are
    right."""

    def admit(facts: Facts, instance: Instance) -> Token | Refusal:
        admitted = behaviour.admit(facts, instance)
        if isinstance(admitted, Refusal) and facts.request.method == "POST":
            behaviour.operate(facts, instance)
        return admitted

    return replace(behaviour, admit=admit)


@fault(
    "removes-before-refusing",
    "A deletion without a credential is answered with 401 and takes place",
    subtle=True,
    breaks=("rfc6750/3-missing-refused", "originchain/every-call"),
)
def removes_before_refusing(behaviour: Behaviour) -> Behaviour:
    """As above, for DELETE without a credential only: the answer is right, the schema is gone."""

    def admit(facts: Facts, instance: Instance) -> Token | Refusal:
        admitted = behaviour.admit(facts, instance)
        if admitted == Refusal("missing-credential") and facts.request.method == "DELETE":
            behaviour.operate(facts, instance)
        return admitted

    return replace(behaviour, admit=admit)


_STATUS_AND_HEAD = ("originchain/401-missing", "rfc9110/9.3.2-head-like-get")


@fault(
    "list-beside-401",
    "The 401 to a request without a credential has the protected list in its body",
    subtle=True,
    breaks=(
        *(name for name in (*ANONYMOUS, *ANONYMOUS_UNSERVED) if name not in _STATUS_AND_HEAD),
        "asvs/8.3.1-path-spelling",
        "asvs/8.3.1-path-normalised",
        "asvs/14.2.5-cache-deception",
        "asvs/4.1.4-unusual-method",
        "rfc9110/9.3.7-options",
        "practice/large-body",
        "practice/old-versions",
    ),
    also={
        **AFTER_REFUSAL,
        **because("the list may be another one a moment later", "practice/existence-anonymous"),
    },
)
def list_beside_401(behaviour: Behaviour) -> Behaviour:
    """The handler writes its answer and the guard only changes the status. The body still bears the label,
    the status is right, and HEAD has no body to show it; all else that is refused for want of a credential
    shows the list: another path too, another method, and a body that makes nothing."""
    return answering(behaviour, with_data, "missing-credential")


def _router_ignores(behaviour: Behaviour, ending: str) -> Behaviour:
    """The guard compares paths exactly, and the router behind it overlooks this ending."""

    def respond(facts: Facts) -> Answer:
        path = facts.request.path
        instance = behaviour.find_instance(facts, behaviour.name_instance(facts))
        if instance is None or not path.endswith(ending):
            return behaviour.respond(facts)
        request = replace(facts.request, path=path.removesuffix(ending))
        return behaviour.operate(replace(facts, request=request), instance)

    return replace(behaviour, respond=respond)


@fault(
    "open-with-trailing-slash",
    "A slash at the end of the path goes around the guard",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def open_with_trailing_slash(behaviour: Behaviour) -> Behaviour:
    """One of the other spellings is served; no other request has it."""
    return _router_ignores(behaviour, "/")


@fault(
    "open-with-extension",
    "An extension at the end of the path goes around the guard",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def open_with_extension(behaviour: Behaviour) -> Behaviour:
    """As above, for `.json`."""
    return _router_ignores(behaviour, ".json")


@fault(
    "open-with-matrix-parameter",
    "A matrix parameter at the end of the path goes around the guard",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def open_with_matrix_parameter(behaviour: Behaviour) -> Behaviour:
    """As above, for `;v=1`."""
    return _router_ignores(behaviour, ";v=1")
