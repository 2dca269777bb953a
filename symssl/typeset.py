"""LaTeX with a stable order of terms, broken long lines and a paper's own notation."""

from collections.abc import Mapping

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from .claims import Claim, Step
from .claims.statement import as_statement
from .documents import breakable, document, escape
from .errors import InputError
from .linebreaks import glyphs, lines

__all__ = ["document", "escape", "latex", "ledger"]

WIDTH = 78      # small letters on a line, roughly a page less an equation's number


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
        return (f"{{{text}}}" if "'" in text or "^" in text else text) + r"^{\top}"     # never two superscripts

    def _print_str(self, text):
        return rf"\text{{{escape(text)}}}"


def _printer(names):
    if not isinstance(names, Mapping):
        raise InputError(f"names must map symbols, or their names, to LaTeX, got {names!r}")
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
        return self[symbol] if symbol in self else default


def _rows(obj, printer):
    """``(left side with its relation, right side)`` for each line of the object; no left side for a bare formula."""
    states = getattr(obj, "states", None)
    rhs = getattr(obj, "rhs", None) if not isinstance(obj, sp.Basic) else None
    flow = states if isinstance(states, Mapping) else rhs
    if isinstance(flow, Mapping):
        return [(rf"\dot{{{printer.doprint(s)}}} =", f) for s, f in flow.items()]
    if isinstance(obj, (Mapping, sp.Dict)):
        return [(f"{printer.doprint(key)} =", value) for key, value in obj.items()]
    if isinstance(obj, sp.Rel):
        relation = {sp.Eq: "=", sp.Ne: r"\neq", sp.Gt: ">", sp.Ge: r"\geq", sp.Lt: "<", sp.Le: r"\leq"}
        return [(f"{printer.doprint(obj.lhs)} {relation[obj.func]}", obj.rhs)]
    if isinstance(obj, sp.Tuple) and any(isinstance(part, sp.Rel) for part in obj.args):
        return [row for part in obj.args for row in _rows(part, printer)]
    return [("", obj)]


def latex(obj, *, names=None, label=None, width=WIDTH):
    r"""LaTeX of a formula, relation, flow, mapping, claim or step.

    Parameters
    ----------
    obj : what to print.
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
    printer = _printer(names or {})
    if isinstance(obj, Claim):
        body = obj.statement_latex or _body(obj.printed, printer, width)
    elif isinstance(obj, Step):
        body = rf"\text{{{escape(obj.text)}}}"
        if obj.result is not None:
            body += r"\colon\quad " + _body(obj.result, printer, width)
    else:
        body = _body(obj, printer, width)
    if label is None:
        return body
    return f"\\begin{{equation}}\\label{{{label}}}\n{body}\n\\end{{equation}}"


def _body(obj, printer, width):
    if isinstance(getattr(obj, "certificate", None), str):
        return rf"\text{{{escape(obj.certificate)}}}"
    if not isinstance(obj, (sp.Basic, Mapping)) and not hasattr(obj, "states") and not hasattr(obj, "rhs"):
        obj = as_statement(obj, "what is printed as LaTeX")
    rows = [(left, lines(printer.doprint(right), max(20, width - glyphs(left))))
            for left, right in _rows(obj, printer)]
    if len(rows) == 1 and len(rows[0][1]) == 1:
        return " ".join(filter(None, (rows[0][0], rows[0][1][0])))
    shown = []
    for left, (first, *others) in rows:
        head, _, relation = left.rpartition(" ")
        shown.append(f"{head} &{relation} {first}" if left else f"& {first}")
        shown += [rf"&\quad {other}" for other in others]
    return "\\begin{aligned}\n" + " \\\\\n".join(shown) + "\n\\end{aligned}"


def _cell(obj, names):
    """A formula in the table, its first line level with the other columns."""
    text = latex(obj, names=names, width=88).replace(r"\begin{aligned}", r"\begin{aligned}[t]", 1)
    return rf"\fit{{$\displaystyle {text}$}}"


def ledger(rows, *, title="Ledger of decided claims", names=None):
    r"""The decided claims as a LaTeX document with one long table.

    `rows` are pairs of a claim and its verdict; `names` as in :func:`latex`.  A formula that is too
    wide even when broken is scaled to the column, by the document's own macro ``\fit``.
    """
    table = [r"\begin{longtable}{p{0.17\textwidth}p{0.1\textwidth}p{0.66\textwidth}}",
             r"claim & verdict & statement, correction, reason \\ \hline \noalign{\vskip 4pt} \endhead"]
    for claim, verdict in rows:
        cell = [_cell(claim, names)]
        if verdict.correction is not None:
            cell.append(r"corrected: \newline " + _cell(verdict.correction, names))
        if verdict.witness:
            cell.append("witness: " + breakable(verdict.witness))
        if verdict.reason:
            cell.append(breakable(verdict.reason))
        source = "" if claim.source == "printed" else r"\newline reconstructed"
        cite = f" \\newline {escape(claim.cite)}" if claim.cite else ""
        table.append(f"{escape(claim.id)}{cite}{source} & {verdict.verdict} \\newline "
                     f"({verdict.evidence}) & " + r" \newline ".join(cell) + r" \\[4pt]")
    table.append(r"\end{longtable}")
    return document(r"\raggedright\small" + "\n" + "\n".join(table), title, landscape=True)
