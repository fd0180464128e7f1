"""How else this API could answer and be as right: the standards leave it open."""

from __future__ import annotations

from reference_server.standard.behaviour import Behaviour
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("standard")
variation = CATALOGUE.variation

VARIATIONS = CATALOGUE.variations
