"""Faults: another user or password than the right ones, or what is no pair, is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from reference_server.faults.origoid.entry import (
    CONTROL,
    ENUMERATION,
    FIRST_COLON,
    HALF,
    NO_BASE64,
    NO_COLON,
    PASSWORD_CASE,
    SLOT,
    SWAPPED,
    UNIFORM,
    UNIFORM_EXCHANGE,
    UNKNOWN_USER,
    WHOLE,
    WRONG_PASSWORD,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import (
    also_knowing,
    first_account,
)
from reference_server.faults.shared.ways import crashing
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts, Found, Refusal, Server
from reference_server.origoid.records import User

# --- whose password it is ------------------------------------------------------------------------


@fault(
    "basic-password-unchecked",
    "Any password opens a user's account",
    breaks=(
        *WRONG_PASSWORD,
        *HALF,
        *WHOLE,
        *PASSWORD_CASE,
        *FIRST_COLON,
        *SLOT,
        *ENUMERATION,
    ),
)
def password_unchecked(behaviour: Behaviour) -> Behaviour:
    """Only the user is looked up: with another password, none, one that was cut off, one in other case, the
    part before its colon and a key it is served, and so unlike an unknown user. What is no pair at all is
    refused as before."""
    return also_knowing(behaviour, lambda right, given: True)


@fault(
    "basic-unknown-user-accepted",
    "A user that nobody is is served",
    breaks=(
        *UNKNOWN_USER,
        *HALF,
        *NO_COLON,
        *SLOT,
        *UNIFORM,
        *UNIFORM_EXCHANGE,
        *ENUMERATION,
    ),
)
def unknown_user_accepted(behaviour: Behaviour) -> Behaviour:
    """An account is made for whoever comes. The empty user is one of those, a key in the user's place is one,
    and the user and the beginning of the password, where nothing but the password's own colon separates them;
    a wrong password of a known user stays refused."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        found = behaviour.by_basic(facts, encoded)
        return first_account(facts) if found == Refusal("unknown-user") else found

    return replace(behaviour, by_basic=by_basic)


@fault("basic-password-optional", "An empty password opens a user's account", subtle=True, breaks=HALF)
def password_optional(behaviour: Behaviour) -> Behaviour:
    """The bind without a password that LDAP takes for an anonymous success (RFC 4513 section 5.1.2)."""
    return also_knowing(behaviour, lambda right, given: given == "")


@fault("basic-user-optional", "A password opens its user's account without the user", breaks=HALF)
def user_optional(behaviour: Behaviour) -> Behaviour:
    """The password is searched for where the user is empty."""
    passwords: dict[str, User] = {}

    def enrol(server: Server, user: User, password: str) -> None:
        behaviour.enrol(server, user, password)
        passwords[password] = user

    def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
        pair = behaviour.split_pair(facts, raw)
        if pair and not pair[0] and pair[1] in passwords:
            return passwords[pair[1]].name, pair[1]
        return pair

    return replace(behaviour, enrol=enrol, split_pair=split_pair)


