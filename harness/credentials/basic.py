"""Basic credentials: a user and a password with a colon between them, in Base64 (RFC 7617)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from harness.credentials.computed import compute
from harness.credentials.in_field import around, spelled
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.credentials.slots import Slot
from harness.errors import quoted
from harness.model import CredentialKind, Spoil
from harness.templates import render

UTF_8 = "utf-8"
PARTS = frozenset({"value", "user", "password", "pair", "encoded", "charset", "field", "scheme", "slot"})

_LIKE = {"like": "it"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """The pair as RFC 7617 section 2 has it, in UTF-8, or with the one change that `spoil` names.

    `secret` is user and password with a colon between them; of several colons the first counts.
    CannotSpoil where there is none: then no request can be made, and the run ends before the first case.
    """
    slot = Slot.of(kind)
    pair = Pair.of(kind.name, secret)
    right = encoded(pair.text.encode(UTF_8))
    secrets = (pair.secret, right)
    if spoil is None:
        return replace(slot.holding(right), secrets=secrets)
    if spoil.removed:
        raise CannotSpoil(f"a credential of kind basic has no {spoil.part} to take away")
    if spoil.part == "value":
        spoil = _of_the_secret(spoil, pair)
    if spoil.part == "field":
        unknown = encoded(pair.unknown(values.random).text.encode(UTF_8))
        return replace(spelled(slot, right, unknown, spoil, values), secrets=secrets)
    if spoil.part == "slot" and "basic" in spoil.change:
        raise CannotSpoil("this credential is a Basic one already")
    if spoil.part in ("scheme", "slot"):
        return replace(around(slot, right, spoil, values), secrets=secrets)
    made = _made(pair, right, kind, spoil, values)
    if made.encoded == right:
        raise CannotSpoil(f"this change of the {spoil.part} leaves the credential as it is")
    presented = slot.holding(made.encoded)
    if made.ours:
        return replace(presented, invented=(made.piece, made.encoded))
    return replace(presented, secrets=(pair.secret, made.piece, made.encoded))


@dataclass(frozen=True, slots=True)
class Pair:
    """A user and a password."""

    user: str
    password: str

    @classmethod
    def of(cls, name: str, secret: str) -> Pair:
        """What `secret`, that of the credential `name`, holds. CannotSpoil where it holds no colon."""
        user, colon, password = secret.partition(":")
        if not colon:
            raise CannotSpoil(f"the secret of {quoted(name)} has no colon: write it as user:password")
        return cls(user, password)

    @property
    def text(self) -> str:
        """What is encoded."""
        return f"{self.user}:{self.password}"

    @property
    def secret(self) -> str:
        """The part that nobody may see: the user, where a key takes its place and has no password."""
        return self.password or self.user

    def unknown(self, random: Random) -> Pair:
        """The same with a secret like it that nobody has. CannotSpoil where there is no room for one."""
        if self.password:
            return replace(self, password=compute(_LIKE, self.password, (), random))
        return replace(self, user=compute(_LIKE, self.user, (), random))


def _of_the_secret(spoil: Spoil, pair: Pair) -> Spoil:
    """The change to the part that suites for any credential call its value.

    CannotSpoil where they mean a character of the field: that is in Base64, whatever is encoded.
    """
    texts = spoil.change.values() if isinstance(spoil.change, Mapping) else (spoil.change,)
    if any(isinstance(text, str) and _CONTROL.search(text) for text in texts):
        raise CannotSpoil("what is encoded in Base64 puts no control character into the field")
    return replace(spoil, part="password" if pair.password else "user")


@dataclass(frozen=True, slots=True)
class _Made:
    """A spoiled pair: its Base64, the piece of it that was changed, and whether nothing in it is secret."""

    encoded: str
    piece: str
    ours: bool


def _made(pair: Pair, right: str, kind: CredentialKind, spoil: Spoil, values: Values) -> _Made:
    """The pair with the change that `spoil` makes. CannotSpoil where it leaves nothing to change."""
    part, change = spoil.part, spoil.change
    if part == "encoded":
        text = _other_encoded(pair, right, spoil, values)
        return _Made(text, text, _is_made_up(change) and right not in text)
    if part == "charset":
        return _Made(encoded(_in_charset(pair, str(change))), pair.text, False)
    if part == "pair" and isinstance(change, Mapping) and "bytes" in change:
        raw = bytes.fromhex(change["bytes"])
        return _Made(encoded(raw), raw.decode(UTF_8, "replace"), True)
    if part == "pair":
        piece = text = _other_text(pair, spoil, values)
    elif part in ("user", "password"):
        piece = _other_piece(getattr(pair, part), part, kind, spoil, values)
        text = replace(pair, **{part: piece}).text
        # who asks is no secret: an answer may say so
        piece = piece if part == "password" else text
    else:
        raise CannotSpoil(f"a credential of kind basic has no {part}")
    return _Made(encoded(text.encode(UTF_8)), piece, _is_made_up(change) and pair.secret not in text)


def _other_piece(right: str, part: str, kind: CredentialKind, spoil: Spoil, values: Values) -> str:
    change = spoil.change
    if isinstance(change, Mapping) and "of" in change:
        return _of_another(change["of"], part, values)
    return compute(change, right, kind.prefix, values.random)


def _other_text(pair: Pair, spoil: Spoil, values: Values) -> str:
    change = spoil.change
    if isinstance(change, str):
        names = {**values.names, "user": pair.user, "password": pair.password}
        return render(change, names, spoil.where)
    if "of" in change:
        return values.secret_of(change["of"])
    return compute(change, pair.text, (), values.random)


def _other_encoded(pair: Pair, right: str, spoil: Spoil, values: Values) -> str:
    change = spoil.change
    if isinstance(change, str):
        return render(change, {**values.names, "encoded": right}, spoil.where)
    if "of" in change:
        return encoded(values.secret_of(change["of"]).encode(UTF_8))
    # Base64 without its padding may be read as the same (RFC 4648 section 3.2): what is cut is data
    whole = right.rstrip("=") if "cut" in change else right
    return compute(change, whole, (), values.random)


def _of_another(name: str, part: str, values: Values) -> str:
    """The user or password of another credential; of one that is no pair, the secret itself."""
    secret = values.secret_of(name)
    other = Pair.of(name, secret) if ":" in secret else Pair(secret, secret)
    return other.user if part == "user" else other.password


def _in_charset(pair: Pair, charset: str) -> bytes:
    """The pair in another encoding. CannotSpoil where it cannot be written so, or in no other way."""
    try:
        made = pair.text.encode(charset)
    except UnicodeEncodeError:
        raise CannotSpoil(f"{charset} has not every character of the credential") from None
    if made == pair.text.encode(UTF_8):
        raise CannotSpoil(f"the credential has no character that {charset} writes otherwise than UTF-8")
    return made


def _is_made_up(change: Any) -> bool:
    return isinstance(change, str) or bool(change.keys() & {"like", "repeat"})


def encoded(pair: bytes) -> str:
    """The Base64 that stands behind the scheme, with its padding (RFC 4648 section 4)."""
    return base64.b64encode(pair).decode("ascii")


MECHANISM = Mechanism("basic", PARTS, present, frozenset({"field", "scheme"}))
