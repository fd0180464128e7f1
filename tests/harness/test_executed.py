"""Every key of a step is carried out, or named as what this version cannot: none is passed over."""

from __future__ import annotations

from itertools import product

import pytest

from harness import shapes, suites
from harness.checks import CHECKS
from harness.errors import InputError
from harness.executed import EXECUTED, not_executed
from harness.positions import parse
from harness.suites import OUTCOMES, VERBS

STEP = shapes.load_schema("suite")["definitions"]["step"]["properties"]

HEADS = {
    "present": "present: key",
    "obtain": "obtain: key",
    "redeem": "redeem: code",
    "do": "do: revoke",
    "preflight": "preflight: protected",
    "alike": "alike: [status], among: {a: {present: key}, b: {present: nothing}}",
    "send": "send: {request: GET /}",
}
KEYS = {
    "among": "among: {a: {present: key}, b: {present: nothing}}",
    "on": "on: create",
    "at": "at: other",
    "from": "from: far",
    "as": "as: mine",
    "of": "of: mine",
    "origin": "origin: listed",
    "asks": "asks: [key]",
    "times": "times: 3",
    "together": "together: true",
    "until": "until: {refused: rate-limited, at_most: 3}",
    "but": "but: {value: x}",
    "without": "without: credential",
    "accepted": "accepted: true",
    "refused": "refused: unknown-token",
    "settles": "settles: {refused: unknown-token, within: 1s}",
    "observed": "observed: what comes",
    "otherwise": "otherwise: {refused: unknown-token}",
    "checks": "checks: [steady]",
    "status": "status: 200",
    "headers": "headers: {Vary: {present: true}}",
    "schema": "schema: answer.json",
    "json": "json: {/a: 1}",
    "proves": "proves: r/1",
    "with": "with: {name: x}",
    "keep": "keep: {id: /id}",
    "by": "by: schemathesis",
}
EXPLICIT = {"status", "headers", "schema", "json"}


def said(step: str) -> str | None:
    """What of `step`, in flow style, this version does not carry out; None where it does it all."""
    written = f"suite: s\ntitle: t\nscenarios:\n- {{id: a, requires: r/1, steps: [{{{step}}}]}}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    found = not_executed(suite.scenarios[0])
    return found and found.removeprefix("this version cannot execute '").partition("'")[0]


def saying(verb: str, key: str) -> str:
    """A step that says `key` in a way that makes sense, with as little else as it can."""
    parts = [HEADS[verb], *([KEYS[key]] if KEYS[key] not in HEADS[verb] else [])]
    needs_outcome = verb in ("present", "redeem", "preflight", "send") and key not in (*OUTCOMES, "until")
    if needs_outcome:
        parts += ["accepted: {at_most: 1}", "times: 2"] if key == "otherwise" else ["observed: x"]
    return ", ".join(parts)


# Both tables of this test speak of every key that the schema has.
def test_all_keys_are_looked_at() -> None:
    assert set(HEADS) == set(VERBS) and set(KEYS) | set(VERBS) == set(STEP)


# A key with a verb that does nothing with it is named; with one that does it is carried out.
@pytest.mark.parametrize(("verb", "key"), list(product(HEADS, KEYS)))
def test_executed_or_named(verb: str, key: str) -> None:
    step = saying(verb, key)
    try:
        unknown = said(step)
    except InputError:  # no suite can say this at all
        assert key in ("among", "schema") or (verb == "alike" and key in OUTCOMES)
        return
    known = EXECUTED.get(verb, frozenset())
    looked_at = key in known or (key in EXPLICIT and "checks" in known)
    if verb not in EXECUTED:
        assert unknown == verb
    elif key in ("but", "without") and verb in ("obtain", "do"):
        assert unknown in (None, "value")  # of verbs other parts can be changed than of presentations
    else:
        assert unknown == (None if looked_at else "checks" if key in EXPLICIT else key), step


# What must come of causes that are compared is that they are alike: nothing else can be asked for.
def test_alike_is_its_own_outcome() -> None:
    with pytest.raises(InputError) as caught:
        said(f"{HEADS['alike']}, refused: unknown-token")
    told = "'refused' beside 'alike'. Remove it: what must come of them is 'alike'."
    assert str(caught.value) == f"s.suite.yaml:4: {told}"


# What says something only together with another key is named without it.
@pytest.mark.parametrize(
    ("step", "unknown"),
    [
        ("present: key, accepted: true, otherwise: {refused: unknown-token}", "otherwise"),
        ("present: key, accepted: {at_most: 1}, times: 3, proves: nothing", "proves"),
        ("present: key, until: {refused: rate-limited, at_most: 3}, times: 2", "until"),
        ("present: key, until: {refused: rate-limited, at_most: 3}, together: true", "until"),
        ("present: key, until: {refused: rate-limited, at_most: 3}, accepted: true", "until"),
        ("present: key, until: {refused: rate-limited, at_most: 3}, proves: nothing", "until"),
        ("present: key, times: 2, settles: {accepted: true, within: 1s}", "times"),
        ("present: key, keep: {id: /id}, settles: {accepted: true, within: 1s}", "keep"),
        ("present: key, keep: {id: /id}, accepted: {at_most: 1}, times: 3", "keep"),
        ("present: key, keep: {id: /id}, until: {refused: rate-limited, at_most: 3}", "keep"),
        ("obtain: key, accepted: true", "accepted"),
        ("obtain: key, refused: unknown-token", "refused"),
        ("do: revoke, accepted: true", "accepted"),
        ("do: revoke, times: 3", "times"),
        ("do: revoke, but: {scheme: Foo}", "scheme"),
        ("obtain: key, without: claims.exp", "claims.exp"),
    ],
)
def test_named_without_the_other(step: str, unknown: str) -> None:
    assert said(step) == unknown


# What is said of a cause that is compared, and not looked at, is named.
@pytest.mark.parametrize(
    ("cause", "unknown"),
    [
        ("present: key, times: 2", "times"),
        ("present: key, proves: r/1", "proves"),
        ("present: key, checks: [steady]", "checks"),
        ("present: key, until: {refused: rate-limited, at_most: 3}", "until"),
        ("do: revoke", "do"),
        ("obtain: key", "obtain"),
        ("present: key, on: create, at: other, from: far, origin: listed, but: {value: x}", None),
        ("preflight: protected, origin: listed, asks: [key]", None),
        ("redeem: code, without: param.state", None),
    ],
)
def test_causes(cause: str, unknown: str | None) -> None:
    assert said(f"alike: [status], among: {{a: {{{cause}}}, b: {{present: nothing}}}}") == unknown


# A verb's credential and its parameters can be changed.
@pytest.mark.parametrize(
    "step",
    [
        "do: revoke, but: {credential: nothing}, refused: missing-credential",
        "do: authorize, but: {param: {scope: x}}, checks: [steady]",
        "do: authorize, without: param.state, status: 302",
        "obtain: key, as: mine, with: {name: x}, times: 2, together: true, observed: x",
    ],
)
def test_changes_of_verbs(step: str) -> None:
    assert said(step) is None
