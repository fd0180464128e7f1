"""The decisions that a shared fault may replace: what every API's Behaviour calls by the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any, ClassVar, Protocol, TypeVar

from reference_server.messages import Answer, Request


class Facts(Protocol):
    """What a decision may look at, in every API."""

    @property
    def request(self) -> Request: ...
    @property
    def server(self) -> Any: ...
    @property
    def now(self) -> float: ...
    @property
    def behaviour(self) -> Any: ...


class Asked(Protocol):
    """A frozen record of the decisions about one request.

    `admit` gives whoever may be served, or a refusal, which has a `reason`. It is given the facts and
    whatever else the API decides by, such as the instance. `collect` gives values in the form of an
    Authorization field, `parse` what stands after Bearer in one.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def respond(self) -> Callable[[Any], Answer]: ...
    @property
    def finish(self) -> Callable[[Any, Answer], Answer]: ...
    @property
    def admit(self) -> Callable[..., Any]: ...
    @property
    def collect(self) -> Callable[[Any], tuple[str, ...]]: ...
    @property
    def parse(self) -> Callable[[Any, str], str | None]: ...
    @property
    def refuse(self) -> Callable[[Any, Any], Answer]: ...
    @property
    def challenge(self) -> Callable[[Any, Any], str | None]: ...


class Managed(Asked, Protocol):
    """Those about the life of its credentials besides, each of which is called a token here.

    A token is a frozen record with `id`, `name`, `created_at`, `expires_at` and `revoked_at`, the times in
    seconds since the epoch. It is made for an owner: an instance, an account. The server has `clock` and
    `time_scale`. Whatever else `manage` is given is passed on.
    """

    @property
    def is_live(self) -> Callable[[Any, Any], bool]: ...
    @property
    def govern(self) -> Callable[[Any], Any]: ...
    @property
    def manage(self) -> Callable[..., Answer]: ...
    @property
    def mint(self) -> Callable[[Any, Any], str]: ...
    @property
    def issue(self) -> Callable[[Any, Any, str, float | None], tuple[Any, str]]: ...
    @property
    def announce(self) -> Callable[[Any, Any, str], Mapping[str, Any]]: ...
    @property
    def describe(self) -> Callable[[Any, Any], Mapping[str, Any]]: ...
    @property
    def revoke(self) -> Callable[[Any, Any], None]: ...
    @property
    def activity(self) -> Callable[[Any, Any], list[Mapping[str, Any]]]: ...


A = TypeVar("A", bound=Asked)
M = TypeVar("M", bound=Managed)
