"""OriginChain, put together."""

from __future__ import annotations

from reference_server.api import Api
from reference_server.faults.originchain import FAULTS
from reference_server.originchain import service
from reference_server.originchain.behaviour import Behaviour
from reference_server.originchain.correct import CORRECT
from reference_server.variations.originchain import VARIATIONS

API: Api[Behaviour] = Api(CORRECT, FAULTS, VARIATIONS, service.opened)
