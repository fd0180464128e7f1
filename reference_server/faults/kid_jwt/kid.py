"""Faults: the secret is not the one that the kid names, or the documented answer is not given without one."""

from __future__ import annotations

import posixpath
import re
import sqlite3
from dataclasses import replace

from reference_server import bearer
from reference_server.faults.kid_jwt.entry import (
    BOUND_KID,
    CATALOGUE,
    HOSTILE_KID,
    KID_AS_CLAIM,
    KID_TYPE,
    MISSING_KID,
    SHELL_KID,
    STATUS,
    UNKNOWN_KID,
    fault,
)
from reference_server.faults.kid_jwt.wrong import first_account, with_body
from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.signed.naming import NAMING, KeyNamed, also_finding, also_naming
from reference_server.faults.shared.signed.ways import also_holding, by_hand
from reference_server.faults.shared.ways import answering
from reference_server.kid_jwt.answers import REALM, WITHOUT_KID
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Refusal
from reference_server.kid_jwt.records import Account
from reference_server.messages import Answer, json_answer

_DOCUMENTED = ("kid-jwt/kid-missing-500",)


NAMING.enter(
    CATALOGUE,
    KeyNamed(
        first=first_account,
        missing=MISSING_KID,
        claimed=KID_AS_CLAIM,
        unknown=UNKNOWN_KID,
        hostile=(*HOSTILE_KID, *SHELL_KID),
        long=KID_TYPE,
        empty=("rfc7515/4.1.4-kid-type", "kid-jwt/empty-kid"),
    ),
)


def _of_any_account(behaviour: Behaviour) -> Behaviour:
    """Believe what any account's secret signed."""
    return also_holding(
        behaviour,
        lambda facts, jws, account: any(
            behaviour.holds(facts, jws, each) for each in facts.server.store.accounts()
        ),
    )


@fault(
    "kid-ignored",
    "Any account's secret verifies a JWT, whatever its kid",
    breaks=(*UNKNOWN_KID, *BOUND_KID, *HOSTILE_KID, *SHELL_KID, *KID_TYPE),
)
def ignored(behaviour: Behaviour) -> Behaviour:
    """All secrets are tried. An unknown kid, another account's, one of another type and the hostile ones
    that come with a right signature are accepted; a missing or empty one is still noticed."""
    lenient = _of_any_account(by_hand(behaviour))
    named = also_naming(
        lenient, lambda facts, jws: "any" if jws.header.get("kid") not in (None, "") else None
    )
    return also_finding(named, lambda facts, kid: first_account(facts))


@fault(
    "kid-unknown-uuid-falls-back",
    "A UUID that nobody has stands for the oldest account",
    subtle=True,
    breaks=UNKNOWN_KID,
)
def unknown_uuid_falls_back(behaviour: Behaviour) -> Behaviour:
    """As above, where the form of the kid is checked first: only the unknown kid has that of a UUID."""
    return also_finding(
        behaviour,
        lambda facts, kid: first_account(facts) if re.fullmatch(r"[0-9a-f-]{36}", kid) else None,
    )


@fault("kid-not-bound", "Any account's secret verifies a JWT with a known kid", breaks=BOUND_KID)
def not_bound(behaviour: Behaviour) -> Behaviour:
    """The kid has to exist, and says nothing of the key. Each account signs for the other."""
    return _of_any_account(behaviour)


@fault(
    "kid-master-secret", "The oldest account's secret signs for every account", subtle=True, breaks=BOUND_KID
)
def master_secret(behaviour: Behaviour) -> Behaviour:
    """The secret from before there were several. One of the three mixtures: the other account's kid with the
    first one's secret."""
    return also_holding(
        behaviour, lambda facts, jws, account: behaviour.holds(facts, jws, first_account(facts))
    )


@fault("kid-in-sql", "A kid is written into the text of the query", breaks=HOSTILE_KID)
def in_sql(behaviour: Behaviour) -> Behaviour:
    """A union chooses the secret, and a condition that is always true finds the oldest one. A kid without an
    apostrophe is found, or not, as before."""

    def find_signer(facts: Facts, kid: str) -> Account | None:
        query = f"SELECT secret FROM accounts WHERE kid = '{kid}'"
        try:
            row = facts.server.store.db.execute(query).fetchone()
        except sqlite3.Error:
            return None
        return replace(first_account(facts), secret=row[0]) if row else None

    return by_hand(replace(behaviour, find_signer=find_signer))


