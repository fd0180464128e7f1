"""What OrigoID serves: an account's own data, reports to those who have them, and the exchange."""

from __future__ import annotations

from reference_server.messages import Answer
from reference_server.origoid import exchange
from reference_server.origoid.answers import failure
from reference_server.origoid.behaviour import Caller, Facts, Refusal
from reference_server.origoid.records import Account

ACCOUNT = "/v1/account"
REPORTS = "/v1/reports"
RESTRICTED = (REPORTS,)
"""Paths that not every account has."""

_READ = ("GET", "HEAD")


def judge_endpoint(facts: Facts, caller: Caller) -> Refusal | None:
    path = facts.request.path
    if path not in RESTRICTED or path in caller.account.endpoints:
        return None
    return Refusal("unavailable-endpoint")


def operate(facts: Facts, caller: Caller) -> Answer:
    methods = {ACCOUNT: _READ, REPORTS: _READ, exchange.PATH: ("POST",)}.get(facts.request.path)
    if methods is None:
        return failure(facts, 404, "NOT_FOUND", "There is nothing at this path")
    if facts.request.method not in methods:
        allow = {"Allow": ", ".join(methods)}
        return failure(facts, 405, "METHOD_NOT_ALLOWED", "The resource does not have this method", allow)
    if facts.request.path == exchange.PATH:
        return exchange.exchange(facts, caller)
    account = facts.behaviour.select(facts, caller)
    if facts.request.path == REPORTS:
        return facts.behaviour.succeed(facts, {"account": account.id, "reports": []})
    return facts.behaviour.succeed(facts, {"account": account.id, "name": account.name})


def select(facts: Facts, caller: Caller) -> Account:
    """The caller's own account, whatever else the request names."""
    return caller.account


def record(facts: Facts, caller: Caller, answer: Answer) -> None:
    request = facts.request
    if caller.key:
        facts.server.store.record(caller.key, facts.now, request.method, request.path, answer.status)
