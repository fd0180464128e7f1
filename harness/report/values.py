"""One value of a line of the run file: what it must be, or `Unreadable`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from harness.model import LEVELS, VERDICTS, Level, Verdict, Where

LARGEST = 1e15
"""The largest number, which is milliseconds: no run takes as long, and Python's reckoning is still exact."""
LONGEST_LINE = 9
"""Digits of the number of a line."""

T = TypeVar("T")


class Unreadable(ValueError):
    """A line is not as `lines` writes it; the message goes on from "this line cannot be read: "."""


def get(value: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> T:
    """What stands under `key`, as `read` takes it."""
    if key not in value:
        raise Unreadable(f"{key!r} is missing")
    try:
        return read(value[key])
    except Unreadable as error:
        raise Unreadable(f"{key}: {error}") from None


def get_or(value: Mapping[str, Any], key: str, read: Callable[[Any], T], default: T) -> T:
    """The same of a key that earlier versions did not write."""
    return get(value, key, read) if key in value else default


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("must be a string")
    return value


def integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("must be a whole number")
    return value


def number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Unreadable("must be a number")
    if abs(value) > LARGEST:
        raise Unreadable("is too large a number")
    return value


def seconds(value: Any) -> float:
    """Seconds from milliseconds; NaN where the instant never came."""
    return math.nan if value is None else round(number(value) / 1000, 6)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("must be true or false")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("must be an object")
    return value


def texts_by_name(value: Any) -> Mapping[str, str]:
    return {name: text(each) for name, each in mapping(value).items()}


def place(value: Any) -> Where:
    path, _, line = text(value).rpartition(":")
    if not path or not line.isdecimal() or len(line) > LONGEST_LINE:
        raise Unreadable("must be path:line")
    return Where(path, int(line))


def day(value: Any) -> date:
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise Unreadable("must be a date such as 2027-03-31") from None


def one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise Unreadable(f"must be one of {', '.join(known)}")
        return cast(str, value)

    return read


def level(value: Any) -> Level:
    return cast(Level, one_of(LEVELS)(value))


def verdict(value: Any) -> Verdict:
    return cast(Verdict, one_of(VERDICTS)(value))


def maybe(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else read(value)


def every(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, (list, tuple)):
            raise Unreadable("must be a list")
        return tuple(read(it) for it in value)

    return read_all
