"""LaTeX with a stable order of terms, broken long lines and a paper's own notation."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from ..errors import InputError
from ..exact.statements import as_statement
from ..support.arguments import described, instance_of, mapping_of, number, text_of
from .linebreaks import glyphs, lines
from .text import escape

__all__ = ["Formula", "Line", "Tex", "as_text", "latex"]

WIDTH = 78  # small letters on a line, roughly a page less an equation's number


class _Printer(LatexPrinter):
    """SymPy's printer with sums of matrices in a fixed order."""

    def _print_MatAdd(self, expr):
        first, *others = sorted(expr.args, key=sp.default_sort_key)
        text = self._print(first)
        for term in others:
            piece = self._print(term)
            text += f" - {piece[1:].lstrip()}" if piece.startswith("-") else f" + {piece}"
        return text

    def _print_Transpose(self, expr):
        text = self.parenthesize(expr.arg, PRECEDENCE["Pow"], strict=True)
        return (f"{{{text}}}" if "'" in text or "^" in text else text) + r"^{\top}"  # never two superscripts

    def _print_RootSum(self, expr):
        root = expr.fun.variables[0]
        equation = f"{self._print(expr.poly.as_expr(root))} = 0"
        return rf"\sum_{{{equation}}} {self.parenthesize(expr.fun.expr, PRECEDENCE['Mul'])}"

    def parenthesize(self, item, level, is_neg=False, strict=False):
        if level >= PRECEDENCE["Pow"] and getattr(item, "is_open_sum", False):
            return self._add_parens(self._print(item))  # or the power would be read as one of the summand
        return super().parenthesize(item, level, is_neg=is_neg, strict=strict)

    def _print_str(self, text):
        return rf"\text{{{escape(text)}}}"


def _printer(names):
    names = mapping_of("names", names, "symbols, or their names, to LaTeX")
    for symbol, notation in names.items():
        text_of(f"the notation of {symbol}", notation)
    return _Printer({"symbol_names": _BySymbol(names)})


class _BySymbol(dict):
    """Notation looked up by symbol or by name."""

    def __init__(self, names):
        super().__init__({str(symbol): text for symbol, text in names.items()})

    def __contains__(self, symbol):
        return super().__contains__(str(symbol))

    def __getitem__(self, symbol):
        return super().__getitem__(str(symbol))

    def get(self, symbol, default=None):
        return super().get(str(symbol), default)


class Tex(str):
    r"""Text that is LaTeX already.

    >>> Tex(r"\alpha") == r"\alpha"
    True
    """


class Line(NamedTuple):
    """One line of what is typeset: ``left relation right``; a bare formula has no left side.

    The sides are SymPy objects, or `Tex`.
    """

    left: Any
    relation: str
    right: Any


class Formula:
    """What can be written as LaTeX: base class of flows, laws, counts, closed forms, claims.

    A subclass says how in `_latex_form`; `latex` and notebooks do the rest.
    """

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        """The object as lines, or as finished LaTeX; `write` gives the LaTeX of a part in the same notation."""
        raise NotImplementedError

    def latex(self, **options: Any) -> str:
        r"""LaTeX; the options are those of `symssl.latex`.

        >>> from symssl import Flow
        >>> x = sp.Symbol("x")
        >>> Flow({x: -x}).latex()
        '\\dot{x} = - x'
        """
        return latex(self, **options)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"


def as_text(text: str) -> Tex:
    r"""Words within a formula.

    >>> as_text("for all t")
    '\\text{for all t}'
    """
    return Tex(rf"\text{{{escape(instance_of('text', text, str, 'a text'))}}}")


_RELATIONS = {sp.Eq: "=", sp.Ne: r"\neq", sp.Gt: ">", sp.Ge: r"\geq", sp.Lt: "<", sp.Le: r"\leq"}


def _lines(obj):
    """The lines of a formula, relation, mapping or tuple of relations."""
    if isinstance(obj, (Mapping, sp.Dict)):
        return [Line(key, "=", value) for key, value in obj.items()]
    if isinstance(obj, sp.Rel) and obj.func in _RELATIONS:
        return [Line(obj.lhs, _RELATIONS[obj.func], obj.rhs)]
    if isinstance(obj, sp.Tuple) and any(isinstance(part, sp.Rel) for part in obj.args):
        return [line for part in obj.args for line in _lines(part)]
    return [Line(None, "", obj)]


def latex(obj: Any, *, names: Mapping[Any, str] | None = None, label: str | None = None, width: float = WIDTH) -> str:
    r"""LaTeX of a formula, relation, flow, mapping, claim or step.

    Parameters
    ----------
    obj : what to print: a SymPy object, an object of symssl that is a formula
        (flows, laws, scalings, counts, fold sets, equilibria, closed forms, claims, steps),
        or a container of these.
    names : mapping from symbol (or its name) to LaTeX, the notation of a paper.
    label : puts the result into a numbered ``equation`` with this label.
    width : width, in small letters, beyond which a formula is broken into aligned lines.

    Raises
    ------
    InputError
        for an object that is no formula.

    >>> p, sigma2 = sp.symbols("p sigma2", positive=True)
    >>> latex(sp.Eq(p, 1 + sigma2), names={"sigma2": r"\sigma^2"})
    'p = \\sigma^2 + 1'
    """
    if label is not None:
        text_of("label", label)
    if isinstance(obj, type):
        raise InputError(f"obj must be a formula, not {described(obj)}")
    body = _body(obj, _printer(names), number("width", width, 0))
    if label is None:
        return body
    return f"\\begin{{equation}}\\label{{{label}}}\n{body}\n\\end{{equation}}"


def _body(obj, printer, width):
    if isinstance(obj, Formula):
        form = obj._latex_form(partial(_body, printer=printer, width=width))
        return str(form) if isinstance(form, Tex) else _aligned(form, printer, width)
    if isinstance(obj, (tuple, list)) and any(isinstance(part, Formula) for part in obj):
        return _under_each_other(_body(part, printer, width) for part in obj)
    if isinstance(obj, Mapping) and any(isinstance(part, Formula) for part in obj.values()):
        named = ((as_text(key) if isinstance(key, str) else printer.doprint(key), part) for key, part in obj.items())
        return _under_each_other(rf"{name}\colon\quad {_body(part, printer, width)}" for name, part in named)
    if not isinstance(obj, (sp.Basic, Mapping)):
        obj = as_statement(obj, "what is printed as LaTeX")
    return _aligned(_lines(obj), printer, width)


def _under_each_other(parts):
    return "\\begin{gathered}\n" + " \\\\\n".join(parts) + "\n\\end{gathered}"


def _side(part, printer):
    return str(part) if isinstance(part, Tex) else printer.doprint(part)


def _aligned(shown, printer, width):
    """Lines under each other, aligned at their relations; a single short one as it is."""
    rows = []
    for left, relation, right in shown:
        left = "" if left is None else _side(left, printer)
        room = max(20, width - glyphs(f"{left} {relation}".strip()))
        rows.append((left, relation, lines(_side(right, printer), room)))
    if len(rows) == 1 and len(rows[0][2]) == 1:
        return " ".join(filter(None, (rows[0][0], rows[0][1], rows[0][2][0])))
    text = []
    for left, relation, (first, *others) in rows:
        text.append(f"{left} &{relation} {first}" if left else f"& {first}")
        text += [rf"&\quad {other}" for other in others]
    return "\\begin{aligned}\n" + " \\\\\n".join(text) + "\n\\end{aligned}"
