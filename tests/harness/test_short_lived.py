"""A token that ends by itself is watched while it does, and issued once more where it was over too soon."""

from __future__ import annotations

import time

from test_course import Tokens, obtain, present, ran, settles

from harness.course import ATTEMPTS


class Brief(Tokens):
    """Tokens live for so many seconds, one after the other; the last of these holds for all that follow."""

    def __init__(self, *lives: float) -> None:
        super().__init__()
        self.lives = lives
        self.ends: dict[str, float] = {}

    def answer(self, request: bytes) -> bytes:
        now = time.monotonic()
        for token in [token for token in self.live if self.ends.get(token, now + 1) <= now]:
            del self.live[token]
        before = set(self.live)
        answer = super().answer(request)
        for token in set(self.live) - before:
            self.ends[token] = now + self.lives[min(len(self.ends), len(self.lives) - 1)]
        return answer

    @property
    def issued(self) -> int:
        return self.lines.count("POST /tokens")


# It was accepted, then refused in time.
def test_ends() -> None:
    server = Brief(0.15)
    found = ran(server, obtain(), present("fresh", settles()))
    assert (found.verdict, server.issued) == ("pass", 1)


# On a slow day it is over before it was looked at: another one is.
def test_over_too_soon() -> None:
    server = Brief(0.0, 0.0, 0.15)
    found = ran(server, obtain(), present("fresh", settles()))
    assert (found.verdict, server.issued) == ("pass", 3)


# Where none is ever accepted nothing is learned of how it ends.
def test_never_accepted() -> None:
    server = Brief(0.0)
    found = ran(server, obtain(), present("fresh", settles()))
    assert (found.verdict, server.issued) == ("inconclusive", ATTEMPTS)
    assert found.reason == "the presentation was never answered as before the change"


# One that does not end is a finding, however often others were over too soon.
def test_does_not_end() -> None:
    found = ran(Brief(0.0, 60.0), obtain(), present("fresh", settles()))
    assert found.verdict == "fail"
