"""Why no answer came: from what went wrong to its kind, and a sentence in plain words."""

from __future__ import annotations

import socket
import ssl

from harness.exchange.lean import httpx
from harness.exchange.message import NoAnswerKind
from harness.exchange.outgoing import Address
from harness.exchange.proxy import ProxyFailed
from harness.exchange.reading import HEAD_LIMIT, HungUp, Overlong

Failure = tuple[NoAnswerKind, str]

_EXPIRED = {9: "not valid yet", 10: "expired"}
_MISNAMED = (62, 64)
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH."""

_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL")
"""What OpenSSL calls bytes that are no TLS record."""


def explain(error: Exception, address: Address | None, timeout: float) -> Failure:
    """What went wrong on the way to `address`, None where the request had none. Subclasses come first."""
    if address is None:
        return "request", f"the request cannot be sent: {error}"
    where = _where(address)
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    match cause:
        case httpx.InvalidURL():
            return "request", f"the request cannot be sent: {cause}"
        case ProxyFailed():
            return "proxy", str(cause)
        case TimeoutError():
            return "timeout", f"no complete answer from {where} within {timeout:g} s"
        case OSError() if address.local is not None and not _ours(address.local):
            return "source", f"this machine has no address {address.local} to send from"
        case socket.gaierror() | UnicodeError():
            return "name", f"the name {address.connect_host} does not resolve"
        case ssl.SSLCertVerificationError():
            return _certificate(cause, address)
        case ssl.SSLError():
            return _no_tls(cause, where)
        case ConnectionRefusedError():
            return "connect", f"nothing listens at {where}"
        case ConnectionResetError() if address.scheme == "https":
            return "tls", f"no TLS with {where}: it closed the connection"
        case OSError():
            return "connect", f"no connection to {where}: {cause.strerror or cause}"
        case HungUp() if isinstance(cause.__cause__, ssl.SSLError):  # TLS 1.3 says so after the handshake
            return _no_tls(cause.__cause__, where)
        case HungUp():
            return "closed", f"{where} closed the connection before the answer was complete"
        case Overlong():
            return "budget", f"the head of the answer from {where} is larger than {HEAD_LIMIT} bytes"
    match error:  # of another transport than ours
        case httpx.TimeoutException():
            return "timeout", f"no complete answer from {where} within {timeout:g} s"
        case httpx.ConnectError():
            return "connect", f"no connection to {where}: {error}"
        case httpx.NetworkError():
            return "closed", f"{where} closed the connection before the answer was complete"
    return "protocol", f"the answer from {where} is not HTTP: {cause}"


def _certificate(error: ssl.SSLCertVerificationError, address: Address) -> Failure:
    whose = f"the certificate of {_where(address)}"
    if error.verify_code in _MISNAMED:
        return "misnamed", f"{whose} has other names, and not {address.host}"
    whose += f" for {address.host}" if address.moved else ""
    if error.verify_code in _EXPIRED:
        return "expired", f"{whose} is {_EXPIRED[error.verify_code]}"
    return "untrusted", f"{whose} is not trusted: {error.verify_message}"


def _no_tls(error: ssl.SSLError, where: str) -> Failure:
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return "plain", f"{where} does not speak TLS"
    if "ALERT" in reason and "REQUIRED" in reason:
        return "identity", f"{where} asks for a client certificate"
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return "identity", f"{where} does not accept the client certificate: {_words(reason)}"
    return "tls", f"no TLS with {where}: {_words(reason) or error}"


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ").partition("alert ")[2] or reason.lower().replace("_", " ")


def _where(address: Address) -> str:
    host = f"[{address.connect_host}]" if ":" in address.connect_host else address.connect_host
    return f"{host}:{address.connect_port}"


def _ours(local: str) -> bool:
    """Whether a socket of this machine can have that address."""
    try:
        family, *_, bound = socket.getaddrinfo(
            local, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(bound)
    except OSError:
        return False
    return True
