"""This API's state: tables in memory, each a mapping from what its rows are found by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from reference_server.lives import ACTIVITY_SHOWN, Activity
from reference_server.standard.records import (
    Credential,
    Grant,
    Kind,
    Manager,
    Partition,
    Person,
    Signer,
)


class Store:
    """All state of one server, gone when it is closed."""

    def __init__(self) -> None:
        self._credentials: dict[str, Credential] = {}
        self._by_digest: dict[bytes, str] = {}
        self._people: dict[str, Person] = {}
        self._signers: dict[str, Signer] = {}
        self._grants: dict[str, Grant] = {}
        self._managers: dict[bytes, Manager] = {}
        self._items: dict[Partition, dict[str, str]] = {}
        self._activity: dict[str, deque[Activity]] = {}

    def close(self) -> None:
        for table in (self._credentials, self._by_digest, self._people, self._signers, self._grants):
            table.clear()
        for kept in (self._managers, self._items, self._activity):
            kept.clear()

    # --- keys and tokens ---

    def add(self, credential: Credential) -> None:
        self._credentials[credential.id] = credential
        self._by_digest[credential.digest] = credential.id

    def credential(self, id: str) -> Credential | None:
        """One by its id, ended or not."""
        return self._credentials.get(id)

    def with_digest(self, digest: bytes) -> Credential | None:
        """One by the SHA-256 digest of its secret, ended or not."""
        return self._credentials.get(self._by_digest.get(digest, ""))

    def change(self, id: str, **members: Any) -> Credential:
        """Replace members of a credential that is there."""
        changed = replace(self._credentials[id], **members)
        self._credentials[id] = changed
        return changed

    def credentials(self, owner: Partition, kind: Kind | None = None) -> list[Credential]:
        """Those that are not revoked, oldest first."""
        return [
            each
            for each in self._credentials.values()
            if each.owner == owner and each.revoked_at is None and kind in (None, each.kind)
        ]

    def origins(self) -> frozenset[str]:
        """Those that are configured for any credential."""
        return frozenset(origin for each in self._credentials.values() for origin in each.origins)

    # --- people, signers, grants, managers ---

    def add_person(self, person: Person) -> None:
        self._people[person.name] = person

    def person(self, name: str) -> Person | None:
        return self._people.get(name)

    def add_signer(self, signer: Signer) -> None:
        self._signers[signer.kid] = signer

    def signer(self, kid: str) -> Signer | None:
        return self._signers.get(kid)

    def signers(self) -> Iterable[Signer]:
        return self._signers.values()

    def keep_grant(self, grant: Grant) -> None:
        self._grants[grant.id] = grant

    def grant(self, id: str) -> Grant | None:
        return self._grants.get(id)

    def add_manager(self, manager: Manager, digest: bytes) -> None:
        self._managers[digest] = manager

    def manager(self, digest: bytes) -> Manager | None:
        return self._managers.get(digest)

    # --- items, by the name that is their id ---

    def items(self, owner: Partition) -> dict[str, str]:
        """The items of a partition by id, to be looked at and to be changed."""
        return self._items.setdefault(owner, {})

    # --- activity ---

    def record(self, credential: Credential, at: float, method: str, path: str, status: int) -> None:
        """Note a request made with a credential; the oldest are forgotten."""
        if credential.id in self._credentials:
            self.change(credential.id, last_used_at=at)
        lines = self._activity.setdefault(credential.owner.tenant, deque(maxlen=ACTIVITY_SHOWN))
        lines.appendleft(Activity(at, method, path, status, credential.id, credential.name))

    def activity(self, tenant: str) -> Iterable[Activity]:
        """The latest requests, newest first."""
        return self._activity.get(tenant, ())
