"""Read targets: one deployment, its addresses, and where its credentials come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from harness import positions, references, shapes
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.model import PEM, CredentialRef, LifecycleVerb, Listening, Place, Profile, Target, Tls, Where
from harness.names import DEFAULT_ADDRESS, LISTENER, OBTAINED_BY, USING, issuing_verb
from harness.positions import Document
from harness.verbs import misplaced, verb

_SHORTEST_SECRET = 4
CANARY = "canary"
"""Under absent: that no text stands in the answers of one place alone."""
NO_PROXY = "none"
"""Requests go to the places directly."""
SOURCES: tuple[Literal["env", "file", "command", "prompt"], ...] = ("env", "file", "command", "prompt")
"""Where a target can say that a secret is."""


def load(path: Path) -> Target:
    """The target in the file `path`. InputError has all its mistakes."""
    return build(positions.read(path))


def build(document: Document) -> Target:
    """The target that `document` holds. InputError has all its mistakes."""
    literal = dict(_literal_secrets(document))
    told = {document.where("credentials", name, *rest) for name in literal for rest in ((), ("value",))}
    shape = shapes.check(document, shapes.load_schema("target"))
    if mistakes := [*literal.values(), *(each for each in shape if each.where not in told)]:
        raise InputError(sorted(mistakes, key=lambda each: each.where.line if each.where else 0))
    value = document.value
    if mistakes := list(_misplaced(document)):
        raise InputError(mistakes)
    return Target(
        profile=value["profile"],
        environment=value.get("environment", "unnamed"),
        places={name: _place(name, document) for name in value["places"]},
        credentials={name: _reference(name, document) for name in value.get("credentials", {})},
        absent=value.get("absent", {}),
        allow=frozenset(value.get("allow", ())),
        resolve=value.get("resolve", {}),
        canary=value.get("canary", {}),
        addresses=value.get("addresses", {}),
        origins=value.get("origins", {}),
        provider=value.get("provider"),
        where=document.where(),
        lifecycle={
            name: verb(name, settings, document.where("lifecycle", name))
            for name, settings in value.get("lifecycle", {}).items()
        },
        tls=_tls(value.get("tls", {}), document.where("tls")),
        proxy=_proxy(value.get("proxy", NO_PROXY)),
        import_from=value.get("import-from"),
        listener=_listener(document),
    )


def started(target: Target, by_provider: Mapping[str, Any]) -> Target:
    """`target` with the addresses, canaries and fresh credentials of the server that its provider started.

    Those credentials were issued in this run, by the server itself, so their secrets are here already. They
    come first, as those do that a target gives, and what has to be obtained comes after them.
    """
    where = target.where
    given = {
        name: CredentialRef(
            name=name,
            source="value",
            reference=settings["value"],
            env=settings["env"],
            at=settings.get("at"),
            issued=True,
            where=where,
            settings=settings.get("with", {}),
        )
        for name, settings in by_provider["credentials"].items()
    }
    obtained = {
        name: reference
        for name, reference in target.credentials.items()
        if reference.source == "obtained" and name not in given
    }
    return replace(
        target,
        environment=str(by_provider.get("environment", target.environment)),
        places={
            name: Place(name, settings["url"], _variables(settings), where)
            for name, settings in by_provider["places"].items()
        },
        credentials={**given, **obtained},
        resolve=dict(by_provider.get("resolve", {})),
        addresses=by_provider.get("addresses", target.addresses),
        origins=by_provider.get("origins", target.origins),
        canary=dict(by_provider.get("canary", {})),
        tls=_tls(by_provider.get("tls", {}), where),
    )


def with_obtainable(target: Target, profile: Profile) -> Target:
    """`target` with the credentials that it does not give and a run can have issued by itself.

    Not those whose verb it declares absent, nor those for whose issuing they would have to be there already.
    A verb that it does in its own way touches what the profile says of that, too.
    """
    found = dict(target.credentials)
    verbs = {**profile.lifecycle, **target.lifecycle}
    for name, kind in profile.credentials.items():
        if OBTAINED_BY not in kind.options or name in found or name in target.absent:
            continue
        verb = issuing_verb(kind)
        done = verbs.get(verb)
        if verb in target.absent or _needs_itself(name, target, profile, verbs):
            continue
        if done and done.kind != "prompt":
            found[name] = CredentialRef(name, "obtained", verb, _variable_name(name), None, True, kind.where)
    own = {name: _touching_as(verb, profile.lifecycle.get(name)) for name, verb in target.lifecycle.items()}
    return replace(target, credentials=found, lifecycle=own)


def _touching_as(verb: LifecycleVerb, described: LifecycleVerb | None) -> LifecycleVerb:
    """`verb`, which touches also what the profile says of it."""
    if described is None:
        return verb
    says = verb.says_touches or described.says_touches
    return replace(verb, touches=verb.touches | described.touches, says_touches=says)


def _needs_itself(name: str, target: Target, profile: Profile, verbs: Mapping[str, LifecycleVerb]) -> bool:
    """Whether what must be presented to have `name` issued is, in the end, that again."""
    seen = {name}
    while True:
        kind = profile.credentials[name]
        verb = verbs.get(issuing_verb(kind))
        presented = str(kind.options.get(USING) or (verb and verb.credential))
        if presented in seen:
            return True
        if presented not in profile.credentials or presented in target.credentials:
            return False
        if OBTAINED_BY not in profile.credentials[presented].options:
            return False
        seen.add(presented)
        name = presented


def mistakes_against(target: Target, profile: Profile, document: Document | None = None) -> Iterator[Mistake]:
    """The names in `target` that `profile` does not have; `document`, where given, tells their lines."""

    def where(section: str, name: str) -> Where:
        return document.where(section, name) if document else target.where

    for name, place in target.places.items():
        if name not in profile.places:
            yield _unknown("place", name, profile.places, place.where)
    for name, credential in target.credentials.items():
        if name not in profile.credentials:
            yield _unknown("credential", name, profile.credentials, credential.where)
        if credential.at is not None and credential.at not in profile.places:
            yield _unknown("place", credential.at, profile.places, credential.where)
    for name, done in target.lifecycle.items():
        if name not in profile.lifecycle:
            yield _unknown("lifecycle verb", name, profile.lifecycle, done.where)
        if done.at is not None and done.at not in profile.places:
            yield _unknown("place", done.at, profile.places, done.where)
        if done.credential is not None and done.credential not in profile.credentials:
            yield _unknown("credential", done.credential, profile.credentials, done.where)
    for what, section, here, known in (
        ("address", "addresses", target.addresses, {**profile.addresses, DEFAULT_ADDRESS: ""}),
        ("origin", "origins", target.origins, profile.origins),
    ):
        for name in here:
            if name not in known:
                yield _unknown(what, name, known, where(section, name))
    for name in target.canary:
        if name not in profile.places:
            yield _unknown("place", name, profile.places, where("canary", name))
    parts = {*profile.places, *profile.credentials, *profile.operations, *profile.lifecycle}
    parts |= {DEFAULT_ADDRESS, CANARY, LISTENER, *profile.addresses, *profile.origins}
    parts |= {kind.mechanism for kind in profile.credentials.values()} | profile.capabilities
    for name in target.absent:
        if name not in parts:
            yield _unknown("part", name, sorted(parts), where("absent", name))


def secrets(target: Target, environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The secret of each configured credential, by its name; of one that will be obtained there is none yet.

    `environment` holds the environment variables, `folder` is what file references are relative to.
    InputError names every one that cannot be had.
    """
    found: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for name, reference in target.credentials.items():
        if reference.source == "obtained":
            continue
        try:
            secret = references.secret_of(reference, environment, folder)
        except InputError as error:
            mistakes += error.mistakes
            continue
        if len(secret) < _SHORTEST_SECRET:
            message = f"the secret of {quoted(name)} has fewer than {_SHORTEST_SECRET} characters"
            mistakes.append(Mistake(reference.where, message, f"Look at {references.origin(reference)}."))
        found[name] = secret
    if mistakes:
        raise InputError(mistakes)
    return found


