"""Secrets: made on first run in ``var/`` locally, read from the environment in production."""

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured


def from_environment(name: str) -> str:
    """Return a secret from ``NAME`` or from the file that ``NAME_FILE`` names.

    Raises:
        ImproperlyConfigured: Neither is set, or the file cannot be read.
    """
    value = os.environ.get(name, "")
    file = os.environ.get(f"{name}_FILE", "")
    if not value and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
    if not value:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE; production makes no secrets")
    return value


def optional(name: str) -> str:
    """Return a secret from ``NAME`` or ``NAME_FILE``; empty where neither is set.

    Raises:
        ImproperlyConfigured: The file cannot be read.
    """
    is_set = os.environ.get(name) or os.environ.get(f"{name}_FILE")
    return from_environment(name) if is_set else ""


def kept(path: Path) -> str:
    """Return the secret in a file; empty where there is none."""
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def count(name: str, usual: int, *, least: int = 1) -> int:
    """Return a whole number from the environment.

    Raises:
        ImproperlyConfigured: It is no such number, or smaller than the least.
    """
    text = os.environ.get(name, str(usual))
    if not text.isdigit() or int(text) < least:
        raise ImproperlyConfigured(f"set {name} to a whole number from {least} up, not {text!r}")
    return int(text)


def writable(folder: Path) -> Path:
    """Return a folder that data can be kept in, made if it is missing.

    Raises:
        SystemExit: It cannot be written to; nothing works without, so the reason is all to say.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise SystemExit(
            f"Orchestra keeps its data in {folder} and cannot write there ({error.strerror})."
            " Make the folder writable, or set ORCHESTRA_VAR to another one."
        ) from error


def made_once(path: Path, make: "type[DjangoKey] | type[SigningKey]") -> str:
    """Return the secret in a file of mode 600, made on first use."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(make.make())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


class DjangoKey:
    """Django's SECRET_KEY."""

    @staticmethod
    def make() -> str:
        """Return 64 random URL-safe characters."""
        return secrets.token_urlsafe(48)


class SigningKey:
    """The Ed25519 key that signs checkpoints, as 64 hex digits of the private seed."""

    @staticmethod
    def make() -> str:
        """Return a new seed."""
        return (
            Ed25519PrivateKey.generate()
            .private_bytes(
                serialization.Encoding.Raw,
                serialization.PrivateFormat.Raw,
                serialization.NoEncryption(),
            )
            .hex()
        )
