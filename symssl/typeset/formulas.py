"""LaTeX with a stable order of terms, broken long lines and a paper's own notation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
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

_RELATIONS = {sp.Eq: "=", sp.Ne: r"\neq", sp.Gt: ">", sp.Ge: r"\geq", sp.Lt: "<", sp.Le: r"\leq"}
WIDTH = 78  # small letters on a line, roughly a page less an equation's number


class _Printer(LatexPrinter):
    """SymPy's printer: sums of matrices in a fixed order, words as words, brackets wherever a reader needs them.

    Attributes
    ----------
    labels : what tells several dynamics in one formula apart, as a superscript of their states.
    starts : pairs of dynamics and a start that are shown besides the formula, and not in it.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.notation = self._settings["symbol_names"]
        self.labels: dict[Any, str] = {}
        self.starts: set[Any] = set()

    def _print_MatAdd(self, expr):
        seen = any(map(_shows_size, expr.args))
        first, *others = sorted(expr.args, key=lambda term: (_is_negative(term), sp.default_sort_key(term)))
        text = self._in_sum(first, seen)
        for term in others:
            piece = self._in_sum(term, seen)
            text += f" - {piece[1:].lstrip()}" if piece.startswith("-") else f" + {piece}"
        return text

    def _in_sum(self, term, seen):
        return self.of_known_size(term) if seen else self._print(term)

    def of_known_size(self, expr: Any) -> str:
        """Where the size of a unit or zero matrix can be seen from what stands beside it, it is not written."""
        if isinstance(expr, sp.Identity):
            return "1" if expr.shape == (1, 1) else r"\mathbb{I}"
        if isinstance(expr, sp.ZeroMatrix):
            return "0"
        if isinstance(expr, sp.MatMul) and any(isinstance(a, (sp.Identity, sp.ZeroMatrix)) for a in expr.args):
            text = self._print(expr)
            return re.sub(r"(\\mathbb\{I\})_\{[^{}]*\}$", r"\1", text)
        if isinstance(expr, sp.MatAdd) and not any(map(_shows_size, expr.args)):
            return self._print_MatAdd(sp.MatAdd(*expr.args, sp.MatrixSymbol("_", *expr.shape), evaluate=False))
        return self._print(expr)

    def _print_Identity(self, I):
        if I.shape == (1, 1):
            return "1"
        return rf"\mathbb{{I}}_{{{self._print(I.shape[0])}}}"

    def _print_ZeroMatrix(self, Z):
        rows, columns = map(self._print, Z.shape)
        if Z.shape == (1, 1):
            return "0"
        return rf"0_{{{rows}}}" if Z.shape[1] == 1 else rf"0_{{{rows} \times {columns}}}"

    def sides(self, left: Any, right: Any) -> tuple[str, str]:
        """Two sides of a relation, unit and zero matrices without the size that the other side shows."""
        seen = _shows_size(left) or _shows_size(right)
        return tuple(self.of_known_size(s) if seen else self._print(s) for s in (left, right))  # type: ignore[return-value]

    def _print_Relational(self, expr):
        made = getattr(expr.lhs, "_latex_equated", None)
        if made and (text := made(self, expr)):
            return text
        left, right = self.sides(expr.lhs, expr.rhs)
        return f"{left} {_RELATIONS[expr.func]} {right}"

    def _print_Transpose(self, expr):
        return self._raised(expr.arg, r"\top")

    def _print_MatPow(self, expr):
        return self._raised(expr.base, self._print(expr.exp))

    _print_Inverse = _print_MatPow

    def _raised(self, base, exponent):
        """A matrix with a superscript: never two superscripts."""
        text = self.parenthesize(base, PRECEDENCE["Pow"], strict=True)
        if _is_raised(text):
            text = f"{{{text}}}" if isinstance(base, sp.MatrixSymbol) else self._add_parens(text)
        return f"{text}^{{{exponent}}}"

    def _helper_print_standard_power(self, expr, template):
        exponent, base = expr.exp, expr.base
        made = getattr(base, "_latex_power", None)
        if made and (text := made(self, exponent)):
            return text
        text = self.parenthesize(base, PRECEDENCE["Pow"])
        return template % (self._add_parens(text) if _is_raised(text) else text, self._print(exponent))

    def _print_Mul(self, expr):
        tail = [a for a in expr.args if getattr(a, "is_open_sum", False)] if expr.is_Mul else []
        others = [a for a in expr.args if a not in tail] if len(tail) == 1 else []
        if not others:
            return super()._print_Mul(expr)
        head = sp.Mul(*others)
        if head == -1:
            return f"- {self._print(tail[0])}"
        text = self._print(head)
        return f"{self._add_parens(text) if head.is_Add else text} {self._print(tail[0])}"

    def _needs_mul_brackets(self, expr, first=False, last=False):
        open_ended = getattr(expr, "is_open_sum", False) and not last
        return open_ended or super()._needs_mul_brackets(expr, first=first, last=last)

    def _print_MatMul(self, expr):
        args = list(expr.args)
        sign = ""
        if expr.could_extract_minus_sign():
            sign = "- "
            args = args[1:] if args[0] == -1 else [-args[0], *args[1:]]
        parts = []
        for k, arg in enumerate(args):
            text = (
                self._print(arg) if isinstance(arg, sp.Mul) else self.parenthesize(arg, PRECEDENCE["Mul"], strict=True)
            )
            open_ended = getattr(arg, "is_open_sum", False) or (
                isinstance(arg, sp.Mul) and any(getattr(a, "is_open_sum", False) for a in arg.args)
            )
            # what reaches over the next factor, and a minus that would read as a difference
            bare = (open_ended and k < len(args) - 1) or (text.startswith("-") and (k or sign))
            parts.append(self._add_parens(text) if bare and not _in_brackets(text) else text)
        return sign + " ".join(parts)

    def _print_Symbol(self, expr, style="plain"):
        notation = self._settings["symbol_names"].get(expr)
        return _named(expr.name, self._deal_with_super_sub) if notation is None else notation

    _print_MatrixSymbol = _print_Symbol

    def _print_Str(self, expr):
        return self._print_Symbol(expr)

    def _print_HadamardProduct(self, expr):
        return r" \odot ".join(self.parenthesize(a, PRECEDENCE["Mul"]) for a in expr.args)

    def _print_HadamardPower(self, expr):
        return self._raised(expr.base, rf"\odot {self._print(expr.exp)}")

    def _print_Abs(self, expr, exp=None):
        text = rf"\left|{self._print(expr.args[0])}\right|"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _print_RootSum(self, expr):
        root = expr.fun.variables[0]
        equation = f"{self._print(expr.poly.as_expr(root))} = 0"
        return rf"\sum_{{{equation}}} {self.parenthesize(expr.fun.expr, PRECEDENCE['Mul'])}"

    def parenthesize(self, item, level, is_neg=False, strict=False):
        if level >= PRECEDENCE["Pow"] and getattr(item, "is_open_sum", False):
            return self._add_parens(self._print(item))  # or the power would be read as one of the summand
        return super().parenthesize(item, level, is_neg=is_neg, strict=strict)

    def _print_And(self, expr):
        return self._joined(sorted(expr.args, key=sp.default_sort_key), "and")

    def _print_Or(self, expr):
        return self._joined(sorted(expr.args, key=sp.default_sort_key), "or")

    def _joined(self, parts, word):
        return rf" \text{{ {word} }} ".join(map(self.condition, parts))

    def _print_Implies(self, expr):
        return r" \Rightarrow ".join(map(self.condition, expr.args))

    def _print_Equivalent(self, expr):
        return r" \Leftrightarrow ".join(map(self.condition, sorted(expr.args, key=sp.default_sort_key)))

    def _print_Not(self, expr):
        made = getattr(expr.args[0], "_latex_denied", None)
        return made(self) if made else rf"\neg {self.condition(expr.args[0])}"

    def _print_Contains(self, expr):
        return r" \in ".join(map(self._print, expr.args))

    def condition(self, expr: Any) -> str:
        """A part of a combined statement, in brackets unless it is a comparison by itself."""
        combined = isinstance(expr, (sp.And, sp.Or, sp.Implies, sp.Equivalent)) or hasattr(expr, "bound")
        return self._add_parens(self._print(expr)) if combined else self._print(expr)

    def _print_str(self, text):
        return rf"\text{{{escape(text)}}}"

    @contextmanager
    def named(self, notation: Mapping[Any, str | None]) -> Iterator[None]:
        """Another notation for some symbols within the block; None for their own."""
        before = self._settings["symbol_names"]
        own = {str(symbol): self.notation.get(symbol) if text is None else text for symbol, text in notation.items()}
        self._settings["symbol_names"] = _BySymbol({k: v for k, v in {**before, **own}.items() if v is not None})
        try:
            yield
        finally:
            self._settings["symbol_names"] = before


