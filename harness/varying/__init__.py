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


async def varied(stage: Stage, planned: PlannedStep) -> Judgement:
    """Vary the request of a step, and judge what was found.

    CannotSpoil where Schemathesis can't, or no answer tells anything: it is not all that there is to see.
    """
    assert planned.sent is not None
    operation = stage.operation(planned)
    if operation.described is None:
        raise CannotSpoil(f"{operation.name} comes from no document")
    is_right = planned.step.subject != NOTHING
    errand = _Errand(stage, asyncio.get_running_loop(), stage.lane.now() + SECONDS)
    credential = await _credential(stage, planned.sent) if is_right else {}
    origin = _origin(stage.setting.target.places[planned.sent.place].url)
    try:
        found = await _in_a_thread(
            errand, alone(operation.described, planned.sent.credential), credential, origin
        )
    finally:
        stage.exchanges += errand.kept
    stage.measurements["Schemathesis"] = f"{errand.asked} requests, {errand.served} served"
    if not found and not (errand.served if is_right else errand.refused):
        told = "served, with the right credential" if is_right else "about who asks"
        raise CannotSpoil(f"none of {errand.asked} answers to Schemathesis was {told}")
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
    loop: asyncio.AbstractEventLoop
    until: float
    asked: int = 0
    served: int = 0
    refused: int = 0
    kept: list[Exchange] = field(default_factory=list)

    def is_over(self) -> bool:
        """Whether nothing more is to be asked."""
        late = self.stage.lane.now() > self.until
        return late or self.asked >= MOST_REQUESTS or self.stage.setting.stopping.is_set()

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
        try:
            answer = await self.stage.lane.send(request, purpose="case", case=self.stage.case.id)
        except NoAnswer as error:
            self._keep(error.evidence)
            return None
        self.served += 200 <= answer.status < 300
        self.refused += answer.status in _REFUSED
        self._keep(answer.evidence)
        return answer

    def _keep(self, evidence: Exchange) -> None:
        """Keep the last ones: where something is found, those are what show it."""
        self.kept = [*self.kept, evidence][-_IN_HAND:]


async def _credential(stage: Stage, sent: Presentation) -> Mapping[str, Mapping[str, str]]:
    """What a right credential adds to a request. CannotSpoil where that goes into a body."""
    grant = await stage.asker().secret_of(sent.credential)
    setting = stage.setting
    made = assemble(
        setting.profile, setting.target, sent, grant.secret if grant else None, None, stage.once,
        stage.random(0), setting.secrets, grant.given if grant else None, setting.given,
    )  # fmt: skip
    for derived in made.presented.secrets:
        setting.redactor.learn_in_passing(f"{sent.credential}, sent", derived)
    if made.presented.form or made.presented.json:
        raise CannotSpoil("Schemathesis does not know how to send this credential in a body")
    found: dict[str, dict[str, str]] = {"headers": {}, "params": {}, "cookies": {}}
    for name, value in made.presented.fields:
        if name.lower() == "cookie":
            found["cookies"] |= dict([value.split("=", 1)])
        else:
            found["headers"][name] = value
    found["params"] |= dict(made.presented.query)
    return found


async def _in_a_thread(
    errand: _Errand,
    document: Mapping[str, Any],
    credential: Mapping[str, Mapping[str, str]],
    origin: str,
) -> list[str]:
    """What Schemathesis finds. CannotSpoil where it fails, or does not come to an end.

    The thread is left to itself then: a pattern of the document may keep it busy for ever.
    """
    done: Future[list[str]] = Future()

    def work() -> None:
        try:
            from harness.varying.generating import vary

            found = vary(
                document, application=Application(errand.send, origin),
                credential=credential, is_over=errand.is_over, examples=EXAMPLES,
                number=errand.stage.random(0).getrandbits(32),
            )  # fmt: skip
            done.set_result(found)
        except BaseException as error:  # whatever it is, the case that waits must hear of it
            done.set_exception(error)

    threading.Thread(target=work, name="schemathesis", daemon=True).start()
    try:
        return await asyncio.wait_for(asyncio.wrap_future(done), SECONDS + PATIENCE)
    except TimeoutError:
        raise CannotSpoil(f"Schemathesis was not done in {SECONDS + PATIENCE:g} s") from None
    except Exception as error:
        raise CannotSpoil(f"Schemathesis cannot: {type(error).__name__}: {_line(error)}") from None


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _line(error: Any) -> str:
    return str(error).partition("\n")[0][:200]
