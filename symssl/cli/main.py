"""The command line.  Only click is imported here; everything else waits for its command."""

import os
import sys
from contextlib import suppress

import click

from ..errors import InputError, SymsslError
from .audit import audit
from .options import Places, examples
from .papers import cache, errata, list_, show, summary, verify
from .regimes import diagram, models, regimes
from .simulate import simulate
from .writing import figure, latex, reproduce

_INTERRUPTED = 130


@click.group(
    epilog=examples("list", "verify", "show PAPER.eq7", "reproduce PAPER -o out"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="symssl", message="%(version)s")
@click.option(
    "--derivations",
    metavar="PLACE",
    default=Places.derivations,
    help="Take the papers from this folder, file or package instead.",
)
@click.option(
    "--figures",
    metavar="PLACE",
    default=Places.figures,
    help="Take the figures from this folder, file or package instead.",
)
@click.pass_context
def cli(context, derivations, figures):
    """From a loss on paper to a regime diagram, with every step decided by the machine.

    PAPER is the name of a derivation, ID that of a claim; `symssl list` shows both.
    """
    context.obj = Places(derivations, figures)


for _command in (
    list_,
    summary,
    verify,
    errata,
    cache,
    show,
    latex,
    figure,
    audit,
    reproduce,
    models,
    diagram,
    regimes,
    simulate,
):
    cli.add_command(_command)


def main(argv=None):
    """Run the command line; returns never, exits with 0, 1 or 2 (130 after an interrupt).

    0: as recorded; 1: something differs or the engine refused; 2: bad usage.
    """
    try:
        code = cli.main(argv, prog_name="symssl", standalone_mode=False) or 0
        sys.stdout.flush()  # a full disk behind it is told here, not by the interpreter on its way out
        sys.exit(code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except InputError as error:
        _fail(error, 2)
    except SymsslError as error:
        _fail(error, 1)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output went away
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _drop_output()
        _fail(f"{error.filename or 'the output'}: {error.strerror or error}", 2)


def _drop_output():
    """What is still buffered for standard output goes nowhere, so that it fails no second time."""
    with suppress(OSError):  # standard output may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message, code):
    click.echo("symssl: " + " ".join(str(message).split()), err=True)
    sys.exit(code)
