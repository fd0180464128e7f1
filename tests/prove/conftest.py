"""The kill matrix of the bundled server, made once for all of these tests."""

from __future__ import annotations

import pytest

from harness import proving
from harness.model import Proof


@pytest.fixture(scope="session")
def subject() -> proving.Subject:
    """OriginChain with everything that is shipped."""
    return proving.subject(proving.Aim("originchain"))


@pytest.fixture(scope="session")
def proof(subject: proving.Subject) -> Proof:
    """What came of every case against every server, on as many processors as there are."""
    return proving.prove([subject])
