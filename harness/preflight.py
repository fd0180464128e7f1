"""Before the first case: can the target be reached, and are the configured credentials accepted?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from harness import diagnosis, production, references
from harness.asking import NO_ANSWER, Asker
from harness.errors import TargetError
from harness.exchange import Answer, Lane, Network, NoAnswer, NoAnswerKind, Request
from harness.model import Place
from harness.names import ONCE, OWN, PROTECTED
from harness.plan import Case, Presentation, credentials_needed
from harness.setting import Setting

_CHECK = "Check its url, and that the server runs."
_TLS_ALONE, _WRITE_HTTPS = "its port speaks TLS alone", "Write https:// in its url."
_HUNG_UP = "Check that the server runs, and whether it wants a tls: {client-certificate: FILE}."
_NEXT: Mapping[NoAnswerKind, str] = {
    "name": "Check its spelling; where another name server knows it, write resolve: {NAME: ADDRESS}.",
    "proxy": "Check proxy: in the target, and what that proxy may lead to.",
    "tls": "Check that its port is the one for TLS.",
    "plain": "Write http:// in its url, or the port for TLS.",
    "untrusted": "Give the certificate of its authority: tls: {ca: FILE} in the target.",
    "misnamed": "Write a name that it has in the url, and under resolve where that name is to lead.",
    "expired": "Have it renewed, and look at this machine's clock.",
    "identity": "Give the right one: tls: {client-certificate: FILE, client-key: FILE} in the target.",
}
"""What to do where an answer failed to come for such a reason."""
_MAYBE_A_PROXY = ("name", "connect", "timeout", "closed")
_NEVER_ALONE = ("client", "grant")
"""The mechanisms whose credentials are parts of a token request (RFC 6749)."""
_ABOUT_CERTIFICATES = ("untrusted", "misnamed", "expired", "identity")


async def check(setting: Setting, network: Network, cases: Sequence[Case]) -> None:
    """Try the places and credentials that `cases` need; where they need none, the target's own place.

    TargetError where a place cannot be reached, or a credential that was not issued in this run is refused
    in every documented form: a mistake in the configuration must never read as non-conformance.
    """
    lane = network.lane()
    try:
        needed = credentials_needed(cases)
        places = [place for place in (OWN,) if place in setting.target.places and not needed]
        for place in dict.fromkeys([*places, *map(setting.home, needed)]):
            await reach(setting, lane, place)
        refused = [reason for name in needed if (reason := await try_credential(setting, lane, name))]
    finally:
        await lane.aclose()
    if refused:
        steps = dict.fromkeys(each.next_step for each in refused)
        raise TargetError("; ".join(each.reason for each in refused), " ".join(steps))


@dataclass(frozen=True, slots=True)
class Refused:
    """A credential that is not accepted: why not, with the line of the target, and what to do about it."""

    reason: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.reason}. {self.next_step}"


async def reach(setting: Setting, lane: Lane, place: str) -> Answer:
    """What answers at `place`, whatever the answer; TargetError where nothing does, or only over TLS."""
    address = setting.target.places[place]
    request = Request("GET", f"{address.url}/")
    try:
        answer = await lane.send(request, purpose="setup")
        if answer.status == 400 and await _speaks_tls(lane, request):  # what most say who expect TLS
            raise _unreachable(address, _TLS_ALONE, _WRITE_HTTPS)
        return answer
    except NoAnswer as error:
        if error.kind in ("closed", "protocol") and await _speaks_tls(lane, request):
            raise _unreachable(address, _TLS_ALONE, _WRITE_HTTPS) from None
        hung_up = error.kind == "closed" and address.url.startswith("https:")
        next_step = _HUNG_UP if hung_up else _NEXT.get(error.kind, _CHECK)
        direct = setting.target.proxy is None and error.kind in _MAYBE_A_PROXY
        if direct and (proxy := diagnosis.in_the_way(address.url, os.environ)):
            next_step = f"{next_step} {proxy}."
        raise _unreachable(address, error.message, next_step) from None


async def _speaks_tls(lane: Lane, request: Request) -> bool:
    """Whether TLS could be had at the port where plain HTTP was asked for."""
    url = urlsplit(request.url)
    if url.scheme != "http" or url.port is None:
        return False
    try:
        await lane.send(replace(request, url=url._replace(scheme="https").geturl()), purpose="setup")
    except NoAnswer as error:
        return error.kind in _ABOUT_CERTIFICATES
    return True


def _unreachable(place: Place, why: str, next_step: str) -> TargetError:
    message = f"{place.where}: the place '{place.name}' at {place.url} cannot be reached: {why}"
    return TargetError(message, next_step)


async def try_credential(setting: Setting, lane: Lane, name: str) -> Refused | None:
    """Why the credential is not accepted at its place in any documented form, None where it is in one.

    InputError where its place lacks a variable of an operation, so that it cannot be tried.
    """
    if setting.target.credentials[name].source == "obtained" and name not in setting.secrets:
        return None  # not to be had may be what is wrong with the target: the cases that need it will tell
    first: tuple[str, str] | None = None
    for operation in _harmless_operations(setting, name):
        reason = await Asker(setting, lane, []).control(Presentation(name, setting.home(name), operation))
        if reason is None:
            return await _without_its_canary(setting, lane, name) if first else None
        first = first or (operation, reason)
    reference = setting.target.credentials[name]
    if first is None or reference.issued:
        return None
    operation, reason = first
    how = "cannot be tried" if reason.startswith(NO_ANSWER) else "is refused"
    told = f"{reference.where}: the credential '{name}' ({references.origin(reference)}) {how}: {reason}"
    advice = await diagnosis.why_refused(setting, lane, name, operation)
    if advice is None:
        return Refused(told, "Check the secrets, or the address of their place.")
    says = setting.redactor.text(advice.says)
    return Refused(f"{told}: {says}", f"{advice.where}: {setting.redactor.text(advice.next_step)}")


async def _without_its_canary(setting: Setting, lane: Lane, name: str) -> Refused | None:
    """What is wrong with the canary that what `name` is served does not hold, though it is accepted."""
    if setting.target.credentials[name].issued or PROTECTED not in _harmless_operations(setting, name):
        return None
    advice = await diagnosis.canary_of_others(setting, lane, name)
    return Refused(f"{advice.where}: {advice.says}", advice.next_step) if advice else None


def manages(setting: Setting, credential: str) -> bool:
    """Whether `credential` is for the management plane alone, whose requests are the lifecycle verbs."""
    return bool(setting.profile.credentials[credential].options.get("manages"))


def _harmless_operations(setting: Setting, credential: str) -> list[str]:
    """The operations that take `credential` and change nothing, the one most scenarios use first.

    There is none for what only goes along with another credential, or is used up.
    """
    operations = setting.profile.operations.values()
    kind = setting.profile.credentials[credential]
    alone = kind.mechanism not in _NEVER_ALONE and not kind.options.get(ONCE)
    if manages(setting, credential) or not alone:
        return []
    takers = [each for each in operations if each.takes is None or credential in each.takes]
    profile, target = setting.profile, setting.target
    harmless = [each.name for each in takers if production.is_harmless(each.name, profile, target)]
    found = [name for name in harmless if not profile.operations[name].public]
    return sorted(found, key=lambda name: name != PROTECTED)
