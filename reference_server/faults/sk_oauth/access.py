"""Faults: an access token opens too much, too little, or for too long; and what is not HTTPS opens anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.shared.ways import answering, method
from reference_server.faults.sk_oauth.entry import (
    BAD,
    DATA_CACHED,
    OLD,
    OPENS,
    STATUS,
    UNKNOWN,
    USERS,
    WITH_TOKENS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import finishing, oldest_key, path, rewording, with_header
from reference_server.messages import Answer
from reference_server.secret import digest
from reference_server.sk_oauth.authorization import PATH
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Found, Granted, Refusal
from reference_server.sk_oauth.records import Partition

EXPIRES = ("rfc6749/7-expired-refused", *OLD)
PLAIN = ("asvs/12.2.1-plain-http", "sk-oauth/https")
