"""The operations of an API's own document, each as one that can be asked, and the cases that ask them all."""

from harness.inventory.described import Inventory, inventory
from harness.inventory.operations import Listed, listed
from harness.inventory.planned import NO_DOCUMENT, cases, speaks_of

__all__ = ["NO_DOCUMENT", "Inventory", "Listed", "cases", "inventory", "listed", "speaks_of"]
