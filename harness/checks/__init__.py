"""What can be looked for in an answer: a table of generator functions that yield what is not so.

A check is called with the answer, its arguments as written in the suite or profile, and the facts of the
case. It yields a `Mismatch` for each thing that is wrong, or an `Unchecked` where it could not look. It
never raises, logs or saves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.checks import answers, challenges, internals, isolation, issued, origins, times
from harness.checks.facts import Facts, Held, Mismatch, Unchecked
from harness.exchange import Answer

Check = Callable[[Answer, Mapping[str, Any], Facts], Iterator[Mismatch | Unchecked]]

CHECKS: dict[str, Check] = {
    "accepted": answers.accepted,
    "refused": answers.refused,
    "status": answers.status,
    "schema": answers.schema,
    "headers": answers.headers,
    "json": answers.json_members,
    "mentions": answers.mentions,
    "challenge": challenges.challenge,
    "challenge-grammar": challenges.grammar,
    "challenge-parameters-unique": challenges.parameters_unique,
    "realm-quoted": challenges.realm_quoted,
    "bearer-challenge": challenges.bearer,
    "bearer-challenge-characters": challenges.bearer_characters,
    "bearer-error": challenges.bearer_error,
    "bearer-error-absent": challenges.bearer_error_absent,
    "no-server-failure": answers.no_server_failure,
    "no-echo": internals.no_echo,
    "no-internals": internals.no_internals,
    "utc-time": times.utc_time,
    "advice": answers.advice,
    "no-cors-headers": origins.no_cors_headers,
    "documented-prefix": issued.documented_prefix,
    "all-different": issued.all_different,
    "unguessable": issued.unguessable,
    "no-secret": issued.no_secret,
    "masked": issued.masked,
    "shows": issued.shows,
    "no-foreign-data": isolation.no_foreign_data,
    "nothing-served": isolation.nothing_served,
}

__all__ = ["CHECKS", "Check", "Facts", "Held", "Mismatch", "Unchecked"]
