"""How OrigoID can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.origoid import (
    access,
    addresses,
    alike,
    basic,
    browsers,
    causes,
    ends,
    exchange,
    granted,
    keys,
    refusals,
    rights,
    served,
    tokens,
    transport,
)
from reference_server.faults.origoid.entry import CATALOGUE

MODULES = (
    access,
    keys,
    basic,
    tokens,
    ends,
    exchange,
    granted,
    addresses,
    rights,
    refusals,
    causes,
    browsers,
    transport,
    alike,
    served,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
