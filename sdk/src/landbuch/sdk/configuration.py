"""What a service process is told by its environment: variables that begin with ``LANDBUCH_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from landbuch.contracts.vocabulary import Person


class Configuration(BaseSettings):
    """Addresses, users and limits of one service process."""

    model_config = SettingsConfigDict(env_prefix="LANDBUCH_", frozen=True, extra="ignore")

    nats_url: str = "nats://127.0.0.1:4222"
    """One or more addresses, joined by commas."""
    nats_user: str | None = None
    """Left out: the service's own name, where there is a pass word."""
    nats_password: Annotated[str | None, Field(repr=False)] = None
    database_url: Annotated[str | None, Field(repr=False)] = None
    issuer_url: str = "http://127.0.0.1:8083"
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65_535)] = 8081
    state_dir: Path | None = None
    """Small files, such as the last known head of each book; left out: none are kept."""
    replicas: Annotated[int | None, Field(ge=1, le=5)] = None
    """How many replicas a book's stream must have; left out: as many as it has."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    queue: Annotated[int, Field(ge=1)] = 10_000
    """Commands per book that may wait."""
    patience_s: Annotated[float, Field(gt=0)] = 10.0
    """How long a command waits for its answer."""
    discover_s: Annotated[float, Field(gt=0)] = 1.0
    """How often new books are looked for."""
    inspect_s: Annotated[float, Field(gt=0)] = 30.0
    """How often the clock is compared with the broker's, and the streams' configuration with the law."""
    actor: Person | None = None
    """The key under which the service writes what time makes true; left out: svc- and its name."""
    clock_s: Annotated[float, Field(gt=0)] = 60.0
    """How often is looked for what time makes true."""
    drain_s: Annotated[float, Field(ge=0)] = 6.0
    """How long a stopping service goes on with commands that it has taken."""

    def servers(self) -> list[str]:
        """Give the addresses of the NATS servers."""
        return [url.strip() for url in self.nats_url.split(",") if url.strip()]

    def user_of(self, service: str) -> str | None:
        """Name the NATS user of a service; ``None`` where the addresses say who we are."""
        return self.nats_user or (service if self.nats_password else None)
