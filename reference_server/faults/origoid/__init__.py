"""How OrigoID can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.origoid import (
    access,
    addresses,
    alike,
    basic,
    basic_form,
    browsers,
    causes,
    ends,
    exchange,
    granted,
    keys,
    permissions,
    refusals,
    rights,
    tokens,
    transport,
)
from reference_server.faults.origoid.entry import CATALOGUE

MODULES = (
    access,
    keys,
    basic,
    basic_form,
    tokens,
    ends,
    exchange,
    granted,
    addresses,
    rights,
    refusals,
    causes,
    browsers,
    permissions,
    transport,
    alike,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
