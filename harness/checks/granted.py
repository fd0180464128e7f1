"""A token as an answer grants it (RFC 6749 section 5.1), and what a JWT among them shows.

`at` is the JSON Pointer of the object that holds access_token; the body itself where absent.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

from harness.checks import bodies
from harness.checks.answers import named_status
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.checks.internals import SHORTEST
from harness.durations import seconds
from harness.exchange import Answer

SLACK = 60.0
"""Seconds by which the life of a token and what is said of it may differ."""
SHORTENED = 0.1
"""The part of a life by which expires_in may be less: who says less, says it for safety."""

_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 section 2.1"""
_VSCHAR = re.compile(r"[\x20-\x7e]+")
"""RFC 6749 appendix A.12"""
_JSON_TYPE = re.compile(r"application/json[ \t]*(;.*)?", re.IGNORECASE | re.DOTALL)
_OF_ACCESS_TOKENS = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")
_SECRET_NAMES = frozenset(
    {"password", "passwd", "passwordhash", "secret", "clientsecret", "secretkey", "privatekey"}
)
_HASH = re.compile(r"\$(?:2[abxy]?|argon2(?:id|i|d)|5|6|y|scrypt|pbkdf2[\w-]*)\$")
"""How stored passwords begin, in the notation of crypt(3) and its kin."""


def tokens(answer: Answer) -> frozenset[tuple[str, str]]:
    """The access and refresh tokens in an answer, by their names, wherever its body holds them."""
    try:
        left = [answer.json()]
    except ValueError:
        return frozenset()
    found = set()
    while left:
        value = left.pop()
        if isinstance(value, dict):
            members = ((name, value.get(name)) for name in ("access_token", "refresh_token"))
            found |= {(name, token) for name, token in members if isinstance(token, str) and token}
            left += value.values()
        elif isinstance(value, list):
            left += value
    return frozenset(found)


