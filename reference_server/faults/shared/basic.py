"""Faults: another user or password than the right ones, or what is no pair, is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.paired import P, Paired, also_knowing
from reference_server.faults.shared.sets import Family, FaultSet, because
from reference_server.faults.shared.ways import crashing, reason_of
from reference_server.messages import Answer

BASIC: FaultSet[Paired] = FaultSet()
fault = BASIC.fault

_known: Family[Paired, Callable[[str, str], bool]] = Family(
    BASIC, lambda api, behaviour, alike: also_knowing(behaviour, alike)
)
"""By when a password is taken for a user's: of the right one and the given."""

# --- whose password it is ------------------------------------------------------------------------

_known(
    "basic-password-unchecked",
    "Any password opens a user's account",
    lambda right, given: True,
    breaks=lambda api: (
        *api.wrong_password,
        *api.half,
        *api.whole,
        *api.case,
        *api.first_colon,
        *api.slot,
        *api.enumeration,
    ),
    why="""Only the user is looked up: with another password, none, one that was cut off, one in other case,
    the part before its colon and a key it is served, and so unlike an unknown user. What is no pair at all is
    refused as before.""",
)


@fault(
    "basic-unknown-user-accepted",
    "A user that nobody is is served",
    breaks=lambda api: (
        *api.unknown_user,
        *api.half,
        *api.no_colon,
        *api.slot,
        *api.uniform,
        *api.uniform_exchange,
        *api.enumeration,
    ),
)
def unknown_user_accepted(api: Paired, behaviour: P) -> P:
    """An account is made for whoever comes. The empty user is one of those, a key in the user's place is one,
    and the user and the beginning of the password, where nothing but the password's own colon separates them;
    a wrong password of a known user stays refused."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        found = behaviour.by_basic(facts, encoded)
        return api.somebody(facts) if reason_of(found) == "unknown-user" else found

    return replace(behaviour, by_basic=by_basic)


_known(
    "basic-password-optional",
    "An empty password opens a user's account",
    lambda right, given: given == "",
    subtle=True,
    breaks=lambda api: api.half,
    why="""The bind without a password that LDAP takes for an anonymous success (RFC 4513 section 5.1.2).""",
)


@fault(
    "basic-user-optional", "A password opens its user's account without the user", breaks=lambda api: api.half
)
def user_optional(api: Paired, behaviour: P) -> P:
    """The password is searched for where the user is empty."""
    passwords: dict[str, Any] = {}

    def enrol(server: Any, user: Any, password: str) -> None:
        behaviour.enrol(server, user, password)
        passwords[password] = user

    def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
        pair = behaviour.split_pair(facts, raw)
        if pair and not pair[0] and pair[1] in passwords:
            return passwords[pair[1]].name, pair[1]
        return pair

    return replace(behaviour, enrol=enrol, split_pair=split_pair)


@fault(
    "basic-colon-alone-accepted",
    "A colon alone is a user and a password",
    subtle=True,
    breaks=lambda api: api.half,
)
def colon_alone_accepted(api: Paired, behaviour: P) -> P:
    """Two empty texts are alike the two that a row without them has."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        return api.somebody(facts) if encoded == "Og==" else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)


_known(
    "basic-password-cut-at-72-bytes",
    "Of a password 72 bytes count",
    lambda right, given: given.encode()[:72] == right.encode()[:72],
    subtle=True,
    breaks=lambda api: api.whole,
    also=lambda api: because("the letter that is changed may be one of the last", *api.case),
    why="""As bcrypt does. Of a longer one the end may be missing, and more may stand behind it; its beginning
    counts.""",
)
_known(
    "basic-password-with-more-behind",
    "What follows a password is not looked at",
    lambda right, given: given.startswith(right),
    breaks=lambda api: api.whole,
    why="""Compared for the length of the stored one. Control characters are refused before.""",
)
_known(
    "basic-password-trimmed",
    "Spaces around a password are dropped",
    lambda right, given: given.strip() == right,
    subtle=True,
    breaks=lambda api: api.whole,
    why="""One of the lengthened passwords has a space behind it.""",
)
_known(
    "basic-password-first-character-dropped",
    "A password may lack its first character",
    lambda right, given: given == right[1:],
    subtle=True,
    breaks=lambda api: api.whole,
    why="""Off by one, at the beginning.""",
)
_known(
    "basic-password-case-folded",
    "Letter case in a password means nothing",
    lambda right, given: given.casefold() == right.casefold(),
    breaks=lambda api: api.case,
    why="""A column that compares without regard to case.""",
)


def _but_one_letter(right: str, given: str) -> bool:
    pairs = [(a, b) for a, b in zip(right, given, strict=False) if a != b]
    return len(right) == len(given) and len(pairs) == 1 and pairs[0][0].lower() == pairs[0][1].lower()


_known(
    "basic-password-one-letter-forgiven",
    "A password with one letter in other case is accepted",
    _but_one_letter,
    subtle=True,
    breaks=lambda api: api.case,
    why="""For telephones, which begin with a capital. One letter, wherever it is; all of them are too
    many.""",
)
_known(
    "basic-password-ends-at-colon",
    "Of a password that has a colon the part before it is enough",
    lambda right, given: given == right.partition(":")[0],
    subtle=True,
    breaks=lambda api: api.first_colon,
    why="""The pair was split at every colon once, and passwords that were set then are still compared so: the
    first piece opens the account, as does all of it.""",
)


# --- what is no pair -----------------------------------------------------------------------------


