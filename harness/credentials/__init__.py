"""How credentials are presented and spoiled: one file for each mechanism, and this table of them."""

from harness.credentials import bearer
from harness.credentials.presented import CannotSpoil, Mechanism, Presented

MECHANISMS: dict[str, Mechanism] = {
    "bearer": bearer.MECHANISM,
}
"""The mechanisms by the name that a profile gives as a credential's `kind`."""

__all__ = ["MECHANISMS", "CannotSpoil", "Mechanism", "Presented"]
