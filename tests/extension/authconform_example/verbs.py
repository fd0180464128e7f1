"""A lifecycle verb: a token that the API's owner makes with a key of his own, without asking the API."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import Any


def mint(life: int = 3600) -> dict[str, Any]:
    """`client:token`, where the token is good for `life` seconds."""
    client = f"client-{secrets.token_hex(4)}"
    key = os.environ["TOKEN_KEY"].encode()
    return {"secret": f"{client}:{hmac.new(key, client.encode(), hashlib.sha256).hexdigest()}", "life": life}
