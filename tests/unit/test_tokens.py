"""Tokens: each way of being wrong has its own sentence, and a verified token is verified once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from landbuch.sdk.host.problems import Failure, Problem
from landbuch.sdk.tokens import LEEWAY_S, Tokens

ISSUER = "https://issuer.example"
NOW = 1_790_000_000
PERSON = "p-7f3a"


class Issuer:
    """Publishes keys and signs tokens; it may be away."""

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {"k1": Ed25519PrivateKey.generate()}
        self.fetched = 0
        self.away = False

    async def fetch(self) -> Mapping[str, Any]:
        self.fetched += 1
        await asyncio.sleep(0)
        if self.away:
            raise OSError("away")
        published = [
            {**jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]
        return {"keys": [{"kty": "RSA", "kid": "not ours"}, *published]}

    def sign(self, kid: str | None = "k1", key: Any = None, algorithm: str = "EdDSA", **changes: Any) -> str:
        claims = {"iss": ISSUER, "sub": PERSON, "aud": "landbuch", "iat": NOW, "exp": NOW + 3600, **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = None if kid is None else {"kid": kid}
        return jwt.encode(claims, self.keys["k1"] if key is None else key, algorithm=algorithm, headers=headers)


def tokens(issuer: Issuer, *, now: float = NOW, refetch_s: float = 0.0) -> Tokens:
    return Tokens(ISSUER, issuer.fetch, now=lambda: now, refetch_s=refetch_s)


async def test_a_valid_token_says_who_somebody_is() -> None:
    issuer = Issuer()
    assert await tokens(issuer).actor(issuer.sign()) == PERSON


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"exp": NOW - 60}, "The token expired 60 s ago."),
        ({"iat": NOW + 60}, "The token was issued 60 s in the future."),
        ({"iss": "https://other.example"}, f"The token comes from another issuer; this service trusts {ISSUER}."),
        ({"aud": "another"}, "The token is meant for another audience, not for landbuch."),
        ({"sub": None}, "The token lacks the claim sub."),
        ({"exp": None}, "The token lacks the claim exp."),
        ({"iat": None}, "The token lacks the claim iat."),
        ({"aud": None}, "The token lacks the claim aud."),
        ({"iss": None}, "The token lacks the claim iss."),
        ({"sub": "Erika Muster"}, "The token is for 'Erika Muster', which is no person's key such as p-7f3a."),
        ({"nbf": NOW + 10**9}, "The token is not valid yet."),
        ({"kid": "k9"}, f"The token was signed with the key 'k9', which {ISSUER} does not publish."),
        ({"kid": None}, "The token does not name its key (kid)."),
    ],
)
async def test_each_fault_of_a_token_has_its_sentence(changes: dict[str, Any], sentence: str) -> None:
    issuer = Issuer()
    with pytest.raises(Failure) as raised:
        await tokens(issuer).actor(issuer.sign(**changes))
    assert (raised.value.problem, raised.value.detail) == (Problem.UNAUTHENTICATED, sentence)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        (None, "The command carries no token."),
        ("", "The command carries no token."),
        ("x", "The token is malformed: it is no JSON Web Token."),
        ("a.b.c", "The token is malformed: it is no JSON Web Token."),
        ("ä.b.c", "The token is malformed: it is no JSON Web Token."),
        ("a" * 9_000, "The token has 9000 characters; 8192 are allowed."),
    ],
)
async def test_what_is_no_token_is_said_so(token: str | None, sentence: str) -> None:
    with pytest.raises(Failure, match="unauthenticated") as raised:
        await tokens(Issuer()).actor(token)
    assert raised.value.detail == sentence


async def test_a_token_of_another_kind_of_signature_is_not_taken() -> None:
    issuer = Issuer()
    for token in (
        issuer.sign(key="a secret that is long enough for this", algorithm="HS256"),
        issuer.sign(key="", algorithm="none"),
    ):
        with pytest.raises(Failure, match="only EdDSA"):
            await tokens(issuer).actor(token)


async def test_a_token_that_was_altered_or_signed_by_somebody_else_is_not_taken() -> None:
    issuer = Issuer()
    head, body, signature = issuer.sign().split(".")
    other = jwt.encode({"iss": ISSUER}, Ed25519PrivateKey.generate(), algorithm="EdDSA").split(".")[1]
    foreign = issuer.sign(key=Ed25519PrivateKey.generate())
    for token in (f"{head}.{other}.{signature}", foreign, f"{head}.{body}.{'A' * 86}"):
        with pytest.raises(Failure, match="signature is not valid"):
            await tokens(issuer).actor(token)


@pytest.mark.parametrize(("late_s", "taken"), [(LEEWAY_S - 1, True), (LEEWAY_S, False)])
async def test_the_clocks_may_differ_a_little(late_s: float, *, taken: bool) -> None:
    issuer = Issuer()
    verifier = tokens(issuer, now=NOW + 3600 + late_s)
    if taken:
        assert await verifier.actor(issuer.sign()) == PERSON
    else:
        with pytest.raises(Failure, match="expired"):
            await verifier.actor(issuer.sign())


async def test_a_verified_token_is_remembered_until_it_expires() -> None:
    issuer, clock = Issuer(), [NOW]
    verifier = Tokens(ISSUER, issuer.fetch, now=lambda: clock[0], refetch_s=0.0)
    token = issuer.sign()
    for _ in range(1000):
        await verifier.actor(token)
    assert issuer.fetched == 1
    clock[0] = NOW + 3600 + int(LEEWAY_S)
    with pytest.raises(Failure, match="expired"):
        await verifier.actor(token)


async def test_a_new_key_of_the_issuer_is_fetched_when_a_token_names_it() -> None:
    issuer = Issuer()
    verifier = tokens(issuer)
    await verifier.actor(issuer.sign())
    issuer.keys["k2"] = Ed25519PrivateKey.generate()
    assert await verifier.actor(issuer.sign(kid="k2", key=issuer.keys["k2"])) == PERSON
    assert issuer.fetched == 2


async def test_made_up_keys_do_not_make_us_fetch_all_the_time() -> None:
    issuer = Issuer()
    verifier = tokens(issuer, refetch_s=60)
    for number in range(50):
        with pytest.raises(Failure, match="does not publish"):
            await verifier.actor(issuer.sign(kid=f"made up {number}"))
    assert issuer.fetched == 1


async def test_while_the_issuer_is_away_commands_are_unavailable_and_known_tokens_still_hold() -> None:
    issuer = Issuer()
    issuer.away = True
    verifier = tokens(issuer)
    with pytest.raises(Failure, match="cannot be fetched") as raised:
        await verifier.actor(issuer.sign())
    assert raised.value.problem is Problem.UNAVAILABLE
    assert "cannot be fetched" in str(verifier.trouble)
    issuer.away = False
    assert await verifier.actor(issuer.sign()) == PERSON
    assert str(verifier.trouble) == "None"
    issuer.away = True
    assert await verifier.actor(issuer.sign(sub="p-8b2c")) == "p-8b2c"


async def test_a_key_set_that_is_rubbish_is_like_none() -> None:
    async def rubbish() -> Any:
        return ["keys"]

    verifier = Tokens(ISSUER, rubbish, now=lambda: NOW)
    with pytest.raises(Failure) as raised:
        await verifier.actor(Issuer().sign())
    assert raised.value.problem is Problem.UNAVAILABLE
