"""Suite files and cases as pytest sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from harness.coverage import looked_at
from harness.errors import AuthconformError
from harness.model import LEVELS, CaseOutcome, Profile, Requirement
from harness.plan import Case
from harness.report.told import accepted, described
from harness.report.transcript import transcript
from harness.report.verdict import is_accepted
from harness.running import Running

_TAKEN = frozenset(
    {"filterwarnings", "parametrize", "skip", "skipif", "tryfirst", "trylast", "usefixtures", "xfail"}
    | {level.lower() for level in LEVELS}
)
"""Markers that pytest obeys, or that tell levels."""


class Nonconformance(AssertionError):
    """A MUST is not met."""


class NothingLearned(Exception):
    """The case is inconclusive: neither conformance nor its absence was shown."""


class ConformanceWarning(pytest.PytestWarning):
    """A SHOULD is not met."""


class SuiteFile(pytest.File):
    """A `*.suite.yaml` file."""

    running: Running

    def collect(self) -> Iterator[CaseItem]:
        cases = self.running.inputs.cases(self.path)
        for name in {folder for case in cases if (folder := marker(case.scenario.suite))}:
            # an author's own suites have markers too, and nobody could have registered them before
            self.config.addinivalue_line("markers", f"{name}: cases of the suites {name}/…")
        for case in cases:
            name = case.id.rpartition("/")[2]
            # given as text: pytest reads the brackets as parameters, as it does when --lf finds them again
            nodeid = f"{self.nodeid}::{name}"
            yield CaseItem.from_parent(self, name=name, nodeid=nodeid, case=case, running=self.running)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, AuthconformError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class CaseItem(pytest.Item):
    """One case. It only waits: the case itself runs ahead of it."""

    def __init__(self, *, case: Case, running: Running, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case
        self.running = running
        self.outcome: CaseOutcome | None = None
        for mark in marks(case, running.inputs.profile, running.inputs.requirements):
            self.add_marker(mark)
        self.user_properties += [("case", case.id), ("requirements", " ".join(case.scenario.requires))]

    def setup(self) -> None:
        self.outcome = self.running.wait(self.case)
        for title, text in transcript(self.outcome):
            self.add_report_section("call", title, text)
        if self.outcome.verdict == "not-applicable":
            pytest.skip(self.outcome.reason or "not applicable")
        if self.outcome.verdict == "inconclusive":
            raise NothingLearned(self.outcome.reason)

    def runtest(self) -> None:
        assert self.outcome is not None
        if is_accepted(self.outcome, self.running.settings.strict):
            pytest.xfail(accepted(self.outcome))
        if self.outcome.verdict == "fail":
            raise Nonconformance(described(self.outcome))
        if self.outcome.verdict == "warn":
            self.warn(ConformanceWarning(described(self.outcome)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Nonconformance | NothingLearned | AuthconformError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, self.case.where.line - 1, self.case.id


def marks(case: Case, profile: Profile, requirements: Mapping[str, Requirement]) -> list[str]:
    """The levels that a case can break, and the first part of its suite's name."""
    levels = {
        (expectation and expectation.level) or requirements[requirement].level
        for requirement, expectation in looked_at(case, profile)
    }
    folder = marker(case.scenario.suite)
    return [level.lower() for level in LEVELS if level in levels] + ([folder] if folder else [])


def marker(suite: str) -> str | None:
    """The marker of a suite's cases: the first part of its id, unless that means something else already."""
    name = suite.partition("/")[0]
    return None if name in _TAKEN else name
