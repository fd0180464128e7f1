"""Before the first case: can the target be reached, and are the configured credentials accepted?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.asking import Asker, Setting
from harness.errors import TargetError
from harness.exchange import Lane, Network, NoAnswer, Request
from harness.names import OWN, PROTECTED
from harness.plan import Case, Presentation


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
        raise TargetError("; ".join(refused), "Check the secrets, or the address of their place.")


async def reach(setting: Setting, lane: Lane, place: str) -> None:
    """TargetError where nothing answers at `place`, whatever the answer."""
    address = setting.target.places[place]
    try:
        await lane.send(Request("GET", f"{address.url}/"), purpose="setup")
    except NoAnswer as error:
        raise TargetError(
            f"{address.where}: the place '{place}' at {address.url} cannot be reached: {error.message}",
            "Check its url, and that the server runs.",
        ) from None


async def try_credential(setting: Setting, lane: Lane, name: str) -> str | None:
    """Why the credential is not accepted at its place in any documented form, None where it is in one.

    InputError where its place lacks a variable of an operation, so that it cannot be tried.
    """
    first: str | None = None
    for operation in _harmless_operations(setting) if not manages(setting, name) else ():
        reason = await Asker(setting, lane, []).control(Presentation(name, setting.home(name), operation))
        if reason is None:
            return None
        first = first or reason
    reference = setting.target.credentials[name]
    if first is None or reference.issued:
        return None
    return f"{reference.where}: the credential '{name}' (${reference.env}) is refused: {first}"


def manages(setting: Setting, credential: str) -> bool:
    """Whether `credential` is for the management plane alone, whose requests are the lifecycle verbs."""
    return bool(setting.profile.credentials[credential].options.get("manages"))


def credentials_needed(cases: Iterable[Case]) -> list[str]:
    """The credentials that the cases which are run present or have as a control, each once."""
    return list(dict.fromkeys(name for case in cases if not case.left_out for name in _credentials(case)))


def _credentials(case: Case) -> Iterator[str]:
    if case.control and case.control.credential:
        yield case.control.credential
    for planned in case.steps:
        issued = {
            each.step.options.get("as", each.step.subject)
            for each in case.steps
            if each.step.verb == "obtain"
        }
        if planned.sent and planned.sent.credential and planned.sent.credential not in issued:
            yield planned.sent.credential


def _harmless_operations(setting: Setting) -> list[str]:
    """The operations that change nothing, the one most scenarios use first."""
    operations = setting.profile.operations.values()
    found = [each.name for each in operations if not each.touches and not each.public]
    return sorted(found, key=lambda name: name != PROTECTED)
