"""How a sentence is read out: lines with words, what its dynamics are, and the list of definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from textwrap import wrap
from typing import Any, NamedTuple

from sympy import And, Basic, Equivalent, Implies, MatrixSymbol, Symbol, default_sort_key

from ..typeset.formulas import Writer, as_text, writer
from ..typeset.linebreaks import glyphs, lines
from ..typeset.text import plain
from .dynamics import NEXT, Dynamics, GradientDescent, GradientFlow
from .functions import Entry, FunctionSymbol
from .names import names_in
from .operators import MatrixStopGradient, MatrixTotal, StopGradient, Total
from .quantifiers import External, Quantifier
from .random_matrices import RandomMatrix
from .random_vectors import GaussianVector
from .relations import Relation
from .sample_vectors import samples
from .scalars import Potential
from .terms import Along, Count, Eigenvalue, Eigenvector, FirstTime, Growth, Limit, Next, Optimum, Order, Zeros
from .unit_vectors import UnitVector
from .writing import condition_latex, listed, ranges

__all__ = ["Definition", "definitions_of", "sentence_latex", "sentence_text"]

_INDENT = 2.0  # small letters


class Definition(NamedTuple):
    r"""A row for readers: a name, its LaTeX, what it stands for, and what is known of it, in LaTeX with words.

    >>> Definition("x", "x", "a length", r"\text{positive number}").line
    'x\\colon\\; \\text{a length}, \\; \\text{positive number}'
    """

    name: str
    symbol: str
    words: str
    kind: str

    @property
    def line(self) -> str:
        """All of it as one formula."""
        return rf"{self.symbol}\colon\; " + r", \; ".join(filter(None, (self.words and as_text(self.words), self.kind)))


# --- what is shown besides the claim ------------------------------------------------------


@contextmanager
def _shown_besides(sentence: Any, printer: Any) -> Iterator[dict[Any, list[str]]]:
    """Dynamics -> the equations or words that say what they are; meanwhile the printer knows labels and starts."""
    dynamics = sentence.dynamics
    starts: dict[Any, set[Any]] = {}
    for part in _parts(sentence):
        if isinstance(part, (Along, FirstTime)):
            starts.setdefault(part.args[1], set()).add(part.args[part.point])
    before = printer.labels, printer.starts
    twins = [d for d in dynamics if any(_share(d, other) for other in dynamics if other != d)]
    printer.labels = {d: rf"(\mathrm{{{chr(ord('a') + k)}}})" for k, d in enumerate(twins)}
    printer.starts = {(d, start) for d, some in starts.items() if len(some) == 1 for start in some}
    try:
        yield {d: _told(sentence, printer, d) for d in dynamics}
    finally:
        printer.labels, printer.starts = before


def _share(one: Any, other: Any) -> bool:
    return bool({x.name for x in one.states} & {x.name for x in other.states})


def _parts(sentence: Any) -> Iterator[Any]:
    stack = [sentence.claim, *(g for g in sentence.given if isinstance(g, Basic)), *(let.term for let in sentence.lets)]
    while stack:
        part = stack.pop(0)
        yield part
        stack[:0] = getattr(part, "args", ())


def _told(sentence: Any, printer: Any, dynamics: Any) -> list[str]:
    words = sentence.vocabulary.dynamics.get(dynamics)
    told = [as_text(words)] if words else dynamics._equations_latex(printer, _loss(sentence, dynamics))
    for known, start in printer.starts:
        if known == dynamics:
            told += [
                f"{printer._print(x)}(0) = {printer.sides(x, start[x])[1]}" for x in dynamics.states if start[x] != x
            ]
    return told


def _loss(sentence: Any, dynamics: Any, named: bool = False) -> str:
    """A letter for the loss, numbered where several are shown without one: those of `named` dynamics too or not."""
    known = () if named else sentence.vocabulary.dynamics
    flows = [d for d in sentence.dynamics if isinstance(d, (GradientFlow, GradientDescent)) and d not in known]
    losses = list(dict.fromkeys(d.loss for d in flows if not (d.loss.is_Symbol or isinstance(d.loss, Potential))))
    if len(losses) < 2 or getattr(dynamics, "loss", None) not in losses:
        return r"\mathcal{L}"
    return rf"\mathcal{{L}}_{{{losses.index(dynamics.loss) + 1}}}"


# --- the lines of a sentence --------------------------------------------------------------


def _rows(sentence: Any, write: Writer) -> list[tuple[int, str]]:
    """The lines with their depth, each still unbroken."""
    printer = write.printer
    with _shown_besides(sentence, printer) as told:
        rows = [*_hypotheses(sentence, printer), *_claim(sentence.claim, printer, write.width, 0)]
        along, where = _besides(sentence, printer, told)
    rows += _filled(along, r"\text{along } ", write.width)
    if where:
        rows[-1] = (rows[-1][0], f"{rows[-1][1]},")
    return rows + _filled(where, r"\text{where } ", write.width)


def _besides(sentence: Any, printer: Any, told: Mapping[Any, list[str]]) -> tuple[list[str], list[str]]:
    """What follows the claim: the dynamics that have words and their starts; equations, abbreviations, conditions."""
    along, where = [], []
    for dynamics, texts in told.items():
        mark, words = printer.labels.get(dynamics), sentence.vocabulary.dynamics.get(dynamics)
        if words and mark:
            where += [rf"{mark} \text{{ is }} {as_text(words)}", *texts[1:]]
        elif words:
            along.append(",\\; ".join(texts))
        else:
            where += texts
    where += [" = ".join(printer.sides(let.symbol, let.term)) for let in sentence.lets]
    where += [condition_latex(printer, c) for o in sentence.objects for c in o.where]
    along = [rf"\text{{and along }} {text}" if k else text for k, text in enumerate(along)]
    return along, list(dict.fromkeys(where))


def _filled(items: list[str], head: str, width: float) -> list[tuple[int, str]]:
    """Items one after the other behind a word, on as many lines as they need."""
    rows: list[str] = []
    for item in items:
        if rows and glyphs(rows[-1]) + glyphs(item) + 2 <= width:
            rows[-1] += rf",\; {item}"
        else:
            rows[-1:] = [f"{rows[-1]},", item] if rows else [head + item]
    return [(2 if k else 0, row) for k, row in enumerate(rows)]


def _hypotheses(sentence: Any, printer: Any) -> list[tuple[int, str]]:
    given = [condition_latex(printer, g) for g in sentence.given]
    if sentence.almost:
        almost = ", ".join(map(printer._print, sentence.almost))
        condition = rf" \text{{ with }} {listed(given)}" if given else ""
        return [(0, rf"\text{{for almost all }} {almost}{condition}\colon")]
    return [(0, rf"\text{{if }} {listed(given)} \text{{ then}}")] if given else []


def _claim(claim: Any, printer: Any, width: float, depth: int) -> list[tuple[int, str]]:
    if isinstance(claim, Quantifier):
        return [(depth, claim._head_latex(printer)), *_claim(claim.body, printer, width, depth + 1)]
    if isinstance(claim, External):
        return [(depth, as_text(line)) for line in wrap(claim.text, int(width))]
    text = printer._print(claim)
    if glyphs(text) <= width - _INDENT * depth:
        return [(depth, text)]
    if isinstance(claim, (Implies, Equivalent)) and len(claim.args) == 2:
        sign = r"\Rightarrow" if isinstance(claim, Implies) else r"\Leftrightarrow"
        one, other = claim.args if isinstance(claim, Implies) else sorted(claim.args, key=default_sort_key)
        return [(depth, printer.condition(one)), (depth, f"{sign} {printer.condition(other)}")]
    if isinstance(claim, And):
        parts = list(map(printer.condition, sorted(claim.args, key=default_sort_key)))
        return [*((depth, rf"{part} \text{{ and}}") for part in parts[:-1]), (depth, parts[-1])]
    return [(depth, text)]


def sentence_latex(sentence: Any, write: Writer) -> str:
    """One line where the sentence fits, else lines under each other."""
    rows = _rows(sentence, write)
    joined = r" \; ".join(text for _, text in rows)
    if glyphs(joined) <= write.width:
        return joined
    out = []
    for depth, text in rows:
        first, *others = _folded(text, write.width - _INDENT * depth)
        out.append(rf"&{chr(92) + 'quad ' if depth else ' '}{chr(92) + 'quad ' if depth > 1 else ''}{first}".rstrip())
        out += [rf"&\quad{' '.join([chr(92) + 'quad'] * (depth + 1))} {other}" for other in others]
    return "\\begin{aligned}\n" + " \\\\\n".join(out) + "\n\\end{aligned}"


def _folded(text: str, width: float) -> list[str]:
    """A line broken after its relation where it is too long, then between the summands of its sides."""
    if glyphs(text) <= width:
        return [text]
    return lines(text, width)


def sentence_text(sentence: Any, names: Mapping[Any, str] | None, width: int) -> str:
    """The lines in the characters of a terminal."""
    write = writer(names, float(width))
    rows = [("  " * depth, plain(part)) for depth, text in _rows(sentence, write) for part in _folded(text, width)]
    joined = " ".join(text for _, text in rows)
    return joined if len(joined) <= width else "\n".join(f"{pad}{text}" for pad, text in rows)


def proposition_text(sentence: Any, proposition: Any, names: Mapping[Any, str] | None, width: int) -> str:
    """Another proposition in the words of a sentence, without what these stand for: a line of its derivation."""
    write = writer(names, float(width))
    with _shown_besides(sentence, write.printer):
        rows = _claim(proposition, write.printer, float(width), 0)
    return "\n".join("  " * depth + plain(part) for depth, text in rows for part in _folded(text, width))


# --- the list of definitions --------------------------------------------------------------


def definitions_of(sentence: Any, names: Mapping[Any, str] | None = None) -> tuple[Definition, ...]:
    """A row for every symbol: objects, abbreviations, dynamics, bound symbols, and signs that are not common."""
    printer = writer(names, float("inf")).printer
    found = _all_names(sentence)
    table = sentence.vocabulary.table
    rows = [_of_entry(printer, entry) for name, entry in table.items() if name in found]
    rows += [_of_bound(printer, name, found[name], sentence) for name in found if name not in table]
    with _shown_besides(sentence, printer):
        for dynamics in sentence.dynamics:
            words = sentence.vocabulary.dynamics.get(dynamics, _kind_of_dynamics(dynamics))
            mark = printer.labels.get(dynamics, "")
            symbol = mark or ", ".join(dynamics._moved_latex(printer, x) for x in dynamics.states)
            equations = dynamics._equations_latex(printer, _loss(sentence, dynamics, named=True))
            rows.append(Definition(words, symbol, words, r",\; ".join(equations)))
    return (*rows, *_signs(sentence, printer))


def _kind_of_dynamics(dynamics: Any) -> str:
    kinds = ((GradientFlow, "the gradient flow"), (GradientDescent, "gradient descent"))
    return next((words for kind, words in kinds if isinstance(dynamics, kind)), "the dynamics")


def _all_names(sentence: Any) -> dict[str, Any]:
    """Every name of the sentence, of its hypotheses, abbreviations and declarations of these."""
    table = sentence.vocabulary.table
    found: dict[str, Any] = {}
    waiting = _names([sentence.claim, *sentence.hypotheses, *(let.term for let in sentence.lets)])
    while waiting:
        name, symbol = waiting.popitem()
        if name in found:
            continue
        found[name] = symbol
        entry = table.get(name)
        more = [symbol]
        if entry is not None:
            more += [getattr(entry, "term", None), *getattr(entry, "where", ())]
            more += [entry.symbol.dim, entry.symbol.size] if isinstance(entry.symbol, samples) else [entry.symbol]
        waiting.update({n: s for n, s in _names(more).items() if n not in found})
    return dict(sorted(found.items()))


def _names(exprs: Iterable[Any]) -> dict[str, Any]:
    parts = [p for e in exprs for p in (e.matrices if isinstance(e, Relation) else (e,))]
    return names_in(*parts)


def _of_entry(printer: Any, entry: Any) -> Definition:
    if hasattr(entry, "term"):
        left, right = printer.sides(entry.symbol, entry.term)
        return Definition(entry.name, left, entry.words, f"= {right}")
    kind = ",\\; ".join([_kind(printer, entry.symbol), *(condition_latex(printer, c) for c in entry.where)])
    return Definition(entry.name, _symbol(printer, entry.symbol), entry.words, kind)


def _symbol(printer: Any, symbol: Any) -> str:
    if isinstance(symbol, samples):
        last = [symbol[symbol.size]] if symbol.size.is_Symbol or symbol.size.is_Integer else []
        return r", \dots, ".join(map(printer._print, [symbol[1], *last]))
    return printer._print(symbol)


_KINDS = {
    "positive": "positive",
    "negative": "negative",
    "nonnegative": "non-negative",
    "nonpositive": "non-positive",
    "nonzero": "non-zero",
}


def _kind(printer: Any, symbol: Any) -> str:
    """Shape, sign and law."""
    if isinstance(symbol, samples):
        return rf"{printer._print(symbol.size)} \text{{ vectors of length }} {printer._print(symbol.dim)}"
    if isinstance(symbol, Potential):
        return rf"\text{{smooth function of }} {listed([printer._print(a) for a in symbol.args[1:]])}"
    if isinstance(symbol, FunctionSymbol):
        return rf"{printer._print(symbol)} \colon \mathbb{{R}} \to \mathbb{{R}}"
    if isinstance(symbol, MatrixSymbol):
        rows, columns = map(printer._print, symbol.shape)
        shape = (
            rf"\text{{vector of length }} {rows}"
            if symbol.shape[1] == 1
            else rf"{rows} \times {columns} \text{{ matrix}}"
        )
        if isinstance(symbol, RandomMatrix):
            return rf"\text{{random }} {shape} \text{{{_RANDOM[symbol.law]}}}"
        return _law(printer, symbol, shape) if isinstance(symbol, GaussianVector) else shape
    sign = next((words for test, words in _KINDS.items() if getattr(symbol, f"is_{test}")), "")
    noun = "integer" if symbol.is_integer else "number"
    return rf"\text{{{' '.join(filter(None, (sign or ('real' if noun == 'number' else ''), noun)))}}}"


_RANDOM = {
    "frame": " with orthonormal columns, uniformly distributed",
    "gaussian": " with independent standard normal entries",
}


def _law(printer: Any, vector: Any, shape: str) -> str:
    joint, name = vector.joint, vector.name
    mean = joint.means[joint.names.index(name)]
    cov = {other: joint.covariance(name, other) for other in joint.names}
    unit = r"\mathbb{I}"

    def written(c: Any) -> str:
        if getattr(c, "is_Matrix", False):
            return printer._print(c)
        text = printer._print(c)
        return (
            unit
            if c == 1
            else "0"
            if c == 0
            else rf"{rf'{chr(92)}left({text}{chr(92)}right)' if c.is_Add else text} {unit}"
        )

    parts = [rf"\text{{Gaussian }} {shape}", rf"\text{{mean }} {printer._print(mean)}"]
    parts.append(rf"\text{{covariance }} {written(cov[name])}")
    parts += [
        rf"\text{{covariance with }} {printer._print(Symbol(other))} \text{{: }} {written(c)}"
        for other, c in cov.items() if other != name and c != 0
    ]  # fmt: skip
    return ",\\; ".join(parts)


def _of_bound(printer: Any, name: str, symbol: Any, sentence: Any) -> Definition:
    """A symbol that the sentence binds itself."""
    binders = [part for part in _parts(sentence) if symbol in getattr(part, "bound_symbols", ())]
    words = next((text for kind, text in _BOUND for b in binders if isinstance(b, kind)), "bound in the sentence")
    total = next((b for b in binders if isinstance(b, (Total, MatrixTotal))), None)
    kind = rf"1, \dots, {printer._print(total.args[2])}" if total is not None else ranges(printer, [symbol])
    return Definition(name, printer._print(symbol), words, kind)


_BOUND: tuple[tuple[Any, str], ...] = (
    (Quantifier, "whatever the quantifier says"),
    ((Total, MatrixTotal), "an index"),
    (Limit, "the variable of the limit"),
    (Order, "the variable of the order"),
    (Optimum, "the variable of the optimum"),
    (Zeros, "the unknown"),
    (Dynamics, "a state"),
)

_SIGNS: tuple[tuple[Any, str, str, str], ...] = (
    ((StopGradient, MatrixStopGradient), r"\operatorname{sg}[f]", "f, held constant while gradients are taken", ""),
    (Next, rf"f^{{{NEXT}}}", "the value of f after one step", ""),
    (
        Order,
        r"\operatorname{ord} f",
        "the exponent of the order of f",
        r"\operatorname{ord}_{v \to 0} f = k \text{ where } f = \Theta(v^{k})",
    ),
    (Growth, r"\operatorname{spec} J", "the set of eigenvalues of J", ""),
    (UnitVector, "e_{k}", "the k-th unit vector", ""),
    (Entry, r"\left[A\right]_{i,j}", "the entry of A in row i and column j", ""),
    (Eigenvector, "v_{k}(A)", "a unit eigenvector of A for the k-th eigenvalue from below", ""),
    (Count, r"\# S", "the number of elements of S", ""),
)


def _signs(sentence: Any, printer: Any) -> Iterator[Definition]:
    present = list(_parts(sentence))
    for kind, symbol, words, meaning in _SIGNS:
        if any(isinstance(part, kind) for part in present):
            yield Definition("", symbol, words, meaning)
    if any(isinstance(part, Eigenvalue) and str(part.args[2]) == "singular" for part in present):
        yield Definition("", r"\sigma_{k}(M)", "the k-th largest singular value of M", "")
