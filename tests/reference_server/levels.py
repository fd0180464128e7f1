"""The level of each requirement, as a profile has it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

SPECS = Path(__file__).parents[2] / "specs"


@cache
def requirement_levels(profile: str) -> Mapping[str, str]:
    """The level of each requirement in specs/, lowered where the profile lowers it."""
    levels = {}
    for path in SPECS.glob("*/requirements.yaml"):
        document = yaml.safe_load(path.read_text())
        for key, requirement in document["requirements"].items():
            levels[f"{document['specification']}/{key}"] = requirement["level"]
    general = yaml.safe_load((SPECS / "standard" / "profile.yaml").read_text())["refusals"]["default"]
    own = yaml.safe_load((SPECS / profile / "profile.yaml").read_text())["refusals"]["default"]
    for check, settings in own.items():
        if "level" in settings:
            levels[general[check]["requirement"]] = settings["level"]
    return levels
