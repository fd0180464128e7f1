"""Faults: keys are fetched from where a token says; shared with other APIs."""

from __future__ import annotations

from reference_server.faults.kid_jwt.entry import CATALOGUE, STATUS
from reference_server.faults.shared.references import REFERENCES, Referring

# a key of another type than the account's is refused before anybody looks for its kid
REFERENCES.enter(
    CATALOGUE, Referring(untrusted=(STATUS,)), prefix="jwt-", without=("jku-asked-for-unknown-kid",)
)
