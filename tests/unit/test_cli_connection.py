from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbuch.sdk.connection import NoStackError, find, read

DESCRIBED: dict[str, Any] = {
    "nats": {
        "url": "nats://127.0.0.1:4222",
        "replicas": 3,
        "users": {"client": {"user": "client", "password": "secret", "inbox_prefix": "_INBOX_client"}},
    },
    "http": {"ledger": "http://127.0.0.1:8081", "issuer": "http://127.0.0.1:8083"},
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    stack = tmp_path / "var"
    stack.mkdir()
    (stack / "stack.json").write_text(json.dumps(DESCRIBED))
    return stack


def test_a_named_directory_says_everything(directory: Path) -> None:
    found = find(directory, {"LANDBUCH_LEDGER_URL": "http://elsewhere"})
    assert found.origin == str(directory / "stack.json")
    assert (found.url("ledger"), found.nats(), found.replicas) == (
        "http://127.0.0.1:8081",
        ["nats://127.0.0.1:4222"],
        3,
    )
    assert found.users["client"].inbox_prefix == "_INBOX_client"


def test_the_stack_here_is_found(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(directory.parent)
    assert find(None, {}).url("issuer") == "http://127.0.0.1:8083"


def test_the_environment_names_a_directory(directory: Path) -> None:
    assert find(None, {"LANDBUCH_STACK": str(directory)}).url("ledger") == "http://127.0.0.1:8081"


def test_addresses_of_the_environment_have_the_last_word(directory: Path) -> None:
    found = find(None, {"LANDBUCH_STACK": str(directory), "LANDBUCH_LEDGER_URL": "https://ledger.example/"})
    assert (found.url("ledger"), found.url("issuer")) == ("https://ledger.example", "http://127.0.0.1:8083")
    assert found.origin.startswith("the environment, and ")


def test_another_nats_server_does_not_get_the_pass_words_of_the_stack(directory: Path) -> None:
    found = find(None, {"LANDBUCH_STACK": str(directory), "LANDBUCH_NATS_URL": "nats://a:1,nats://b:2"})
    assert (found.nats(), dict(found.users)) == (["nats://a:1", "nats://b:2"], {})


def test_a_user_of_the_environment_stands_for_every_role(directory: Path) -> None:
    environ = {"LANDBUCH_STACK": str(directory), "LANDBUCH_NATS_USER": "auditor", "LANDBUCH_NATS_PASSWORD": "x"}
    assert {user.name for user in find(None, environ).users.values()} == {"auditor"}


def test_a_pass_word_is_not_shown(directory: Path) -> None:
    assert "secret" not in repr(read(directory))


def test_nothing_found_says_so_when_an_address_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = find(None, {})
    with pytest.raises(NoStackError, match="where the agreements is"):
        found.url("agreements")
    with pytest.raises(NoStackError, match="where NATS is"):
        found.nats()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nats":{}}'])
def test_a_damaged_description_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    with pytest.raises(NoStackError, match="is damaged"):
        read(tmp_path)
