"""Faults by which one cause of a refusal is told from another: what is shared, and what is told of keys."""

from __future__ import annotations

from reference_server.faults.shared.lives import presented_key
from reference_server.faults.shared.telling import TELLING, Told
from reference_server.faults.shared.ways import answering, in_query
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import CATALOGUE, STATUS, fault
from reference_server.faults.standard.wrong import saying
from reference_server.lives import SHOWN
from reference_server.messages import Answer
from reference_server.secret import digest
from reference_server.standard.behaviour import Behaviour, Facts
from reference_server.standard.keys import PREFIXES

_INDEXED = len(PREFIXES["key"]) + SHOWN
"""Characters of a key that are kept in clear."""


def _disabled(facts: Facts) -> bool:
    found = facts.server.store.with_digest(digest(presented_key(facts)))
    return found is not None and found.disabled_at is not None


def _begins(facts: Facts, key: str) -> bool:
    """The index finds by the characters that are shown, and has the living alone."""
    instance = facts.behaviour.name_instance(facts)
    known = facts.server.store.credentials(instance, "key") if instance else []
    return any(each.prefix == key[:_INDEXED] and each.disabled_at is None for each in known)


TELLING.enter(
    CATALOGUE,
    Told(
        worded=lambda text: saying(detail=text),
        begins=_begins,
        disabled=_disabled,
        known=lambda facts: facts.request.segments[:1] in (("tenants",), ("token",), ("whoami",)),
        status=(STATUS,),
        enumeration=entry.ENUMERATION,
        disabled_refused=("practice/disabled-refused",),
    ),
    prefix="standard-",
    only=(
        "told-unknown-user",
        "told-wrong-password-by-a-field",
        "told-malformed-by-spaces",
        "told-bad-signature-by-a-field",
        "told-disabled-key",
        "told-empty-key",
        "told-unknown-path",
        "user-told-by-time",
        "key-told-by-time",
        "disabled-key-told-by-time",
    ),
    levels={
        "told-malformed-by-spaces": "SHOULD",
        "told-bad-signature-by-a-field": "SHOULD",
        "told-disabled-key": "SHOULD",
        "told-empty-key": "SHOULD",
    },
)


@fault(
    "told-key-in-url",
    "Who has put a key into the URL is told so",
    level="SHOULD",
    subtle=True,
    breaks=entry.UNIFORM,
)
def told_key_in_url(behaviour: Behaviour) -> Behaviour:
    """Kindly, by the explanation alone, and under the name that is compared. Whoever has keys from others'
    records learns where they are read."""

    def change(facts: Facts, answer: Answer) -> Answer:
        told = in_query(facts.request, "api_key") is not None
        return saying(detail="A key does not belong into the URL.")(facts, answer) if told else answer

    return answering(behaviour, change, "missing-credential")
