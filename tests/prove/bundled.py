"""The profiles whose whole matrix is proved here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.proving.trials import Trial

BUNDLED = ["kid-jwt", "originchain"]
"""Every fault of these falls as foreseen, and every scenario that asks them something has one. `make prove`
proves all that have a server, which takes long."""
RIGHT_ALONE = ["origoid", "sk-oauth", "standard"]
"""The others: nothing may be said against any way in which their servers are right."""

Narrow = Callable[[Sequence[Trial]], list[Trial]]
"""What finds out for trials what they have to be asked."""
