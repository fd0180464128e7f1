"""Faults: live and test data, or the keys for them, are not kept apart."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.sk_oauth.entry import (
    EACH_REFUSAL,
    INVALID,
    LIVE_ON_TEST,
    SAMPLES,
    SCOPES,
    STATUS,
    TEST_ON_LIVE,
    USERS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import also_matching, members, oldest_key, with_body
from reference_server.messages import Answer
from reference_server.secret import random_text
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Method, Refusal, Server
from reference_server.sk_oauth.records import PREFIXES, Environment, Key, Partition

OWN = ("practice/environment-own", "sk-oauth/test-keys")
DATA = ("practice/environment-data", "sk-oauth/test-keys")
OF_TEST_KEYS = (
    *TEST_ON_LIVE,
    *LIVE_ON_TEST,
    *DATA,
    *SAMPLES,
    "practice/environment-revocation",
    "sk-oauth/key-environments",
    "practice/prefix-bound",
    "asvs/7.4.1-revoked-refused",
    INVALID,
    SCOPES,
)
"""What is asked with a test key, or beside one."""
SAMPLE = {"live": "sk_live_1234567890abcdef", "test": "sk_test_1234567890abcdef"}
"""As the document prints them."""


def _excusing(
    behaviour: Behaviour, *excused: Environment, of: tuple[Method, ...] = ("key", "access-token", "jwt")
) -> Behaviour:
    """Serve credentials of the other environment in these."""

    def judge_environment(facts: Facts, environment: Environment, caller: Caller) -> Refusal | None:
        if environment in excused and caller.method in of:
            return None
        return behaviour.judge_environment(facts, environment, caller)

    return replace(behaviour, judge_environment=judge_environment)


@fault(
    "environment-unchecked",
    "Credentials of either environment are accepted in both",
    breaks=(*TEST_ON_LIVE, *LIVE_ON_TEST, "sk-oauth/codes"),
)
def environment_unchecked(behaviour: Behaviour) -> Behaviour:
    """Each is served what its own environment has, at the other's address: a client that mixes the two up
    does not notice, unless it deletes, which is answered with a code for what is not found."""
    return _excusing(behaviour, "live", "test")


@fault(
    "test-key-opens-live",
    "A test key is accepted by the live API",
    subtle=True,
    breaks=(*TEST_ON_LIVE, "sk-oauth/codes"),
)
def test_key_opens_live(behaviour: Behaviour) -> Behaviour:
    """As above, in one direction. What it is to delete there is not found: that is no code of a refusal."""
    return _excusing(behaviour, "live")


@fault("live-key-opens-sandbox", "A live key is accepted in the sandbox", subtle=True, breaks=LIVE_ON_TEST)
def live_key_opens_sandbox(behaviour: Behaviour) -> Behaviour:
    """In the other one, for keys. The document's word on live keys is a MUST, the rule it stands for is
    none."""
    return _excusing(behaviour, "test", of=("key",))


@fault(
    "access-token-opens-sandbox",
    "An access token is accepted in the sandbox",
    subtle=True,
    breaks=TEST_ON_LIVE,
)
def access_token_opens_sandbox(behaviour: Behaviour) -> Behaviour:
    """For access tokens, which are of live data. They are asked of like test keys in production."""
    return _excusing(behaviour, "test", of=("access-token",))


@fault(
    "environment-is-the-prefix",
    "A key is of the environment that its beginning names",
    breaks=("practice/prefix-bound", "sk-oauth/live-keys", STATUS),
)
def environment_is_the_prefix(behaviour: Behaviour) -> Behaviour:
    """Secrets are kept without their beginning, which is then looked at. A test key becomes a live one by
    another beginning, and the other way round; under its own each is what it is."""
    secrets: dict[str, str] = {}

    def mint(server: Server, owner: Partition) -> str:
        secret = behaviour.mint(server, owner)
        secrets[secret[len("sk_live_") :]] = secret
        return secret

    def find_token(facts: Facts, secret: str) -> Key | None:
        beginning, rest = secret[: len("sk_live_")], secret[len("sk_live_") :]
        key = behaviour.find_token(facts, secrets.get(rest, secret))
        named: dict[str, Environment] = {prefix: environment for environment, prefix in PREFIXES.items()}
        if key is None or beginning not in named:
            return behaviour.find_token(facts, secret)
        return replace(key, environment=named[beginning])

    return replace(behaviour, mint=mint, find_token=find_token)


@fault(
    "renamed-test-key-opens-sandbox",
    "A test key is accepted in the sandbox under the beginning of a live one",
    subtle=True,
    breaks=("practice/prefix-bound", "sk-oauth/live-keys", STATUS),
)
def renamed_test_key_opens_sandbox(behaviour: Behaviour) -> Behaviour:
    """The sandbox does not look at the beginning. Live keys are none there, whatever they begin with."""
    return also_matching(behaviour, lambda right, given: given == "sk_live_" + right.removeprefix("sk_test_"))


@fault(
    "sandbox-refuses-test-keys",
    "The sandbox refuses its own keys",
    breaks=(*OWN, USERS),
    also=because(
        "a test key that opens nothing at home shows nothing when it opens nothing elsewhere",
        *OF_TEST_KEYS,
        *EACH_REFUSAL,
        but=(*OWN, USERS),
    ),
)
def sandbox_refuses_test_keys(behaviour: Behaviour) -> Behaviour:
    """The sandbox was moved, and its keys were not."""

    def judge_environment(facts: Facts, environment: Environment, caller: Caller) -> Refusal | None:
        if environment == "test":
            return Refusal("wrong-environment")
        return behaviour.judge_environment(facts, environment, caller)

    return replace(behaviour, judge_environment=judge_environment)


def _listing_also(behaviour: Behaviour, where: Environment) -> Behaviour:
    """In one environment list what the account has in the other, too."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        listed = facts.request.method == "GET" and facts.request.path == "/v1/users"
        if not listed or caller.partition.environment != where:
            return answer
        elsewhere: Environment = "test" if where == "live" else "live"
        other = replace(caller, partition=replace(caller.partition, environment=elsewhere))
        data = [*members(answer)["data"], *members(behaviour.operate(facts, other))["data"]]
        return with_body({"data": data})(facts, answer)

    return replace(behaviour, operate=operate)


