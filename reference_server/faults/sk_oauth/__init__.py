"""How the API with secret keys, OAuth 2.0 and JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.sk_oauth import alike, jwts, lives
from reference_server.faults.sk_oauth.entry import CATALOGUE

MODULES = (alike, lives, jwts)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
