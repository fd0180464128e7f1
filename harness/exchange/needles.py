"""A secret in every encoding in which it could turn up."""

from __future__ import annotations

import math
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from harness.exchange.views import View, canonical

INSENSITIVE = 8
"""Characters from which on a secret is found in any case, and in parts."""

_JWS = re.compile(r"[\w-]+\.[\w-]*\.([\w-]{16,})", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class Needle:
    """One encoding of one secret."""

    secret: Secret
    canonical: bytes
    chars: str | None
    """Where given, the text is compared with this, character for character."""
    encoding: str
    """What a placeholder says of it; empty for the secret itself."""
    before: int
    """Characters of Base64 before this that hold bits of the secret."""
    after: int

    @property
    def least(self) -> int:
        """The length of the shortest piece that is a leak."""
        whole = len(self.canonical)
        return whole if whole < INSENSITIVE else max(INSENSITIVE, math.ceil(0.6 * whole))

    def reach(self, view: View, at: int, offset: int) -> tuple[int, int, bool] | None:
        """(start, end, whole) of the piece of this around the character `at`, which matches `offset`."""
        hay: str | bytes = view.canonical if self.chars is None else view.chars
        pin: str | bytes = self.canonical if self.chars is None else self.chars
        start, end = at - offset, at - offset + len(pin)
        if start >= 0 and hay[start:end] == pin:
            return start, end, True
        before = _agreement(hay[max(start, 0) : at][::-1], pin[:offset][::-1])
        beyond = _agreement(hay[at:end], pin[offset:])
        return (at - before, at + beyond, False) if before + beyond >= self.least else None

    def edges(self, view: View, start: int, end: int) -> tuple[int, int]:
        """The span with the Base64 characters at its ends that hold the rest of the secret's bits."""
        if self.before and start > 0 and view.chars[start - 1].isalnum():
            start -= 1
        if self.after and end < len(view.chars) and view.chars[end].isalnum():
            end += 1
        if self.encoding == "base64":
            while view.chars[end : end + 1] == "=":
                end += 1
        return start, end


@dataclass(frozen=True, slots=True, eq=False)
class Secret:
    """A secret that was learned: `label` is what placeholders call it, `env` the variable that holds it."""

    label: str
    text: str
    env: str | None

    def needles(self) -> Iterator[Needle]:
        """Itself, Base64 wherever it stands within a longer run, and hexadecimal digits."""
        raw = self.text.encode("utf-8", "surrogatepass")
        exact = len(self.text) < INSENSITIVE
        for text in dict.fromkeys((self.text, raw.decode("latin-1"))):
            wide = any(ord(character) > 0xFF for character in text)
            yield Needle(self, canonical(text), text if exact or wide else None, "", 0, 0)
        for encode in (b64encode, urlsafe_b64encode) if exact else (b64encode,):
            for shift in range(3):
                bits = 8 * (shift + len(raw))
                text = encode(bytes(shift) + raw).decode("ascii")[(0, 2, 3)[shift] : bits // 6]
                before, after = int(shift > 0), int(bits % 6 > 0)
                yield Needle(self, canonical(text), text if exact else None, "base64", before, after)
        yield Needle(self, raw.hex().encode("ascii"), None, "hex", 0, 0)

    def signature(self) -> Secret | None:
        """Of a signed JWT, the signature: with the other parts guessed it is the token."""
        match = _JWS.fullmatch(self.text)
        return Secret(f"signature of {self.label}", match[1], None) if match else None


def _agreement(one: str | bytes, other: str | bytes) -> int:
    """The length of the common beginning, found by halving: secrets of one kind begin alike."""
    agree, differ = 0, min(len(one), len(other)) + 1
    while differ - agree > 1:
        middle = (agree + differ) // 2
        if one[agree:middle] == other[agree:middle]:
            agree = middle
        else:
            differ = middle
    return agree
