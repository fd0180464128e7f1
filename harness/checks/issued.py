"""Credentials as they were issued, and what later answers show of them."""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from harness.checks.facts import Facts, Held, Mismatch, Unchecked
from harness.exchange import Answer, readings
from harness.model import CredentialKind

OF_WHAT_WAS_OBTAINED = frozenset({"documented-prefix", "all-different", "unguessable", "jti-unique"})
"""The checks that look at the credentials that a step had issued, and not at its answer."""
OF_A_BODY = frozenset(
    {
        "no-secret",
        "masked",
        "shows",
        "hides",
        "json",
        "token-type",
        "expires-in",
        "token-shape",
        "jwt-no-secrets",
    }
)
"""The checks that look at nothing but the body of an answer."""

SHOWN = 4
"""Characters of a secret, beside its prefix, that a listing may show."""
BITS = 128
CHANCE = 1e-7
"""The chance, at most, that a piece of a secret stands in an answer by accident."""
LISTING = 1_000_000
"""Characters of a listing for which that holds: what is a piece does not depend on how long this one is."""

_ALPHABETS = (2, 4, 8, 10, 16, 26, 32, 36, 52, 58, 62, 64, 85, 94)
"""The sizes of alphabets in use."""
_UNSEEN = 2
"""Characters of an alphabet that may not have occurred: of 64 in twenty strings of 22, hardly more."""
_SPREAD = 5.0
"""Standard deviations that the number of agreeing samples may be off by chance."""
_MARKED = re.compile(r"(?:(?:[a-z]{1,8}|[A-Z]{1,8})[0-9]{0,2}[_-]){1,3}")
"""A beginning that tells what a secret is, such as sk_live_; hardly ever one that is drawn by lot."""
_UUID4 = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}", re.IGNORECASE)


