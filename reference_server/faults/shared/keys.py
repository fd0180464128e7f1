"""Faults: what is almost a key, or nothing like one, is taken for it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from reference_server.faults.shared.decisions import A
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import When, always

Named = tuple[str, ...]
Alike = Callable[[str, str], bool]
"""Of the right key and the one that was given: whether it is taken for it."""
Select = Callable[[sqlite3.Connection, str], sqlite3.Cursor]
"""Of a database with a table `kept` of keys in clear, and a given one: the query for those meant."""


class Matching(Protocol):
    """Take a value for somebody's key when it is alike, for some requests; the keys are kept in clear."""

    def __call__(self, behaviour: Any, alike: Alike, when: When = always) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What differs between APIs that know their callers by a key of random letters and digits."""

    token: str = "key"
    """In titles: the key."""
    also_matching: Matching
    selecting: Callable[[Any, Select], Any]
    """Find keys, kept in clear, by a query."""
    pattern: str
    """What a key looks like."""
    one_place: When
    """For requests of one operation, of which nothing else is asked with unknown keys."""
    unknown: Named
    """What falls when an unknown key is accepted everywhere."""
    unknown_in_one_place: Named
    shortened: Named
    """The same of one that lacks its last character."""
    lengthened: Named
    """The same of one with a letter behind it."""
    altered: Named
    """The same of any other alteration."""
    case: Named
    """The same of one in other letter case."""
    nothing: Named
    """The same of a word for nothing."""
    empty: Named
    """The same of the empty key."""
    injection: Named
    """The same of a pattern."""
    query: Named
    """The same of a piece of SQL."""


KEYS: FaultSet[Keyed] = FaultSet()
fault = KEYS.fault


def _altered(api: Keyed) -> Named:
    return api.altered


def _nothing(api: Keyed) -> Named:
    return api.nothing


def _case(api: Keyed) -> Named:
    return api.case


@fault(
    "shape-is-enough",
    "Any text with the shape of a {it.token} is one",
    breaks=lambda api: (*api.unknown, *api.case),
)
def shape_is_enough(api: Keyed, behaviour: A) -> Any:
    """A pattern is checked and nothing is looked up. Unknown keys and those in other letter case have the
    right shape; shortened and lengthened ones have another length."""
    return api.also_matching(behaviour, lambda right, given: bool(re.fullmatch(api.pattern, given)))


@fault(
    "shape-is-enough-in-one-place",
    "One operation takes any text with the shape of a {it.token}",
    subtle=True,
    breaks=lambda api: api.unknown_in_one_place,
)
def shape_is_enough_in_one_place(api: Keyed, behaviour: A) -> Any:
    """As above, on one operation: there only unknown keys are tried."""
    return api.also_matching(
        behaviour, lambda right, given: bool(re.fullmatch(api.pattern, given)), when=api.one_place
    )


@fault("beginning-is-enough", "The first half of a {it.token} is enough", breaks=lambda api: api.shortened)
def beginning_is_enough(api: Keyed, behaviour: A) -> Any:
    """The comparison ends where the shorter text does. Keys cut at their end are accepted."""
    return api.also_matching(behaviour, lambda right, given: len(given) >= 20 and right.startswith(given))


@fault("with-more-behind", "What follows a {it.token} is not looked at", breaks=lambda api: api.lengthened)
def more_behind(api: Keyed, behaviour: A) -> Any:
    """The comparison is as long as the key that is stored. Whatever is added at its end is accepted."""
    return api.also_matching(
        behaviour, lambda right, given: given.startswith(right) and not re.search(r",\s*\w", given)
    )


@fault("with-more-before", "What stands before a {it.token} is not looked at", subtle=True, breaks=_altered)
def more_before(api: Keyed, behaviour: A) -> Any:
    """One of the altered keys has a letter before it."""
    return api.also_matching(
        behaviour, lambda right, given: bool(re.fullmatch(r"\w+", given)) and given.endswith(right)
    )


@fault("first-character-dropped", "A {it.token} may lack its first character", subtle=True, breaks=_altered)
def first_character_dropped(api: Keyed, behaviour: A) -> Any:
    """Off by one, at the beginning. One of the altered keys."""
    return api.also_matching(behaviour, lambda right, given: given == right[1:])


@fault(
    "separator-dropped",
    "A comma or semicolon after a {it.token} is dropped",
    subtle=True,
    breaks=_altered,
)
def separator_dropped(api: Keyed, behaviour: A) -> Any:
    """Two of the altered keys. A letter or a dot behind one still counts."""
    return api.also_matching(behaviour, lambda right, given: given.rstrip(",;") == right)


@fault("case-folded", "Letter case in a {it.token} means nothing", level="SHOULD", breaks=_case)
def case_folded(api: Keyed, behaviour: A) -> Any:
    """A column that compares without regard to case. Neither one letter nor all in other case are told
    apart from the right ones."""
    return api.also_matching(behaviour, lambda right, given: given.lower() == right.lower())


@fault(
    "case-folded-behind-index",
    "Letter case means nothing behind the first ten characters of a {it.token}",
    level="SHOULD",
    subtle=True,
    breaks=_case,
)
def case_folded_behind_index(api: Keyed, behaviour: A) -> Any:
    """The first ten characters are an index and compared exactly. A key with one letter of its middle in
    other case is accepted, one with all its letters so is not."""
    return api.also_matching(
        behaviour, lambda right, given: given[:10] == right[:10] and given.lower() == right.lower()
    )


@fault(
    "may-be-empty",
    "An empty field is as good as a {it.token}",
    subtle=True,
    breaks=lambda api: api.empty,
)
def may_be_empty(api: Keyed, behaviour: A) -> Any:
    """The empty text is false where an absent one is none."""
    return api.also_matching(behaviour, lambda right, given: given == "")


@fault("null-accepted", "The words null and undefined are {it.token}s", subtle=True, breaks=_nothing)
def null_accepted(api: Keyed, behaviour: A) -> Any:
    """A row that a script without a key once wrote. Two of the words for nothing."""
    return api.also_matching(behaviour, lambda right, given: given in ("null", "undefined"))


@fault("star-accepted", "A star stands for every {it.token}", subtle=True, breaks=_nothing)
def star_accepted(api: Keyed, behaviour: A) -> Any:
    """A wildcard of the rules by which a gateway lets through. One of the words for nothing; the patterns
    among the injections have more than a star."""
    return api.also_matching(behaviour, lambda right, given: given == "*")


@fault(
    "in-sql",
    "A {it.token} is written into the text of the query",
    breaks=lambda api: api.query,
)
def in_sql(api: Keyed, behaviour: A) -> Any:
    """The fragments with a condition that is always true find a row. None of the other values has an
    apostrophe, and a query that cannot be parsed finds nothing."""
    return api.selecting(
        behaviour, lambda db, value: db.execute(f"SELECT secret FROM kept WHERE secret = '{value}'")
    )


@fault("by-like", "A {it.token} is found by LIKE", breaks=lambda api: (*api.nothing, *api.case))
def by_like(api: Keyed, behaviour: A) -> Any:
    """A percent sign finds the first one, and LIKE knows no letter case. The fragments of SQL are no
    patterns that fit: they are bound as a value."""
    return api.selecting(
        behaviour, lambda db, value: db.execute("SELECT secret FROM kept WHERE secret LIKE ?", (value,))
    )


@fault(
    "as-pattern",
    "A {it.token} is taken for a regular expression",
    subtle=True,
    breaks=lambda api: api.injection,
)
def as_pattern(api: Keyed, behaviour: A) -> Any:
    """Of all that is sent only `.*` is an expression that fits the whole of a key: a star alone is none,
    and small letters alone do not fit."""

    def fits(right: str, given: str) -> bool:
        try:
            return bool(re.fullmatch(given, right))
        except re.error:
            return False

    return api.also_matching(behaviour, fits)
