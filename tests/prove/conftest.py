"""The kill matrix of the bundled servers, made once for all of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from bundled import BUNDLED, RIGHT_ALONE, Narrow

from harness import proving, sharing
from harness.model import Proof
from harness.proving.reach import narrowed


@pytest.fixture(scope="session")
def subjects() -> dict[str, proving.Subject]:
    """Each profile with everything that is shipped."""
    return {name: proving.subject(proving.Aim(name)) for name in BUNDLED}


@pytest.fixture(scope="session")
def proof(subjects: dict[str, proving.Subject]) -> Proof:
    """What came of every case against every server, on as many processors as there are."""
    return proving.prove(list(subjects.values()))


@pytest.fixture(scope="session")
def right_alone() -> Proof:
    """What came of every case against the right servers of the other profiles."""
    return proving.prove([proving.subject(proving.Aim(name)) for name in RIGHT_ALONE], faults=False)


@pytest.fixture
def narrow() -> Iterator[Narrow]:
    """What finds out for trials what they have to be asked."""
    with sharing.Crew() as crew:
        yield partial(narrowed, prompt=crew, patient=crew)
