"""This API as documented: each decision with its right function."""

from __future__ import annotations

from reference_server import jwts, presenting
from reference_server.kid_jwt import answers, authentication, verification
from reference_server.kid_jwt.behaviour import Behaviour

CORRECT = Behaviour(
    respond=answers.respond,
    finish=answers.finish,
    mend=None,
    enrol=authentication.enrol,
    admit=authentication.admit,
    collect=presenting.collect,
    parse=presenting.parse,
    verify=verification.verify,
    find_key=authentication.find_key,
    split=jwts.split,
    decode=jwts.decode,
    read_header=jwts.read_object,
    name_key=verification.name_key,
    judge_algorithm=verification.judge_algorithm,
    judge_extensions=verification.judge_extensions,
    find_signer=verification.find_signer,
    holds=verification.holds,
    read_claims=jwts.read_object,
    judge_claims=verification.judge_claims,
    judge_expiry=verification.judge_expiry,
    judge_beginning=verification.judge_beginning,
    operate=answers.operate,
    greet=answers.greet,
    tell_time=answers.tell_time,
    refuse=answers.refuse,
    challenge=answers.challenge,
)
