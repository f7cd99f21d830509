"""``landbuch do <Command>``: every command of the catalogue, with options from its model; ``--file``: many at once."""

from __future__ import annotations

import inspect
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from landbuch.contracts.catalogue import COMMANDS, ORDERS
from landbuch.contracts.command import MalformedError, read_command
from landbuch.sdk.cli import exits, output
from landbuch.sdk.cli.answers import show
from landbuch.sdk.cli.do_file import NOBODY, do_file
from landbuch.sdk.cli.fields import Field, fields_of, value_of
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run, token
from landbuch.sdk.cli.output import Format
from landbuch.sdk.cli.sending import FIELDS_PANEL, OPTIONS, Again, File, Out, Patience, Sending, Via, Written
from landbuch.sdk.client import Client, Transport
from landbuch.sdk.replies import Reply

_PREFIX = "field_"


def application() -> typer.Typer:
    """Give ``landbuch do`` with one subcommand for each command of the catalogue."""
    app = typer.Typer(
        context_settings={"token_normalize_func": with_hyphens},
        invoke_without_command=True,
        rich_markup_mode=None,
    )

    @app.callback()
    def do(  # noqa: PLR0913  # each is an option of the command line
        context: typer.Context,
        *,
        list_: Annotated[bool, typer.Option("--list", help="List all commands: owner, roles, two persons.")] = False,
        file: File = None,
        out: Out = None,
        again: Again = False,
        via: Via = "http",
        patience: Patience = 10.0,
        written: Written = None,
        stack: Stack = None,
    ) -> None:
        """Send a command to the service that owns it, or with --file all commands of a file.

        `landbuch do <Command> --help` shows what a command says. Amounts are typed in francs; in a file they are, as on
        the wire, integer Rappen. A file has one command a line: {"command", "canton", "phase", "data", "actor",
        "commandid"}; phase, actor and commandid may be left out. A second run goes on where the first one stopped.
        """
        if context.invoked_subcommand is not None:
            if file is not None:
                raise typer.BadParameter("give a file or a command, not both.", param_hint="--file")
        elif file is not None:
            do_file(file, out, again=again, via=_road(via), patience=patience, written=written, stack=stack)
        elif list_:
            _list(output.chosen(written))
        else:
            typer.echo(context.get_help())
            raise typer.Exit(exits.ExitCode.USAGE)

    for name in ORDERS:
        app.command(name, help=_help(name), rich_help_panel=_panel(name))(_callback(name))
    return app


def with_hyphens(word: str) -> str:
    """Let options be typed as fields are written: ``--booked_on`` for ``--booked-on``."""
    return word.replace("_", "-") if word.islower() else word


def _help(command: str) -> str:
    """What a command does, whose it is, and who may give it."""
    said = (inspect.getdoc(ORDERS[command]) or "").replace("``", "`")
    two = " Two persons: the first proposes, another confirms with ConfirmAct." if _two_persons(command) else ""
    service = _owner(command) or "the service that wrote the proposal"
    return f"{said}\n\nAnswered by: {service}. Who may: {_roles(command)}.{two}"


def _two_persons(command: str) -> bool:
    act = COMMANDS.get(command)
    return act is not None and act.two_persons


def _roles(command: str) -> str:
    act = COMMANDS.get(command)
    if act is None:
        return "another person who may do the act"
    return " or ".join(sorted(act.roles)).replace("_", " ") or "anybody, once"


def _panel(command: str) -> str:
    service = _owner(command)
    return "Either service" if service is None else f"The {service} service"


def _owner(command: str) -> str | None:
    return COMMANDS[command].service if command in COMMANDS else None


