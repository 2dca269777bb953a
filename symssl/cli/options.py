"""Options, arguments and small helpers that several commands share."""

import json
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

import click

from ..errors import InputError
from ..support.arguments import exact_fraction, quoted
from ..support.budgets import MOST_SECONDS

_MOST_LETTERS = 1000  # of a name


def number_typed(text):
    """A number such as 3, 0.5 or 1/4, read exactly and never evaluated."""
    try:
        return exact_fraction(text)
    except InputError as error:
        raise click.BadParameter(str(error)) from None


class Seconds(click.ParamType):
    """A positive number of seconds, of at most some thirty years."""

    name = "number"

    def convert(self, value, param, ctx):
        seconds = value if isinstance(value, Fraction) else number_typed(value)
        if seconds <= 0:
            self.fail(f"{quoted(str(value))} is not positive", param, ctx)
        if seconds > MOST_SECONDS:
            self.fail(f"{quoted(str(value))} seconds are too many: give at most {MOST_SECONDS:.0e}", param, ctx)
        return seconds


class Assignment(click.ParamType):
    """``name=value`` with `parts` numbers, separated by colons."""

    def __init__(self, parts, shape):
        self.parts, self.name = parts, shape

    def convert(self, value, param, ctx):
        if isinstance(value, tuple):
            return value
        name, sign, text = value.partition("=")
        numbers = text.split(":", max(self.parts))
        if not (sign and name) or len(name) > _MOST_LETTERS or len(numbers) not in self.parts:
            self.fail(f"{quoted(str(value))} is not of the form {self.name}", param, ctx)
        return name, tuple(map(number_typed, numbers))


IMPORT_LIMIT = 30.0  # seconds in which a user's paper must be imported
MODEL_LIMIT = 60.0  # and in which one of its models must be made


NUMBER = Assignment((1,), "name=number")

names_argument = click.argument("names", nargs=-1, metavar="[ID|PAPER]...")
json_option = click.option("--json", "as_json", is_flag=True, help="Print strict JSON; null is no number.")
no_cache_option = click.option("--no-cache", is_flag=True, help="Derive everything anew; keep nothing.")
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes; as many as there are cores if not given.",
)


def limit_option(default, text="Seconds for each task; what overruns is killed and reported."):
    return click.option(
        "--time-limit",
        type=Seconds(),
        default=default,
        show_default=True,
        help=text,
    )


def examples(*lines):
    return "\b\nExamples:\n" + "\n".join(f"  symssl {line}" for line in lines)


more_numbers = click.argument("more", nargs=-1, type=NUMBER, metavar="[name=number]...")


@dataclass(frozen=True)
class Places:
    """Where papers and figures are taken from: packages, folders or single files."""

    derivations: str = "symssl.derivations"
    figures: str = "symssl.figures"


def import_limit(context):
    """Seconds for the import of each paper; those that come with the program are not watched."""
    return None if context.obj.derivations == Places.derivations else IMPORT_LIMIT


def model_limit(context):
    """Seconds in which a model of a user's paper must be made."""
    return None if context.obj.derivations == Places.derivations else MODEL_LIMIT


def library_of(context):
    """The papers; those that fail to import are named and the others go on."""
    from ..claims.discovery import discover
    from ..present.terminal import warn

    library = discover(context.obj.derivations, import_limit=import_limit(context))
    for name, reason in library.failures.items():
        warn(f"{name} failed to import: {reason}")
    return library


def verdict_table(decided):
    """Print verdicts, one a line."""
    from ..present.terminal import table

    table(
        ("id", "verdict", "evidence", "seconds", "reason"),
        [
            (d.id, d.verdict, d.evidence, f"{d.seconds:.2f}", "; ".join(filter(None, (d.witness, d.reason))))
            for d in decided
        ],
    )


def echo(text):
    """Lines of the result; what a paper prints meanwhile goes to standard error."""
    from ..support.streams import results

    click.echo(text, file=results())


def print_json(data):
    """Strict JSON: a number that does not exist, or lies beyond the doubles, is null."""
    from ..support.streams import results

    data = finite(data)
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(results().encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=1, allow_nan=False)
    echo(text)


def finite(data):
    """Plain data with None for every number that is infinite or none, and plain numbers for those of NumPy."""
    if isinstance(data, dict):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(value) for value in data]
    if isinstance(data, Fraction):
        return finite(int(data) if data.denominator == 1 else float(data))
    if hasattr(data, "tolist"):
        return finite(data.tolist())
    if isinstance(data, float):
        return data if isfinite(data) else None
    return data
