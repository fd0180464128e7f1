"""How the API of the standards can be wrong, by what is wrong about it."""

from __future__ import annotations

from reference_server.faults.standard import (
    alike,
    answers,
    causes,
    claims,
    forms,
    jwts,
    limits,
    lives,
    pages,
    pairs,
    paths,
    references,
    requests,
    rewriting,
    scopes,
    tenants,
    wire,
)
from reference_server.faults.standard.entry import CATALOGUE

MODULES = (
    alike,
    answers,
    causes,
    claims,
    forms,
    jwts,
    limits,
    lives,
    pages,
    pairs,
    paths,
    references,
    requests,
    rewriting,
    scopes,
    tenants,
    wire,
)
"""Each enters its faults when it is imported."""

FAULTS = CATALOGUE.faults
