"""The development token issuer: its tokens verify, and it says everywhere what it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from landbuch.local.errors import StackError
from landbuch.local.issuer import key_in, loopback, main, public_jwk
from landbuch.local.stack import LocalStack

NOTE = "development only"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("issuer"), services=(), postgres=False) as running:
        yield running


@pytest.fixture(scope="module")
def issuer(stack: LocalStack) -> str:
    return stack.http("issuer")


def verified(issuer: str, token: str) -> dict[str, Any]:
    """The claims, verified as a service does it."""
    key = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["EdDSA"], audience="landbuch", issuer=issuer)
    return claims


def test_a_token_verifies_against_the_published_key(stack: LocalStack, issuer: str) -> None:
    claims = verified(issuer, stack.token("p-7f3a"))
    assert claims.keys() == {"iss", "sub", "aud", "iat", "exp"}
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("p-7f3a", 3600)
    assert abs(claims["iat"] - time.time()) < 5


def test_an_expired_token_can_be_had_for_tests(stack: LocalStack, issuer: str) -> None:
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(issuer, stack.token("p-7f3a", expires_in_s=-60))


def test_the_answer_says_when_the_token_expires(issuer: str) -> None:
    answer = httpx.post(f"{issuer}/token", json={"sub": "p-7f3a", "expires_in_s": 60}).json()
    assert answer.keys() == {"token", "expires_at", "note"}
    expires = verified(issuer, answer["token"])["exp"]
    assert answer["expires_at"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))


def test_every_answer_says_that_it_is_for_development_only(issuer: str) -> None:
    answers = [
        httpx.post(f"{issuer}/token", json={"sub": "p-7f3a"}),
        httpx.post(f"{issuer}/token", json={}),
        httpx.get(f"{issuer}/.well-known/jwks.json"),
        httpx.get(f"{issuer}/health/ready"),
        httpx.get(f"{issuer}/nowhere"),
    ]
    assert [answer.json()["note"] for answer in answers] == [NOTE] * len(answers)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "p 7f3a"}, "sub"),
        ({"sub": "p-7f3a", "expires_in_s": 1.5}, "expires_in_s"),
        ({"sub": "p-7f3a", "expires_in_s": 86_401}, "expires_in_s"),
        ({"sub": "p-7f3a", "role": "auditor"}, "role"),
        ([], "body"),
    ],
)
def test_a_malformed_wish_is_refused_by_name(issuer: str, body: object, named: str) -> None:
    answer = httpx.post(f"{issuer}/token", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert named in answer.json()["detail"]


def test_a_foreign_page_gets_no_token(issuer: str) -> None:
    form = httpx.post(f"{issuer}/token", content=b'{"sub":"p-7f3a"}', headers={"content-type": "text/plain"})
    assert form.status_code == 422
    rebound = httpx.post(f"{issuer}/token", json={"sub": "p-7f3a"}, headers={"host": "tokens.example"})
    assert rebound.status_code == 400


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])  # noqa: S104 -- what is refused
def test_it_listens_on_nothing_but_loopback(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StackError, match="does not listen on"):
        loopback(host)
    with pytest.raises(SystemExit, match="2"):
        main(["--host", host, "--key", str(tmp_path / "key.pem")])
    assert "gives anybody a token for any actor" in capsys.readouterr().err


def test_the_key_is_kept_and_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    first, again = key_in(file), key_in(file)
    assert public_jwk(first) == public_jwk(again)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_holds_no_such_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("rubbish")
    with pytest.raises(StackError, match="holds no private key"):
        key_in(file)
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(other)
    with pytest.raises(StackError, match="another kind than Ed25519"):
        key_in(file)
