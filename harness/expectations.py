"""What a check looks for, from the mapping that a suite or a profile writes under its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness import loading
from harness.errors import did_you_mean, quoted
from harness.model import Expectation, Where

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
    own: Mapping[str, _Setting] = {**SETTINGS.get(check, {}), **OPTIONS.get(check, {})}
    if settings.keys() - own.keys() - {*ATTRIBUTION}:
        own = own or _declared(check)
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
            yield f"{subject} must be {form}", None


def missing_settings(check: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """What `settings` do not say and `check` must be told."""
    for name, (_, form) in SETTINGS.get(check, {}).items():
        if name not in settings:
            yield f"{quoted(check)} needs {quoted(name)}: {form}"


def _declared(check: str) -> Mapping[str, _Setting]:
    """What another distribution's check may be told: its attribute `settings`, in the form of `OPTIONS`."""
    try:
        declared: Mapping[str, _Setting] = getattr(
            loading.extension(loading.CHECKS_GROUP, check), "settings", {}
        )
    except KeyError:
        return {}
    return declared


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


def _is_text_or_texts(value: Any) -> bool:
    return _is_text(value) or _is_texts(value)


def _are_fields(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_field, value.values()))


def _is_field(wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return isinstance(wanted, str | int) and not isinstance(wanted, bool)
    if wanted in ({"present": True}, {"absent": True}):
        return True
    return list(wanted) == ["matches"] and is_pattern(wanted["matches"])


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


_Setting = tuple[Callable[[Any], bool], str]

SETTINGS: Mapping[str, Mapping[str, _Setting]] = {
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
    "bearer-error": {"is": (_is_text_or_texts, "an error code or a list of them")},
    "utc-time": {"at": (_is_pointer, "a JSON Pointer such as /time")},
    "date-time": {"at": (_is_pointer, "a JSON Pointer such as /time")},
    "only-members": {"is": (_is_texts, "a list of names")},
    "one-of": {
        "at": (_is_pointer, "a JSON Pointer such as /error/code"),
        "is": (_is_texts, "a list of values"),
    },
    "token-error": {"is": (_is_text_or_texts, "an error code or a list of them")},
    "redirect-error": {"is": (_is_text_or_texts, "an error code or a list of them")},
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
"""What a check must be told, by name: whether a value fits, and what fits, in words. Others need nothing."""

OF_CREDENTIALS = frozenset({"no-secret", "masked", "shows", "hides"})
"""The checks that look for a credential which the scenario has had issued."""

_AT = (_is_pointer, "the JSON Pointer of the object that holds access_token, such as /data")

OPTIONS: Mapping[str, Mapping[str, _Setting]] = {
    "preflight-allows": {"method": (_is_flag, "true, or false where the fields alone matter")},
    "token-type": {"at": _AT, "is": (_is_text_or_texts, "a token type such as Bearer, or a list of them")},
    "expires-in": {"at": _AT, "at_most": (_is_duration, "a duration such as 24h")},
    "token-shape": {"at": _AT},
    "jwt-lifetime": {"at": _AT},
    "jwt-no-secrets": {"at": _AT},
    "access-token-claims": {"at": _AT},
}
"""What a check may be told besides."""
