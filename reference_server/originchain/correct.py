"""OriginChain as documented: each decision with its right function."""

from __future__ import annotations

from reference_server import lookup, presenting
from reference_server.originchain import answers, authentication, dashboard, data_plane, tokens
from reference_server.originchain.behaviour import Behaviour

CORRECT = Behaviour(
    respond=data_plane.respond,
    finish=answers.finish,
    mend=None,
    name_instance=authentication.name_instance,
    find_instance=authentication.find_instance,
    admit=authentication.admit,
    collect=presenting.collect,
    parse=presenting.parse,
    find_token=authentication.find_token,
    judge_instance=authentication.judge_instance,
    recall=lookup.recall,
    remember=lookup.remember,
    is_live=authentication.is_live,
    operate=data_plane.operate,
    judge_tenant=authentication.judge_tenant,
    select=authentication.select,
    condition=answers.condition,
    record=data_plane.record,
    refuse=answers.refuse,
    challenge=answers.challenge,
    govern=dashboard.govern,
    manage=dashboard.manage,
    may_manage=dashboard.may_manage,
    mint=tokens.mint,
    issue=tokens.issue,
    announce=tokens.announce,
    describe=tokens.describe,
    tokens=tokens.tokens,
    find_managed=tokens.find_managed,
    rename=tokens.rename,
    revoke=tokens.revoke,
    delete_instance=tokens.delete_instance,
    activity=tokens.activity,
)