@fault("kid-is-a-path", "A kid is the path of the file with the secret", subtle=True, breaks=HOSTILE_KID)
def is_a_path(behaviour: Behaviour) -> Behaviour:
    """Joined to a folder without looking where it leads: to a file that is empty on every machine. One of
    the hostile kids."""

    def find(facts: Facts, kid: str) -> Account | None:
        file = posixpath.normpath(posixpath.join("/srv/keys", kid))
        return replace(first_account(facts), secret="") if file == "/dev/null" else None

    return by_hand(also_finding(behaviour, find))


@fault("kid-is-an-index", "A kid that is a number counts the accounts", subtle=True, breaks=KID_TYPE)
def is_an_index(behaviour: Behaviour) -> Behaviour:
    """Zero is the oldest account. One of the other types; true is no number here."""

    def kid(facts: Facts, jws: Jws) -> str | None:
        given = jws.header.get("kid")
        accounts = facts.server.store.accounts()
        return accounts[given].kid if type(given) is int and given in range(len(accounts)) else None

    return by_hand(also_naming(behaviour, kid))


@fault(
    "kid-list-crash",
    "A kid that is a list brings the server down",
    level="SHOULD",
    subtle=True,
    breaks=(STATUS,),
)
def list_crash(behaviour: Behaviour) -> Behaviour:
    """It cannot be looked up in a table. Refused it is, with a 500 that only a missing kid should get."""

    def name_key(facts: Facts, jws: Jws) -> str | Refusal:
        crash_if(isinstance(jws.header.get("kid"), list))
        return behaviour.name_key(facts, jws)

    return crashing(replace(behaviour, name_key=name_key))


@fault(
    "kid-among-claims",
    "A kid among the claims stands in for a missing one",
    subtle=True,
    breaks=KID_AS_CLAIM,
)
def among_claims(behaviour: Behaviour) -> Behaviour:
    """With a right signature such a token is accepted, and the documented answer is not given. Without
    either the answer stays."""

    def kid(facts: Facts, jws: Jws) -> str | None:
        claims = behaviour.read_claims(facts, behaviour.decode(facts, jws.payload) or b"") or {}
        return claims.get("kid")

    return also_naming(behaviour, kid)


@fault(
    "kid-missing-answered-401",
    "A missing kid is answered with 401 and the documented text",
    breaks=_DOCUMENTED,
)
def missing_answered_401(behaviour: Behaviour) -> Behaviour:
    """What HTTP would suggest. The body is right and the token refused, so that the status alone differs
    from the document; an empty kid may be answered with any 4xx."""
    challenge = bearer.challenge({"realm": REALM, "error": "invalid_token"})

    def change(facts: Facts, answer: Answer) -> Answer:
        return json_answer(401, {"error": WITHOUT_KID}, {"WWW-Authenticate": challenge})

    return answering(behaviour, change, "missing-kid")


@fault("kid-missing-in-other-words", "A missing kid is answered with another text", breaks=_DOCUMENTED)
def missing_in_other_words(behaviour: Behaviour) -> Behaviour:
    """The status is the documented one, the text is not."""
    return answering(behaviour, with_body("internal server error"), "missing-kid")


@fault(
    "kid-missing-with-detail",
    "The answer to a missing kid has one more member",
    subtle=True,
    breaks=_DOCUMENTED,
)
def missing_with_detail(behaviour: Behaviour) -> Behaviour:
    """Status and text are right. The document prints the whole of the body, and clients may compare it."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, body=answer.body[:-1] + b', "code": 1}')

    return answering(behaviour, change, "missing-kid")


@fault(
    "kid-missing-in-double-quotes",
    "The answer to a missing kid puts the word in double quotes",
    subtle=True,
    breaks=_DOCUMENTED,
)
def missing_in_double_quotes(behaviour: Behaviour) -> Behaviour:
    """Two characters of the text differ from the documented ones."""
    return answering(behaviour, with_body(WITHOUT_KID.replace("'", '"')), "missing-kid")
