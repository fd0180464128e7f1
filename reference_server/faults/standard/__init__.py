"""How the API of the standards can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.standard import answers, claims, forms, limits, pairs, paths, requests, wire
from reference_server.faults.standard.entry import CATALOGUE

MODULES = (answers, claims, forms, limits, pairs, paths, requests, wire)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