def located(tls: Tls, folder: Path) -> Tls:
    """`tls` with its paths as they are opened: `folder` is what they are relative to."""

    def found(path: str | None) -> str | None:
        return None if path is None else str(folder / path)

    return replace(
        tls,
        ca=tls.ca if tls.ca and PEM in tls.ca else found(tls.ca),
        client_certificate=found(tls.client_certificate),
        client_key=found(tls.client_key),
    )


def _misplaced(document: Document) -> Iterator[Mistake]:
    """What the lifecycle verbs of `document`, whose shape was checked, say that is not theirs."""
    for name, settings in document.value.get("lifecycle", {}).items():
        for key, message, hint in misplaced(settings):
            yield Mistake(document.where("lifecycle", name, key), message, hint)


def _literal_secrets(document: Document) -> Iterator[tuple[str, Mistake]]:
    """The credentials whose secret is written out: their shape is not all that is wrong with them."""
    value = document.value
    credentials = value.get("credentials") if isinstance(value, dict) else None
    for name, settings in credentials.items() if isinstance(credentials, dict) else ():
        keys: tuple[str, ...] = ("credentials", name)
        if isinstance(settings, dict):
            if "value" not in settings:
                continue
            keys = (*keys, "value")
        variable = _variable_name(name)
        yield (
            name,
            Mistake(
                document.where(*keys),
                f"the secret of {quoted(name)} is written out, and a target is a file to be shared",
                f"Write {name}: {{env: {variable}}}, or {{file: PATH}} where a file holds it.",
            ),
        )