@fault("sandbox-lists-live-users", "The sandbox lists the live users besides its own", breaks=DATA)
def sandbox_lists_live_users(behaviour: Behaviour) -> Behaviour:
    """A column for the environment was added, and one query does not look at it. The keys stay apart."""
    return _listing_also(behaviour, "test")


@fault(
    "live-lists-test-users",
    "The live API lists the users of the sandbox besides its own",
    subtle=True,
    breaks=DATA,
)
def live_lists_test_users(behaviour: Behaviour) -> Behaviour:
    """As above, the other way round. What is made in the sandbox by others is looked for nowhere."""
    return _listing_also(behaviour, "live")


@fault(
    "live-users-in-escaped-json",
    "The sandbox lists the live users too, in JSON with escapes",
    subtle=True,
    breaks=DATA,
)
def live_users_in_escaped_json(behaviour: Behaviour) -> Behaviour:
    """As above. RFC 8259 section 7 lets any character be escaped: here the hyphen of every name."""
    wrong = _listing_also(behaviour, "test")

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = wrong.operate(facts, caller)
        return replace(answer, body=answer.body.replace(b"-", rb"\u002d"))

    return replace(wrong, operate=operate)


@fault(
    "revoking-test-key-ends-all",
    "With a test key go the other test keys of its account",
    subtle=True,
    breaks=("practice/environment-revocation", "sk-oauth/key-environments", USERS),
    also=because(
        "the test key of the target is gone with it, and opens nothing any more",
        *OF_TEST_KEYS,
        *OWN,
        *EACH_REFUSAL,
        but=("practice/environment-revocation", "sk-oauth/key-environments", USERS),
    ),
)
def revoking_test_key_ends_all(behaviour: Behaviour) -> Behaviour:
    """The sandbox is reset when one of its keys is. Live keys know nothing of it."""

    def revoke(server: Server, key: Key) -> None:
        behaviour.revoke(server, key)
        if key.environment == "test":
            for other in server.store.keys(key.partition):
                behaviour.revoke(server, other)

    return replace(behaviour, revoke=revoke)


def _knowing_samples(behaviour: Behaviour, *environments: Environment) -> Behaviour:
    """Take the printed keys of these environments for the oldest one there."""

    def find_token(facts: Facts, secret: str) -> Key | None:
        for environment in environments:
            if secret == SAMPLE[environment]:
                return oldest_key(facts, environment).key
        return behaviour.find_token(facts, secret)

    return replace(behaviour, find_token=find_token)


@fault("sample-keys-accepted", "The keys that the documentation prints are accepted", breaks=SAMPLES)
def sample_keys_accepted(behaviour: Behaviour) -> Behaviour:
    """So that everybody can try the examples as they are printed."""
    return _knowing_samples(behaviour, "live", "test")


@fault(
    "sample-test-key-accepted",
    "The test key that the documentation prints is accepted",
    subtle=True,
    breaks=SAMPLES,
)
def sample_test_key_accepted(behaviour: Behaviour) -> Behaviour:
    """As above, for the sandbox alone."""
    return _knowing_samples(behaviour, "test")


@fault(
    "new-test-keys-begin-as-live-ones",
    "Test keys that are made in the dashboard begin with sk_live_",
    subtle=True,
    breaks=("practice/prefix-documented", "sk-oauth/test-keys", "sk-oauth/live-keys"),
)
def new_test_keys_begin_as_live_ones(behaviour: Behaviour) -> Behaviour:
    """The form's default was not changed. Such a key is good for the sandbox alone, as it should be."""

    def mint(server: Server, owner: Partition) -> str:
        secret = behaviour.mint(server, owner)
        anew = owner.environment == "test" and server.events
        return "sk_live_" + random_text(server.random, 40) if anew else secret

    return replace(behaviour, mint=mint)


# --- whose data it is ------------------------------------------------------------------------------

OBJECTS = ("asvs/8.2.2-own-objects", STATUS)


def _finding_others(behaviour: Behaviour, *methods: str) -> Behaviour:
    """With these methods find a user by id in every account."""

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        segments = facts.request.segments
        if len(segments) == 3 and facts.request.method in methods:
            for account in facts.server.store.accounts():
                theirs = replace(own, account=account.id)
                if facts.server.store.person(theirs, segments[2]):
                    return theirs
        return own

    return replace(behaviour, select=select)


@fault("users-of-any-account", "Whoever knows the id of a user reads, and deletes, it", breaks=OBJECTS)
def users_of_any_account(behaviour: Behaviour) -> Behaviour:
    """Objects are looked up by their id alone. The list is the account's own."""
    return _finding_others(behaviour, "GET", "HEAD", "DELETE")


@fault("deletes-users-of-any-account", "Any key deletes any account's users", subtle=True, breaks=OBJECTS)
def deletes_users_of_any_account(behaviour: Behaviour) -> Behaviour:
    """As above, for one method."""
    return _finding_others(behaviour, "DELETE")
