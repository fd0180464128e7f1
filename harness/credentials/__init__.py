"""How credentials are presented and spoiled: one file for each mechanism, and the table of them."""

from harness.credentials.mechanisms import MECHANISMS, present, sent_along, wrong_settings
from harness.credentials.presented import CannotSpoil, Mechanism, Presented

__all__ = [
    "MECHANISMS",
    "CannotSpoil",
    "Mechanism",
    "Presented",
    "present",
    "sent_along",
    "wrong_settings",
]