def _callback(command: str) -> Callable[..., None]:
    """Make the function of one command, with one parameter for each field."""
    fields = fields_of(command)

    def send(**typed: Any) -> None:  # noqa: ANN401  # what Typer has parsed
        given = {name.removeprefix(_PREFIX): value for name, value in typed.items() if name.startswith(_PREFIX)}
        common = {name: value for name, value in typed.items() if not name.startswith(_PREFIX)}
        data = _data(fields, given, common.pop("data"), common.pop("json_"))
        _send(command, data, Sending(**common))

    parameters = [_parameter("canton", Canton, inspect.Parameter.empty)]
    parameters += [_parameter(f"{_PREFIX}{field.name}", _annotation(field), None) for field in fields]
    parameters += [_parameter(name, annotation, default) for name, (annotation, default) in OPTIONS.items()]
    send.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by Typer
    send.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return send


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:  # noqa: ANN401  # any annotation and default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _annotation(field: Field) -> Any:  # noqa: ANN401  # an annotation
    flag = field.shape.kind == "flag" and not field.many
    names = [f"{field.option}/--no-{field.option[2:]}"] if flag else [field.option]
    option = typer.Option(
        *names,
        metavar=None if flag else field.shape.metavar,
        help=field.help,
        rich_help_panel=FIELDS_PANEL,
        show_default=False,
    )
    plain: Any = bool | None if flag else list[str] | None if field.many else str | None
    return Annotated[plain, option]


def _data(fields: tuple[Field, ...], given: Mapping[str, Any], file: str | None, text: str | None) -> dict[str, Any]:
    """Put the command's data together: whole JSON first, then what the options say."""
    if file is not None and text is not None:
        raise typer.BadParameter("give --data or --json, not both.")
    data: dict[str, Any] = {}
    if file is not None or text is not None:
        data = _parsed(text if text is not None else _content(file or "-"))
    for field in fields:
        typed = given.get(field.name)
        if typed is None:
            continue
        try:
            data[field.name] = value_of(field, typed)
        except ValueError as error:
            raise typer.BadParameter(f"{error}.", param_hint=field.option) from error
    return data


def _content(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}.", param_hint="--data") from error


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"the data are not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise typer.BadParameter('the data must be a JSON object, such as {"credit": "LR-2023-1"}.')
    return value


def _send(command: str, data: dict[str, Any], how: Sending) -> None:
    road = _road(how.via)
    if how.actor is None and token() is None:
        raise typer.BadParameter("say who acts: --actor p-…, or put a token into LANDBUCH_TOKEN.", param_hint="--actor")
    commandid = how.commandid or str(uuid.uuid4())
    _check(command, how, commandid, data)

    async def sent() -> Reply:
        connection = connection_of(how.stack)
        async with Client(connection, transport=road, token=token(), patience_s=how.patience) as client:
            return await client.send(
                command, how.canton, data, actor=how.actor, phase=how.phase, commandid=commandid, dry_run=how.dry_run,
                after_position=how.after_position,
            )  # fmt: skip

    reply = run(sent())
    if output.chosen(how.written) is Format.JSON:
        output.write_json(dict(reply.body))
    else:
        show(reply, command, how.canton, how.phase)
    code = exits.of_reply(reply)
    if code:
        raise typer.Exit(code)


def _road(typed: str) -> Transport:
    roads: dict[str, Transport] = {"http": "http", "nats": "nats"}
    if typed not in roads:
        raise typer.BadParameter("choose http or nats.", param_hint="--via")
    return roads[typed]


def _check(command: str, how: Sending, commandid: str, data: dict[str, Any]) -> None:
    """Read the command here first, so that a slip is told without a service; raises a usage error."""
    try:
        read_command(
            name=command,
            canton=how.canton,
            phase=how.phase,
            commandid=commandid,
            actor=how.actor or NOBODY,
            data=data,
        )
    except MalformedError as error:
        raise typer.BadParameter(f"{error}.", param_hint=command) from error


def _list(written: Format) -> None:
    if written is not Format.TABLE:
        output.write_json({"commands": [_row(name) for name in ORDERS]})
        return
    made = output.table("Command", "Service", "Role", "Two persons", fold=["Role"])
    for name in ORDERS:
        made.add_row(name, _owner(name) or "either", _roles(name), "yes" if _two_persons(name) else "")
    output.put(output.terminal(), made)
    typer.echo("\n`landbuch do <Command> --help` shows what a command says.")


def _row(name: str) -> dict[str, Any]:
    act = COMMANDS.get(name)
    roles = sorted(act.roles) if act is not None else []
    return {"command": name, "service": _owner(name), "roles": roles, "two_persons": _two_persons(name)}
