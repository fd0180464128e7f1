"""Ed25519 keys (RFC 8032) in PEM files: made, read, and told apart by their fingerprints."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness.errors import mistake

_LARGEST = 10_000
"""Bytes of a key's file; a key has 119."""


class Key:
    """A private key: it signs."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, the same each time: 64 bytes."""
        return self._key.sign(data)

    def pem(self) -> bytes:
        """The key in PKCS #8, without a password."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class PublicKey:
    """A public key: it verifies."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key as SubjectPublicKeyInfo (RFC 5280) in DER, in hex."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self._key.public_bytes(serialization.Encoding.DER, form)).hexdigest()

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` is this key's for `data`."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> bytes:
        """The key as SubjectPublicKeyInfo."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_bytes(serialization.Encoding.PEM, form)


def make(path: Path) -> PublicKey:
    """Make a key: the private one in `path`, which only its owner can read, the public one in `path`.pub.

    InputError where one of the files is there already, or cannot be written.
    """
    key = Key(Ed25519PrivateKey.generate())
    public = path.with_name(f"{path.name}.pub")
    for each in (path, public):
        if each.exists() or each.is_symlink():
            raise mistake(f"{each} is there already", None, "Give another name, or remove it yourself.")
    try:
        _write(path, key.pem(), 0o600)
        try:
            _write(public, key.public.pem(), 0o644)
        except OSError:
            path.unlink()
            raise
    except OSError as error:
        raise mistake(f"the key {path} cannot be written: {error.strerror}") from None
    return key.public


def read(path: Path) -> Key:
    """The private key in the file `path`. InputError where there is none that can be used."""
    try:
        key = serialization.load_pem_private_key(_bytes(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        hint = "Make one with authconform keygen NAME, and give NAME."
        raise mistake(f"{path} holds no private key without a password", None, hint) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise mistake(f"the key in {path} is not an Ed25519 key", None, "Make one with authconform keygen.")
    return Key(key)


def read_public(path: Path) -> PublicKey:
    """The public key in the file `path`. InputError where there is none that can be used."""
    key = parsed_public(_bytes(path))
    if key is None:
        hint = "Give the NAME.pub of authconform keygen NAME."
        raise mistake(f"{path} holds no Ed25519 public key", None, hint)
    return key


def parsed_public(pem: bytes) -> PublicKey | None:
    """The public key in `pem`; None where that is not just one, written as `PublicKey.pem` writes it."""
    with suppress(ValueError, UnsupportedAlgorithm):
        key = serialization.load_pem_public_key(pem)
        if isinstance(key, Ed25519PublicKey) and PublicKey(key).pem().split() == pem.split():
            return PublicKey(key)
    return None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise mistake(f"{path} cannot be read: {error.strerror}") from None


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a file that was not there before, with this mode whatever the umask adds."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
