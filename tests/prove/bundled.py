"""The profiles that have a server."""

from __future__ import annotations

from harness import profiles, shipped
from harness.inputs import TARGET_FILE

_SPECS = shipped.folder("specs")
BUNDLED = [name for name in profiles.names(_SPECS) if (_SPECS / name / TARGET_FILE).is_file()]