@fault("basic-colon-alone-accepted", "A colon alone is a user and a password", subtle=True, breaks=HALF)
def colon_alone_accepted(behaviour: Behaviour) -> Behaviour:
    """Two empty texts are alike the two that a row without them has."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        return first_account(facts) if encoded == "Og==" else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)


@fault(
    "basic-password-cut-at-72-bytes",
    "Of a password 72 bytes count",
    subtle=True,
    breaks=WHOLE,
    also=because("the letter that is changed may be one of the last", *PASSWORD_CASE),
)
def cut_at_72_bytes(behaviour: Behaviour) -> Behaviour:
    """As bcrypt does. Of a longer one the end may be missing, and more may stand behind it; its beginning
    counts."""
    return also_knowing(behaviour, lambda right, given: given.encode()[:72] == right.encode()[:72])


@fault("basic-password-with-more-behind", "What follows a password is not looked at", breaks=WHOLE)
def more_behind(behaviour: Behaviour) -> Behaviour:
    """Compared for the length of the stored one. Control characters are refused before."""
    return also_knowing(behaviour, lambda right, given: given.startswith(right))


@fault(
    "basic-password-trimmed",
    "Spaces around a password are dropped",
    subtle=True,
    breaks=WHOLE,
)
def trimmed(behaviour: Behaviour) -> Behaviour:
    """One of the lengthened passwords has a space behind it."""
    return also_knowing(behaviour, lambda right, given: given.strip() == right)


@fault(
    "basic-password-first-character-dropped",
    "A password may lack its first character",
    subtle=True,
    breaks=WHOLE,
)
def first_character_dropped(behaviour: Behaviour) -> Behaviour:
    """Off by one, at the beginning."""
    return also_knowing(behaviour, lambda right, given: given == right[1:])


@fault("basic-password-case-folded", "Letter case in a password means nothing", breaks=PASSWORD_CASE)
def case_folded(behaviour: Behaviour) -> Behaviour:
    """A column that compares without regard to case."""
    return also_knowing(behaviour, lambda right, given: given.casefold() == right.casefold())


@fault(
    "basic-password-one-letter-forgiven",
    "A password with one letter in other case is accepted",
    subtle=True,
    breaks=PASSWORD_CASE,
)
def one_letter_forgiven(behaviour: Behaviour) -> Behaviour:
    """For telephones, which begin with a capital. One letter, wherever it is; all of them are too many."""

    def alike(right: str, given: str) -> bool:
        pairs = [(a, b) for a, b in zip(right, given, strict=False) if a != b]
        return len(right) == len(given) and len(pairs) == 1 and pairs[0][0].lower() == pairs[0][1].lower()

    return also_knowing(behaviour, alike)


@fault(
    "basic-password-ends-at-colon",
    "Of a password that has a colon the part before it is enough",
    subtle=True,
    breaks=FIRST_COLON,
)
def ends_at_colon(behaviour: Behaviour) -> Behaviour:
    """The pair was split at every colon once, and passwords that were set then are still compared so: the
    first piece opens the account, as does all of it."""
    return also_knowing(behaviour, lambda right, given: given == right.partition(":")[0])


# --- what is no pair -----------------------------------------------------------------------------


def _control(behaviour: Behaviour, read: Callable[[bytes], bytes]) -> Behaviour:
    """Split what `read` makes of the bytes where they are no pair."""

    def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
        return behaviour.split_pair(facts, raw) or behaviour.split_pair(facts, read(raw))

    return replace(behaviour, split_pair=split_pair)


@fault("basic-nul-ends-password", "A NUL ends the password", breaks=CONTROL)
def nul_ends_password(behaviour: Behaviour) -> Behaviour:
    """As texts end in C. What follows the right password and a NUL is not looked at."""
    return _control(behaviour, lambda raw: raw.partition(b"\0")[0])


@fault("basic-control-characters-dropped", "Control characters are dropped", breaks=CONTROL)
def control_dropped(behaviour: Behaviour) -> Behaviour:
    """The pair is cleaned rather than refused. The right one with a line end in it is served."""
    return _control(behaviour, lambda raw: re.sub(rb"[\x00-\x1f]", b"", raw))


@fault("basic-line-end-dropped", "A line end behind the password is dropped", subtle=True, breaks=CONTROL)
def line_end_dropped(behaviour: Behaviour) -> Behaviour:
    """As it comes from `echo`. One of the control characters, in one place."""
    return _control(behaviour, lambda raw: raw.removesuffix(b"\r\n"))


@fault(
    "basic-separator-guessed",
    "A semicolon separates user and password too",
    subtle=True,
    breaks=NO_COLON,
)
def separator_guessed(behaviour: Behaviour) -> Behaviour:
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
    breaks=NO_COLON,
)
def user_alone_accepted(behaviour: Behaviour) -> Behaviour:
    """There is no password to compare. The user alone is one of the spellings; the colon of the password
    makes a pair of the others, with another user."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        raw = behaviour.decode_pair(facts, encoded) or b""
        known = b":" not in raw and behaviour.find_user(facts, raw.decode("latin-1"))
        return first_account(facts) if known else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)


def _failing(behaviour: Behaviour, when: Callable[[Facts], bool]) -> Behaviour:
    """Fail where nobody caught an exception."""

    def respond(facts: Facts) -> Answer:
        return crashing(facts, Answer(500)) if when(facts) else behaviour.respond(facts)

    return replace(behaviour, respond=respond)


def _decoded(behaviour: Behaviour, facts: Facts) -> Iterator[bytes]:
    """What the Basic credentials of a request are decoded to."""
    for value in behaviour.collect(facts):
        encoded = behaviour.parse_basic(facts, value)
        raw = behaviour.decode_pair(facts, encoded) if encoded else None
        if raw is not None:
            yield raw


_STEADY = ("practice/conflict-steady", "origoid/conflict")


@fault(
    "basic-crash-on-bad-base64",
    "What is no Base64 makes the server fail",
    breaks=(*NO_BASE64, *SWAPPED, *UNIFORM, *UNIFORM_EXCHANGE, *_STEADY),
)
def crash_on_bad_base64(behaviour: Behaviour) -> Behaviour:
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
    breaks=(*NO_COLON, *NO_BASE64, *SLOT, *UNIFORM),
)
def crash_without_colon(behaviour: Behaviour) -> Behaviour:
    """The second half of a split is not there. A 500 refuses nothing: neither a user alone nor bytes that are
    no text, nor a key in a pair's place; a word is one of those that are compared."""
    return _failing(behaviour, lambda facts: any(b":" not in raw for raw in _decoded(behaviour, facts)))


@fault(
    "basic-crash-on-other-encodings",
    "A password that is not in UTF-8 makes the server fail",
    subtle=True,
    breaks=("rfc7617/2.1-utf-8", *NO_BASE64),
)
def crash_on_other_encodings(behaviour: Behaviour) -> Behaviour:
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


@fault("basic-bytes-accepted", "Bytes that are no text are a user", subtle=True, breaks=NO_BASE64)
def bytes_accepted(behaviour: Behaviour) -> Behaviour:
    """The exception of the decoder is caught too far out, behind the guard. Bytes with no colon are counted
    as such before."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        raw = behaviour.decode_pair(facts, encoded) or b""
        return first_account(facts) if raw.startswith(b"\xff\xfe") else behaviour.by_basic(facts, encoded)

    return replace(behaviour, by_basic=by_basic)
