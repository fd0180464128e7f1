"""Faults: what is refused is refused in the wrong way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import (
    AFTER_REFUSAL,
    ALTERED,
    ANONYMOUS,
    FOREIGN,
    MALFORMED,
    because,
    fault,
)
from reference_server.faults.originchain.lives import DEAD, DELETED, MANAGED, SEPARATE, SUFFICIENT
from reference_server.faults.originchain.wrong import saying, with_data, without_label
from reference_server.faults.shared.ways import answering, crashing, method, with_status
from reference_server.messages import Answer
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import Instance


def _mistaken_for(behaviour: Behaviour, reason: Reason) -> Behaviour:
    """Refuse a foreign token as if for another reason, in status, words and challenge."""
    return replace(
        behaviour,
        refuse=lambda facts, refusal: behaviour.refuse(
            facts, Refusal(reason) if refusal.reason == "wrong-instance" else refusal
        ),
    )


@fault(
    "missing-answered-403",
    "A request without a credential is answered with 403",
    breaks=("originchain/401-missing",),
)
def missing_answered_403(behaviour: Behaviour) -> Behaviour:
    """The status alone is wrong, label and challenge stay."""
    return answering(behaviour, with_status(403), "missing-credential")


@fault(
    "remove-without-credential-answered-403",
    "DELETE without a credential is answered with 403",
    subtle=True,
    breaks=("originchain/401-missing",),
)
def remove_answered_403(behaviour: Behaviour) -> Behaviour:
    """As above, on one operation."""
    return answering(behaviour, with_status(403), "missing-credential", when=method("DELETE"))


@fault(
    "missing-redirected",
    "A request without a credential is sent to a sign-in page",
    breaks=(*ANONYMOUS, *MANAGED),
    also={
        **AFTER_REFUSAL,
        **because(
            "there is no 401 to a request without a credential any more, nor its challenge",
            "rfc6750/3.1-no-error-when-anonymous",
        ),
    },
)
def missing_redirected(behaviour: Behaviour) -> Behaviour:
    """A redirect refuses nothing unless the profile says so. A token in another slot is a request without a
    credential, and so is one without any to the dashboard. The body keeps its label."""

    def redirect(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, status=302, headers=(*answer.headers, ("Location", "/login")))

    return answering(behaviour, redirect, "missing-credential")


@fault(
    "malformed-answered-400",
    "A malformed field is answered with 400",
    breaks=("originchain/401-malformed", "originchain/401-missing", "originchain/401-unknown"),
)
def malformed_answered_400(behaviour: Behaviour) -> Behaviour:
    """What RFC 6750 would have, where the document has 401. Basic is a malformed field here and for the
    profile a request whose token is in another slot; a token with percent signs or quotes is malformed here
    and an altered one for the profile. Two fields may be answered with 400."""
    return answering(behaviour, with_status(400), "malformed-credential")


@fault(
    "scheme-alone-answered-400",
    "The scheme without a token is answered with 400",
    subtle=True,
    breaks=("originchain/401-malformed",),
)
def scheme_alone_answered_400(behaviour: Behaviour) -> Behaviour:
    """As above, for one of the incomplete fields."""
    return answering(
        behaviour,
        with_status(400),
        "malformed-credential",
        when=lambda facts: facts.request.values("authorization") == ("Bearer",),
    )


@fault(
    "field-without-space-crashes",
    "A field without a space is a server error",
    breaks=(
        "rfc9110/11.4-incomplete-refused",
        "rfc6750/2.1-malformed-refused",
        *MALFORMED,
    ),
)
def field_without_space_crashes(behaviour: Behaviour) -> Behaviour:
    """The second word is taken where there is one only. That is so for a scheme alone, an empty field, and
    the malformed ones without a space. A 500 is no refusal and has not its status."""
    return answering(
        behaviour,
        crashing,
        "malformed-credential",
        when=lambda facts: all(" " not in value for value in facts.request.values("authorization")),
    )


@fault(
    "two-fields-crash",
    "Two Authorization fields are a server error",
    level="SHOULD",
    subtle=True,
    breaks=("practice/ambiguous-refused", "rfc9110/11.4-status"),
)
def two_fields_crash(behaviour: Behaviour) -> Behaviour:
    """A list where a string was expected. A 500 is no refusal; no label is asked for here."""
    return answering(
        behaviour,
        crashing,
        "malformed-credential",
        when=lambda facts: len(facts.request.values("authorization")) > 1,
    )


_OF_DEAD = ("originchain/revocation", "rfc9110/11.4-status")
"""The statuses that a revoked and an expired token are answered with."""


@fault(
    "unknown-answered-404",
    "An unknown token is answered with 404",
    breaks=("originchain/401-unknown", "originchain/revoked-elsewhere", *_OF_DEAD),
)
def unknown_answered_404(behaviour: Behaviour) -> Behaviour:
    """The token is what was not found. The status alone is wrong, for one that was revoked or has expired
    too; at another instance 401 and 403 are right for it. The management may answer 404."""
    return answering(behaviour, with_status(404), "unknown-token")


@fault(
    "unknown-answered-as-foreign",
    "An unknown token is answered like one of another instance",
    breaks=("originchain/401-unknown", "originchain/labels", *_OF_DEAD),
)
def unknown_answered_as_foreign(behaviour: Behaviour) -> Behaviour:
    """No difference is made between a token that is not of this instance and one that is of none: status and
    label are those of the foreign one, and a 403 needs no challenge. A token that was revoked or has expired
    is of no instance either."""
    return replace(
        behaviour,
        refuse=lambda facts, refusal: behaviour.refuse(
            facts, Refusal("wrong-instance") if refusal.reason == "unknown-token" else refusal
        ),
    )


@fault(
    "unknown-answered-403-to-head",
    "An unknown token is answered with 403 to HEAD",
    subtle=True,
    breaks=("originchain/401-unknown", "originchain/revocation"),
)
def unknown_answered_403_to_head(behaviour: Behaviour) -> Behaviour:
    """The status alone is wrong, on one operation, which is asked for with a revoked token as well."""
    return answering(behaviour, with_status(403), "unknown-token", when=method("HEAD"))


@fault(
    "error-with-status-200",
    "An unknown token is answered with 200 and an error in the body",
    breaks=(*ALTERED, "originchain/401-unknown", *DEAD, *SEPARATE),
    also=AFTER_REFUSAL,
)
def error_with_status_200(behaviour: Behaviour) -> Behaviour:
    """A success is no refusal, whatever its body says. Every changed token is an unknown one, save those
    with characters that no token has, however long it is; it is so each time and after a valid token too.
    A dead token is unknown, and to the dashboard any token is. Label and challenge stay."""
    return answering(behaviour, with_status(200), "unknown-token")


@fault(
    "foreign-answered-401",
    "A token of another instance is answered like an unknown one",
    breaks=("originchain/403-foreign", "originchain/labels"),
)
def foreign_answered_401(behaviour: Behaviour) -> Behaviour:
    """Each instance knows only its own tokens. Status and label are those of an unknown token, with a right
    challenge; the path's tenant is refused as before."""
    return _mistaken_for(behaviour, "unknown-token")


