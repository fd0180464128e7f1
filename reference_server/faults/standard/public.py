"""Faults: the guard stands before what needs no credential too."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.ways import offered
from reference_server.faults.standard.entry import fault
from reference_server.messages import Answer
from reference_server.standard.behaviour import Behaviour, Facts


@fault(
    "health-guarded",
    "Who asks for the server's health needs a credential",
    level="SHOULD",
    breaks=("practice/public-served",),
)
def health_guarded(behaviour: Behaviour) -> Behaviour:
    """As where one guard was put before every path, and what is exempt was left out. The keys stay open, as
    others need them to verify tokens. A scenario that names another path in a field beside asks for the
    health too: nothing of that path may be shown, as a refusal does not, and its control has a credential."""

    def publish(facts: Facts) -> Answer | None:
        is_guarded = facts.request.path == "/health" and not offered(facts)
        return None if is_guarded else behaviour.publish(facts)

    return replace(behaviour, publish=publish)
