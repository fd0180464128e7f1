"""How OriginChain can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.originchain import (
    access,
    anonymous,
    bystanders,
    challenge,
    ending,
    issuing,
    managing,
    presentation,
    refusals,
    repetition,
    revocation,
    revoking,
    scoping,
    tokens,
)
from reference_server.faults.originchain.entry import CATALOGUE

MODULES = (
    anonymous,
    bystanders,
    presentation,
    tokens,
    repetition,
    refusals,
    challenge,
    scoping,
    access,
    revocation,
    revoking,
    issuing,
    managing,
    ending,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
