"""Find pieces of many secrets in a text at once."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator

from harness.exchange.needles import INSENSITIVE, Needle
from harness.exchange.views import View

_GRAM = 8
_REPEATS = 32
"""How often the same gram of one needle is indexed: what repeats itself more often is no secret, and would
have to be compared with itself at every place."""


class Search:
    """An index of short sequences (grams) of every needle.

    A piece of `least` characters holds a gram that begins at a multiple of `least - gram + 1`: looking at
    those alone finds every piece, at a cost that does not grow with the number of secrets. Of a needle whose
    pieces are longer than that, not every gram need be known: where its step and the stride of what is looked
    at have no common factor, they meet once in `step * stride` characters.
    """

    def __init__(self) -> None:
        self._needles: list[Needle] = []
        self._short: list[Needle] = []
        self._grams: defaultdict[bytes, list[tuple[Needle, int]]] = defaultdict(list)
        self._gram, self._stride = _GRAM, 1 << 30

    def add(self, needle: Needle) -> None:
        if needle.least < INSENSITIVE:
            self._short.append(needle)
            return
        self._needles.append(needle)
        gram = min(_GRAM, needle.least // 2 + 1)
        stride = needle.least - gram + 1
        if stride < self._stride or gram < self._gram:
            self._gram, self._stride = min(gram, self._gram), min(stride, self._stride)
            self._grams.clear()
            for known in self._needles:
                self._index(known)
        else:
            self._index(needle)

    def pieces(self, view: View) -> Iterator[tuple[int, int, bool, Needle]]:
        """(start, end, whole, needle) of every piece; those of different needles may overlap."""
        yield from self._long_pieces(view)
        for needle in self._short:
            chars = needle.chars or ""
            at = view.chars.find(chars)
            while at >= 0:
                yield at, at + len(chars), True, needle
                at = view.chars.find(chars, at + len(chars))

    def _long_pieces(self, view: View) -> Iterator[tuple[int, int, bool, Needle]]:
        hay, grams, size = view.canonical, self._grams, self._gram
        until: dict[Needle, int] = {}
        # a list, for this is the one loop that sees all of the text
        places = [at for at in range(0, len(hay) - size + 1, self._stride) if hay[at : at + size] in grams]
        for at in places:
            for needle, offset in grams[hay[at : at + size]]:
                if at < until.get(needle, 0):
                    continue
                piece = needle.reach(view, at, offset)
                if piece is not None:
                    until[needle] = piece[1]
                    yield *piece, needle

    def _index(self, needle: Needle) -> None:
        times: Counter[bytes] = Counter()
        for offset in range(0, len(needle.canonical) - self._gram + 1, self._step(needle)):
            gram = needle.canonical[offset : offset + self._gram]
            times[gram] += 1
            if times[gram] <= _REPEATS:
                self._grams[gram].append((needle, offset))

    def _step(self, needle: Needle) -> int:
        """How far apart the grams of `needle` may be that are known."""
        widest = (needle.least - self._gram + 1) // self._stride
        return next((step for step in range(widest, 1, -1) if math.gcd(step, self._stride) == 1), 1)
