"""Faults: a string that nobody issued is taken for a token."""

from __future__ import annotations

from reference_server.faults.originchain.entry import (
    AFTER_REFUSAL,
    CATALOGUE,
    FAIL_CLOSED,
    PREFIX,
    UNKNOWN,
    because,
    fault,
)
from reference_server.faults.originchain.lives import DEAD, ELSEWHERE, EVERYWHERE, LIKE_UNKNOWN
from reference_server.faults.originchain.wrong import also_matching, oldest_token, waiving
from reference_server.faults.shared.opaque import OPAQUE, Opaque
from reference_server.faults.shared.ways import method
from reference_server.originchain.behaviour import Behaviour
from reference_server.originchain.records import PREFIXES
from reference_server.originchain.tokens import SECRET_LENGTH

OPAQUE.enter(
    CATALOGUE,
    Opaque(
        somebody=oldest_token,
        also_matching=also_matching,
        prefix=PREFIXES["live"],
        other_prefix=PREFIXES["trial"],
        length=SECRET_LENGTH,
        unknown=UNKNOWN,
        changed=PREFIX,
        dead=(*DEAD, FAIL_CLOSED),
        everywhere=EVERYWHERE,
        shortened=(FAIL_CLOSED,),
        signs=("practice/no-failure-by-credential",),
    ),
    also={
        "accepts-any-token-of-its-shape": {
            **AFTER_REFUSAL,
            **because("what two tokens are served is not the same at two times", *LIKE_UNKNOWN),
        },
    },
)


@fault(
    "unknown-token-may-head",
    "HEAD is answered whatever the token",
    subtle=True,
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, *EVERYWHERE),
)
def unknown_token_may_head(behaviour: Behaviour) -> Behaviour:
    """HEAD looks whether there is a token, not which. Only an unknown and a revoked one are tried with HEAD;
    without one HEAD is refused."""
    return waiving(behaviour, "unknown-token", method("HEAD"))


@fault(
    "unknown-token-at-one-instance",
    "One instance accepts any token",
    subtle=True,
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, *ELSEWHERE),
)
def unknown_token_at_one_instance(behaviour: Behaviour) -> Behaviour:
    """An instance left in a debugging mode. Only at globex, where altered tokens are not tried, and revoked
    ones once."""
    return waiving(behaviour, "unknown-token", lambda facts: facts.request.host.startswith("globex."))
