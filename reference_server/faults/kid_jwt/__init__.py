"""How the API with a static token and kid-JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.kid_jwt import (
    access,
    alike,
    field,
    jwts,
    keys,
    kid,
    references,
    refusals,
    served,
)
from reference_server.faults.kid_jwt.entry import CATALOGUE

MODULES = (
    access,
    alike,
    keys,
    field,
    jwts,
    kid,
    references,
    refusals,
    served,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
