"""Faults: a new token begins as those of another environment do."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.originchain.entry import fault
from reference_server.faults.shared.ways import on_request
from reference_server.originchain.behaviour import Behaviour, Facts, Server
from reference_server.originchain.records import PREFIXES, Instance


@fault(
    "new-tokens-begin-as-those-of-trials",
    "Tokens of production that are made in the dashboard begin as those of a trial",
    subtle=True,
    breaks=("practice/prefix-documented", "originchain/prefix"),
)
def new_tokens_begin_as_those_of_trials(behaviour: Behaviour) -> Behaviour:
    """The beginning is a documented one, of another environment. Such a token is served as any other, and the
    listing hides as much of it. Those that are there already stay."""
    asked: list[Facts] = []

    def mint(server: Server, instance: Instance) -> str:
        secret = behaviour.mint(server, instance)
        anew = asked and instance.kind == "live"
        return PREFIXES["trial"] + secret.removeprefix(PREFIXES["live"]) if anew else secret

    return replace(on_request(behaviour, asked), mint=mint)
