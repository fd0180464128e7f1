"""Let Schemathesis vary the requests of one operation, and look with its `ignored_auth` for one too many.

Imported only when something is varied, for its imports take time. What it finds is an exception; only its
title and message are taken, for the rest would show requests as they were sent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import ignored_auth

from harness.varying.application import Application, Silence


def vary(
    document: Mapping[str, Any],
    *,
    application: Application,
    credential: Mapping[str, Mapping[str, str]],
    is_over: Callable[[], bool],
    examples: int,
    number: int,
) -> list[str]:
    """What is wrong with the answers to variations of the one operation of `document`, each once.

    `credential` is what goes along to be accepted, by headers, params and cookies; it is empty where nothing
    valid is to be sent. `number` is the seed.
    """
    _home()
    # not the configuration of the folder that it is started in
    schema = schemathesis.openapi.from_dict(dict(document), config=SchemathesisConfig())
    schema.app = application
    ((path, item),) = document["paths"].items()
    operation = schema[path][next(iter(item)).upper()]
    found: dict[str, None] = {}

    def ask(case: Any) -> None:
        if is_over() or found:
            return
        try:
            case.call_and_validate(checks=[ignored_auth], **_copies(credential))
        except Silence:
            return
        except (Failure, BaseExceptionGroup) as error:
            found.update(dict.fromkeys(f"{each.title}: {each.message}" for each in _failures(error)))

    asked = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )(seed(number)(given(operation.as_strategy())(ask)))
    asked()
    return list(found)


def _copies(credential: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What is handed over, and may be changed there."""
    return {name: dict(values) for name, values in credential.items() if values}


def _failures(error: BaseException) -> Iterator[Failure]:
    if isinstance(error, Failure):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _failures(each)


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """A folder, gone with the process, for what Hypothesis would leave where it was started."""
    home = tempfile.TemporaryDirectory(prefix="authconform-")
    set_hypothesis_home_dir(home.name)
    return home