def token_type(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """`token_type` is the one, or one of those, under `is`, whatever its case; Bearer where absent."""
    granted = _granted(answer, args.get("at", ""))
    if isinstance(granted, str):
        yield Unchecked(granted)
        return
    wanted = args.get("is", "Bearer")
    listed = [wanted] if isinstance(wanted, str) else wanted
    given = granted.get("token_type")
    if not isinstance(given, str) or given.casefold() not in map(str.casefold, listed):
        shown = _shown(given) if "token_type" in granted else "no token_type"
        yield Mismatch(f"token_type {' or '.join(listed)}", shown)


def expires_in(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """`expires_in`, where there is one, is a JSON number above zero, and no more than `at_most`."""
    granted = _granted(answer, args.get("at", ""))
    if isinstance(granted, str) or "expires_in" not in granted:
        yield Unchecked(granted if isinstance(granted, str) else "there is no expires_in")
        return
    given, longest = granted["expires_in"], args.get("at_most")
    if not _is_number(given) or given <= 0:
        yield Mismatch("expires_in as a JSON number above zero", _shown(given))
    elif longest is not None and given > seconds(longest):
        yield Mismatch(f"a life of {longest} at most", f"{given} s")


def token_shape(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """`access_token` is a string of permitted characters: for a bearer token those of Authorization."""
    granted = _granted(answer, args.get("at", ""))
    if isinstance(granted, str):
        if 200 <= answer.status < 300:
            yield Mismatch("a JSON object that holds access_token", granted)
        else:
            yield Unchecked(granted)
        return
    token = granted.get("access_token")
    if not isinstance(token, str) or not token:
        # what it is instead is not told: a token of the wrong type is one all the same
        yield Mismatch("access_token as a string", "none" if token in (None, "") else "another JSON type")
        return
    bearer = str(granted.get("token_type", "")).casefold() == "bearer"
    if bearer and not _B64TOKEN.fullmatch(token):
        yield Mismatch("letters, digits and -._~+/ with = at the end", "a bearer token of other characters")
    elif not _VSCHAR.fullmatch(token):
        yield Mismatch("visible ASCII characters", "a token of other characters")


def json_media_type(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A body is application/json, with parameters or without."""
    types = answer.header("Content-Type")
    if not answer.body:
        yield Unchecked("there is no body")
    elif not types or not all(_JSON_TYPE.fullmatch(each.strip()) for each in types):
        shown = f"Content-Type: {', '.join(types)}" if types else "no Content-Type"
        yield Mismatch("Content-Type: application/json", shown)


def jwt_lifetime(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A JWT expires when `expires_in` says so: by its own iat, or by the time of the answer.

    A minute of difference is allowed, and an `expires_in` that is a tenth shorter for safety.
    """
    granted = _granted(answer, args.get("at", ""))
    claims = _claims(granted)
    promised = granted.get("expires_in") if not isinstance(granted, str) else None
    until = claims.get("exp") if claims else None
    if claims is None or not _is_moment(promised) or not _is_moment(until):
        yield Unchecked("no JWT with exp was granted, or it has no expires_in beside it")
        return
    begins = [_answered(answer), *([claims["iat"]] if _is_moment(claims.get("iat")) else [])]
    lives = [until - begin for begin in begins]
    if not any(-SLACK <= life - promised <= max(SLACK, SHORTENED * life) for life in lives):
        nearest = min(lives, key=lambda life: abs(life - promised))
        yield Mismatch(
            f"a token that lives {promised} s, as expires_in says", f"one that lives {nearest:g} s"
        )


def jwt_no_secrets(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The claims of a JWT, which anybody can read, hold neither the credential sent nor a password."""
    claims = _claims(_granted(answer, args.get("at", "")))
    if claims is None:
        yield Unchecked("no JWT was granted that can be read")
        return
    sent = [each for each in facts.sent if len(each) >= SHORTEST]
    for name, value in _strings(claims, ""):
        if any(secret in value for secret in sent):
            yield Mismatch("no secret in the claims", f"the credential that was sent, in {name}")
        elif name.replace("_", "").replace("-", "").casefold() in _SECRET_NAMES and value:
            yield Mismatch("no secret in the claims", f"a claim {name}")
        elif _HASH.match(value):
            yield Mismatch("no secret in the claims", f"the hash of a password, in {name}")


def access_token_claims(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """A JWT that is granted is typed at+jwt, signed, and has the claims of RFC 9068 section 2.2."""
    granted = _granted(answer, args.get("at", ""))
    claims, header = _claims(granted), _header(granted)
    if claims is None or header is None:
        yield Unchecked("no JWT was granted that can be read")
        return
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower() not in ("at+jwt", "application/at+jwt"):
        yield Mismatch("typ at+jwt", f"typ {_shown(typ)}" if "typ" in header else "no typ")
    if str(header.get("alg", "none")).lower() == "none":
        yield Mismatch("a token that is signed", f"alg {_shown(header.get('alg'))}")
    if missing := [name for name in _OF_ACCESS_TOKENS if name not in claims]:
        yield Mismatch(f"the claims {', '.join(_OF_ACCESS_TOKENS)}", f"no {', '.join(missing)}")


def _header(granted: dict[str, Any] | str) -> dict[str, Any] | None:
    if _claims(granted) is None or isinstance(granted, str):
        return None
    found: dict[str, Any] = json.loads(_decoded(granted["access_token"].split(".")[0]))
    return found


def _granted(answer: Answer, pointer: str) -> dict[str, Any] | str:
    """The object that grants a token, or why there is none."""
    if not 200 <= answer.status < 300:
        return f"no token was granted: {named_status(answer.status)}"
    try:
        found = bodies.resolve(answer.json(), pointer)
    except ValueError:
        return "a body that is not JSON"
    except LookupError:
        return f"there is no {pointer}"
    return found if isinstance(found, dict) else f"no object at {pointer or 'the top'}"


def _claims(granted: dict[str, Any] | str) -> dict[str, Any] | None:
    """What the token says if it is a signed JWT (RFC 7519 section 3); the signature is not looked at."""
    token = granted.get("access_token") if not isinstance(granted, str) else None
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(_decoded(each)) for each in parts[:2])
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(header, dict) and isinstance(claims, dict) else None


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _answered(answer: Answer) -> float:
    """When the answer was made, in seconds since 1970: by its Date, else by our clock."""
    try:
        return parsedate_to_datetime(answer.header("Date")[0]).timestamp()
    except (IndexError, ValueError, OverflowError):
        return time.time()


def _strings(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every string in `value` with the name of the member that holds it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, name)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_moment(value: Any) -> TypeGuard[float]:
    """Whether it is a number of seconds that can be reckoned with; JSON has any number of digits."""
    return _is_number(value) and abs(value) < 2**53


def _shown(value: Any) -> str:
    return json.dumps(value)[:60]
