"""The command line.  Only click is imported here; everything else waits for its command."""

import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from functools import wraps

import click

from ..errors import InputError, SymsslError
from ..support.streams import apart, complete_streams, drop_results, results
from .audit import audit
from .options import Places, examples
from .papers import cache, errata, list_, show, summary, verify
from .regimes import diagram, models, regimes
from .simulate import simulate
from .watching import END, PROCESS, end_now
from .writing import figure, latex, reproduce

_INTERRUPTED = 130
_LAST_SECONDS = 5.0  # that what a paper has left to be done at the end may take


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


def _apart(callback):
    """A command whose paper may print what it likes: only what `echo` writes goes to standard output."""

    @wraps(callback)
    def run(*args, **options):
        with apart(keep=PROCESS["ours"]), _no_way_out(keep=PROCESS["ours"]):
            try:
                return callback(*args, **options)
            except BrokenPipeError:  # the reader of our output went away; click would exit in its own way
                drop_results()
                return 1

    return run


@contextmanager
def _no_way_out(keep):
    """Let `os._exit` in a paper's code end the command as `sys.exit` does, which is told.

    A process that the paper forks ends as it likes.  `keep` leaves it so for what is done at the very end.
    """
    process = os.getpid()

    def refuse(status):
        if os.getpid() != process:
            END(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = refuse
    try:
        yield
    finally:
        if not keep:
            os._exit = END


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
    _command.callback = _apart(_command.callback)
    cli.add_command(_command)


def main(argv=None):
    """Run the command line; returns never, exits with 0, 1 or 2 (130 after an interrupt).

    0: as recorded; 1: something differs, the engine refused, or a paper's code crashed; 2: bad usage.
    Nothing that a paper does, `sys.exit(0)` say, or a thread that it leaves running, changes that.
    """
    PROCESS["ours"] = argv is None
    complete_streams()
    before = set(threading.enumerate())
    _leave(_code(argv), before)


def _code(argv):
    """Run the command line; returns its exit status."""
    try:
        code = cli.main(argv, prog_name="symssl", standalone_mode=False) or 0
        results().flush()  # a full disk behind it is told here, not by the interpreter on its way out
        return code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        return _failed(error.format_message(), 2)
    except InputError as error:
        return _failed(error, 2)
    except SymsslError as error:
        return _failed(error, 1)
    except (KeyboardInterrupt, click.Abort):
        _no_more_interrupts()
        return _failed("interrupted", _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output went away
        drop_results()
        return 1
    except OSError as error:
        drop_results()
        return _failed(f"{error.filename or 'the output'}: {error.strerror or error}", 2)
    except BaseException as error:
        if os.environ.get("SYMSSL_TRACEBACK"):
            raise
        return _failed(_crashed(error), 1)


def _no_more_interrupts():
    """The process is on its way out, with a status of its own; nobody need press the key a second time."""
    if PROCESS["ours"]:
        with suppress(ValueError):  # only the first thread may
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _crashed(error):
    """What is said of an exception that nobody expected: the code of a paper, or ours, is wrong."""
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({one.filename}:{one.lineno})" for one in where)
    text = ""
    with suppress(Exception):  # an exception that has no words for itself
        text = (str(error).strip().splitlines() or [""])[-1]  # of the traceback of a worker the last line
    kind = "ended the command by" if isinstance(error, (SystemExit, GeneratorExit)) else "crashed:"
    named = ": ".join(filter(None, (type(error).__name__, text)))
    return f"the code {kind} {named}{place}; SYMSSL_TRACEBACK=1 shows the way there"


def _failed(message, code):
    with suppress(OSError):  # standard error may have no reader either
        click.echo("symssl: " + " ".join(str(message).split()), err=True)
    return code


def _leave(code, before):
    """Exit; where a paper left threads running, or something to do at the end, without waiting long for them."""
    left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()]
    if PROCESS["ours"]:
        for stream in (results(), sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if left:
            end_now(code)
        last = threading.Timer(_LAST_SECONDS, end_now, (code,))
        last.daemon = True
        last.start()
    sys.exit(code)
