"""Faults: an answer gives away more than what was asked for, or a request is mended that must be refused."""

from __future__ import annotations

from reference_server.faults.originchain.entry import CATALOGUE
from reference_server.faults.originchain.wrong import oldest_token
from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.originchain import dashboard
from reference_server.originchain.behaviour import Facts


def _reads(facts: Facts) -> bool:
    """Whether the data plane is asked, where every 200 answers a token."""
    return facts.request.host != dashboard.HOST


SERVED.enter(CATALOGUE, Serving(somebody=oldest_token, reading=_reads), prefix="originchain-")
WIRE.enter(CATALOGUE, Wired(host="acme.originchain.test"), prefix="originchain-")
