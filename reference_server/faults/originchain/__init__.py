"""How OriginChain can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.originchain import (
    access,
    anonymous,
    bystanders,
    challenge,
    presentation,
    refusals,
    repetition,
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
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
