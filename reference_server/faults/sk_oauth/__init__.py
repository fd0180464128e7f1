"""How the API with secret keys, OAuth 2.0 and JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.catalogue import entered
from reference_server.faults.sk_oauth.entry import CATALOGUE

FAULTS = entered(CATALOGUE, __name__, __path__)
