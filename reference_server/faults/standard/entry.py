"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared.sets import because as because
from reference_server.standard.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("standard")
fault = CATALOGUE.fault
