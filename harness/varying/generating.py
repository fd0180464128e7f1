"""Let Schemathesis vary the requests of one operation, and look with its `ignored_auth` for one too many.

Imported only when something is varied, for its imports take time. What it finds is an exception; only its
title and message are taken, for the rest would show requests as they were sent. What is no success is none of
its findings here: an API may hide what it has, or be busy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import SearchStrategy
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import ignored_auth

from harness.credentials import CannotSpoil
from harness.varying.application import Application, Silence

BACKEND = "authconform"
"""What our way to generate is called among those of Hypothesis."""


class Unread(HypothesisProvider):
    """Generates as Hypothesis does, but nothing that it has read in source files.

    By itself it takes texts and numbers from the modules of whoever started it: they could be secrets, and
    another machine would ask otherwise.
    """

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[BACKEND] = Unread


@contextmanager
def _kept_apart() -> Iterator[None]:
    """Have Hypothesis leave what it leaves in a folder that is gone with the process."""
    set_hypothesis_home_dir(_home().name)
    try:
        yield
    finally:
        set_hypothesis_home_dir(None)


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="authconform-")


@_kept_apart()
def vary(
    document: Mapping[str, Any],
    *,
    application: Application,
    credential: Mapping[str, Mapping[str, str]],
    is_over: Callable[[], bool],
    was_served: Callable[[], bool],
    examples: int,
    number: int,
) -> list[str]:
    """What is wrong with the answers to variations of the one operation of `document`, each once.

    `credential` is what goes along to be accepted, by headers, params and cookies; it is empty where nothing
    valid is to be sent. `was_served` tells whether the last answer was a success; `number` is the seed.
    """
    if not hasattr(HypothesisProvider, Unread._maybe_draw_constant.__name__):
        raise CannotSpoil("this version of Hypothesis may put what it reads in source files into requests")
    found: dict[str, None] = {}

    def ask(case: Any) -> None:
        if is_over() or found:
            return
        try:
            case.call_and_validate(checks=[ignored_auth], **_copies(credential))
        except Silence:
            return
        except (Failure, BaseExceptionGroup) as error:
            if was_served():
                found.update(dict.fromkeys(f"{each.title}: {each.message}" for each in _failures(error)))

    asked = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        backend=BACKEND,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )(seed(number)(given(_requests(document, application))(ask)))
    asked()
    return list(found)


def _requests(document: Mapping[str, Any], application: Application) -> SearchStrategy[Any]:
    """The strategy that makes requests of the one operation, which go to the application."""
    # not the configuration of the folder that it is started in
    schema = schemathesis.openapi.from_dict(dict(document), config=SchemathesisConfig())
    ((path, item),) = document["paths"].items()
    operation = schema[path][next(iter(item)).upper()]
    strategy = operation.as_strategy()
    # only now: Schemathesis would take values from the source of the application's module
    schema.app = operation.app = application
    return strategy


def _copies(credential: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What is handed over, and may be changed there."""
    return {name: dict(values) for name, values in credential.items() if values}


def _failures(error: BaseException) -> Iterator[Failure]:
    if isinstance(error, Failure):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _failures(each)
