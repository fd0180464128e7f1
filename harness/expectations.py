"""What a check looks for, from the mapping that a suite or a profile writes under its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from harness import loading
from harness.errors import did_you_mean, quoted
from harness.model import Expectation, Where

Settings = Mapping[str, tuple[Callable[[Any], bool], str]]
"""Name -> whether a value fits, and what fits, in words."""
C = TypeVar("C", bound=Callable[..., Any])

MUST, MAY = "must_be_told", "may_be_told"
"""The attributes of a check that `told` sets."""

ATTRIBUTION = ("requirement", "level", "because")
"""The settings that every check has: what it proves, and how strongly."""


def expectation(check: str, settings: Mapping[str, Any], where: Where) -> Expectation:
    """The expectation that `settings`, written at `where`, has of `check`; other keys are its arguments."""
    args = {key: value for key, value in settings.items() if key not in ATTRIBUTION}
    return Expectation(
        check=check,
        args=args,
        requirement=settings.get("requirement"),
        level=settings.get("level"),
        because=settings.get("because"),
        where=where,
    )


def wrong_settings(check: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What is wrong with what is written in `settings` for `check`, each with the next step.

    A misspelt setting would else be found when the check is made, or make it pass whatever comes.
    """
    own: Settings = {**SETTINGS.get(check, {}), **OPTIONS.get(check, {})}
    if settings.keys() - own.keys() - {*ATTRIBUTION}:
        own = own or _declared(check, MUST, MAY)
    for name, value in settings.items():
        if name not in own:
            if name not in ATTRIBUTION:
                hint = did_you_mean(name, (*own, *ATTRIBUTION))
                yield f"unknown setting {quoted(name)} of {quoted(check)}", hint
            continue
        fits, form = own[name]
        if not fits(value):
            # `is` has a short form that leaves it out: status: 401
            subject = quoted(check) if name == "is" else f"{quoted(name)} of {quoted(check)}"
            yield f"{subject} must be {form}", _why_no_pattern(value)


def missing_settings(check: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """What `settings` do not say and `check` must be told."""
    must = SETTINGS.get(check) or _declared(check, MUST)
    for name, (_, form) in must.items():
        if name not in settings:
            yield f"{quoted(check)} needs {quoted(name)}: {form}"


def told(must: Settings | None = None, may: Settings | None = None) -> Callable[[C], C]:
    """Say of a check that is an entry point what it must and what it may be told.

    Each name has whether a value fits, and what fits, in words: `{"at_least": (is_number, "a number")}`.
    """

    def decorated(check: C) -> C:
        setattr(check, MUST, must or {})
        setattr(check, MAY, may or {})
        return check

    return decorated


def _declared(check: str, *sorts: str) -> Settings:
    """What a check that is an entry point says by `told`; nothing where it does not, or is none."""
    try:
        found = loading.extension(loading.CHECKS_GROUP, check)
    except KeyError:
        return {}
    return {name: each for sort in sorts for name, each in getattr(found, sort, {}).items()}


_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


def _is_status(value: Any) -> bool:
    codes = value if isinstance(value, list) else [value]
    return bool(codes) and all(
        (type(code) is int and 100 <= code <= 599) or (type(code) is str and code in _CLASSES)
        for code in codes
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def is_text_or_texts(value: Any) -> bool:
    """Whether `value` is a text that is not empty, or a list of those."""
    return _is_text(value) or _is_texts(value)


_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name is a token (RFC 9110 section 5.1)."""


def _are_fields(value: Any) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    return all(map(_FIELD_NAME.fullmatch, map(str, value))) and all(map(_is_field, value.values()))


def _is_field(wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return isinstance(wanted, str | int) and not isinstance(wanted, bool)
    if wanted in ({"present": True}, {"absent": True}):
        return True
    return list(wanted) == ["matches"] and is_pattern(wanted["matches"])


def _why_no_pattern(value: Any) -> str | None:
    """What is wrong with a regular expression under `matches`, where that is what is wrong."""
    for wanted in value.values() if isinstance(value, dict) else ():
        written = wanted.get("matches") if isinstance(wanted, dict) else None
        if isinstance(written, str):
            try:
                re.compile(written)
            except re.error as error:
                return f"{quoted(written)} is no regular expression: {error}."
    return None


def is_pattern(value: Any) -> bool:
    """Whether `value` is a regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError):
        return False
    return True


def _are_pointers(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(key[:1] in ("", "/") for key in value)


def _is_pointer(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in ("", "/")


def _is_duration(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9]+(\.[0-9]+)?(ms|s|m|h|d)", value, re.ASCII))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


SETTINGS: Mapping[str, Settings] = {
    "status": {"is": (_is_status, "a status code, a class such as 4xx, or a list of them")},
    "schema": {"is": (_is_text, "the name of a JSON Schema file")},
    "headers": {
        "is": (
            _are_fields,
            "field names, each with a value, {present: true}, {absent: true} or {matches: regex}",
        )
    },
    "json": {"is": (_are_pointers, "JSON Pointers such as /error, each with a value")},
    "mentions": {"any": (_is_texts, "a list of phrases")},
    "bearer-error": {"is": (is_text_or_texts, "an error code or a list of them")},
    "utc-time": {"at": (_is_pointer, "a JSON Pointer such as /time")},
    "date-time": {"at": (_is_pointer, "a JSON Pointer such as /time")},
    "only-members": {"is": (_is_texts, "a list of names")},
    "one-of": {
        "at": (_is_pointer, "a JSON Pointer such as /error/code"),
        "is": (_is_texts, "a list of values"),
    },
    "token-error": {"is": (is_text_or_texts, "an error code or a list of them")},
    "fresh": {"at": (_is_pointer, "a JSON Pointer such as /id")},
    "advice": {"says": (_is_text, "a sentence")},
    "no-secret": {"of": (_is_text, "the name of a credential of this scenario")},
    "masked": {"of": (_is_text, "the name of a credential of this scenario")},
    "shows": {
        "of": (_is_text, "the name of a credential of this scenario"),
        "what": (_is_text, "what its issuing gave, such as name or id"),
    },
    "hides": {
        "of": (_is_text, "the name of a credential of this scenario"),
        "what": (_is_text, "what its issuing gave, such as name or id"),
    },
    "prompt": {"within": (_is_duration, "a duration such as 2s")},
    "exposes": {"is": (_is_texts, "a list of field names")},
    "no-foreign-data": {"of": (_is_text, "the name of a place")},
}
"""What a check of our own table must be told. Others need nothing."""

OF_CREDENTIALS = frozenset({"no-secret", "masked", "shows", "hides"})
"""The checks that look for a credential which the scenario has had issued."""

_AT = (_is_pointer, "the JSON Pointer of the object that holds access_token, such as /data")

OPTIONS: Mapping[str, Settings] = {
    "preflight-allows": {"method": (_is_flag, "true, or false where the fields alone matter")},
    "token-type": {"at": _AT, "is": (is_text_or_texts, "a token type such as Bearer, or a list of them")},
    "expires-in": {"at": _AT, "at_most": (_is_duration, "a duration such as 24h")},
    "token-shape": {"at": _AT},
    "jwt-lifetime": {"at": _AT},
    "jwt-no-secrets": {"at": _AT},
    "access-token-claims": {"at": _AT},
}
"""What a check may be told besides."""
