"""Present a credential by its mechanism, ours or another distribution's, and what is sent along with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.credentials import basic, in_field, jwt
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.errors import did_you_mean, mistake, quoted
from harness.loading import MECHANISMS_GROUP, Extensible
from harness.model import CredentialKind, Spoil
from harness.names import OF_ANY_CREDENTIAL
from harness.templates import names, render

MECHANISMS: Mapping[str, Mechanism] = Extensible(
    {
        each.name: each
        for each in (
            in_field.BEARER,
            in_field.API_KEY,
            basic.MECHANISM,
            jwt.MECHANISM,
        )
    },
    MECHANISMS_GROUP,
    Mechanism,
)
"""The mechanisms by the name that a profile gives as a credential's `kind`; OAuth's are entry points."""

HEADERS = "headers"
"""The setting of a credential that has further header fields sent along with it."""
GIVEN = "given."
"""How the names begin, in those, of what the answer gave that issued the credential."""


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """`secret` as the profile says, or with one change that `spoil` makes, and what is sent along with it.

    CannotSpoil where this mechanism knows no such change, InputError where nothing has given what is to be
    sent along.
    """
    mechanism = MECHANISMS[kind.mechanism]
    if spoil and spoil.removed and spoil.part == "credential":
        return Presented()
    part, _, member = spoil.part.partition(".") if spoil else ("", "", "")
    if spoil and (part not in mechanism.parts or (spoil.removed and not member)):
        raise CannotSpoil(f"a credential of kind {mechanism.name} has no {spoil.part}")
    presented = mechanism.present(kind, secret, spoil, values)
    if HEADERS not in kind.options:
        return presented
    given = {f"{GIVEN}{name}": str(value) for name, value in values.settings.items()}
    fields = tuple(kind.options[HEADERS].items())
    if missing := [name for _, text in fields for name in names(text) if name not in given]:
        message = f"'${{{missing[0]}}}' goes with {quoted(kind.name)}, and nothing has given it"
        hint = f"Add {missing[0].removeprefix(GIVEN)}: … to the gives of the verb that issues it."
        raise mistake(message, kind.where, hint)
    sent = tuple((name, render(text, given, kind.where)) for name, text in fields)
    return replace(presented, fields=(*presented.fields, *sent))


def wrong_settings(kind: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """What is wrong with the settings of a credential of this kind: (key, what, the next step)."""
    mechanism = MECHANISMS[kind]
    known = OF_ANY_CREDENTIAL | mechanism.settings | {HEADERS}
    for name in settings:
        if name not in known:
            what = f"unknown setting {quoted(name)} of a credential of kind {kind}"
            yield name, what, did_you_mean(name, sorted(known))
    yield from mechanism.wrong(settings)


def sent_along(kind: CredentialKind) -> frozenset[str]:
    """The names, of what was given with a credential, that are sent along with it."""
    texts = kind.options.get(HEADERS, {}).values()
    return frozenset(name.removeprefix(GIVEN) for text in texts for name in names(text))