def _cleaning(api: Paired, behaviour: P, read: Callable[[bytes], bytes]) -> P:
    """Split what `read` makes of the bytes where they are no pair."""

    def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
        return behaviour.split_pair(facts, raw) or behaviour.split_pair(facts, read(raw))

    return replace(behaviour, split_pair=split_pair)


_cleaned = Family(BASIC, _cleaning)

_cleaned(
    "basic-nul-ends-password",
    "A NUL ends the password",
    lambda raw: raw.partition(b"\0")[0],
    breaks=lambda api: api.control,
    why="""As texts end in C. What follows the right password and a NUL is not looked at.""",
)
_cleaned(
    "basic-control-characters-dropped",
    "Control characters are dropped",
    lambda raw: re.sub(rb"[\x00-\x1f]", b"", raw),
    breaks=lambda api: api.control,
    why="""The pair is cleaned rather than refused. The right one with a line end in it is served.""",
)
_cleaned(
    "basic-line-end-dropped",
    "A line end behind the password is dropped",
    lambda raw: raw.removesuffix(b"\r\n"),
    subtle=True,
    breaks=lambda api: api.control,
    why="""As it comes from `echo`. One of the control characters, in one place.""",
)


@fault(
    "basic-separator-guessed",
    "A semicolon separates user and password too",
    subtle=True,
    breaks=lambda api: api.no_colon,
)
def separator_guessed(api: Paired, behaviour: P) -> P:
    """The colon of the password would do for one, and is behind the semicolon: so the first of the two is
    taken. Without either there is nothing to split."""

    def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
        first, semicolon, rest = raw.partition(b";")
        guessed = first + b":" + rest if semicolon and b":" not in first else raw
        return behaviour.split_pair(facts, guessed)

    return replace(behaviour, split_pair=split_pair)


@fault(
    "basic-user-alone-accepted",
    "A user without a colon and a password is served",
    breaks=lambda api: api.no_colon,
)
def user_alone_accepted(api: Paired, behaviour: P) -> P:
    """There is no password to compare. The user alone is one of the spellings; the colon of the password
    makes a pair of the others, with another user."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        raw = behaviour.decode_pair(facts, encoded) or b""
        known = b":" not in raw and getattr(behaviour, api.found_by)(facts, raw.decode("latin-1"))
        return api.somebody(facts) if known else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)


def _failing(behaviour: P, when: Callable[[Facts], bool]) -> P:
    """Fail where nobody caught an exception."""

    def respond(facts: Facts) -> Answer:
        return crashing(facts, Answer(500)) if when(facts) else behaviour.respond(facts)

    return replace(behaviour, respond=respond)


def _decoded(behaviour: P, facts: Facts) -> Iterator[bytes]:
    """What the Basic credentials of a request are decoded to."""
    for value in behaviour.collect(facts):
        encoded = behaviour.parse_basic(facts, value)
        raw = behaviour.decode_pair(facts, encoded) if encoded else None
        if raw is not None:
            yield raw


@fault(
    "basic-crash-on-bad-base64",
    "What is no Base64 makes the server fail",
    breaks=lambda api: (*api.no_base64, *api.swapped, *api.uniform, *api.uniform_exchange, *api.steady),
)
def crash_on_bad_base64(api: Paired, behaviour: P) -> P:
    """Nobody catches what the decoder raises: for a token after Basic as well. A 500 refuses nothing, is
    unlike all else that is compared, and beside a valid key it is a failure of the server where either answer
    would have been right."""

    def undecodable(facts: Facts) -> bool:
        fields = [value.partition(" ") for value in behaviour.collect(facts)]
        pairs = [rest for scheme, _, rest in fields if scheme.lower() == "basic" and rest.strip()]
        return any(behaviour.decode_pair(facts, rest.strip()) is None for rest in pairs)

    return _failing(behaviour, undecodable)


@fault(
    "basic-crash-without-colon",
    "Credentials without a colon make the server fail",
    breaks=lambda api: (*api.no_colon, *api.no_base64, *api.slot, *api.uniform),
)
def crash_without_colon(api: Paired, behaviour: P) -> P:
    """The second half of a split is not there. A 500 refuses nothing: neither a user alone nor bytes that are
    no text, nor a key in a pair's place; a word is one of those that are compared."""
    return _failing(behaviour, lambda facts: any(b":" not in raw for raw in _decoded(behaviour, facts)))


@fault(
    "basic-crash-on-other-encodings",
    "A password that is not in UTF-8 makes the server fail",
    subtle=True,
    breaks=lambda api: ("rfc7617/2.1-utf-8", *api.no_base64),
)
def crash_on_other_encodings(api: Paired, behaviour: P) -> P:
    """Nobody catches what the decoder of texts raises: for the right password in Latin-1, and for bytes that
    are no text."""

    def undecodable(facts: Facts) -> bool:
        try:
            for raw in _decoded(behaviour, facts):
                raw.decode()
        except UnicodeDecodeError:
            return True
        return False

    return _failing(behaviour, undecodable)


@fault(
    "basic-bytes-accepted", "Bytes that are no text are a user", subtle=True, breaks=lambda api: api.no_base64
)
def bytes_accepted(api: Paired, behaviour: P) -> P:
    """The exception of the decoder is caught too far out, behind the guard. Bytes with no colon are counted
    as such before."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        raw = behaviour.decode_pair(facts, encoded) or b""
        return api.somebody(facts) if raw.startswith(b"\xff\xfe") else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)