@fault(
    "foreign-answered-404",
    "A token of another instance is answered with 404",
    breaks=("originchain/403-foreign",),
)
def foreign_answered_404(behaviour: Behaviour) -> Behaviour:
    """The instance is hidden from those who may not see it. The status alone is wrong."""
    return answering(behaviour, with_status(404), "wrong-instance")


@fault(
    "foreign-replace-answered-400",
    "PUT with a token of another instance is answered with 400",
    subtle=True,
    breaks=("originchain/403-foreign",),
)
def foreign_replace_answered_400(behaviour: Behaviour) -> Behaviour:
    """The status alone is wrong, on one operation."""
    return answering(behaviour, with_status(400), "wrong-instance", when=method("PUT"))


@fault(
    "unknown-instance-answered-400",
    "An address of no instance is answered with 400",
    breaks=("originchain/404-unknown", "originchain/404-deleted", "originchain/order"),
)
def unknown_instance_answered_400(behaviour: Behaviour) -> Behaviour:
    """The status alone is wrong. A deleted instance is none. Without a token either 401, 403 or 404 will do,
    and 400 is none of them."""
    return answering(behaviour, with_status(400), "unknown-instance")


@fault(
    "deleted-instance-answered-410",
    "The address of a deleted instance is answered with 410",
    subtle=True,
    breaks=("originchain/404-deleted", "originchain/order"),
)
def deleted_instance_answered_410(behaviour: Behaviour) -> Behaviour:
    """It remembers what was there. An address that never was one is answered with 404. In whatever order the
    checks are made, 410 is none of the statuses that the document gives to one of them."""
    gone: set[str] = set()

    def delete_instance(server: Server, instance: Instance) -> None:
        behaviour.delete_instance(server, instance)
        gone.add(instance.host)

    return answering(
        replace(behaviour, delete_instance=delete_instance),
        with_status(410),
        "unknown-instance",
        when=lambda facts: facts.request.host in gone,
    )


