"""Formulas in the characters of a terminal, sums of matrices with their signs."""

import re
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import greek_unicode, pretty_use_unicode, sup
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from ..errors import InputError
from ..support.arguments import all_of, described, flag, mapping_of, whole

__all__ = ["pretty"]


class _TextPrinter(PrettyPrinter):
    """SymPy's printer, which leaves out the sign in front of a matrix whose coefficient is no number.

    `names` maps the names of symbols to what is shown for them.
    """

    def __init__(self, settings, names):
        super().__init__(settings)
        self.names = names

    def _print_Symbol(self, symbol, bold_name=False):
        if symbol.name not in self.names:
            return super()._print_Symbol(symbol, bold_name)
        text = self.names[symbol.name]
        # shown as a power, a symbol is bracketed before it is raised to one
        return prettyForm(text, binding=prettyForm.ATOM if text.isidentifier() else prettyForm.MUL)

    def _print_Sample(self, sample):
        return prettyForm(f"{sample.name}[{sample.index}]")

    def _print_MatAdd(self, expr):
        first, *others = sorted(expr.args, key=lambda term: (_negative(term), sp.default_sort_key(term)))
        pieces = [self._print(first)]
        for term in others:
            pieces += [" - ", self._print(-term)] if _negative(term) else [" + ", self._print(term)]
        return prettyForm(*stringPict.next(*pieces), binding=prettyForm.ADD)

    def _print_MatMul(self, expr):
        if not _negative(expr):
            return super()._print_MatMul(expr)
        form = self._print(-expr)
        return prettyForm(*form.left("-" if form.height() == 1 else "- "), binding=prettyForm.NEG)


def _negative(term):
    """Whether a matrix is shown with a minus sign in front."""
    return term.as_coeff_mmul()[0].could_extract_minus_sign()


def _characters(text):
    r"""A symbol's LaTeX in characters, `None` where there are none for it.

    >>> _characters(r"\sigma^{2}"), _characters(r"N_{\times}"), _characters(r"\mathcal{L}")
    ('σ²', 'N_×', None)
    """
    text = re.sub(r"\\([A-Za-z]+)", lambda found: {**greek_unicode, "times": "×"}.get(found[1], found[0]), text)
    text = re.sub(r"\^\{?(\d)\}?", lambda found: sup[found[1]], text)
    text = re.sub(r"_\{(\w|×)\}", r"_\1", text)
    return None if re.search(r"[\\{}^]", text) else text


_SUMS = (sp.Add, sp.MatAdd)
_RELATIONS = {sp.Eq: "=", sp.Ne: "!=", sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<="}


def _rows(printer, obj, columns):
    """A sum, or an equation with a sum on the right, with as many terms on each row as fit."""
    expr, row, rows = obj, None, []
    if isinstance(obj, sp.Rel):
        expr, row = obj.rhs, prettyForm(*stringPict.next(printer._print(obj.lhs), f" {_RELATIONS[obj.func]} "))
    start = row is not None
    for term in expr.as_ordered_terms() if isinstance(expr, sp.Add) else expr.args:
        minus = _negative(term) if isinstance(expr, sp.MatAdd) else term.could_extract_minus_sign()
        form = printer._print(-term if minus else term)
        first = ("- " if form.height() > 1 else "-") if minus else ""  # apart from the bar of a fraction
        sign = first if start or (row is None and not rows) else " - " if minus else " + "
        piece = prettyForm(*stringPict.next(sign, form))
        joined = piece if row is None else prettyForm(*stringPict.next(row, piece))
        if not start and row is not None and joined.width() > columns:
            rows.append(row)
            joined = piece
        row, start = joined, False
    return [*rows, row]


def pretty(
    obj: Any, *, unicode: bool = True, columns: int | None = None, names: Mapping[Any, str] | None = None
) -> str:
    r"""A SymPy object over several lines of characters.

    Parameters
    ----------
    obj : SymPy object
    unicode : whether other characters than ASCII are used.
    columns : number of characters at which a line is broken, `None` for never.
    names : mapping from symbol (or its name) to LaTeX, the notation of a paper, as far as `unicode` has it.

    >>> n, sigma2 = sp.Symbol("n"), sp.Symbol("sigma2")
    >>> A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
    >>> print(pretty(A - (1 + sigma2)*B, names={"sigma2": r"\sigma^2"}))
    A - (σ² + 1)⋅B
    """
    flag("unicode", unicode)
    columns = None if columns is None else whole("columns", columns, 1)
    if not isinstance(obj, (sp.Basic, sp.MatrixBase)):
        raise InputError(f"what is printed must be a SymPy object, not {described(obj)}")
    notation = mapping_of("names", names, "symbols, or their names, to LaTeX")
    all_of("the LaTeX of symbols", list(notation.values()), str, "texts")
    shown = {str(symbol): _characters(text) for symbol, text in notation.items()} if unicode else {}
    settings = {"use_unicode": unicode, "wrap_line": columns is not None, "num_columns": columns}
    before = pretty_use_unicode(unicode)
    try:
        printer = _TextPrinter(settings, {name: text for name, text in shown.items() if text})
        form = printer._print(obj)
        if (
            columns is None
            or form.width() <= columns
            or not isinstance(obj.rhs if isinstance(obj, sp.Rel) else obj, _SUMS)
        ):
            return form.render(**settings)
        return "\n\n".join(row.render(**settings) for row in _rows(printer, obj, columns))
    finally:
        pretty_use_unicode(before)
