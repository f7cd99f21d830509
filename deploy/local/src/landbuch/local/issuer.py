"""A token issuer for development: it gives anybody on this machine a token for any actor.

It stands where an OpenID Connect issuer stands in production, listens on loopback only and says in every answer what
it is. Run it as `python -m landbuch.local.issuer --key FILE`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from landbuch.local.errors import StackError
from landbuch.local.places import write_private
from landbuch.local.ports import LOOPBACK, USUAL

NOTE = "development only"
AUDIENCE = "landbuch"
HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Wish(BaseModel):
    """Whose token is wanted, and for how long; a negative time gives one that has expired already, for tests."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sub: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
    expires_in_s: Annotated[int, Field(ge=-DAY_S, le=DAY_S)] = HOUR_S


class Given(BaseModel):
    """A token and when it expires (RFC 3339, UTC)."""

    token: str
    expires_at: str
    note: str = NOTE


def key_in(path: Path) -> Ed25519PrivateKey:
    """The issuer's private key, made at the first run and kept in a file that its owner alone can read.

    Raises StackError where the file holds something else.
    """
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        pem = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem.decode("ascii"))
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise StackError(f"{path} holds no private key: {error}.", f"Delete {path}; a new one is made.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StackError(f"{path} holds a key of another kind than Ed25519.", f"Delete {path}; a new one is made.")
    return key


def public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037); its id is its thumbprint (RFC 7638)."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    thumbprint = hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest()
    return members | {"kid": _base64url(thumbprint), "use": "sig", "alg": "EdDSA"}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def token(key: Ed25519PrivateKey, issuer: str, wish: Wish, now_s: int) -> Given:
    """A signed token for an actor (RFC 7519, RFC 8037)."""
    expires = now_s + wish.expires_in_s
    claims = {"iss": issuer, "sub": wish.sub, "aud": AUDIENCE, "iat": now_s, "exp": expires}
    signed = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": public_jwk(key)["kid"]})
    return Given(token=signed, expires_at=datetime.fromtimestamp(expires, UTC).isoformat().replace("+00:00", "Z"))


def application(key: Ed25519PrivateKey, issuer: str) -> FastAPI:
    """The issuer's HTTP interface; `issuer` is its own address and the `iss` of its tokens."""
    app = FastAPI(title="Landbuch development token issuer", description=NOTE, docs_url=None, redoc_url=None)
    # A page in somebody's browser must not get tokens by a name of its own that points at this machine.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])
    keys: dict[str, Any] = {"keys": [public_jwk(key)], "note": NOTE}

    @app.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, Any]:
        """The key set with which tokens are verified (RFC 7517)."""
        return keys

    # JSON is the only body taken, which a foreign page cannot send without asking first.
    @app.post("/token")
    async def give(wish: Wish) -> Given:
        """A token for this actor."""
        return token(key, issuer, wish, int(time.time()))

    @app.get("/health/live")
    @app.get("/health/ready")
    async def health() -> dict[str, str]:
        """That the issuer answers."""
        return {"status": "ready", "note": NOTE}

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        where = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        return _problem(422, "malformed", f'{where}. Send {{"sub": "p-..."}}, and expires_in_s if you like.')

    @app.exception_handler(HTTPException)
    async def failed(_: Request, error: HTTPException) -> JSONResponse:
        return _problem(error.status_code, "http", str(error.detail))

    return app


def _problem(status: int, kind: str, detail: str) -> JSONResponse:
    """An error after RFC 9457."""
    body = {"type": f"urn:landbuch:problem:{kind}", "title": kind, "status": status, "detail": detail, "note": NOTE}
    return JSONResponse(body, status, media_type="application/problem+json")


def loopback(host: str) -> str:
    """The host, if it is the one address that only this machine can reach.

    Raises StackError for any other.
    """
    if host not in (LOOPBACK, "localhost"):
        raise StackError(
            f"The development token issuer gives anybody a token for any actor; it does not listen on {host}.",
            f"Use --host {LOOPBACK}, or an OpenID Connect issuer.",
        )
    return host


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m landbuch.local.issuer", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, default=USUAL["issuer"])
    parser.add_argument("--key", type=Path, required=True, help="file of the private key; made if there is none")
    chosen = parser.parse_args(arguments)
    try:
        host = loopback(chosen.host)
        app = application(key_in(chosen.key), f"http://{host}:{chosen.port}")
    except StackError as error:
        parser.exit(2, f"{error}\n")
    uvicorn.run(app, host=host, port=chosen.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
