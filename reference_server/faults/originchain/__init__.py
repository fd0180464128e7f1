"""How OriginChain can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.originchain import (
    access,
    alike,
    anonymous,
    ending,
    prefix,
    refusals,
    revoked,
    scoping,
    served,
    tokens,
)
from reference_server.faults.originchain.entry import CATALOGUE

MODULES = (
    anonymous,
    alike,
    tokens,
    refusals,
    scoping,
    access,
    prefix,
    revoked,
    ending,
    served,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
