"""How the API with a static token and kid-JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.kid_jwt import (
    access,
    algorithm,
    alike,
    claims,
    expiry,
    field,
    form,
    keys,
    kid,
    refusals,
    signature,
)
from reference_server.faults.kid_jwt.entry import CATALOGUE

MODULES = (
    access,
    alike,
    keys,
    field,
    form,
    signature,
    algorithm,
    kid,
    expiry,
    claims,
    refusals,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
