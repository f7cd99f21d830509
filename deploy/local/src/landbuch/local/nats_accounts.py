"""Who may say and hear what on NATS.

The books lie in an account without users. Each user lives in an account of its own, which imports exactly the subjects
it needs. Permissions on subjects in *one* account would not do: the server answers a request wherever the request
asks it to, without looking at the asker's permissions, so `$JS.API.DIRECT.GET` with a reply subject inside a book
stores a chosen message there, under any service's name. Across accounts an answer stays in the asker's account, where
no stream listens. Nobody may update, purge or delete a stream, and nobody is in the system account.

BUG: who reads may create consumers on any stream, as many as the server bears, and a service may delete those of
others. Consumers hold no data; who loses one makes a new one.
"""

from __future__ import annotations

from typing import Any

SERVICES = ("ledger", "agreements")
REPORTING = "reporting"
USERS = ("operator", *SERVICES, REPORTING, "client", "reader")
BOOKS = "BOOKS"
SYSTEM = "SYS"
BUCKET = "TURNS"

Subjects = tuple[str, ...]

# One answer each.
LOOK: Subjects = (
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
)
READ: Subjects = (
    *LOOK,
    "$JS.API.STREAM.MSG.GET.*",
    "$JS.API.CONSUMER.CREATE.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.>",
    "$JS.API.CONSUMER.INFO.*.*",
    "$JS.API.CONSUMER.NAMES.*",
    "$JS.API.CONSUMER.LIST.*",
)
# Many answers to one question.
FETCH: Subjects = (
    "$JS.API.DIRECT.GET.*",
    "$JS.API.DIRECT.GET.*.>",
    "$JS.API.CONSUMER.MSG.NEXT.*.*",
)
# None.
ACKNOWLEDGE: Subjects = ("$JS.ACK.>", "$JS.FC.>")
TURNS: Subjects = (f"$KV.{BUCKET}.>",)

# What each user may publish to the account of the books. NATS wildcards are whole tokens: `BOOK-*` is none.
INTO_THE_BOOKS: dict[str, Subjects] = {
    "operator": (*LOOK, "$JS.API.STREAM.CREATE.*"),
    "client": (),
    **dict.fromkeys((REPORTING, "reader"), (*READ, *FETCH, *ACKNOWLEDGE)),
    **{
        service: (
            *READ,
            *FETCH,
            *ACKNOWLEDGE,
            *TURNS,
            "$JS.API.CONSUMER.DELETE.*.*",
            f"book.*.*.{service}.*",
        )
        for service in SERVICES
    },
}
# To whom each user may put commands and queries, by kind.
ASKS: dict[str, dict[str, Subjects]] = {
    "operator": {},
    "client": {"command": SERVICES, "query": SERVICES},
    REPORTING: {},
    "reader": {},
    **{service: {"query": tuple(other for other in SERVICES if other != service)} for service in SERVICES},
}


def inbox_prefix(user: str) -> str:
    """What the subjects of this user's answers begin with; a connection names it (`inbox_prefix`)."""
    return f"_INBOX_{user}"


def accounts(passwords: dict[str, str]) -> dict[str, Any]:
    """The `accounts` block of a server's configuration, with one user per account but for books and system."""
    return {
        SYSTEM: {"users": []},
        BOOKS: {"jetstream": "enabled", "users": [], "exports": _exports_of_the_books()},
        **{_account(user): _of(user, passwords[user]) for user in USERS},
    }


def _account(user: str) -> str:
    return user.upper()


def _of(user: str, password: str) -> dict[str, Any]:
    """One user's account: its user, what it offers and what it takes from others."""
    into_the_books = INTO_THE_BOOKS[user]
    imports: list[dict[str, Any]] = [{"service": {"account": BOOKS, "subject": subject}} for subject in into_the_books]
    if _reads(user):  # what a consumer pushes
        imports.append({"stream": {"account": BOOKS, "subject": f"{inbox_prefix(user)}.>"}})
    imports += [
        {"service": {"account": _account(service), "subject": f"{kind}.{service}.>"}}
        for kind, services in ASKS[user].items()
        for service in services
    ]
    hears = [f"{inbox_prefix(user)}.>"]
    offers = []
    permissions: dict[str, Any] = {}
    if user in SERVICES:
        hears += [f"{kind}.{user}.>" for kind in ("command", "query")]
        offers = [
            {
                "service": f"{kind}.{user}.>",
                "accounts": [_account(asker) for asker in USERS if user in ASKS[asker].get(kind, ())],
            }
            for kind in ("command", "query")
        ]
        # The answer to a question goes to a subject that the server made up for it; one answer each.
        permissions["allow_responses"] = {"max": 1, "expires": "2m"}
    says = [*into_the_books, *(f"{kind}.>" for kind in ASKS[user])]
    permissions |= {"publish": {"allow": says}, "subscribe": {"allow": hears}}
    return {
        "users": [{"user": user, "password": password, "permissions": permissions}],
        "exports": offers,
        "imports": imports,
    }


def _exports_of_the_books() -> list[dict[str, Any]]:
    """Each subject that anybody takes from the books, with those who may."""
    takers: dict[str, list[str]] = {}
    for user in USERS:
        for subject in INTO_THE_BOOKS[user]:
            takers.setdefault(subject, []).append(_account(user))
    exports: list[dict[str, Any]] = []
    for subject, users in takers.items():
        export: dict[str, Any] = {"service": subject, "accounts": users}
        if subject in FETCH:
            export["response_type"] = "stream"
        exports.append(export)
    exports += [{"stream": f"{inbox_prefix(user)}.>", "accounts": [_account(user)]} for user in USERS if _reads(user)]
    return exports


def _reads(user: str) -> bool:
    return set(READ) <= set(INTO_THE_BOOKS[user])
