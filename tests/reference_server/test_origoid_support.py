"""OrigoID's support: makes keys, shows them once, and ends them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from origin import shown
from origoid_api import OrigoidApi, make_origoid


@pytest.fixture
def api() -> Iterator[OrigoidApi]:
    made = make_origoid()
    yield made
    made.server.store.close()


# A key is shown when it is made, listed by its beginning, and gone from the list when it is revoked.
def test_life_of_a_key(api: OrigoidApi) -> None:
    made = api.new_key('billing "é"')
    assert api.ask(key=made["key"]).status == 200
    listed = shown(api.support("GET", f"{api.account()}/keys"))["keys"]
    (entry,) = [each for each in listed if each["id"] == made["id"]]
    assert (entry["name"], entry["prefix"]) == ('billing "é"', made["key"][:8])
    assert "key" not in entry and made["key"] not in str(listed)
    for _ in range(2):
        assert api.support("DELETE", f"{api.account()}/keys/{made['id']}").status == 204
    assert api.ask(key=made["key"]).status == 401
    assert api.support("GET", f"{api.account()}/keys/{made['id']}").status == 404
    assert made["id"] not in str(shown(api.support("GET", f"{api.account()}/keys")))
    assert [event["event"] for event in api.server.events] == ["issued", "revoked"]


# A disabled key is still listed, and refused.
def test_disabled_key(api: OrigoidApi) -> None:
    made = api.new_key()
    path = f"{api.account()}/keys/{made['id']}"
    assert api.support("POST", f"{path}/disable").status == 204
    assert api.ask(key=made["key"]).status == 401
    assert shown(api.support("GET", path))["disabled_at"] is not None


# Several keys live side by side, and each ends alone.
def test_keys_end_alone(api: OrigoidApi) -> None:
    first, second, third = (api.new_key(name) for name in ("a", "ab", "abc"))
    api.support("DELETE", f"{api.account()}/keys/{second['id']}")
    assert [api.ask(key=each["key"]).status for each in (first, second, third)] == [200, 401, 200]


# A life is in documented seconds, which `time_scale` shortens.
def test_life() -> None:
    api = make_origoid(time_scale=0.1)
    made = api.new_key(life=20)
    api.clock.now += 1.9
    assert api.ask(key=made["key"]).status == 200
    api.clock.now += 0.2
    assert api.ask(key=made["key"]).status == 401
    for life in (0, -1, True, "20", 1e12):
        answer = api.support("POST", f"{api.account()}/keys", {"name": "x", "life": life})
        assert answer.status == 400
    api.server.store.close()


# What was done with a key, and with a token that was had for it, is recorded under its name.
def test_activity(api: OrigoidApi) -> None:
    made = api.new_key("recorded")
    api.ask(key=made["key"], query="secret=1")
    requests = shown(api.support("GET", f"{api.account()}/activity"))["requests"]
    assert requests[0]["key"] == {"id": made["id"], "name": "recorded"}
    assert (requests[0]["method"], requests[0]["path"], requests[0]["status"]) == ("GET", "/v1/account", 200)
    assert made["key"] not in str(requests)


# Support alone manages: not nobody, not a key of the API, which is an unknown one here.
@pytest.mark.parametrize("who", ["nobody", "key"])
def test_who_may_manage(api: OrigoidApi, who: str) -> None:
    secret = {"nobody": "junk", "key": api.key}[who]
    id = shown(api.support("GET", f"{api.account()}/keys"))["keys"][0]["id"]
    for method, path, body in [
        ("POST", "/accounts", {"name": "x"}),
        ("POST", f"{api.account()}/keys", {"name": "x"}),
        ("GET", f"{api.account()}/keys", None),
        ("DELETE", f"{api.account()}/keys/{id}", None),
        ("POST", f"{api.account()}/keys/{id}/disable", None),
        ("GET", f"{api.account()}/activity", None),
        ("DELETE", api.account(), None),
    ]:
        assert api.support(method, path, body, secret).status == 401, (method, path)
    assert api.ask(key=api.key).status == 200
    assert api.ask(key=api.seeded.support_key).status == 401


# An account is made, has a key made for it, and ends with it; a key is managed in its own account alone.
def test_life_of_an_account(api: OrigoidApi) -> None:
    account = shown(api.support("POST", "/accounts", {"name": "initrode"}))["id"]
    made = shown(api.support("POST", f"/accounts/{account}/keys", {"name": "ci"}))
    assert api.ask(key=made["key"]).status == 200
    assert api.support("DELETE", f"{api.account()}/keys/{made['id']}").status == 404
    assert api.support("DELETE", f"/accounts/{account}").status == 204
    assert api.ask(key=made["key"]).status == 401


# What is asked wrongly, or is not there, is told so.
def test_wrong_requests(api: OrigoidApi) -> None:
    assert api.support("POST", f"{api.account()}/keys", {"name": ""}).status == 400
    assert api.support("POST", "/accounts", []).status == 400
    for method, path in [("GET", "/"), ("GET", "/accounts/acc_none/keys"), ("PUT", api.account())]:
        assert api.support(method, path).status == 404


# A cache makes revocation slow by its own time and no longer; the event tells when the last one stops.
def test_revocation_behind_a_cache() -> None:
    api = make_origoid(cache_ttl=5.0)
    made = api.new_key()
    assert api.ask(key=made["key"]).status == 200
    before = api.server.monotonic()
    api.support("DELETE", f"{api.account()}/keys/{made['id']}")
    assert before + 5 <= api.server.events[-1]["at"] <= api.server.monotonic() + 5
    assert api.ask(key=made["key"]).status == 200
    api.clock.now += 5
    assert api.ask(key=made["key"]).status == 401
    api.server.store.close()
