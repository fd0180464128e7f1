"""Let Schemathesis vary the requests of an operation, as further evidence: is any served whoever asks?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harness.assemble import assemble
from harness.checks import Mismatch
from harness.credentials import CannotSpoil
from harness.exchange import Answer, NoAnswer, Request
from harness.judge import Judgement, judged
from harness.model import Exchange, Expectation
from harness.names import NOTHING
from harness.plan import PlannedStep, Presentation
from harness.stage import Stage
from harness.varying.application import Application, Silence
from harness.varying.document import alone
from harness.varying.right import Right

CHECK = "ignored-auth"
"""What the finding is called, as a check's name."""
EXAMPLES = 10
"""Variations of an operation."""
MOST_REQUESTS = 60
SECONDS = 15.0
"""For one operation; then nothing more is asked."""
PATIENCE = 10.0
"""Seconds more for what is still under way, and for what Schemathesis needs to be loaded."""
_IN_HAND = 2
"""Exchanges before a finding that show it: the request with the right credential, and that without."""
_REFUSED = frozenset({401, 403})
_THREAD = "authconform-schemathesis"
_LOST = f"{_THREAD}-lost"
"""What the thread is called that does not come to an end."""
_TURN = 0.02
"""Seconds between two looks at whether the thread before is done."""
_PACKAGES = ("schemathesis", "hypothesis", "hypothesis_jsonschema", "jsonschema_rs", "jsonschema")
"""Whose errors are about the document; the words of any other may be about this machine."""


async def varied(stage: Stage, planned: PlannedStep) -> Judgement:
    """Vary the request of a step, and judge what was found.

    CannotSpoil where Schemathesis can't, or no answer tells anything: it is not all that there is to see.
    """
    assert planned.sent is not None
    operation = stage.operation(planned)
    if operation.described is None:
        raise CannotSpoil(f"{operation.name} comes from no document")
    is_right = planned.step.subject != NOTHING
    right = await _right(stage, planned.sent) if is_right else Right()
    await _turn()
    errand = _Errand(stage, right, asyncio.get_running_loop(), stage.lane.now() + SECONDS)
    origin = _origin(stage.setting.target.places[planned.sent.place].url)
    try:
        found = await _in_a_thread(errand, alone(operation.described, right.scheme()), origin)
    finally:
        stage.exchanges += errand.kept
    stage.measurements["Schemathesis"] = f"{errand.asked} requests, {errand.served} served"
    if found and errand.held:
        raise CannotSpoil("what Schemathesis took for a request without the right credential had it")
    if not found and not (errand.served and errand.without if is_right else errand.refused):
        told = "served with the right credential and sent without" if is_right else "refused for who asks"
        raise CannotSpoil(f"none of the {errand.asked} requests of Schemathesis was {told}")
    expected = "every variation refused without a valid credential"
    mismatches = [Mismatch(expected, each) for each in found]
    outcome = planned.step.outcome
    where = outcome.where if outcome else planned.step.where
    cited = stage.case.scenario.requires
    looked = [(Expectation(CHECK, {}, name, None, None, where), mismatches) for name in cited]
    return judged(looked, stage.setting.requirements)


@dataclass
class _Errand:
    """What the thread that generates has asked so far."""

    stage: Stage
    right: Right
    loop: asyncio.AbstractEventLoop
    until: float
    asked: int = 0
    served: int = 0
    refused: int = 0
    without: int = 0
    """Requests that did not hold the right credential."""
    held: bool = False
    """Whether the last one did."""
    status: int = 0
    """Of the last answer."""
    kept: list[Exchange] = field(default_factory=list)

    def is_over(self) -> bool:
        """Whether nothing more is to be asked."""
        late = self.stage.lane.now() > self.until
        return late or self.asked >= MOST_REQUESTS or self.stage.setting.stopping.is_set()

    def was_served(self) -> bool:
        """Whether the last request was."""
        return 200 <= self.status < 300

    def send(self, request: Request) -> Answer:
        """Ask on the case's lane, from the thread."""
        if self.is_over():
            raise Silence
        asking = asyncio.run_coroutine_threadsafe(self._send(request), self.loop)
        answer = asking.result()
        if answer is None:
            raise Silence
        return answer

    async def _send(self, request: Request) -> Answer | None:
        self.asked += 1
        self.held = self.right.is_in(request.url, request.headers)
        self.without += not self.held
        try:
            answer = await self.stage.lane.send(request, purpose="case", case=self.stage.case.id)
        except NoAnswer as error:
            self._keep(error.evidence)
            return None
        self.status = answer.status
        self.served += self.was_served()
        self.refused += answer.status in _REFUSED
        self._keep(answer.evidence)
        return answer

    def _keep(self, evidence: Exchange) -> None:
        """Keep the last ones: where something is found, those are what show it."""
        self.kept = [*self.kept, evidence][-_IN_HAND:]


async def _right(stage: Stage, sent: Presentation) -> Right:
    """What the right credential adds to a request. CannotSpoil where that goes into a body."""
    grant = await stage.asker().secret_of(sent.credential)
    setting = stage.setting
    presented = assemble(
        setting.profile, setting.target, sent, grant.secret if grant else None, None, stage.once,
        stage.random(0), setting.secrets, grant.given if grant else None, setting.given,
    ).presented  # fmt: skip
    for derived in presented.secrets:
        setting.redactor.learn_in_passing(f"{sent.credential}, sent", derived)
    return Right.of(presented)


async def _in_a_thread(errand: _Errand, document: Mapping[str, Any], origin: str) -> list[str]:
    """What Schemathesis finds. CannotSpoil where it fails, or does not come to an end.

    The thread is left to itself then, and is the last: a pattern of the document may keep it busy for ever.
    """
    done: Future[list[str]] = Future()
    done.set_running_or_notify_cancel()  # from now on a result is taken, whether anybody waits for it or not

    def work() -> None:
        try:
            from harness.varying.generating import vary

            found = vary(
                document, application=Application(errand.send, origin),
                credential=errand.right.arguments(), is_over=errand.is_over, was_served=errand.was_served,
                examples=EXAMPLES, number=errand.stage.random(0).getrandbits(32),
            )  # fmt: skip
            done.set_result(found)
        except BaseException as error:  # whatever it is, the case that waits must hear of it
            done.set_exception(error)

    thread = threading.Thread(target=work, name=_THREAD, daemon=True)
    thread.start()
    try:
        found = await asyncio.wait_for(asyncio.wrap_future(done), SECONDS + PATIENCE)
    except TimeoutError:
        thread.name = _LOST
        raise CannotSpoil(f"Schemathesis was not done in {SECONDS + PATIENCE:g} s") from None
    except asyncio.CancelledError:
        thread.name = _LOST
        raise
    except CannotSpoil:
        raise
    except Exception as error:
        thread.join(1.0)
        raise CannotSpoil(f"Schemathesis cannot: {_told(error)}") from None
    thread.join(1.0)  # it has nothing left to do
    return found


async def _turn() -> None:
    """Wait until no other operation is varied in this process. CannotSpoil where one is for ever."""
    while names := {each.name for each in threading.enumerate()} & {_THREAD, _LOST}:
        if _LOST in names:
            raise CannotSpoil("Schemathesis is still busy with another operation")
        await asyncio.sleep(_TURN)


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _told(error: Exception) -> str:
    """What an error is, and in whose words that is: those of what has a part in the document alone."""
    kind = type(error).__name__
    if type(error).__module__.partition(".")[0] not in _PACKAGES:
        return kind
    return f"{kind}: {str(error).partition(chr(10))[0][:200]}"
