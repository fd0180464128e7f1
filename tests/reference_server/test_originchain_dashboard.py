"""The right OriginChain: instances and tokens in the dashboard, from creation to revocation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from origin import Origin, make_origin, shown


# Each kind of instance makes tokens with its own documented beginning, and each is new.
def test_new_tokens(origin: Origin) -> None:
    live = [origin.new_token()["token"] for _ in range(20)]
    trial = origin.new_token(place="trial")["token"]
    assert all(re.fullmatch(r"oc_live_[A-Za-z0-9]{40}", secret) for secret in live)
    assert re.fullmatch(r"oc_test_[A-Za-z0-9]{40}", trial)
    assert len(set(live)) == 20
    assert all(origin.ask(token=secret).status == 200 for secret in live)


# The secret is in the answer to the creation and never again; what is listed names the token.
def test_shown_once(origin: Origin) -> None:
    created = origin.new_token("etl pipeline")
    secret = created.pop("token")
    origin.ask(token=secret)
    path = f"{origin.instance()}/tokens"
    listed = shown(origin.dashboard("GET", path))["tokens"]
    single = shown(origin.dashboard("GET", f"{path}/{created['id']}"))
    assert listed[1] == single == {**created, "last_used_at": "2027-01-15T08:00:00.000Z"}
    assert created["name"] == "etl pipeline"
    assert created["prefix"] == secret[:12]
    seen = json.dumps([listed, single, shown(origin.dashboard("GET", f"{origin.instance()}/activity"))])
    assert secret[12:] not in seen
    assert created["expires_at"] is None


# No secret is in the database, in no column.
def test_only_digests_are_stored(origin: Origin) -> None:
    created = origin.new_token()
    origin.ask(token=created["token"], query=f"token={created['token']}")
    dump = "\n".join(origin.server.store._db.iterdump())
    for secret in (created["token"], origin.token, origin.seeded.owner_secret):
        assert secret[12:] not in dump


# Revoking ends this token and no other, at once and for good; doing it again is harmless.
def test_revocation(origin: Origin) -> None:
    first, second = origin.new_token("first"), origin.new_token("second")
    path = f"{origin.instance()}/tokens/{first['id']}"
    assert origin.ask(token=first["token"]).status == 200
    assert [origin.dashboard("DELETE", path).status for _ in range(2)] == [204, 204]

    revoked, unknown = origin.ask(token=first["token"]), origin.ask(token="oc_live_" + "0" * 40)
    assert revoked == unknown
    assert revoked.status == 401
    assert origin.ask(token=first["token"], headers=(("if-none-match", "*"),)).status == 401
    assert origin.ask(token=second["token"]).status == 200
    assert origin.ask(token=origin.token).status == 200

    listed = shown(origin.dashboard("GET", f"{origin.instance()}/tokens"))["tokens"]
    assert [token["name"] for token in listed] == ["seeded", "second"]
    assert origin.dashboard("PATCH", path, {"name": "back", "revoked_at": None}).status == 404
    assert origin.ask(token=first["token"]).status == 401
    assert [event["event"] for event in origin.server.events].count("revoked") == 1


# A revoked token is unknown at another instance too: 401 there, not 403.
def test_revoked_token_elsewhere(origin: Origin) -> None:
    created = origin.new_token()
    origin.dashboard("DELETE", f"{origin.instance()}/tokens/{created['id']}")
    answer = origin.ask(
        path="/v1/tenants/globex/schemas", host="globex.originchain.test", token=created["token"]
    )
    assert answer.status == 401


# A token with a life ends on the instant; `time_scale` shortens lives as it shortens all else.
def test_expiry() -> None:
    origin = make_origin(time_scale=0.1)
    created = origin.new_token(ttl_seconds=60)
    assert created["expires_at"] == "2027-01-15T08:00:06.000Z"
    origin.clock.now += 5.9
    assert origin.ask(token=created["token"]).status == 200
    origin.clock.now += 0.1
    assert origin.ask(token=created["token"]).status == 401
    origin.server.store.close()


# A cache makes revocation slow by its own time and no longer, on each replica by itself.
def test_revocation_behind_a_cache() -> None:
    origin = make_origin(replicas=2, cache_ttl=5.0)
    created = origin.new_token()
    assert origin.ask(token=created["token"]).status == 200  # the first replica remembers
    origin.clock.now += 1
    origin.dashboard("GET", "/")  # the second replica's turn, so that it does not
    origin.dashboard("GET", "/")
    origin.dashboard("DELETE", f"{origin.instance()}/tokens/{created['id']}")
    assert [origin.ask(token=created["token"]).status for _ in range(4)] == [200, 401, 200, 401]
    origin.clock.now += 4
    assert [origin.ask(token=created["token"]).status for _ in range(2)] == [401, 401]
    origin.server.store.close()


# The event of a revocation tells when the last replica will have stopped to believe.
def test_event_of_a_revocation() -> None:
    origin = make_origin(replicas=2, cache_ttl=50.0)
    created = origin.new_token()
    origin.ask(token=created["token"])
    before = origin.server.monotonic()
    origin.dashboard("DELETE", f"{origin.instance()}/tokens/{created['id']}")
    event = origin.server.events[-1]
    assert (event["event"], event["token"]) == ("revoked", created["id"])
    assert before + 50 <= event["at"] <= origin.server.monotonic() + 50
    origin.server.store.close()


# Only the owner manages: not nobody, not a token of the data plane, not another owner.
@pytest.mark.parametrize("who", ["nobody", "token", "stranger"])
def test_who_may_manage(origin: Origin, who: str) -> None:
    secret = {"nobody": "junk", "token": origin.token, "stranger": origin.seeded.stranger_secret}[who]
    expected = 404 if who == "stranger" else 401
    id = shown(origin.dashboard("GET", f"{origin.instance()}/tokens"))["tokens"][0]["id"]
    for method, path, body in [
        ("POST", f"{origin.instance()}/tokens", {"name": "x"}),
        ("GET", f"{origin.instance()}/tokens", None),
        ("GET", f"{origin.instance()}/tokens/{id}", None),
        ("PATCH", f"{origin.instance()}/tokens/{id}", {"name": "x"}),
        ("DELETE", f"{origin.instance()}/tokens/{id}", None),
        ("GET", f"{origin.instance()}/activity", None),
        ("DELETE", origin.instance(), None),
    ]:
        assert origin.dashboard(method, path, body, secret).status == expected, (method, path)
    assert origin.ask("GET", origin.instance(), host="app.originchain.test").status == 401
    assert origin.ask(token=origin.token).status == 200
    assert len(shown(origin.dashboard("GET", f"{origin.instance()}/tokens"))["tokens"]) == 1


# The owner's secret opens the dashboard and no instance.
def test_owner_secret_is_no_token(origin: Origin) -> None:
    assert origin.ask(token=origin.seeded.owner_secret).status == 401


# An instance is made, used, deleted, and gone: its address is 404, its token unknown elsewhere.
def test_life_of_an_instance(origin: Origin) -> None:
    made = shown(origin.dashboard("POST", "/instances", {"name": "initech", "kind": "trial"}))
    assert made["host"] == "initech.originchain.test"
    assert origin.dashboard("POST", "/instances", {"name": "Initech"}).status == 409
    created = shown(origin.dashboard("POST", f"/instances/{made['id']}/tokens", {"name": "ci"}))
    assert created["token"].startswith("oc_test_")
    place = {"path": "/v1/tenants/initech/schemas", "host": made["host"], "token": created["token"]}
    assert origin.ask(**place).status == 200
    assert [origin.dashboard("DELETE", f"/instances/{made['id']}").status for _ in range(2)] == [204, 204]
    assert origin.ask(**place).status == 404
    assert origin.ask(token=created["token"]).status == 401
    assert origin.dashboard("GET", f"/instances/{made['id']}/tokens").status == 404
    assert origin.dashboard("POST", "/instances", {"name": "initech"}).status == 201
    assert origin.ask(**place).status == 401


# The activity panel shows what was asked with which token, newest first, and no query.
def test_activity(origin: Origin) -> None:
    created = origin.new_token("laptop")
    origin.ask(token=created["token"], query="secret=1")
    origin.ask("DELETE", "/v1/tenants/acme/schemas/none", token=created["token"])
    origin.dashboard("PATCH", f"{origin.instance()}/tokens/{created['id']}", {"name": "desk"})
    lines = shown(origin.dashboard("GET", f"{origin.instance()}/activity"))["requests"]
    by = {"id": created["id"], "name": "desk"}
    assert lines == [
        {
            "at": "2027-01-15T08:00:00.000Z",
            "method": "DELETE",
            "path": "/v1/tenants/acme/schemas/none",
            "status": 404,
            "token": by,
        },
        {
            "at": "2027-01-15T08:00:00.000Z",
            "method": "GET",
            "path": "/v1/tenants/acme/schemas",
            "status": 200,
            "token": by,
        },
    ]
    for _ in range(250):
        origin.ask(token=origin.token)
    assert len(shown(origin.dashboard("GET", f"{origin.instance()}/activity"))["requests"]) == 200
    assert origin.server.store._db.execute("SELECT count(*) FROM activity").fetchone() == (200,)


# What the dashboard is sent must make sense.
@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"name": ""}, {"name": "x" * 101}, {"name": "a\n"}]
    + [{"name": "a", "ttl_seconds": life} for life in (0, -1, True, "60", 1e12)],
)
def test_bad_token_request(origin: Origin, body: Any) -> None:
    assert origin.dashboard("POST", f"{origin.instance()}/tokens", body).status == 400


# The same seed gives the same secrets; without one, two servers share nothing.
def test_seeds() -> None:
    first, second = make_origin(), make_origin()
    assert first.seeded == second.seeded
    for made in (first, second):
        made.server.store.close()
