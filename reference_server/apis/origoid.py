"""OrigoID, put together."""

from __future__ import annotations

from reference_server.api import Api
from reference_server.faults.origoid import FAULTS
from reference_server.origoid import service
from reference_server.origoid.behaviour import Behaviour
from reference_server.origoid.correct import CORRECT
from reference_server.variations.origoid import VARIATIONS

API: Api[Behaviour] = Api(CORRECT, FAULTS, VARIATIONS, service.opened)
