"""LaTeX with a stable order of terms, broken long lines and a paper's own notation."""

import re
from collections.abc import Mapping

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from .claims import Claim, Step
from .claims.statement import as_statement
from .errors import InputError

__all__ = ["document", "escape", "latex", "ledger"]

WIDTH = 78      # small letters on a line, roughly a page less an equation's number
_WIDTHS = {"+": 2.4, "-": 2.4, "=": 2.4, ">": 2.4, "<": 2.4, "&": 0, ",": 0.8, "(": 0.8, ")": 0.8, r"\ ": 0.6,
           r"\quad": 2, **dict.fromkeys((r"\Phi", r"\Psi", r"\Lambda", r"\Gamma", r"\Delta", r"\Omega"), 1.5),
           **dict.fromkeys((r"\left", r"\right", r"\mathbb", r"\mathrm", r"\operatorname", r"\text", r"\frac"), 0)}
_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=2cm,%s]{geometry}
\usepackage{amsmath,amssymb,graphicx,longtable}
\allowdisplaybreaks
\newsavebox{\formula}
\newcommand{\fit}[1]{\sbox{\formula}{#1}\ifdim\wd\formula>\linewidth
  \resizebox{\linewidth}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
\begin{document}
"""
_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
            "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
            "<": r"\textless{}", ">": r"\textgreater{}"}


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
        return self.parenthesize(expr.arg, PRECEDENCE["Pow"], strict=True) + r"^{\top}"

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


def escape(text):
    """Plain text for use in LaTeX.

    >>> escape("a_b & 50%")
    'a\\\\_b \\\\& 50\\\\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)


def _tokens(text):
    """LaTeX taken apart, an environment's begin and end whole."""
    return re.findall(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|\\.|\s+|.", text, re.DOTALL)


def _glyphs(text):
    """Roughly how wide the text is set, in small letters; a fraction is as wide as its wider part."""
    tokens = iter([token for token in _tokens(text) if not token.isspace()])

    def group():
        width, scale, parts = 0.0, 1.0, []      # parts: widths of the groups of a fraction still to come
        fraction = False
        for token in tokens:
            if token == "}":
                break
            if token == "{":
                inside = group()
                if fraction:
                    parts.append(inside)
                    inside = max(parts) if len(parts) == 2 else 0
                    fraction = len(parts) < 2
            else:
                inside = _WIDTHS.get(token, 1.0 if token.startswith("\\") else 1.4 if token.isupper() else 1.0)
            if token == r"\frac":
                fraction, parts = True, []
            elif token in "^_":
                scale = 0.7
                continue
            width, scale = width + scale * inside, 1.0
        return width

    return group()


def _depths(tokens):
    """For each token how many braces, brackets and environments are open before it and after it."""
    depth = 0
    for token in tokens:
        before = depth
        if token in ("{", r"\left") or token.startswith(r"\begin"):
            depth += 1
        elif token in ("}", r"\right") or token.startswith(r"\end"):
            depth -= 1
        yield before, depth


def _summands(text):
    """The text taken apart before each sign and after each comma that stand in no bracket."""
    tokens, parts, listed = _tokens(text), [""], False
    for k, (token, (depth, _)) in enumerate(zip(tokens, _depths(tokens))):
        spaced = depth == 0 and token in "+-" and k and tokens[k - 1].isspace() and parts[-1].strip()
        listed = listed or depth == 0 and token == ","
        if spaced or listed and token != "," and token.strip("\\ "):
            parts.append("")
            listed = False
        parts[-1] += token
    return [part.strip(" ") for part in parts]


def _brackets(text):
    """``(before, opening, inside, closing, after)`` of the widest bracket in the text, `None` without one."""
    tokens, found, start = _tokens(text), [], None
    for k, (token, (before, after)) in enumerate(zip(tokens, _depths(tokens))):
        if token == r"\left" and before == 0:
            start = k
        elif token == r"\right" and after == 0 and start is not None:
            cut = (0, start, start + 2, k, k + 2, len(tokens))
            found.append(["".join(tokens[i:j]) for i, j in zip(cut, cut[1:])])
            start = None
    return max(found, key=lambda parts: _glyphs(parts[2]), default=None)


def _pieces(text):
    r"""A formula taken apart between its summands, or else between those in its widest bracket.

    A bracket open over several lines gets a fixed size, for TeX pairs \left and \right in one line only.
    """
    parts = _summands(text)
    bracket = _brackets(text) if len(parts) == 1 else None
    if bracket is None:
        return parts
    before, opening, inside, closing, after = bracket
    parts = _pieces(inside)
    if len(parts) == 1:
        return [text]
    parts[0] = f"{before}{opening.replace('left', 'Bigl', 1)} {parts[0]}"
    parts[-1] += f"{closing.replace('right', 'Bigr', 1)}{after}"
    return parts


def _lines(text, width):
    """A formula filled into lines of a width, the parts of a list into one each."""
    parts = _pieces(text) if _glyphs(text) > width else [text]
    if len(parts) == 1:
        return parts
    lines = []
    for part in parts:
        if lines and not lines[-1].rstrip("\\ ").endswith(",") and _glyphs(lines[-1]) + _glyphs(part) <= width:
            lines[-1] += f" {part}"
        else:
            lines += _lines(part, width)
    return lines


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
    rows = [(left, _lines(printer.doprint(right), max(20, width - _glyphs(left))))
            for left, right in _rows(obj, printer)]
    if len(rows) == 1 and len(rows[0][1]) == 1:
        return " ".join(filter(None, (rows[0][0], rows[0][1][0])))
    lines = []
    for left, (first, *others) in rows:
        head, _, relation = left.rpartition(" ")
        lines.append(f"{head} &{relation} {first}" if left else f"& {first}")
        lines += [rf"&\quad {other}" for other in others]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def document(body, title=None, *, landscape=False):
    """A LaTeX document that compiles on its own."""
    heading = f"\\section*{{{escape(title)}}}\n" if title else ""
    preamble = _PREAMBLE % ("landscape" if landscape else "portrait")
    return f"{preamble}{heading}{body}\n\\end{{document}}\n"


def _breakable(text):
    """Plain text for use in LaTeX that may be broken after operators, as formulas in Python's notation need."""
    return "".join(escape(character) + r"\allowbreak{}" * (character in "*/+(),._=") for character in text)


def _cell(obj, names):
    """A formula in the table, its first line level with the other columns."""
    text = latex(obj, names=names, width=88).replace(r"\begin{aligned}", r"\begin{aligned}[t]", 1)
    return rf"\fit{{$\displaystyle {text}$}}"


def ledger(rows, *, title="Ledger of decided claims", names=None):
    r"""The decided claims as a LaTeX document with one long table.

    `rows` are pairs of a claim and its verdict; `names` as in :func:`latex`.  A formula that is too
    wide even when broken is scaled to the column, by the document's own macro ``\fit``.
    """
    lines = [r"\begin{longtable}{p{0.17\textwidth}p{0.1\textwidth}p{0.66\textwidth}}",
             r"claim & verdict & statement, correction, reason \\ \hline \noalign{\vskip 4pt} \endhead"]
    for claim, verdict in rows:
        cell = [_cell(claim, names)]
        if verdict.correction is not None:
            cell.append(r"corrected: \newline " + _cell(verdict.correction, names))
        if verdict.witness:
            cell.append("witness: " + _breakable(verdict.witness))
        if verdict.reason:
            cell.append(_breakable(verdict.reason))
        source = "" if claim.source == "printed" else r"\newline reconstructed"
        cite = f" \\newline {escape(claim.cite)}" if claim.cite else ""
        lines.append(f"{escape(claim.id)}{cite}{source} & {verdict.verdict} \\newline "
                     f"({verdict.evidence}) & " + r" \newline ".join(cell) + r" \\[4pt]")
    lines.append(r"\end{longtable}")
    return document(r"\raggedright\small" + "\n" + "\n".join(lines), title, landscape=True)
