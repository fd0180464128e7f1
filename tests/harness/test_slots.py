"""Where credentials go, as profiles say it: fields, cookies, query and body; and what spoils mean there."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from scene import WRITTEN, credential

from harness.credentials import CannotSpoil, Presented, present, wrong_settings
from harness.credentials.presented import Values
from harness.errors import InputError
from harness.model import Spoil

SECRET = "key_live_aB3dE6gH9"
KEY, TOKEN = "api-key", "bearer"
DOCUMENTED = "that is where the profile says that it goes"
AS_DOCUMENTED = "that is how the profile says that it is written"
NOT_A_FIELD = "this credential is sent in {}, not in a field of its own"


def presented(mechanism: str, options: dict[str, Any], *spoil: Any, **settings: str) -> Presented:
    kind = replace(credential(), mechanism=mechanism, options=options)
    values = Values(Random(1), {}, settings)
    return present(kind, SECRET, Spoil(spoil[0], spoil[1], False, WRITTEN) if spoil else None, values)


def why_not(mechanism: str, options: dict[str, Any], *spoil: Any) -> str:
    with pytest.raises(CannotSpoil) as caught:
        presented(mechanism, options, *spoil)
    return str(caught.value)


# Every slot that a profile can name, with a text around the secret where it has one.
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Presented(fields=(("Authorization", SECRET),))),
        ({"field": "X-Key"}, Presented(fields=(("X-Key", SECRET),))),
        ({"scheme": "ApiKey"}, Presented(fields=(("Authorization", f"ApiKey {SECRET}"),))),
        ({"template": 'Token token="${value}"'},
         Presented(fields=(("Authorization", f'Token token="{SECRET}"'),))),
        ({"field": "X-Key", "template": "v1:${value}"}, Presented(fields=(("X-Key", f"v1:{SECRET}"),))),
        ({"cookie": "sid"}, Presented(fields=(("Cookie", f"sid={SECRET}"),))),
        ({"cookie": "sid", "template": "s:${value}"}, Presented(fields=(("Cookie", f"sid=s:{SECRET}"),))),
        ({"query": "api_key"}, Presented(query=(("api_key", SECRET),))),
        ({"form": "key"}, Presented(form=(("key", SECRET),))),
        ({"json": "key"}, Presented(json={"key": SECRET})),
    ],
)  # fmt: skip
def test_slots(options: dict[str, Any], expected: Presented) -> None:
    assert presented(KEY, options) == expected


# A bearer token and a JWT can go elsewhere too; a scheme is theirs in a field alone.
def test_bearer_elsewhere() -> None:
    assert presented(TOKEN, {"cookie": "token"}) == Presented(fields=(("Cookie", f"token={SECRET}"),))
    assert presented(TOKEN, {"query": "access_token"}).query == (("access_token", SECRET),)
    token = replace(credential(), mechanism="jwt", options={"cookie": "jwt"})
    issued = "e30.e30.c2ln"
    assert present(token, issued, None, Values(Random(1), {})).fields == (("Cookie", f"jwt={issued}"),)


# Another value stays in its slot, and keeps what is written around it.
def test_another_value() -> None:
    assert presented(KEY, {"cookie": "sid"}, "value", {"cut": 1}) == Presented(
        fields=(("Cookie", f"sid={SECRET[:-1]}"),), secrets=(SECRET[:-1],)
    )
    assert presented(KEY, {"query": "k"}, "value", "junk") == Presented(
        query=(("k", "junk"),), invented=("junk",)
    )
    written = presented(KEY, {"template": 'Token token="${value}"'}, "value", "junk").fields
    assert written == (("Authorization", 'Token token="junk"'),)


# The first word of a template is the scheme, and what follows it the value.
def test_a_template_has_a_scheme() -> None:
    options = {"template": 'Token token="${value}"'}
    (made,) = presented(KEY, options, "scheme", "Basic").fields
    assert made == ("Authorization", f'Basic token="{SECRET}"')
    (made,) = presented(KEY, options, "field", "${scheme}   ${value}").fields
    assert made == ("Authorization", f'Token   token="{SECRET}"')
    (made,) = presented(KEY, options, "scheme", {"case": "lower"}).fields
    assert made == ("Authorization", f'token token="{SECRET}"')


# What means nothing in a slot cannot be spoiled there.
@pytest.mark.parametrize(
    ("options", "spoil", "reason"),
    [
        ({"cookie": "sid"}, ("scheme", "Basic"), NOT_A_FIELD.format("a cookie")),
        ({"query": "k"}, ("field", "x"), NOT_A_FIELD.format("the query")),
        ({"json": "k"}, ("name", {"case": "upper"}),
         NOT_A_FIELD.format("a JSON body")),
        ({"field": "X-Key"}, ("field", "${scheme} ${value}"), "this credential goes without a scheme"),
        ({"field": "X-Key"}, ("scheme", {"case": "upper"}), "this credential goes without a scheme"),
    ],
)  # fmt: skip
def test_what_means_nothing_there(options: dict[str, Any], spoil: tuple[str, Any], reason: str) -> None:
    assert why_not(KEY, options, *spoil) == reason


# A cookie ends at a semicolon: a longer secret would arrive as the right one.
@pytest.mark.parametrize("change", [{"add": ";"}, {"add": ","}, {"before": " "}, {"add": '"'}, "a b"])
def test_what_no_cookie_holds(change: Any) -> None:
    reason = why_not(KEY, {"cookie": "sid"}, "value", change)
    assert reason == "no cookie can hold such a value (RFC 6265 section 4.1.1)"
    assert presented(KEY, {"query": "sid"}, "value", change).query


# What a suite holds for wrong is this API's own way: nothing was spoiled, and nobody is blamed for it.
@pytest.mark.parametrize(
    ("options", "spoil", "reason"),
    [
        ({"query": "api_key"}, ("slot", {"query": "api_key"}), DOCUMENTED),
        ({"field": "x-api-key"}, ("slot", {"header": "X-Api-Key"}), DOCUMENTED),
        ({"cookie": "token"}, ("slot", {"cookie": "token"}), DOCUMENTED),
        ({}, ("slot", {"header": "Authorization"}), DOCUMENTED),
        ({"scheme": "token"}, ("scheme", "Token"), "the scheme is token already, in whatever case"),
        ({"field": "X-Key"}, ("name", "X-Key"), "the field is called X-Key already"),
        ({"scheme": "Key"}, ("field", "Key ${value}"), AS_DOCUMENTED),
    ],
)  # fmt: skip
def test_what_is_documented(options: dict[str, Any], spoil: tuple[str, Any], reason: str) -> None:
    assert why_not(KEY, options, *spoil) == reason


# A session brings along what the log-in gave against forged requests; nothing goes where nothing was given.
def test_fields_that_go_with_it() -> None:
    options = {"cookie": "sid", "headers": {"X-CSRF-Token": "${given.csrf}"}}
    assert presented(KEY, options, csrf="c5rf-1").fields == (
        ("Cookie", f"sid={SECRET}"),
        ("X-CSRF-Token", "c5rf-1"),
    )
    assert presented(KEY, options, "value", "junk", csrf="c5rf-1").fields[1] == ("X-CSRF-Token", "c5rf-1")
    with pytest.raises(InputError) as caught:
        presented(KEY, options)
    assert str(caught.value) == (
        "profile.yaml:3: '${given.csrf}' goes with 'token', and nothing has given it. "
        "Add csrf: … to the gives of the verb that issues it."
    )


# A misspelt setting would send it elsewhere in silence: that is a mistake, and so is a contradiction.
@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        (KEY, {"cookei": "sid"},
         ("cookei", "unknown setting 'cookei' of a credential of kind api-key", "Did you mean 'cookie'?")),
        ("basic", {"cookie": "sid"},
         ("cookie", "unknown setting 'cookie' of a credential of kind basic", None)),
        (KEY, {"cookie": "sid", "query": "k"},
         ("query", "a credential goes to one place: 'cookie' and 'query'", "Keep one.")),
        (KEY, {"query": "k", "scheme": "X"},
         ("scheme", "a credential in the query has no scheme", "Write template: for a text around it.")),
        (KEY, {"template": "Token"},
         ("template", "'template' must be a text with ${value}, such as Token token=\"${value}\"", None)),
        (KEY, {"template": "${value}", "scheme": "X"},
         ("scheme", "'scheme' beside 'template'", "Write it into the template.")),
    ],
)  # fmt: skip
def test_wrong_settings(kind: str, settings: dict[str, Any], said: tuple[str, str, str | None]) -> None:
    (found,) = wrong_settings(kind, settings)
    assert found[:2] == said[:2] and (said[2] is None or found[2] == said[2])
