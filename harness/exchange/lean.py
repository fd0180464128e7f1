"""Import httpx without its command line, whose own imports take as long as all the rest of it.

httpx does without where they fail. To be removed when it imports them only to run its command.
"""

from __future__ import annotations

import sys

_COMMAND_LINE = "httpx._main"

_absent = _COMMAND_LINE not in sys.modules
if _absent:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # an import of it fails at once
try:
    import httpx as httpx
finally:
    if _absent:
        del sys.modules[_COMMAND_LINE]
