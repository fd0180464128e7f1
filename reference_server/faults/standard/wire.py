"""Faults: something in front of the server mends requests that it must refuse."""

from __future__ import annotations

from reference_server.faults.shared.named import NAMED, Named
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.faults.standard.entry import CATALOGUE

WIRE.enter(CATALOGUE, Wired(host="acme.standard.test"))
NAMED.enter(CATALOGUE, Named(field="X-API-Key"))
