"""Faults: a field in which a front end hands on the path that was asked for is believed from anybody."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.ways import in_field
from reference_server.faults.standard.entry import fault
from reference_server.faults.standard.wrong import routed
from reference_server.messages import Request
from reference_server.standard.behaviour import Behaviour

_BREAKS = ("asvs/4.1.3-identity-header",)


def _rewritten(behaviour: Behaviour, *names: str) -> Behaviour:
    """Route by the path in the first of these fields, where the guard has seen that of the request line."""

    def other(request: Request) -> Request | None:
        meant = in_field(request, *names)
        return replace(request, path=meant) if meant else None

    return routed(behaviour, other)


@fault("path-from-original-url", "X-Original-URL and X-Rewrite-URL say which path is meant", breaks=_BREAKS)
def path_from_original_url(behaviour: Behaviour) -> Behaviour:
    """As a framework reads what the rewriting module of its web server hands on. The guard stands before it,
    at the web server, and lets everybody ask for the server's health."""
    return _rewritten(behaviour, "x-original-url", "x-rewrite-url")


@fault(
    "path-from-forwarded-path",
    "X-Forwarded-Path says which path is meant",
    subtle=True,
    breaks=_BREAKS,
)
def path_from_forwarded_path(behaviour: Behaviour) -> Behaviour:
    """As above, as an API gateway names it. One of the variants has the field."""
    return _rewritten(behaviour, "x-forwarded-path")
