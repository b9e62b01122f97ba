"""The command line: all commands, and how what goes wrong in one is said.

A command takes paths as arguments and the settings of its workflow as flags (see `options`), shows the progress and
the result (see `console`), and does no work of its own. What goes wrong becomes its exit status (see
`commands.status`).

Nothing heavy is imported here: a command imports its workflow when it runs.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated, Any

import typer

from morula.commands.check import check
from morula.commands.convert import convert
from morula.commands.demo import demo
from morula.commands.evaluate import evaluate
from morula.commands.export import export
from morula.commands.info import info
from morula.commands.measure import measure
from morula.commands.plot import plot
from morula.commands.report import report
from morula.commands.segment import segment
from morula.commands.status import ENDED, FAULT, STOPPED, WRONG_REQUEST
from morula.commands.studio import studio
from morula.commands.suggest import suggest
from morula.commands.synth import synth
from morula.commands.track import track
from morula.commands.train import train
from morula.console import print_line, say, say_error, write_anything
from morula.errors import MorulaError, refusal, shortage
from morula.headers.limits import require_room
from morula.options import LazyFlags

GO_ON: dict[str, str] = {
    "train": "Run the same command with --resume to go on.",
    "segment": "Run the same command to go on.",
    "track": "Run the same command with --overwrite to start again.",
    "synth": "To start again, delete what it wrote, or give another --out.",
    "demo": "To start again, delete what it wrote, or give another folder.",
}
"""How to go on with a stopped command, where starting it again is not all there is to say."""


WRONG_LINE: Any = typer.BadParameter.__base__
"""The error of a wrong command line; which library it is from depends on the version of typer."""

EXPANDED = "unexpected extra argument"
"""What a command says of more arguments than it has, which is mostly a pattern that the shell has replaced."""

QUOTE_PATTERNS = ("Put quotes around a pattern, such as 'images/*.tif': without them the shell gives a command "
                  "every file in its place.")


class Ended(KeyboardInterrupt):
    """Whoever started the command wants it to end, as batch systems do when its time is up."""


def end(*_: Any) -> None:
    raise Ended


def be_told() -> None:
    """From now on there is work to put in order before a command ends."""
    for number, told in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, end)):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, told)


class Commands(LazyFlags):
    """All commands; what goes wrong in one is said in words and becomes its exit status."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            be_told()
            require_room()
            return super().invoke(ctx)  # type: ignore[arg-type]
        except MorulaError as error:
            say_error(str(error))
            raise typer.Exit(WRONG_REQUEST) from None
        except (OSError, RuntimeError, ImportError, MemoryError) as error:
            if not (refused := refusal(error) or shortage(error)):
                raise
            say_error(refused)
            raise typer.Exit(WRONG_REQUEST) from None
        except WRONG_LINE as error:
            error.message = error.message.removeprefix("Value error, ").removeprefix("Input ")
            if EXPANDED in error.message:
                error.message = f"{error.message.rstrip('.')}. {QUOTE_PATTERNS}"
            raise
        except KeyboardInterrupt as stopped:
            how = GO_ON.get(ctx.invoked_subcommand or "", "Run the same command to start again.")
            say(f"Stopped. Nothing half-written was left behind. {how}")
            raise typer.Exit(ENDED if isinstance(stopped, Ended) else STOPPED) from None


app = typer.Typer(
    cls=Commands,
    help="Outline what you study: a U-Net trained in minutes on the images you outlined.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """The `morula` command."""
    write_anything()
    try:
        app()
    except Exception:
        import traceback

        traceback.print_exc()
        say("\nThis is a fault in Morula, not in your data. Please report it, "
            f"with the lines above and the command. The version is {_version()}.")
        sys.exit(FAULT)


def show_version(wanted: bool) -> None:
    if wanted:
        print_line(f"morula {_version()}")
        raise typer.Exit


@app.callback()
def morula(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """What is common to all commands."""


for command in (synth, studio, check, evaluate, train, segment, suggest, measure, track, plot, report, info, export,
                convert, demo):
    app.command()(command)


def _version() -> str:
    from importlib.metadata import version

    return version("morula")


if __name__ == "__main__":
    main()
