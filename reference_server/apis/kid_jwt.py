"""The API with a static token and JWTs that name their key, put together."""

from __future__ import annotations

from reference_server.api import Api
from reference_server.faults.kid_jwt import FAULTS
from reference_server.kid_jwt import service
from reference_server.kid_jwt.behaviour import Behaviour
from reference_server.kid_jwt.correct import CORRECT
from reference_server.variations.kid_jwt import VARIATIONS

API: Api[Behaviour] = Api(CORRECT, FAULTS, VARIATIONS, service.opened)
