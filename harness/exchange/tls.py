"""TLS as a target wants it: the context of its connections, and what one of them showed."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from harness.errors import InputError, mistake, quoted
from harness.model import PEM, Tls


@dataclass(frozen=True, slots=True)
class Secured:
    """What a connection over TLS showed of the other side."""

    version: str
    """TLSv1.3, …"""
    certificate: Mapping[str, Any] = field(default_factory=dict)
    """As `ssl.SSLSocket.getpeercert` describes it; empty where it was not verified."""

    @property
    def until(self) -> float | None:
        """When the certificate expires, in seconds since 1970."""
        end = self.certificate.get("notAfter")
        return None if end is None else float(ssl.cert_time_to_seconds(end))

    @property
    def names(self) -> tuple[str, ...]:
        """The host names and addresses that the certificate is for."""
        return tuple(str(name) for _, name in self.certificate.get("subjectAltName", ()))

    @property
    def issuer(self) -> str:
        """Who issued it: the most telling part of the name."""
        parts = {key: str(value) for ((key, value), *_) in self.certificate.get("issuer", ())}
        return next(
            (parts[key] for key in ("commonName", "organizationName") if key in parts), "nobody named"
        )


_SHOWN: WeakKeyDictionary[Any, Secured] = WeakKeyDictionary()
"""What each open connection has shown: nothing of it changes while it lasts."""


class _Stream(Protocol):
    """What a transport of httpx calls its network stream."""

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection by that name."""


def secured(stream: _Stream | None) -> Secured | None:
    """What the connection of an answer showed; None where it is plain, or not known."""
    connection = stream.get_extra_info("ssl_object") if stream else None
    if connection is None:
        return None
    if connection not in _SHOWN:
        _SHOWN[connection] = Secured(connection.version() or "", connection.getpeercert() or {})
    return _SHOWN[connection]


def context(tls: Tls) -> ssl.SSLContext:
    """What connections are made with. InputError where a file that `tls` names is of no use."""
    return _usual() if tls == Tls() else _made(tls)


@cache
def _usual() -> ssl.SSLContext:
    """The one for everybody who wants nothing special: to read the system's certificates takes 20 ms."""
    return _made(Tls())


def _made(tls: Tls) -> ssl.SSLContext:
    made = _trusting(tls)
    made.set_alpn_protocols(["http/1.1"])
    if not tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if tls.client_certificate is not None:
        _identify(made, tls)
    return made


def _trusting(tls: Tls) -> ssl.SSLContext:
    if tls.ca is None:
        return ssl.create_default_context()
    if PEM in tls.ca:
        what, text = "the text of tls.ca", tls.ca
    else:
        what, text = f"the file {quoted(tls.ca)} of tls.ca", _read(tls, "ca", tls.ca)
    try:
        return ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        hint = "Give PEM, which begins -----BEGIN CERTIFICATE-----."
        raise mistake(f"{what} has no certificates", tls.where, hint) from None


def _identify(made: ssl.SSLContext, tls: Tls) -> None:
    certificate, key = str(tls.client_certificate), tls.client_key or tls.client_certificate
    for name, path in (("client-certificate", certificate), ("client-key", str(key))):
        text = _read(tls, name, path)
        if name == "client-key" and "PRIVATE KEY" not in text:
            hint = f"Give {'another file' if tls.client_key else 'client-key: FILE'}."
            raise mistake(f"the file {quoted(path)} has no private key for tls", tls.where, hint)
    try:
        # with an empty password OpenSSL does not ask the terminal for one
        made.load_cert_chain(certificate, tls.client_key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise _unusable(error, tls, certificate, str(key)) from None


def _unusable(error: Exception, tls: Tls, certificate: str, key: str) -> InputError:
    reason = getattr(error, "reason", None) or ""
    if reason == "KEY_VALUES_MISMATCH":
        message = f"the key in {quoted(key)} is not that of the certificate in {quoted(certificate)}"
        return mistake(message, tls.where, "Give both of one pair.")
    if "ENCRYPTED" in Path(key).read_text(encoding="utf-8", errors="replace"):
        message = f"the key in {quoted(key)} is encrypted, and nobody is asked for its passphrase"
        return mistake(message, tls.where, "Write it out without one: openssl pkey -in KEY -out FILE.")
    message = f"{quoted(certificate)} and {quoted(key)} are of no use as client certificate and key"
    return mistake(message, tls.where, "Both have to be PEM.")


def _read(tls: Tls, key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"the file {quoted(path)} of tls.{key} cannot be read: {error.strerror}"
        raise mistake(message, tls.where, "Check the path.") from None
