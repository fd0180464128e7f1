"""How else this API could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

from reference_server.sk_oauth.behaviour import Behaviour
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("sk-oauth")
variation = CATALOGUE.variation

VARIATIONS = CATALOGUE.variations
