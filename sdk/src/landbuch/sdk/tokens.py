"""Who somebody is, by a signed token: JWT with Ed25519, verified against the issuer's published keys (JWKS).

A token says who somebody is and nothing else; what that person may do stands in the book.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import jwt
import structlog
from jwt import PyJWK
from jwt.exceptions import InvalidSubjectError

from landbuch.sdk.host.problems import Failure, Problem

AUDIENCE = "landbuch"
ALGORITHM = "EdDSA"
LEEWAY_S = 5.0
"""How far the issuer's clock may be from ours."""

_PERSON = re.compile(r"[a-z][a-z0-9]*-[a-z0-9-]{1,60}")
_LARGEST_TOKEN = 8_192
_KEPT_TOKENS = 10_000
_RETRY_S = 0.5

Fetch = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gives the issuer's key set (RFC 7517); raises when it cannot be had."""

_log = structlog.get_logger(__name__)


def fetch_from(issuer: str, timeout_s: float = 2.0) -> Fetch:
    """Give a function that fetches the key set of an issuer over HTTP."""

    async def fetch() -> Mapping[str, Any]:
        async with httpx.AsyncClient(timeout=timeout_s, trust_env=False) as client:
            answer = await client.get(f"{issuer.rstrip('/')}/.well-known/jwks.json")
            answer.raise_for_status()
            keys: Mapping[str, Any] = answer.json()
            return keys

    return fetch


class Tokens:
    """Verifies tokens of one issuer; remembers verified ones until they expire, so that a batch costs one check."""

    def __init__(
        self,
        issuer: str,
        fetch: Fetch | None = None,
        *,
        now: Callable[[], float] = time.time,
        refetch_s: float = 5.0,
    ) -> None:
        """``now`` gives seconds since 1970; keys are fetched anew at most every ``refetch_s``."""
        self._issuer = issuer.rstrip("/")
        self._fetch = fetch or fetch_from(issuer)
        self._now = now
        self._refetch_s = refetch_s
        self._keys: dict[str, PyJWK] = {}
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()
        self._verified: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self.trouble: str | None = "The issuer's keys were not fetched yet."
        """Why the keys could not be fetched the last time; ``None`` when they could."""

    async def actor(self, token: str | None) -> str:
        """Give the person (``sub``) of a valid token.

        Raises ``Failure``: ``unauthenticated`` with a sentence about what is wrong, ``unavailable`` while the issuer's
        keys cannot be had.
        """
        if not token:
            raise _unauthenticated("The command carries no token.")
        if len(token) > _LARGEST_TOKEN:
            raise _unauthenticated(f"The token has {len(token)} characters; {_LARGEST_TOKEN} are allowed.")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None and self._now() < known[1] + LEEWAY_S:
            return known[0]
        claims = self._decode(token, await self._key(_kid(token)))
        person = claims["sub"]
        if not _PERSON.fullmatch(person):
            raise _unauthenticated(f"The token is for {person[:80]!r}, which is no person's key such as p-7f3a.")
        self._verified[digest] = person, float(claims["exp"])
        if len(self._verified) > _KEPT_TOKENS:
            self._verified.popitem(last=False)
        return str(person)

    async def refresh(self) -> None:
        """Fetch the issuer's keys, unless that was tried a moment ago; what goes wrong stands in ``trouble``."""
        async with self._fetching:
            # While there are none, it is asked more often.
            pause_s = self._refetch_s if self.trouble is None else min(self._refetch_s, _RETRY_S)
            if time.monotonic() - self._fetched < pause_s:
                return
            self._fetched = time.monotonic()
            try:
                keys = _keys(await self._fetch())
            except (httpx.HTTPError, OSError, ValueError, TypeError, KeyError, AttributeError, jwt.PyJWTError) as error:
                trouble = f"The keys of the issuer {self._issuer} cannot be fetched ({type(error).__name__})."
                if self.trouble != trouble:
                    _log.warning("issuer.unavailable", issuer=self._issuer, why=str(error) or type(error).__name__)
                self.trouble = trouble
            else:
                if self.trouble is not None:
                    _log.info("issuer.keys", issuer=self._issuer, keys=len(keys))
                self._keys, self.trouble = keys, None

    async def _key(self, kid: str) -> PyJWK:
        if kid not in self._keys:
            await self.refresh()
        key = self._keys.get(kid)
        if key is not None:
            return key
        if self.trouble is not None:
            raise Failure(Problem.UNAVAILABLE, f"{self.trouble} Without them no token can be verified.")
        raise _unauthenticated(
            f"The token was signed with the key {kid[:80]!r}, which {self._issuer} does not publish."
        )

    def _decode(self, token: str, key: PyJWK) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                # Expiry is judged by our own clock argument, and said in a sentence, below.
                options={"require": ["iss", "sub", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise _unauthenticated(_sentence(error, self._issuer)) from None
        self._demand_in_time(claims)
        return claims

    def _demand_in_time(self, claims: Mapping[str, Any]) -> None:
        expires, issued = claims["exp"], claims["iat"]
        for name, value in (("exp", expires), ("iat", issued)):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _unauthenticated(f"The token's {name} is no number of seconds.")
        now = self._now()
        if now >= expires + LEEWAY_S:
            raise _unauthenticated(f"The token expired {now - expires:.0f} s ago.")
        if issued > now + LEEWAY_S:
            raise _unauthenticated(f"The token was issued {issued - now:.0f} s in the future.")


def _keys(published: Mapping[str, Any]) -> dict[str, PyJWK]:
    """Read the Ed25519 keys of a key set; others are not ours."""
    return {
        str(key["kid"]): PyJWK(key, algorithm=ALGORITHM)
        for key in published["keys"]
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and "kid" in key
    }


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, UnicodeError):
        raise _unauthenticated("The token is malformed: it is no JSON Web Token.") from None
    if header.get("alg") != ALGORITHM:
        shown = str(header.get("alg"))[:20]
        raise _unauthenticated(f"The token is signed with {shown}; only {ALGORITHM} (Ed25519) is taken.")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise _unauthenticated("The token does not name its key (kid).")
    return kid


def _sentence(error: jwt.PyJWTError, issuer: str) -> str:
    """Say what is wrong with a token, without quoting it."""
    match error:
        case jwt.InvalidSignatureError():
            return "The token's signature is not valid: it was altered, or another key signed it."
        case jwt.InvalidIssuerError():
            return f"The token comes from another issuer; this service trusts {issuer}."
        case jwt.InvalidAudienceError():
            return f"The token is meant for another audience, not for {AUDIENCE}."
        case jwt.MissingRequiredClaimError():
            return f"The token lacks the claim {error.claim}."
        case jwt.ImmatureSignatureError():
            return "The token is not valid yet."
        case InvalidSubjectError():
            return "The token's sub is no text."
        case _:
            return f"The token is malformed ({type(error).__name__})."


def _unauthenticated(detail: str) -> Failure:
    return Failure(Problem.UNAUTHENTICATED, detail)
