"""An author's own server for the profile originchain, right and wrong: all that a provider has to be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from reference_server import serving
from reference_server.messages import Answer, Request, json_answer

TOKEN, CANARY = "oc_live_" + "Zx90" * 10, "canary-of-the-author"
SCHEMAS = json_answer(200, {"schemas": [{"name": CANARY}]})
REFUSED = json_answer(401, {"error": "unauthorized"}, {"WWW-Authenticate": 'Bearer realm="own"'})


class Provider:
    def faults(self, profile: str) -> list[dict[str, Any]]:
        breaks = ["rfc6750/3-missing-refused", "originchain/every-call", "originchain/401-missing"]
        common = {"profile": profile, "level": "MUST", "subtle": False, "also": []}
        return [{"id": "open", "title": "Open", "breaks": breaks, **common}]

    async def start(self, profile: str, faults: Any = (), **_: Any) -> Any:
        def handle(request: Request) -> Answer:
            known = f"Bearer {TOKEN}" in request.values("authorization")
            return SCHEMAS if known or faults else REFUSED

        served = await serving.listen(handle)
        target = {
            "places": {"own": {"url": f"http://acme.originchain.test:{served.port}", "tenant": "acme"}},
            "resolve": {"acme.originchain.test": "127.0.0.1"},
            "canary": {"own": CANARY},
            "credentials": {"token": {"value": TOKEN, "env": "TOKEN"}},
        }
        return SimpleNamespace(target=target, events=[], stop=served.stop)


provider = Provider()
