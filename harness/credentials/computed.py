"""Make a computed value, such as `{like: it}`, from the right one."""

from __future__ import annotations

import base64
import html
import string
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import urlsplit

from harness.credentials.presented import CannotSpoil

COMPUTED = frozenset(
    {
        "like",
        "cut",
        "add",
        "before",
        "case",
        "encode",
        "prefix",
        "until",
        "uri",
        "words",
        "each-word",
        "repeat",
        "replace",
        "look-alike",
    }
)
"""How a value can be made of the right one."""

_HEX = set(string.hexdigits)


def compute(change: Any, right: str, prefixes: Sequence[str], random: Random) -> str:
    """The value that `change` makes of the `right` one, whose documented beginnings are `prefixes`.

    A string is itself. CannotSpoil where the right value leaves nothing to change.
    """
    if isinstance(change, str):
        return change
    ((how, setting),) = change.items()
    prefix = prefix_of(right, prefixes)
    if how == "like":
        return prefix + _like(right[len(prefix) :], random)
    if how == "cut":
        return _cut(right, setting)
    if how == "add":
        return right + str(setting)
    if how == "before":
        return str(setting) + right
    if how == "until":
        return _until(right, str(setting))
    if how == "uri":
        return changed_uri(right, setting)
    if how == "words":
        return _words(right, setting)
    if how == "each-word":
        return " ".join(compute(setting, each, (), random) for each in right.split(" "))
    if how == "repeat":
        return str(setting[0]) * int(setting[1])
    if how == "replace":
        return _replaced(right, *map(str, setting))
    if how == "look-alike":
        return prefix + _look_alike(right[len(prefix) :], setting)
    if how == "case":
        return prefix + _case(right[len(prefix) :], setting)
    if how == "encode":
        return _encode(right, setting)
    if how == "prefix":
        return _prefix(right, prefix, prefixes, setting)
    raise CannotSpoil(f"this version cannot compute '{how}' here")


def prefix_of(secret: str, prefixes: Sequence[str]) -> str:
    """The longest of `prefixes` that `secret` begins with, or nothing."""
    return max((each for each in prefixes if secret.startswith(each)), key=len, default="")


def _like(right: str, random: Random) -> str:
    """Random characters, each of the kind that the right one has in its place."""
    hexadecimal = _is_hexadecimal(right) and not set(right) <= {*string.digits, "-"}
    for _ in range(100):
        made = "".join(_character_like(each, hexadecimal, right, random) for each in right)
        if made != right:
            return made
    raise CannotSpoil("the secret leaves no room for another one like it")


def _is_hexadecimal(text: str) -> bool:
    return bool(text) and set(text) <= _HEX | {"-"}


def _character_like(right: str, hexadecimal: bool, whole: str, random: Random) -> str:
    if hexadecimal and right in _HEX:
        return random.choice("0123456789ABCDEF" if whole.isupper() else "0123456789abcdef")
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        if right in alphabet:
            return random.choice(alphabet)
    return right


def changed_uri(uri: str, change: Mapping[str, Any]) -> str:
    """`uri`, or an origin, with another scheme, host or port. CannotSpoil where it would be the same one."""
    split = urlsplit(uri)
    ((how, what),) = change.items()
    host = split.netloc
    made = {
        "append": f"{host}{what}",
        "prepend": f"{what}{host}",
        "subdomain": f"{what}.{host}",
        "userinfo": f"{what}@{host}",
        "host": str(what),
        "port": f"{host.removesuffix(f':{split.port}')}:{what}",
    }
    scheme = str(what) if how == "scheme" else split.scheme
    other = split._replace(scheme=scheme, netloc=made.get(how, host)).geturl()
    if other == uri:
        raise CannotSpoil(f"the {how} of {uri} is {what} already")
    return other


def _words(right: str, how: str) -> str:
    words = right.split(" ")
    if len(words) < 2:
        raise CannotSpoil("there is one word only")
    if how == "reversed":
        return " ".join(reversed(words))
    if how == "twice":
        return " ".join([*words, *words])
    return {"joined": "", "with-commas": ","}[how].join(words)


def _cut(right: str, count: int) -> str:
    if abs(count) >= len(right):
        raise CannotSpoil(f"the secret has only {len(right)} characters")
    return right[:-count] if count > 0 else right[-count:]


def _until(right: str, mark: str) -> str:
    head, found, _ = right.partition(mark)
    if not found:
        raise CannotSpoil(f"there is no {mark} in the secret")
    return head


def _replaced(right: str, old: str, new: str) -> str:
    if old not in right:
        raise CannotSpoil(f"there is no '{old}' to replace")
    return right.replace(old, new)


def _look_alike(right: str, how: str) -> str:
    """One character replaced by another that Unicode holds for the same, or nothing, under some rule."""
    makers: Mapping[str, Callable[[str], str]] = {
        "full-width": lambda each: chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each,
        "folded": lambda each: {"k": "\u212a", "K": "\u212a", "s": "\u017f", "S": "\u017f"}.get(each, each),
        "accent": lambda each: each + "\u0301" if each.isalnum() else each,
        "zero-width": lambda each: each + "\u200b" if each.isalnum() else each,
    }
    middle = len(right) // 2
    for index in (*range(middle, len(right)), *range(middle)):
        made = right[:index] + makers[how](right[index]) + right[index + 1 :]
        if made != right:
            return made
    raise CannotSpoil(f"no character of the secret has a {how} form")


def _case(right: str, how: str) -> str:
    letters = [index for index, each in enumerate(right) if each.swapcase() != each]
    if not letters or _is_hexadecimal(right):
        raise CannotSpoil("letter case means nothing in this secret")
    if how == "swap-one":
        index = letters[len(letters) // 2]
        return right[:index] + right[index].swapcase() + right[index + 1 :]
    made = {"swap": right.swapcase, "upper": right.upper, "lower": right.lower}[how]()
    if made == right:
        raise CannotSpoil(f"the secret is in {how} case already")
    return made


def _encode(right: str, how: str) -> str:
    if how == "percent":
        return "".join(f"%{byte:02X}" for byte in right.encode())
    if how == "base64":
        return base64.b64encode(right.encode()).decode()
    if how == "quote":
        return f"'{right}'"
    made = html.escape(right)
    if made == right:
        made = "".join(f"&#{ord(each)};" for each in right)
    return made


def _prefix(right: str, prefix: str, prefixes: Sequence[str], how: str) -> str:
    if not prefix:
        raise CannotSpoil("the secret has none of the documented prefixes")
    rest = right[len(prefix) :]
    if how == "none":
        return rest
    if how == "only":
        return prefix
    if how == "twice":
        return prefix + right
    if how == "upper":
        return prefix.upper() + rest
    others = [each for each in prefixes if each != prefix]
    if not others:
        raise CannotSpoil("the profile documents one prefix only")
    return others[0] + rest
