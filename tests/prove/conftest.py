"""The kill matrix of the bundled servers, made once for all of these tests."""

from __future__ import annotations

import pytest
from bundled import BUNDLED, RIGHT_ALONE

from harness import proving
from harness.model import Proof


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