def documented_prefix(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Each issued credential begins as it is documented for its place."""
    for held in facts.obtained:
        if not held.prefixes:
            yield Unchecked("the profile documents no prefix")
        elif not held.secret.startswith(held.prefixes):
            given = f"{held.prefix}, which is another place's" if held.prefix else "another beginning"
            yield Mismatch(f"a beginning of {' or '.join(held.prefixes)}", given)


def all_different(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No two of the issued credentials are the same."""
    count = len(facts.obtained)
    different = len({held.secret for held in facts.obtained})
    if count < 2:
        yield Unchecked("only one was issued")
    elif different < count:
        yield Mismatch(f"{count} different credentials", f"only {different} different ones")


def jti_unique(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Issued JWTs with different claims have different jti among them (RFC 7519 section 4.1.7)."""
    payloads = {held.secret.split(".")[1] for held in facts.obtained if held.secret.count(".") == 2}
    named = Counter(jti for payload in payloads if (jti := _jti(payload)))
    if not named:
        yield Unchecked("none of them has a jti")
    elif max(named.values()) > 1:
        yield Mismatch("a jti of its own in each", "the same in two")


def _jti(payload: str) -> str | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["jti"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def unguessable(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The part of the issued credentials that varies looks like 128 random bits at least.

    A random UUID (version 4) has 122 of them: short of the letter of RFC 6749 section 10.10, and guessed by
    nobody. It is left to profiles that claim OAuth or ASVS to refuse it, and here neither passed nor failed.
    """
    bodies = [held.secret[len(held.prefix) :] for held in facts.obtained]
    if len(bodies) < 10:
        yield Unchecked("too few were issued to say anything")
        return
    if all(map(_UUID4.fullmatch, bodies)):
        yield Unchecked("they are UUIDs of version 4, which hold 122 random bits")
        return
    bits = apparent_bits(bodies)
    if bits < BITS:
        yield Mismatch(f"{BITS} bits that look random", f"about {bits:.0f}")


def apparent_bits(bodies: Sequence[str]) -> float:
    """How many random bits the strings seem to hold, at most.

    Characters at a position where all strings agree hold none, and a position that repeats another adds none.
    Elsewhere a character holds no more than the logarithm of the alphabet seen in all such positions; where
    the strings agree too often for that, no more than that of the values they could have been drawn from.
    It errs towards too much: that a token is bad can be shown, that it is good cannot.
    """
    columns = set(zip_longest(*bodies, fillvalue=""))
    varying = [Counter(column) for column in columns if len(set(column)) > 1]
    seen = len(set().union(*varying) - {""}) if varying else 1
    alphabet = max((size for size in _ALPHABETS if size - seen <= _UNSEEN), default=seen)
    return math.fsum(min(math.log2(alphabet), _column_bits(column)) for column in varying)


def _column_bits(column: Counter[str]) -> float:
    """Bits of one position, at most: from the fewest agreeing pairs that these samples leave probable."""
    count = column.total()
    pairs = count * (count - 1) / 2
    agreeing = sum(each * (each - 1) / 2 for each in column.values())
    fewest = agreeing - _SPREAD * math.sqrt(agreeing)
    return math.log2(pairs / fewest) if fewest > 0 else math.inf


def no_secret(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer does not hold the secret of the credential under `of`, with its prefix or without."""
    held = facts.held[args["of"]]
    text = _everything(answer)
    body = held.secret[len(held.prefix) :]
    if held.secret in text or (len(body) >= _unlikely(body, len(text)) and body in text):
        yield Mismatch("nothing of the secret", f"the whole secret of {held.name}")
    elif not _is_told_of(held, text):
        yield Unchecked(f"the answer does not tell of {held.name} at all")


def masked(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer holds no longer piece of the secret than its prefix and four characters.

    Where the profile documents no prefix it is words that end in _ or -, such as `sk_live_`. One character
    more is seen behind the prefix; elsewhere a piece counts that is too long for an accident.
    """
    held = facts.held[args["of"]]
    prefix = held.prefix or _marked(held.secret)
    body = held.secret[len(prefix) :]
    text = _everything(answer)
    if len(body) <= 2 * SHOWN:
        yield Unchecked("the secret is too short to tell a piece of it from an accident")
        return
    longest = max(SHOWN + 1, _unlikely(body, LISTING))
    pieces = (body[start : start + longest] for start in range(max(1, len(body) - longest + 1)))
    begun = prefix + body[: SHOWN + 1]
    if (prefix and begun in text) or any(piece in text for piece in pieces):
        yield Mismatch(f"at most the prefix and {SHOWN} characters", f"a longer piece of {held.name}")
    elif not _is_told_of(held, text):
        yield Unchecked(f"the answer does not tell of {held.name} at all")


def _marked(secret: str) -> str:
    """The beginning of a secret that tells what it is, or nothing."""
    found = _MARKED.match(secret)
    return found[0] if found else ""


def _unlikely(body: str, length: int) -> int:
    """How long a piece of `body` must be to stand in a text of that length by no accident."""
    alphabet = max(2, len(set(body)))
    return math.ceil(math.log(max(2, len(body) * length) / CHANCE, alphabet))


def _is_told_of(held: Held, text: str) -> bool:
    """Whether the answer knows the credential, by its id or name; where it has neither, nobody can say."""
    known = [str(held.facts[name]) for name in ("id", "name") if held.facts.get(name)]
    return not known or any(each in text for each in known)


def shows(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The JSON answer holds, as a string, what is known of a credential under the name `what`."""
    held = facts.held[args["of"]]
    wanted = held.facts.get(args["what"])
    if wanted is None:
        yield Unchecked(f"nothing is known of its {args['what']}")
        return
    try:
        strings = set(_strings(answer.json()))
    except ValueError:
        yield Mismatch("a JSON answer", "one that is not JSON")
        return
    if str(wanted) not in strings:
        yield Mismatch(f"the {args['what']} {json.dumps(wanted, ensure_ascii=False)}", "an answer without it")


def hides(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer holds nowhere what is known of a credential under the name `what`."""
    held = facts.held[args["of"]]
    known = str(held.facts.get(args["what"]) or "")
    if not known:
        yield Unchecked(f"nothing is known of its {args['what']}")
    elif known in _everything(answer):
        yield Mismatch(f"nothing of the {args['what']} of {held.name}", f"{known} in the answer")


def _everything(answer: Answer) -> str:
    """All that it holds, as it is written and as it is meant."""
    lines = (f"{name}: {value}" for name, value in answer.headers)
    return "\n".join((*lines, *readings(answer.text())))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def held_of(
    name: str, secret: str, kind: CredentialKind, configured: str | None, known: Mapping[str, Any]
) -> Held:
    """A credential as checks see it; `configured` is the secret of this kind that the target gives.

    Where that one begins as is documented for another place, so must those that are issued beside it: then
    the deployment's own place is such a one, such as a trial.
    """
    given = _beginning(configured or "", kind.prefixes)
    documented = (given,) if given in kind.other_prefixes else kind.prefix
    return Held(name, secret, _beginning(secret, kind.prefixes), documented, known)


def _beginning(secret: str, prefixes: Sequence[str]) -> str:
    """The longest of `prefixes` that `secret` begins with, or nothing."""
    return max((each for each in prefixes if secret.startswith(each)), key=len, default="")
