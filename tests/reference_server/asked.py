"""Each API with faults or variations, asked a bit of everything that a client might send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import kid_api
import origin_asks
import origoid_asks
import sk_asks
import spelled
import standard_asks
from wire import arrived

from reference_server.apis import api
from reference_server.messages import Answer


def _all(*parts: Callable[[Any], list[Answer]]) -> Callable[[Any], list[Answer]]:
    """What becomes of requests as they arrive, and then the answers of each part, one after the other."""
    return lambda behaviour: [answer for part in (arrived, *parts) for answer in part(behaviour)]


ASKED: Mapping[str, Callable[[Any], list[Answer]]] = {
    "originchain": _all(origin_asks.answers),
    "kid-jwt": _all(kid_api.answers, spelled.answers),
    "origoid": _all(origoid_asks.answers),
    "sk-oauth": _all(sk_asks.answers),
    "standard": _all(standard_asks.answers),
}
"""By profile: what a server that decides by a behaviour answers to all of it. It starts anew each time."""


@cache
def answers(profile: str, *names: str) -> list[Answer]:
    """What the API answers with the faults and variations of these names; without any it is right."""
    return ASKED[profile](behaviour(profile, *names))


def behaviour(profile: str, *names: str) -> Any:
    """The right behaviour with these faults and variations."""
    known = api(profile)
    varied = known.with_variations(known.correct, [name for name in names if name in known.variations])
    return known.with_faults(varied, [name for name in names if name not in known.variations])