def _is_negative(term: Any) -> bool:
    """Whether a matrix is written with a minus sign in front."""
    return term.as_coeff_mmul()[0].could_extract_minus_sign()


def _shows_size(expr: Any) -> bool:
    """Whether a reader can tell the size of a matrix: not that of a unit or zero matrix alone."""
    if isinstance(expr, (sp.Identity, sp.ZeroMatrix)):
        return False
    if isinstance(expr, (sp.MatMul, sp.MatAdd)):
        return any(_shows_size(a) for a in expr.args if getattr(a, "is_Matrix", False))
    return bool(getattr(expr, "is_Matrix", False))


def _is_raised(text: str) -> bool:
    """Whether LaTeX ends in a superscript, its subscript after it or not: a second one would be an error."""
    return bool(_RAISED.search(text))


_GROUP = r"(?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|\\[A-Za-z]+|[^\s{}\\])"
_RAISED = re.compile(rf"(?:\^\s*{_GROUP}|')(?:\s*_\s*{_GROUP})?\s*$")


def _in_brackets(text: str) -> bool:
    """Whether LaTeX is one pair of brackets, with all the rest inside."""
    if not (text.startswith(r"\left(") and text.endswith(r"\right)")):
        return False
    depth = 0
    for found in re.finditer(r"\\(left|right)(?![a-z])", text):
        depth += 1 if found[1] == "left" else -1
        if depth == 0 and found.end() < len(text) - 1:
            return False
    return True


