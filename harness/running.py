"""One run: the server if there is one to start, the network, the outcomes as they come, the run file."""

from __future__ import annotations

import platform
import secrets
import sys
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from harness import (
    __version__,
    baselines,
    execute,
    lifecycle,
    plan,
    preflight,
    programs,
    providers,
    schedule,
    targets,
)
from harness.background import Background
from harness.errors import AuthconformError, TargetError, mistake
from harness.exchange import AT_ONCE, Network, Redactor
from harness.inputs import Inputs, shipped_suites
from harness.listening import Listener
from harness.model import CaseOutcome, Target
from harness.plan import Case
from harness.report.accepting import outdated, with_accepted
from harness.report.record import Cited, End, Run, RunStart, Writer, conclude
from harness.setting import Setting

RUN_FILE = "run.jsonl"
THOROUGH_TRIALS = 20
GRACE = 1.0
"""Seconds that a run which is stopped has for what is under way."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is carried out.

    `concurrency` is how many batches are under way at a time, `rate` how many requests per second all of
    them make at most. `seed` makes invented values repeatable. `strict` lets a warning fail the run. `out`
    is the run folder; without it nothing is written. `selection` is what the command line asked for by name,
    `whole` the files and folders that it named: all of their cases are meant, unless a name chooses some.
    """

    concurrency: int = 8
    rate: float | None = None
    seed: int | None = None
    strict: bool = False
    out: Path | None = None
    selection: tuple[str, ...] = ()
    whole: tuple[Path, ...] = ()
    trials: int = 3
    """How often a change that is measured is made."""
    thorough: bool = False
    """Twenty trials, watched for half a minute each."""
    baseline: Path | None = None
    """The findings that are accepted."""
    unknown_fails: bool = False
    """An inconclusive run exits as one that does not conform."""

    @property
    def times(self) -> int:
        """How often a change that is measured is really made."""
        return THOROUGH_TRIALS if self.thorough else self.trials


