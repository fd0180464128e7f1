"""Give each case an identity of its own in the results of allure-pytest, which knows functions alone.

Results that share one are taken for retries of each other, and Allure shows the last of them only.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pluggy
import pytest

from harness.suites import SUFFIX

hookimpl = pluggy.HookimplMarker("allure")
NAME = "authconform-identities"


class Identities:
    """A plugin of allure_commons."""

    @hookimpl(tryfirst=True)
    def report_result(self, result: Any) -> None:
        if result.titlePath and result.titlePath[-1].endswith(SUFFIX):
            whole = f"{result.fullName}\n{result.name}"
            result.historyId = result.testCaseId = hashlib.sha256(whole.encode()).hexdigest()[:32]


def register(config: pytest.Config) -> None:
    """Begin, where this session writes Allure results."""
    if getattr(config.option, "allure_report_dir", None):
        from allure_commons import plugin_manager

        plugin_manager.register(Identities(), NAME)


def unregister(config: pytest.Config) -> None:
    """End it: other sessions of this process are not ours."""
    if getattr(config.option, "allure_report_dir", None):
        from allure_commons import plugin_manager

        if plugin_manager.has_plugin(NAME):
            plugin_manager.unregister(name=NAME)