def _place(name: str, document: Document) -> Place:
    settings = document.value["places"][name]
    return Place(name, settings["url"].rstrip("/"), _variables(settings), document.where("places", name))


def _tls(settings: Mapping[str, Any], where: Where) -> Tls:
    return Tls(
        ca=settings.get("ca"),
        client_certificate=settings.get("client-certificate"),
        client_key=settings.get("client-key"),
        verify=settings.get("verify", True),
        where=where,
    )


def _proxy(written: str) -> str | None:
    return None if written == NO_PROXY else written.rstrip("/")


def _listener(document: Document) -> Listening | None:
    """Where to listen for calls of the target. InputError where that is not said."""
    settings = document.value.get(LISTENER)
    if settings is None:
        return None
    host = port = None
    with suppress(ValueError):  # of a port that is none
        named = urlsplit(settings["url"])
        usual = f"127.0.0.1:{named.port or ''}" if named.scheme == "http" else ""
        at = urlsplit(f"//{settings.get('listen', usual)}")
        host, port = at.hostname, at.port
    if not host or not port:
        message = f"{quoted(settings['url'])} does not say where to listen"
        hint = "Add listen: ADDRESS:PORT. What ends TLS for an https URL passes calls on to there."
        raise mistake(message, document.where(LISTENER), hint)
    return Listening(settings["url"].rstrip("/"), host, port)


def _variables(settings: Mapping[str, Any]) -> Mapping[str, str]:
    return {key: str(value) for key, value in settings.items() if key != "url"}


def _reference(name: str, document: Document) -> CredentialRef:
    settings = document.value["credentials"][name]
    source = next(each for each in SOURCES if each in settings)
    reference: str | tuple[str, ...] = settings[source]
    if source == "command":
        reference = tuple(settings[source])
    elif source == "file" and "key" in settings:
        reference = f"{reference}#{settings['key']}"
    return CredentialRef(
        name=name,
        source=source,
        reference=reference,
        env=settings.get("env") or settings.get("key") or _variable_name(name),
        at=settings.get("at"),
        issued=False,
        where=document.where("credentials", name),
        settings=settings.get("with", {}),
    )


def _variable_name(name: str) -> str:
    return name.upper().replace("-", "_")


def _unknown(what: str, name: str, known: Iterable[str], where: Where) -> Mistake:
    return Mistake(where, f"the profile has no {what} {quoted(name)}", did_you_mean(name, known))