class Running:
    """A run from its first request to its last line.

    Open it with `start`, wait for the outcomes in `futures`, end it with `finish` whatever happened.
    InputError where the command line has not agreed to a target that verifies no certificate.
    """

    def __init__(self, inputs: Inputs, settings: Settings) -> None:
        inputs.agreed()
        self.inputs = inputs
        self.settings = settings
        self.seed = settings.seed if settings.seed is not None else secrets.randbits(32)
        self.redactor = Redactor()
        self.target = inputs.target
        self.baseline = baselines.load(settings.baseline, inputs.requirements) if settings.baseline else ()
        self.deselected = 0
        """Collected cases that are not to be asked."""
        self.futures: dict[str, Future[CaseOutcome]] = {}
        self.outcomes: list[CaseOutcome] = []
        self.trouble: str | None = None
        """Why the run could not be carried through."""
        self._began = time.monotonic()
        self._cases: Sequence[Case] = ()
        self._writer: Writer | None = None
        self._start: RunStart | None = None
        self._background: Background | None = None
        self._server: Background | None = None
        self._served: providers.Running | None = None
        self._listener: Listener | None = None
        self._work: Future[None] | None = None
        self._stopping: threading.Event | None = None

    def start(self, cases: Sequence[Case]) -> None:
        """Reach the target, then begin to run `cases`, ahead of whoever waits for them.

        InputError where a secret or the provider cannot be had, TargetError where the target cannot be
        tested; both before the first case was asked.
        """
        self._cases = cases
        self.futures = {case.id: Future() for case in cases}
        if self.inputs.bundled:
            self._serve()
        programs.check(lifecycle.all_verbs(self.inputs.profile, self.target), self.target)
        known = targets.secrets(self.target, {}, Path()) if self.inputs.bundled else self.inputs.secrets()
        self._learn(known)
        self._begin()
        setting = Setting(
            profile=self.inputs.profile,
            target=self.target,
            secrets=known,
            requirements=self.inputs.requirements,
            redactor=self.redactor,
            seed=self.seed,
            trials=self.settings.times,
            thorough=self.settings.thorough,
            listener=self._listen(),
        )
        self._background = Background("authconform")
        network = self._background.run(_network(self.redactor, self.target, self.settings))
        try:
            self._background.run(preflight.check(setting, network, cases))
        except AuthconformError as error:
            self.trouble = self.redactor.text(str(error))
            raise
        for case in cases:
            if case.left_out:
                self._deliver(execute.not_run(case, case.left_out, setting))
        self._stopping = setting.stopping
        work = schedule.run(setting, network, plan.batches(cases), self.settings.concurrency, self._deliver)
        self._work = self._background.submit(_closing(work, network))
        self._work.add_done_callback(self._no_more)

    def wait(self, case: Case) -> CaseOutcome:
        """The outcome of `case`, when it has come; TargetError where the run ended without it."""
        return self.futures[case.id].result()

    def finish(self, interrupted: str | None = None) -> Run | None:
        """End what is under way, write the last line, and return the run; None where none had begun.

        What was sent has a second to be answered, and what it made to be taken back.
        """
        if self._work and self._stopping:
            self._stopping.set()
            wait_for([self._work], timeout=GRACE)
        if self._background:
            self._background.close()
        if self._listener:
            self._listener.close()
        try:
            return self._concluded(interrupted)
        finally:
            if self._server:
                if self._served:
                    self._server.run(self._served.stop())
                self._server.close()

    def _concluded(self, interrupted: str | None) -> Run | None:
        if self._start is None:
            return None
        end = self._end(interrupted)
        if self._writer:
            try:
                self._writer.close(end)
            except OSError as error:
                self._writer.close()
                self._cannot_write(error)
                end = self._end(interrupted)
        return Run(self._start, tuple(self.outcomes), end)

    def _end(self, interrupted: str | None) -> End:
        done = {outcome.case for outcome in self.outcomes}
        not_run = [case.id for case in self._cases if case.id not in done]
        chosen = self.deselected or self.settings.whole or self.settings.selection
        whole = not (chosen or not_run) and shipped_suites().keys() <= self.inputs.suite_digests().keys()
        return conclude(
            self.outcomes,
            not_run,
            strict=self.settings.strict,
            unknown_fails=self.settings.unknown_fails,
            reason=self.trouble or interrupted,
            elapsed=time.monotonic() - self._began,
            outdated=tuple(outdated(self.outcomes, self.baseline, _today(), whole=whole)),
        )

    def _serve(self) -> None:
        """Start the bundled server, on a loop of its own so that neither waits for the other."""
        name, profile = self.target.provider, self.inputs.profile.name
        if name is None:
            hint = "Add provider: MODULE:ATTRIBUTE, or give --base-url."
            raise mistake("there is no server to start", self.target.where, hint)
        provider = providers.load(name, self.target.where)
        providers.check_faults(provider, profile, self.inputs.choice.faults)
        self._server = Background("authconform-server")
        try:
            self._served = self._server.run(provider.start(profile, self.inputs.choice.faults))
        except (OSError, ValueError) as error:
            raise TargetError(f"the server of {name} did not start: {error}") from None
        self.target = targets.started(self.target, self._served.target)

    def _listen(self) -> Listener | None:
        """Listen for calls of the target, if a case of this run wants to hear them."""
        if self.target.listener is None or not any(map(plan.listens, self._cases)):
            return None
        self._listener = Listener(self.target.listener)
        self._listener.open()
        return self._listener

    def _learn(self, known: Mapping[str, str]) -> None:
        for name, secret in known.items():
            self.redactor.learn(name, secret, env=self.target.credentials[name].env)
        for pattern in self.inputs.profile.redact:
            self.redactor.pattern("secret", pattern)

    def _begin(self) -> None:
        """Write the first line."""
        inputs, settings = self.inputs, self.settings
        self._start = RunStart(
            authconform=__version__,
            suite_digest=inputs.suite_digest(),
            profile=inputs.profile.name,
            profile_digest=inputs.profile_digest(),
            target=self.redactor.text(inputs.target_shown),
            environment=self.target.environment,
            places={name: self.redactor.text(place.url) for name, place in self.target.places.items()},
            selection=(*map(str, settings.whole), *settings.selection),
            start=datetime.now(UTC).isoformat(timespec="seconds"),
            seed=self.seed,
            faults=inputs.choice.faults,
            concurrency=settings.concurrency,
            rate=settings.rate,
            strict=settings.strict,
            insecure=not self.target.tls.verify,
            versions={"python": platform.python_version(), "platform": sys.platform},
            requirements={
                each.id: Cited(each.says, each.sources, each.level, each.why, each.fix)
                for each in inputs.requirements.values()
            },
            suites=inputs.suite_digests(),
            deselected=self.deselected,
            absent={name: self.redactor.text(reason) for name, reason in self.target.absent.items()},
            baseline=None if settings.baseline is None else str(settings.baseline),
        )
        if settings.out:
            self._writer = Writer(settings.out / RUN_FILE, self._start)

    def _deliver(self, outcome: CaseOutcome) -> None:
        # a secret may have been learned after an exchange was recorded
        exchanges = tuple(self.redactor.exchange(each) for each in outcome.exchanges)
        outcome = with_accepted(replace(outcome, exchanges=exchanges), self.baseline, _today())
        self.outcomes.append(outcome)
        if self._writer:
            try:
                self._writer.add(outcome)
            except OSError as error:  # the outcome is still shown to whoever waits for it
                self._cannot_write(error)
        self.futures[outcome.case].set_result(outcome)

    def _cannot_write(self, error: OSError) -> None:
        self.trouble = self.trouble or f"the run file cannot be written: {error.strerror}"

    def _no_more(self, work: Future[None]) -> None:
        """Whoever waits for an outcome that will not come learns so."""
        error = None if work.cancelled() else work.exception()
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if error is not None:
            reason = f"authconform itself failed: {type(error).__name__}: {error}"
            self.trouble = self.redactor.text(reason)
        for future in self.futures.values():
            if not future.done():
                future.set_exception(TargetError(self.trouble or "the run was stopped before this case"))


def _today() -> date:
    return datetime.now(UTC).date()


async def _network(redactor: Redactor, target: Target, settings: Settings) -> Network:
    """A network that belongs to the loop this runs on."""
    return Network(
        redactor=redactor,
        resolve=target.resolve,
        rate=settings.rate,
        at_once=max(AT_ONCE, settings.concurrency),
        trust=target.tls,
        proxy=target.proxy,
    )


async def _closing(work: Coroutine[Any, Any, None], network: Network) -> None:
    """Do `work`, then close the network whatever came of it."""
    try:
        await work
    finally:
        await network.aclose()