_PLAIN = re.compile(r"[^\W\d_]\w*'*(?:[_^][\w'*+,-]+)*")


def _named(name: str, split: Callable[[str], str]) -> str:
    r"""The LaTeX of a name: letters and Greek letters as they are, words upright, anything else as text."""
    if _PLAIN.fullmatch(name):
        letter, primes, scripts = re.fullmatch(r"([^']*)('*)(.*)", name).groups()  # type: ignore[union-attr]
        head, *rest = re.split(r"(?=[_^]\{)", _upright(split(letter + scripts)), maxsplit=1)
        return "".join([head, primes, *rest])
    is_latex = re.search(r"[\\{]", name) and not re.search(r"[$&#%~;\"]", name) and _closes(name)
    return name if is_latex else str(as_text(name))


def _closes(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and not text.endswith("\\")


def _upright(text: str) -> str:
    """Words of more than one letter upright, those of subscripts of more than two."""

    def word(found):
        return found[0] if found[1] else rf"\mathrm{{{found[0]}}}"

    head, *rest = re.split(r"(?=[_^]\{)", text)
    head = re.sub(r"(\\)?(?<![A-Za-z])[A-Za-z]{2,}", word, head)
    rest = [re.sub(r"(\\)?(?<![A-Za-z])[A-Za-z]{3,}", word, part) for part in rest]
    return head + "".join(rest)


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


def _lines(obj):
    """The lines of a formula, relation, mapping or tuple of relations."""
    if isinstance(obj, (Mapping, sp.Dict)):
        return [Line(key, "=", value) for key, value in obj.items()]
    if isinstance(obj, sp.Rel) and obj.func in _RELATIONS and not hasattr(obj.lhs, "_latex_equated"):
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


class Writer:
    """Writes the parts of a formula in one notation; what `Formula._latex_form` is given.

    Attributes
    ----------
    printer : the printer, for those that write parts of a line; width : that of a line, in small letters.
    """

    def __init__(self, printer: Any, width: float) -> None:
        self.printer = printer
        self.width = width

    def __call__(self, obj: Any) -> str:
        """The LaTeX of a part, long lines broken."""
        return _body(obj, self.printer, self.width)

    def narrower(self, by: float) -> Writer:
        """One that breaks earlier."""
        return Writer(self.printer, max(20.0, self.width - by))

    def inline(self, obj: Any) -> str:
        """The LaTeX of a part in one line."""
        return self.printer._print(obj)


def writer(names: Mapping[Any, str] | None = None, width: float = WIDTH) -> Writer:
    """A writer in a notation, for what is composed of several formulas."""
    return Writer(_printer(names), width)


def _body(obj, printer, width):
    if isinstance(obj, Formula):
        form = obj._latex_form(Writer(printer, width))
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


def _aligned(shown, printer, width):
    """Lines under each other, aligned at their relations; a single short one as it is."""
    rows = []
    for left, relation, right in shown:
        if isinstance(left, Tex) or isinstance(right, Tex) or left is None:
            left, right = (
                str(s) if isinstance(s, Tex) else "" if s is None else printer._print(s) for s in (left, right)
            )
        else:
            left, right = printer.sides(left, right)
        if glyphs(left) > 0.7 * width:  # too long to stand before a relation: in lines of its own
            first, *others = lines(left, width)
            rows.append(("", "", [first, *others, *lines(f"{relation} {right}", width)]))
            continue
        room = max(20, width - glyphs(f"{left} {relation}".strip()))
        rows.append((left, relation, lines(right, room)))
    if len(rows) == 1 and len(rows[0][2]) == 1:
        return " ".join(filter(None, (rows[0][0], rows[0][1], rows[0][2][0])))
    text = []
    for left, relation, (first, *others) in rows:
        text.append(f"{left} &{relation} {first}" if left else f"& {first}")
        text += [rf"&\quad {other}" for other in others]
    return "\\begin{aligned}\n" + " \\\\\n".join(text) + "\n\\end{aligned}"
