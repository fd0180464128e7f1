"""How the API with a static token and kid-JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.kid_jwt import (
    access,
    algorithm,
    challenge,
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
    keys,
    field,
    form,
    signature,
    algorithm,
    kid,
    expiry,
    claims,
    refusals,
    challenge,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
