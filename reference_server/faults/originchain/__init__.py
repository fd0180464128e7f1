"""How OriginChain can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.catalogue import entered
from reference_server.faults.originchain.entry import CATALOGUE

FAULTS = entered(CATALOGUE, __name__, __path__)
