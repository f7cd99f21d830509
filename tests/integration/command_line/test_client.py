"""The client against services that are busy, silent, somebody else, or do not own the proposal."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from landbuch.sdk.blocking import BlockingClient
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection
from landbuch.sdk.errors import OutcomeUnknownError, UnavailableError
from landbuch.sdk.replies import QueryError, owners_of

ID = "6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5a01"
ACCEPTED = 201, {"outcome": "accepted", "commandid": ID, "position": 7, "events": [], "warnings": []}
BUSY = 503, {"type": "urn:landbuch:problem:busy", "detail": "Full.", "remedy": "Wait."}
PROPOSAL_UNKNOWN = 409, {"type": "urn:landbuch:refusal:proposal_unknown", "detail": "No.", "remedy": "Other."}
SILENCE: tuple[int, dict[str, str]] = 0, {}


class Service:
    """An HTTP server that gives prepared answers, one after the other, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.asked.append((self.path, dict(self.headers), body))
                if self.path == "/token":
                    self.answer(200, {"token": f"token of {body['sub']}", "expires_at": "2026-11-22T20:00:00Z"})
                else:
                    self.answer(*service.answers.pop(0))

            def do_GET(self) -> None:
                service.asked.append((self.path, dict(self.headers), None))
                self.answer(*service.answers.pop(0))

            def answer(self, status: int, body: Any) -> None:
                if not status:
                    self.close_connection = True
                    return
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def paths(self) -> list[str]:
        """What was asked, tokens left out."""
        return [path for path, _, _ in self.asked if path != "/token"]


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def client(service: Service) -> Iterator[BlockingClient]:
    http = dict.fromkeys(("ledger", "agreements", "issuer"), service.url)
    with BlockingClient(Client(Connection("a test", http=http), patience_s=1.0)) as opened:
        yield opened


def test_a_command_carries_token_id_and_data(service: Service, client: BlockingClient) -> None:
    service.answers = [ACCEPTED]
    reply = client.send(
        "RecordInformation", "BL", {"about": "x"}, actor="p-a1", phase="KIP3", commandid=ID, dry_run=True
    )
    path, headers, body = service.asked[-1]
    assert reply.accepted
    assert path == "/v1/BL/commands/RecordInformation"
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer token of p-a1", ID)
    assert body == {"phase": "KIP3", "data": {"about": "x"}, "dry_run": True}


def test_a_busy_service_is_asked_again_with_the_same_id(service: Service, client: BlockingClient) -> None:
    service.answers = [BUSY, BUSY, ACCEPTED]
    assert client.send("RecordInformation", "BL", {}, actor="p-a1").position == 7
    commands = [headers["Idempotency-Key"] for path, headers, _ in service.asked if path != "/token"]
    assert (len(commands), len(set(commands))) == (3, 1)


def test_a_service_that_stays_busy_says_so_at_last(service: Service, client: BlockingClient) -> None:
    service.answers = [BUSY] * 50
    reply = client.send("RecordInformation", "BL", {}, actor="p-a1")
    assert (reply.outcome, reply.code, reply.remedy) == ("failed", "busy", "Wait.")


def test_a_lost_answer_is_asked_for_again_with_the_same_id(service: Service, client: BlockingClient) -> None:
    service.answers = [SILENCE, ACCEPTED]
    assert client.send("RecordInformation", "BL", {}, actor="p-a1").accepted
    assert len({headers["Idempotency-Key"] for path, headers, _ in service.asked if path != "/token"}) == 1


def test_an_answer_that_stays_away_leaves_the_outcome_unknown_and_names_the_id(
    service: Service, client: BlockingClient
) -> None:
    service.answers = [SILENCE] * 50
    with pytest.raises(OutcomeUnknownError, match=f"Repeat it with --id {ID}"):
        client.send("RecordInformation", "BL", {}, actor="p-a1", commandid=ID)


def test_a_service_that_goes_away_after_a_lost_answer_leaves_the_outcome_unknown(
    service: Service, client: BlockingClient
) -> None:
    service.answers = [SILENCE]

    def leave() -> None:
        while service.answers:
            time.sleep(0.01)
        service.server.shutdown()
        service.server.socket.close()

    leaving = threading.Thread(target=leave)
    leaving.start()
    with pytest.raises(OutcomeUnknownError, match=ID):
        client.send("RecordInformation", "BL", {}, actor="p-a1", commandid=ID)
    leaving.join()


def test_something_else_at_the_address_is_told(service: Service, client: BlockingClient) -> None:
    service.answers = [(200, b"<html>")]
    with pytest.raises(UnavailableError, match="is not the ledger: HTTP 200"):
        client.balances("BL")


def test_a_question_that_cannot_be_answered_carries_detail_and_remedy(service: Service, client: BlockingClient) -> None:
    service.answers = [(404, {"code": "phase_unknown", "detail": "No KIP9.", "remedy": "Use KIP3."})]
    with pytest.raises(QueryError, match=r"No KIP9\. Use KIP3\.") as error:
        client.balances("BL", phase="KIP9")
    assert (error.value.status, error.value.code) == (404, "phase_unknown")


def test_a_token_is_asked_for_once_per_actor(service: Service, client: BlockingClient) -> None:
    service.answers = [ACCEPTED] * 3
    for actor in ("p-a1", "p-a2", "p-a1"):
        client.send("RecordInformation", "BL", {}, actor=actor)
    assert [body["sub"] for path, _, body in service.asked if path == "/token"] == ["p-a1", "p-a2"]


def test_without_actor_and_token_nothing_is_sent(service: Service, client: BlockingClient) -> None:
    with pytest.raises(ValueError, match="name the acting person"):
        client.send("RecordInformation", "BL", {})
    assert service.asked == []


def test_a_confirmation_goes_to_the_service_that_wrote_the_proposal(service: Service, client: BlockingClient) -> None:
    service.answers = [PROPOSAL_UNKNOWN, ACCEPTED]
    assert client.send("ConfirmAct", "BL", {"proposal": 3}, actor="p-a1").accepted
    service.answers = [PROPOSAL_UNKNOWN, PROPOSAL_UNKNOWN]
    assert client.send("ConfirmAct", "BL", {"proposal": 3}, actor="p-a1").code == "proposal_unknown"
    assert len(service.paths()) == 4


def test_waiting_ends_when_the_ledger_has_come_so_far(service: Service, client: BlockingClient) -> None:
    missing = 404, {"code": "book_missing", "detail": "Not yet.", "remedy": "Wait."}
    service.answers = [missing, (200, {"position": 4}), (200, {"position": 7})]
    assert client.wait_for("BL", 7)["position"] == 7
    service.answers = [(200, {"position": 4})] * 50
    with pytest.raises(UnavailableError, match="stands at position 4 of BL, not yet at 7"):
        client.wait_for("BL", 7, timeout_s=0.1)


def test_every_command_has_an_owner_and_others_none() -> None:
    assert owners_of("SignAgreement") == ("agreements",)
    assert owners_of("ConfirmAct") == owners_of("RejectAct") == ("ledger", "agreements")
    with pytest.raises(ValueError, match="there is no command Sign"):
        owners_of("Sign")
