"""The API with secret keys, OAuth 2.0 and JWTs, put together."""

from __future__ import annotations

from reference_server.api import Api
from reference_server.faults.sk_oauth import FAULTS
from reference_server.sk_oauth import service
from reference_server.sk_oauth.behaviour import Behaviour
from reference_server.sk_oauth.correct import CORRECT
from reference_server.variations.sk_oauth import VARIATIONS

API: Api[Behaviour] = Api(CORRECT, FAULTS, VARIATIONS, service.opened)
