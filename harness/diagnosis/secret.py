"""What can be seen of a secret by itself, that explains its refusal. Nothing of it is ever told."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

from harness import references
from harness.diagnosis.advice import Advice
from harness.diagnosis.clock import roughly
from harness.model import CredentialKind, CredentialRef

_WORDS = ("Bearer", "Basic", "Token", "ApiKey")


def oddities(kind: CredentialKind, reference: CredentialRef, secret: str) -> Iterator[Advice]:
    """What about `secret` cannot be right, the surest first; nothing of a key that the harness signs with."""
    if kind.options.get("made-by") == "harness":
        return
    held = references.origin(reference)
    word = next((each for each in _WORDS if secret.lower().startswith(f"{each.lower()} ")), None)
    if word and kind.mechanism != "basic":
        says = f"its secret begins with the word {word}, which is not part of it"
        yield Advice(
            reference.where, says, f"Leave '{word} ' out of {held}: the profile says what stands before it."
        )
    elif any(each.isspace() for each in secret) and kind.mechanism != "basic":
        says = "its secret holds a space or a line end"
        yield Advice(reference.where, says, f"Look at {held}: was it copied whole, and nothing else?")
    if word is None and kind.prefix and not secret.startswith(kind.prefix):
        begins = " or ".join(kind.prefix)
        says = f"its secret does not begin with {begins}, as the profile has it"
        yield Advice(reference.where, says, f"Look at {held}, or mend prefix: at {kind.where}.")
    yield from _times(reference, secret, held)


def _times(reference: CredentialRef, secret: str, held: str) -> Iterator[Advice]:
    """What a JWT says of its own time (RFC 7519 sections 4.1.4 and 4.1.5)."""
    claims = claims_of(secret)
    now = time.time()
    ends, begins = _instant(claims.get("exp"), now), _instant(claims.get("nbf"), now)
    if ends < now:
        says = f"its token expired {roughly(now - ends)} ago, by this machine's clock"
        yield Advice(reference.where, says, f"Put a fresh one into {held}.")
    elif begins > now:
        says = f"its token is not valid for another {roughly(begins - now)}, by this machine's clock"
        yield Advice(reference.where, says, "Wait, or look at the clocks.")


def claims_of(secret: str) -> dict[str, Any]:
    """The claims of a JWT in compact form, unverified; none where it is no JWT."""
    parts = secret.removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return {}
    try:
        value = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _instant(value: Any, now: float) -> float:
    """Seconds since the epoch; `now`, which explains nothing, where it is no such number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if is_number else now
