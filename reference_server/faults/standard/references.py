"""Faults: keys are fetched from where a token says; shared with other APIs."""

from __future__ import annotations

from reference_server.faults.shared.references import REFERENCES, Referring
from reference_server.faults.standard.entry import CATALOGUE, STATUS

REFERENCES.enter(CATALOGUE, Referring(untrusted=(STATUS,)), prefix="standard-")
