"""Put a request together: an operation at a place, with a credential, and the one change asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from harness import drafts, origins
from harness.changes import OF_THE_WHOLE_BODY, REQUEST_PARTS, changed, spoiled_body, with_parameters
from harness.credentials import CannotSpoil, Presented, present
from harness.credentials.presented import Offering, Values
from harness.drafts import typed, variables, with_credential
from harness.exchange import Request
from harness.model import LifecycleVerb, Operation, Profile, Spoil, Target
from harness.names import BESIDE, GRANT, OWN, PARAM, PROTECTED, PROTECTED_PATH
from harness.plan import Presentation
from harness.templates import names_in

Given = Mapping[str, Mapping[str, Any]]
"""What the answers gave that issued credentials, by their names."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A request, and what must be kept secret or may be shown of what was made for it."""

    request: Request
    presented: Presented


def assemble(
    profile: Profile,
    target: Target,
    sent: Presentation,
    secret: str | None,
    spoil: Spoil | None,
    unique: str,
    random: Random,
    secrets: Mapping[str, str] | None = None,
    grant: Mapping[str, Any] | None = None,
    given: Given | None = None,
    offer: Offering | None = None,
) -> Assembled:
    """The request of `sent`, with `secret` presented as the profile says but for `spoil`.

    Without `secret` no credential is sent. `unique` stands for `${unique}`. `secrets` are those of all
    credentials, which a spoil may draw upon, `grant` what came with the grant that is redeemed, `given` what
    came with each credential that was issued, `offer` puts a document where the target can fetch it.
    CannotSpoil where the change cannot be made to this credential.
    """
    operation = profile.operations[sent.operation]
    names = dict(variables(profile, target, _variables_of(sent, spoil), unique))
    names |= {f"{GRANT}{name}": str(value) for name, value in (grant or {}).items()}
    part = spoil.part.partition(".")[0] if spoil else ""
    of_request = spoil if spoil and part in REQUEST_PARTS else None
    if of_request and part == PARAM:
        operation = with_parameters(operation, of_request, names, random)
    address = target.places[spoil.change if spoil and part == "address" else sent.place]
    draft = drafts.of_operation(operation, address, names)
    if part == "variables" and draft == drafts.of_operation(
        operation, address, variables(profile, target, sent.place, unique)
    ):
        raise CannotSpoil(f"{operation.name} is the same with the variables of another place")
    if sent.asks is not None:
        draft = origins.preflight(draft, sent.asks, profile)
    if sent.origin is not None:
        draft = origins.from_origin(draft, target.origins[sent.origin], spoil)
    elif part == origins.PART:
        raise CannotSpoil("this request names no origin")
    values = _values(target, sent, names, random, secrets or {}, {**(given or {}), **_as_given(sent, grant)})
    values = replace(values, offer=offer)
    presented = Presented()
    if secret is not None:
        presented = _presented(profile, sent, secret, None if of_request else spoil, values)
    if sent.asks is None:
        presented = _together(presented, _companion(profile, sent, spoil, secrets or {}, values))
    if of_request and part == "add" and PROTECTED_PATH in names_in(of_request.change):
        names[PROTECTED_PATH] = drafts.of_operation(profile.operations[PROTECTED], address, names).path
    if of_request and part not in (PARAM, origins.PART, BESIDE, *OF_THE_WHOLE_BODY):
        draft = changed(draft, of_request, names, random)
    draft = with_credential(draft, presented)
    if of_request and part in OF_THE_WHOLE_BODY:
        draft = changed(draft, of_request, names, random)
    if part == "method":
        draft = drafts.got(draft)
    request = drafts.finished(draft, target)
    if sent.address is not None:
        request = replace(request, local_address=target.addresses[sent.address])
    return Assembled(request, presented)


def assemble_verb(
    profile: Profile,
    target: Target,
    verb: LifecycleVerb,
    credential: str | None,
    secret: str | None,
    names: Mapping[str, Any],
    random: Random,
    spoil: Spoil | None = None,
    given: Given | None = None,
) -> Assembled:
    """The request of a lifecycle verb, with `secret` of `credential` presented as the profile says.

    `names` are the values of its templates. A member of the body that is nothing but one name takes that
    value's type, and is left out where the value is None. `spoil` changes the body's members; CannotSpoil
    where it has none.
    """
    method, path = str(verb.what).split(" ", 1)
    place = target.places[verb.at or OWN]
    texts = {name: str(value) for name, value in names.items()}
    body = typed(verb.body, names)
    if spoil:
        body = spoiled_body(verb.name, body, spoil, texts, random, verb.where)
    draft = drafts.drafted(method, path, verb.headers, body, verb.body_type, place, texts, verb.where)
    presented = Presented()
    if credential is not None and secret is not None:
        sent = Presentation(credential, place.name, verb.name)
        settings = settings_of(credential, target, given or {})
        presented = _presented(profile, sent, secret, None, Values(random, texts, settings))
    return Assembled(drafts.finished(with_credential(draft, presented), target), presented)


def _variables_of(sent: Presentation, spoil: Spoil | None) -> str:
    return str(spoil.change) if spoil and spoil.part == "variables" else sent.place


def _values(
    target: Target,
    sent: Presentation,
    names: Mapping[str, str],
    random: Random,
    secrets: Mapping[str, str],
    given: Given,
) -> Values:
    others = {name: (secret, settings_of(name, target, given)) for name, secret in secrets.items()}
    return Values(random, names, settings_of(sent.credential or "", target, given), others)


def settings_of(credential: str, target: Target, given: Given) -> Mapping[str, str]:
    """What is known of a credential beside its secret: what the target says of it, and what came with it."""
    reference = target.credentials.get(credential)
    came_with_it = {name: str(value) for name, value in given.get(credential, {}).items()}
    return {**(reference.settings if reference else {}), **came_with_it}


def _as_given(sent: Presentation, grant: Mapping[str, Any] | None) -> Given:
    return {sent.credential: grant} if sent.credential and grant else {}


def _presented(
    profile: Profile, sent: Presentation, secret: str, spoil: Spoil | None, values: Values
) -> Presented:
    assert sent.credential is not None
    kind = profile.credentials[sent.credential]
    return present(kind, secret, spoil, values)


def _companion(
    profile: Profile, sent: Presentation, spoil: Spoil | None, secrets: Mapping[str, str], values: Values
) -> Presented:
    """The credential that goes along: the operation's own, or what `spoil` sends in its place or beside."""
    operation = profile.operations[sent.operation]
    change: Any = operation.beside if operation.beside != sent.credential else None
    if spoil and spoil.part == BESIDE:
        if spoil.removed and change is None:
            raise CannotSpoil(f"nothing goes along with {operation.name} that could be taken away")
        change = spoil.change
    if change is None:
        return Presented()
    name, own = (change, None) if isinstance(change, str) else next(iter(change.items()))
    if name not in secrets:
        raise CannotSpoil(f"the target gives no credential '{name}'")
    own_spoil = _own_spoil(own, operation) if own else None
    return _presented(profile, Presentation(name, OWN, ""), secrets[name], own_spoil, values.of(name))


def _own_spoil(written: Mapping[str, Any], operation: Operation) -> Spoil:
    """The change, as a suite writes it, of the credential that goes along."""
    ((part, change),) = written.items()
    return Spoil(part, change, False, operation.where)


def _together(first: Presented, second: Presented) -> Presented:
    return Presented(
        fields=first.fields + second.fields,
        query=first.query + second.query,
        form=first.form + second.form,
        json={**first.json, **second.json},
        secrets=first.secrets + second.secrets,
        invented=first.invented + second.invented,
    )
