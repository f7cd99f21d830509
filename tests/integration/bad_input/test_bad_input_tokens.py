"""Tokens that are expired, foreign, forged or none: each is answered clearly and writes nothing."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from landbuch.contracts.refusals import Code
from landbuch.local.history.course import PEOPLE
from landbuch.local.issuer import key_in, public_jwk
from landbuch.local.stack import LocalStack
from landbuch.sdk.host.problems import Problem
from tests.doors import Answer, Door, Doors
from tests.integration.bad_input.explained import demand_explained

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("unharmed")]

CLERK = PEOPLE["clerk"]
INFORMATION: dict[str, Any] = {"about": "programme", "topic": "test", "statement": "Who am I?"}
Forge = Callable[[LocalStack], str]


def claims(stack: LocalStack, **changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves one out."""
    now = int(time.time())
    good = {"iss": stack.http("issuer"), "sub": CLERK, "aud": "landbuch", "iat": now, "exp": now + 3600}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(stack: LocalStack, key: Ed25519PrivateKey | None = None, **changes: Any) -> str:
    """A token signed by the issuer's own key, or by another one under its name."""
    own = key_in(stack.places.issuer_key)
    return jwt.encode(claims(stack, **changes), key or own, algorithm="EdDSA", headers={"kid": public_jwk(own)["kid"]})


def under_another_name(stack: LocalStack) -> str:
    """A token of a key that the issuer does not publish, under that key's own name."""
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims(stack), key, algorithm="EdDSA", headers={"kid": public_jwk(key)["kid"]})


def with_a_shared_secret(stack: LocalStack) -> str:
    """A token whose forger takes the public key for a secret (RFC 8725, 3.1)."""
    public = public_jwk(key_in(stack.places.issuer_key))
    return jwt.encode(claims(stack), public["x"].ljust(32), algorithm="HS256", headers={"kid": public["kid"]})


def unsigned(stack: LocalStack) -> str:
    """A token that says of itself that nobody signed it (RFC 8725, 2.1)."""
    kid = public_jwk(key_in(stack.places.issuer_key))["kid"]
    return jwt.encode(claims(stack), "", algorithm="none", headers={"kid": kid})


def altered(stack: LocalStack) -> str:
    """A good token in which somebody else's name stands now."""
    header, _, signature = signed(stack).split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(stack, sub=PEOPLE["finance"])).encode()).rstrip(b"=").decode()
    return f"{header}.{other}.{signature}"


def minutes(number: int) -> int:
    """Seconds since 1970, so many minutes from now."""
    return int(time.time()) + number * 60


FORGED: dict[str, tuple[Forge, str]] = {
    "expired": (lambda stack: stack.token(CLERK, expires_in_s=-60), "expired"),
    "another key under the issuer's name": (lambda stack: signed(stack, Ed25519PrivateKey.generate()), "signature"),
    "another key under its own name": (under_another_name, "does not publish"),
    "another issuer": (lambda stack: signed(stack, iss="https://elsewhere.example"), "another issuer"),
    "another audience": (lambda stack: signed(stack, aud="payroll"), "another audience"),
    "no issuer": (lambda stack: signed(stack, iss=None), "iss"),
    "no audience": (lambda stack: signed(stack, aud=None), "aud"),
    "no person": (lambda stack: signed(stack, sub=None), "sub"),
    "no end": (lambda stack: signed(stack, exp=None), "exp"),
    "no beginning": (lambda stack: signed(stack, iat=None), "iat"),
    "an end that is a text": (lambda stack: signed(stack, exp="never"), "exp"),
    "issued in the future": (lambda stack: signed(stack, iat=minutes(10)), "future"),
    "a person's name": (lambda stack: signed(stack, sub="Somebody Else"), "no person's key"),
    "a number for a person": (lambda stack: signed(stack, sub=7), "sub"),
    "altered": (altered, "signature"),
    "signed with a shared secret": (with_a_shared_secret, "EdDSA"),
    "not signed": (unsigned, "EdDSA"),
    "garbage": (lambda _: "garbage", "no JSON Web Token"),
    "three dots": (lambda _: "...", "no JSON Web Token"),
    "very long": (lambda _: "x" * 10_000, "10000 characters"),
}


@pytest.mark.parametrize(("forge", "named"), FORGED.values(), ids=FORGED)
async def test_a_token_that_is_not_valid_is_named(
    doors: Doors, canton: str, door: Door, forge: Forge, named: str
) -> None:
    token = forge(doors.stack)
    answer = await doors.send(door, "RecordInformation", canton, INFORMATION, token=token)
    demand_unauthenticated(answer, token)
    assert named in answer.body["detail"]


def demand_unauthenticated(answer: Answer, token: str) -> None:
    """Demand a clear answer that tells nobody the token."""
    demand_explained(answer, Problem.UNAUTHENTICATED)
    assert token not in json.dumps(answer.body)
    if answer.status is not None:
        assert answer.headers["www-authenticate"] == 'Bearer realm="landbuch"'


@pytest.mark.parametrize("forge", [forge for forge, _ in FORGED.values()], ids=FORGED)
async def test_a_batch_with_such_a_token_fails_as_a_whole(doors: Doors, canton: str, forge: Forge) -> None:
    item = {"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": INFORMATION}
    token = forge(doors.stack)
    demand_unauthenticated(await doors.batch("ledger", canton, [item, item], token=token), token)


async def test_a_command_without_a_token_is_unauthenticated(doors: Doors, canton: str, door: Door) -> None:
    answer = await doors.send(door, "RecordInformation", canton, INFORMATION, token="")
    demand_explained(answer, Problem.UNAUTHENTICATED)


async def test_a_message_without_the_token_field_is_answered(doors: Doors, canton: str) -> None:
    payload = json.dumps({"commandid": str(uuid.uuid4()), "data": INFORMATION}).encode()
    demand_explained(await doors.ask(f"command.ledger.{canton}.RecordInformation", payload), Problem.MALFORMED)


async def test_a_good_token_of_a_person_without_the_role_is_refused(doors: Doors, canton: str, door: Door) -> None:
    answer = await doors.send(door, "RecordInformation", canton, INFORMATION, actor="p-0000")
    demand_explained(answer, Code.ROLE_MISSING)
