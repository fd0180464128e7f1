"""Whether a refusal was about the credential: an operation of a document may not be there as it was asked.

What had to be made up of a request may lead nowhere, and be answered so whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.asking import Ask, Asker, Seen
from harness.checks.answers import named_status
from harness.credentials import CannotSpoil
from harness.exchange import Answer
from harness.model import Operation, Spoil
from harness.names import MANAGES, OWN
from harness.plan import Presentation
from harness.setting import Inconclusive, Setting

_ABOUT_THE_CREDENTIAL = frozenset({401, 403})
_NO_SUCH_METHOD = frozenset({405, 501})

_WHY: Mapping[int, str] = {
    404: "the path could not be filled in: give an example of each of its parameters in the document",
    405: "the API does not have this operation, whatever the document says",
    501: "the API does not have this operation, whatever the document says",
}


async def check_reached(asker: Asker, ask: Ask, seen: Seen, canaries: Mapping[str, str]) -> None:
    """Inconclusive where an answer says nothing of the credential, because everybody gets such a one.

    An operation that changes nothing is asked once more, with a right credential.
    """
    operation = asker.setting.profile.operations[ask.sent.operation]
    answer = seen.answer
    if operation.described is None or operation.described.is_known:
        return
    if not _is_doubtful(answer, ask.spoil, canaries):
        return
    got = named_status(answer.status)
    name = operation.name
    credential = _right_one(asker.setting, operation)
    if not operation.described.is_safe:
        raise Inconclusive(
            f"{name} was answered with {got}, which may be about the request and not about who asks; as it "
            f"changes something it is not asked with a right credential. {_advice(answer)}"
        )
    if credential is None:
        raise Inconclusive(f"{name} was answered with {got}, and no credential is known that it accepts")
    spoil = ask.spoil if _changes_method(ask.spoil) else None
    right = replace(ask, sent=Presentation(credential, OWN, operation.name), purpose="control", spoil=spoil)
    try:
        status = (await asker.send(replace(right, case=None, grant=None))).answer.status
    except CannotSpoil as error:
        raise Inconclusive(str(error)) from None
    if not 200 <= status < 300:
        raise Inconclusive(
            f"{name} was answered with {got}, and with the right {credential} with {named_status(status)}: "
            f"nothing shows that it was reached. {_advice(answer)}"
        )


def _is_doubtful(answer: Answer, spoil: Spoil | None, canaries: Mapping[str, str]) -> bool:
    """Whether somebody who may could have got the same answer."""
    if 200 <= answer.status < 300 or answer.status in _ABOUT_THE_CREDENTIAL:
        return False
    if _changes_method(spoil) and answer.status in _NO_SUCH_METHOD:
        return False  # what is not there is no way around anything
    return not any(answer.holds(canary) for canary in canaries.values())


def _changes_method(spoil: Spoil | None) -> bool:
    return spoil is not None and spoil.part == "method"


def _right_one(setting: Setting, operation: Operation) -> str | None:
    """A credential of our own place that the operation takes, if possible one that was accepted."""
    own = [
        name
        for name, kind in setting.profile.credentials.items()
        if name in setting.target.credentials
        and setting.home(name) == OWN
        and not kind.options.get(MANAGES)
        and (operation.takes is None or name in operation.takes)
    ]
    return next((name for name in own if name in setting.accepted), own[0] if own else None)


def _advice(answer: Answer) -> str:
    why = _WHY.get(answer.status, "see that the document says what a request must hold, with an example")
    return f"{why[0].upper()}{why[1:]}."
