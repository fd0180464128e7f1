"""The challenge of a 401: WWW-Authenticate by RFC 9110, Bearer's by RFC 6750, Basic's by RFC 7617."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

FIELD = "WWW-Authenticate"
INSUFFICIENT_SCOPE = "insufficient_scope"

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SPACE = re.compile(r"[ \t]*")
_SCHEME = re.compile(_TOKEN)
_QUOTED = r'"(?P<quoted>(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*)"'
_PARAMETER = re.compile(rf"(?P<name>{_TOKEN})[ \t]*=[ \t]*(?:(?P<token>{_TOKEN})|{_QUOTED})")
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|\Z))")

_BEARERS = ("bearer", "jwt")
"""The mechanisms whose credential is a bearer token, of which RFC 6750 speaks."""

_CHARACTERS = {
    # RFC 6750 section 3
    "scope": re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*"),
    "error": re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*"),
    "error_description": re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*"),
    "error_uri": re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a challenge; `quoted` says how it was written."""

    name: str
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: a scheme and its parameters (or a token68, which has none)."""

    scheme: str
    parameters: tuple[Parameter, ...]

    def get(self, name: str) -> str | None:
        """The value of the first parameter of that name, whatever its case."""
        return next((each.value for each in self.parameters if each.name.lower() == name), None)


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Challenge, ...]:
    """The challenges in a field value (RFC 9110 section 11.6.1). ValueError says where it stops being one."""
    challenges: list[Challenge] = []
    position = _skip(text, 0, empty=True)
    while position < len(text):
        scheme = _SCHEME.match(text, position)
        if not scheme:
            raise ValueError(f"no scheme at {_shown(text, position)}")
        position = scheme.end()
        parameters: list[Parameter] = []
        if position < len(text) and text[position] == " ":
            position = _end_of_space(text, position)
            if token68 := _TOKEN68.match(text, position):
                position = token68.end()
            else:
                position = _parameters(text, _first_parameter(text, position), parameters)
        challenges.append(Challenge(scheme[0], tuple(parameters)))
        position = _next(text, position)
    if not challenges:
        raise ValueError("an empty field")
    return tuple(challenges)


def _first_parameter(text: str, position: int) -> int:
    """Where the parameters begin, perhaps behind empty elements of their list."""
    after = _skip(text, position, empty=True)
    return after if _PARAMETER.match(text, after) else position


def _parameters(text: str, position: int, found: list[Parameter]) -> int:
    while match := _PARAMETER.match(text, position):
        quoted = match["quoted"] is not None
        value = re.sub(r"\\(.)", r"\1", match["quoted"]) if quoted else match["token"]
        found.append(Parameter(match["name"], value, quoted))
        position = match.end()
        after = _skip(text, position, empty=False)
        # the next element of the list is a parameter of this challenge, or the scheme of the next one
        if after == position or not _PARAMETER.match(text, after):
            return position
        position = after
    return position


def _next(text: str, position: int) -> int:
    end = _end_of_space(text, position)
    if end == len(text):
        return end
    if text[end] != ",":
        raise ValueError(f"no comma before {_shown(text, end)}")
    return _skip(text, end, empty=True)


def _skip(text: str, position: int, *, empty: bool) -> int:
    """The position behind a comma, or behind several: a list may hold empty elements (section 5.6.1)."""
    commas = False
    end = _end_of_space(text, position)
    while end < len(text) and text[end] == ",":
        commas, end = True, _end_of_space(text, end + 1)
    return end if commas or empty else position


def _shown(text: str, position: int) -> str:
    """Where it is; too little of it to give away a secret, which is only known for one as a whole."""
    return f"“{text[position : position + 8]}”"


def _end_of_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


# --- the checks ----------------------------------------------------------------------------------


def challenge(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A 401 carries a challenge."""
    if answer.status != 401:
        yield Unchecked("only a 401 needs a challenge")
    elif not any(value.strip() for value in answer.header(FIELD)):
        yield Mismatch(f"a {FIELD} field", f"no {FIELD} field")


