"""How the API with a static token and kid-JWTs can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.catalogue import entered
from reference_server.faults.kid_jwt.entry import CATALOGUE

FAULTS = entered(CATALOGUE, __name__, __path__)
