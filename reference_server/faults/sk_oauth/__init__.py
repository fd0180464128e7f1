"""How the API with secret keys, OAuth 2.0 and JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.sk_oauth import (
    access,
    alike,
    authorization,
    clients,
    consent,
    environments,
    granted,
    jwts,
    limits,
    lives,
    proof,
    redemption,
    redirecting,
    refreshing,
    refusals,
    requests,
    scopes,
    served,
)
from reference_server.faults.sk_oauth.entry import CATALOGUE

MODULES = (
    alike,
    environments,
    lives,
    jwts,
    refusals,
    served,
    scopes,
    limits,
    authorization,
    redirecting,
    consent,
    redemption,
    proof,
    clients,
    requests,
    granted,
    refreshing,
    access,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