def grammar(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The challenge keeps to the grammar."""
    field = _field(answer)
    if field is None:
        yield Unchecked("there is no challenge")
        return
    try:
        parse(field)
    except ValueError as error:
        yield Mismatch("challenges as RFC 9110 section 11.6.1 spells them", f"{error} in {field}")


def parameters_unique(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """No parameter name occurs twice in a challenge."""
    challenges = _challenges(answer)
    if challenges is None:
        yield Unchecked("there is no challenge that can be read")
        return
    for each in challenges:
        names = [parameter.name.lower() for parameter in each.parameters]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Mismatch("each parameter once", f"{name} {names.count(name)} times in one challenge")


def realm_quoted(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A realm is written as a quoted string."""
    realms = [
        parameter
        for each in _challenges(answer) or ()
        for parameter in each.parameters
        if parameter.name.lower() == "realm"
    ]
    if not realms:
        yield Unchecked("there is no realm")
    for realm in realms:
        if not realm.quoted:
            yield Mismatch(f'realm="{realm.value}"', f"realm={realm.value}")


def bearer(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The challenge for a bearer token names Bearer and a parameter."""
    challenges = _challenges(answer)
    if challenges is None or answer.status != 401 or facts.mechanism not in _BEARERS:
        yield Unchecked("there is no challenge for a bearer token that can be read")
        return
    of_bearer = [each for each in challenges if each.scheme.lower() == "bearer"]
    if not of_bearer:
        schemes = ", ".join(each.scheme for each in challenges)
        yield Mismatch("a challenge with the scheme Bearer", f"only {schemes}")
    elif not any(each.parameters for each in of_bearer):
        yield Mismatch("Bearer with at least one parameter", "Bearer alone")


def bearer_characters(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """The values of Bearer's own parameters keep to their characters."""
    parameters = [
        parameter
        for each in _of_scheme(answer, "bearer")
        for parameter in each.parameters
        if parameter.name.lower() in _CHARACTERS
    ]
    if not parameters:
        yield Unchecked("there is no such parameter")
    for parameter in parameters:
        if not _CHARACTERS[parameter.name.lower()].fullmatch(parameter.value):
            yield Mismatch(f"only permitted characters in {parameter.name}", parameter.value)


def bearer_error(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The Bearer challenge that answers a bearer token gives one of the error codes under `is`."""
    found = _of_scheme(answer, "bearer")
    wanted = [args["is"]] if isinstance(args["is"], str) else args["is"]
    # RFC 6750 section 3.1: insufficient_scope goes with 403, the others with 401 or 400
    status = 403 if wanted == [INSUFFICIENT_SCOPE] else 401
    if not found or answer.status != status or facts.mechanism not in _BEARERS:
        yield Unchecked("there is no Bearer challenge to a bearer token")
        return
    codes = [each.get("error") for each in found]
    if not any(code in wanted for code in codes):
        shown = " or ".join(f'error="{code}"' for code in wanted)
        given = ", ".join(f'error="{code}"' for code in codes if code is not None)
        yield Mismatch(shown, given or "no error parameter")


def bearer_error_absent(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """The Bearer challenge to a request without credentials gives no error."""
    found = _of_scheme(answer, "bearer")
    if not found:
        yield Unchecked("there is no Bearer challenge")
    for each in found:
        for name in ("error", "error_description", "error_uri"):
            if (value := each.get(name)) is not None:
                yield Mismatch("no error information", f'{name}="{value}"')


def basic(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A Basic challenge has a realm (RFC 7617 section 2)."""
    found = _of_scheme(answer, "basic")
    if not found:
        yield Unchecked("there is no Basic challenge")
    if any(each.get("realm") is None for each in found):
        yield Mismatch("Basic with a realm", "Basic without one")


def basic_charset(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The charset of a Basic challenge, where it has one, is UTF-8 (RFC 7617 section 2.1)."""
    given = [value for each in _of_scheme(answer, "basic") if (value := each.get("charset")) is not None]
    if not given:
        yield Unchecked("there is no Basic challenge with a charset")
    for value in given:
        if value.lower() != "utf-8":
            yield Mismatch('charset="UTF-8"', f'charset="{value}"')


def _field(answer: Answer) -> str | None:
    values = answer.header(FIELD)
    return ", ".join(values) if any(value.strip() for value in values) else None


def _challenges(answer: Answer) -> Sequence[Challenge] | None:
    field = _field(answer)
    try:
        return parse(field) if field is not None else None
    except ValueError:
        return None


def _of_scheme(answer: Answer, scheme: str) -> list[Challenge]:
    return [each for each in _challenges(answer) or () if each.scheme.lower() == scheme]
