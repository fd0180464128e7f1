"""The API of the standards, put together."""

from __future__ import annotations

from reference_server.api import Api
from reference_server.faults.standard import FAULTS
from reference_server.standard import service
from reference_server.standard.behaviour import Behaviour
from reference_server.standard.correct import CORRECT
from reference_server.variations.standard import VARIATIONS

API: Api[Behaviour] = Api(CORRECT, FAULTS, VARIATIONS, service.opened)