@fault(
    "deletion-ignored",
    "A deleted instance goes on answering",
    breaks=DELETED,
)
def deletion_ignored(behaviour: Behaviour) -> Behaviour:
    """Deleting is a mark that nothing reads. A token of another instance is refused there as a foreign one,
    which is as right as the answer of an address that is gone; so nothing is served. One that is deleted
    before our eyes serves its own."""
    return replace(behaviour, delete_instance=lambda server, instance: None)


def _saying(text: Callable[[Facts], str]) -> Callable[[Facts, Answer], Answer]:
    """The same refusal with another message beside its label."""

    return lambda facts, answer: saying(answer, text(facts))


@fault(
    "unknown-token-answered-with-trace",
    "The refusal of an unknown token shows where in the server it was refused",
    breaks=("practice/no-internals",),
)
def unknown_token_answered_with_trace(behaviour: Behaviour) -> Behaviour:
    """A framework's message for developers, in production. Status, label and challenge stay, and a revoked
    token is answered with the same."""
    trace = 'Traceback (most recent call last):\n  File "/srv/app/tokens.py", line 41, in find'
    return answering(behaviour, _saying(lambda facts: trace), "unknown-token")


@fault(
    "unknown-token-repeated",
    "The refusal of an unknown token repeats it",
    subtle=True,
    breaks=("practice/no-echo",),
    also=because(
        "two tokens that are both refused are two messages",
        "practice/revoked-like-unknown",
        "originchain/revoked-like-unknown",
    ),
)
def unknown_token_repeated(behaviour: Behaviour) -> Behaviour:
    """A mistyped token is often right but for a letter, and the answer is logged. Nothing else changes."""

    def text(facts: Facts) -> str:
        return f"Nobody has the token {' '.join(facts.request.values('authorization'))}."

    return answering(behaviour, _saying(text), "unknown-token")


@fault(
    "refusals-without-label",
    "No refusal names its cause",
    level="SHOULD",
    breaks=("originchain/labels",),
)
def refusals_without_label(behaviour: Behaviour) -> Behaviour:
    """One body for all refusals, with none of the documented labels."""
    reasons: tuple[Reason, ...] = (
        "unknown-instance",
        "missing-credential",
        "malformed-credential",
        "unknown-token",
        "wrong-instance",
    )
    return answering(behaviour, without_label, *reasons)


@fault(
    "foreign-without-label",
    "The refusal of a foreign token does not say that it is forbidden",
    level="SHOULD",
    subtle=True,
    breaks=("originchain/labels",),
)
def foreign_without_label(behaviour: Behaviour) -> Behaviour:
    """As above, for one reason."""
    return answering(behaviour, without_label, "wrong-instance")


@fault(
    "scheme-alone-shown-the-list",
    "The 401 to a scheme without a token has the protected list in its body",
    subtle=True,
    breaks=("rfc9110/11.4-incomplete-refused", "originchain/only-bearer"),
)
def scheme_alone_shown_the_list(behaviour: Behaviour) -> Behaviour:
    """Status, label and challenge are right, and the data is there. One of the incomplete fields."""
    return answering(
        behaviour,
        with_data,
        "malformed-credential",
        when=lambda facts: facts.request.values("authorization") == ("Bearer",),
    )


@fault(
    "update-refusal-names-schemas",
    "The 401 to PATCH with an unknown token names the schemas that there are",
    subtle=True,
    breaks=(
        "rfc6750/3.1-unknown-refused",
        "originchain/every-call",
        "asvs/7.4.1-revoked-everywhere",
        SUFFICIENT,
    ),
)
def update_refusal_names_schemas(behaviour: Behaviour) -> Behaviour:
    """A helpful hint made of protected data, on one operation, with a revoked token too. The canary is
    among the names."""
    return answering(behaviour, with_data, "unknown-token", when=method("PATCH"))


@fault(
    "foreign-shown-the-list",
    "The 403 to a foreign token has the protected list in its body",
    subtle=True,
    breaks=(
        "asvs/8.4.1-foreign-refused",
        FOREIGN[0],
        "asvs/4.1.3-forwarded-host",
        "practice/environment-bound",
        "originchain/test-is-trial",
        "practice/stays-refused",
        "rfc9112/3.2.2-absolute-form",
        "practice/sni-and-host",
    ),
    also=because("the list may be another one a moment later", "practice/hidden-like-missing"),
)
def foreign_shown_the_list(behaviour: Behaviour) -> Behaviour:
    """The right status with the data of the instance asked for: for every foreign token, be it of another
    environment, sent with a forwarded host name, or sent again and again."""
    return answering(behaviour, with_data, "wrong-instance")
