"""Documents around formulas that are LaTeX already: a compilable page, errata, plain text.  No SymPy."""

import re
from collections.abc import Iterable, Sequence

from ..claims.ledger.catalogue import Decided, Row
from ..claims.ledger.errata import Erratum
from ..errors import InputError
from ..support.arguments import all_of, described, flag, instance_of, sequence_of
from ..typeset.text import breakable, escape

__all__ = ["counted", "document", "errata_latex", "errata_markdown", "ledger_table"]

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=2cm,%s]{geometry}
\usepackage{amsmath,amssymb,graphicx,longtable}
\allowdisplaybreaks
\newsavebox{\formula}
\newcommand{\fit}[1]{\sbox{\formula}{#1}\ifdim\wd\formula>\linewidth
  \resizebox{\linewidth}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
\begin{document}
"""


def document(body: str, title: str | None = None, *, landscape: bool = False) -> str:
    """A LaTeX document that compiles on its own."""
    instance_of("body", body, str, "LaTeX text")
    if title is not None:
        instance_of("title", title, str, "a text or None")
    heading = f"\\section*{{{escape(title)}}}\n" if title else ""
    preamble = _PREAMBLE % ("landscape" if flag("landscape", landscape) else "portrait")
    return f"{preamble}{heading}{body}\n\\end{{document}}\n"


def _by_paper(errata: Sequence[Erratum]) -> list[tuple[str, str, list[Erratum]]]:
    """``(name, title, errata)`` for each paper, in order."""
    errata = all_of("errata", errata, Erratum, "errata")
    names = dict.fromkeys((erratum.paper, erratum.title) for erratum in errata)
    return [(name, title, [e for e in errata if e.paper == name]) for name, title in names]


def counted(errata: Iterable[Erratum]) -> str:
    """How many of each verdict, in words.

    >>> counted([])
    'nothing fails'
    """
    verdicts = [erratum.verdict for erratum in errata]
    parts = [f"{verdicts.count(v)} {v}" for v in dict.fromkeys(sorted(verdicts))]
    return ", ".join(parts) or "nothing fails"


def _top(text: str) -> str:
    return text.replace(r"\begin{aligned}", r"\begin{aligned}[t]", 1)


def errata_latex(errata: Sequence[Erratum], title: str = "Errata") -> str:
    """The errata as a LaTeX document that compiles on its own."""
    errata = all_of("errata", errata, Erratum, "errata")
    body = [r"\raggedright\setlength{\parindent}{0pt}"]
    for name, heading, some in _by_paper(errata):
        body.append(rf"\subsection*{{{escape(heading)}}}")
        body.append(rf"\texttt{{{breakable(name)}}}: {escape(counted(some))}.\par")
        body.extend(map(_latex_entry, some))
    if not errata:
        body.append("Nothing fails as printed.")
    return document("\n".join(body), title)


def _latex_entry(erratum: Erratum) -> str:
    def formula(text: str) -> str:
        return rf"\fit{{$\displaystyle {_top(text)}$}}"

    place = escape(erratum.place) or r"\texttt{" + breakable(erratum.id) + "}"
    heading = rf"\medskip\textbf{{{place}}} --- {erratum.verdict} ({erratum.evidence}) "
    lines = [heading + rf"\hfill {{\small\texttt{{{breakable(erratum.id)}}}}}"]
    if erratum.note:
        lines.append(escape(erratum.note))
    lines.append("printed: " + formula(erratum.printed[1]))
    lines += [
        "correct: " + (formula(text) if text else rf"\texttt{{{breakable(words)}}}")
        for words, text in erratum.corrected
    ]
    if erratum.companions:
        lines.append("see " + ", ".join(rf"\texttt{{{breakable(name)}}}" for name in erratum.companions))
    if erratum.witness:
        lines.append("witness: " + breakable(erratum.witness))
    return "\\par\n".join(lines) + "\\par"


def errata_markdown(errata: Sequence[Erratum], title: str = "Errata") -> str:
    """The errata as Markdown, formulas between dollar signs."""
    errata = all_of("errata", errata, Erratum, "errata")
    instance_of("title", title, str, "a text")
    parts = [f"# {title}"]
    for name, heading, some in _by_paper(errata):
        parts += [f"## {_prose(heading)}", f"`{name}`: {counted(some)}."]
        parts += [_markdown_entry(erratum) for erratum in some]
    if not errata:
        parts.append("Nothing fails as printed.")
    return "\n\n".join(parts) + "\n"


def _prose(text: str) -> str:
    """Text in which Markdown sees nothing but text."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def _code(text: str) -> str:
    """Text set verbatim, whatever is in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}" if fence == "`" else f"{fence} {text} {fence}"


def _math(text: str) -> str:
    joined = re.sub(r"\s+", " ", text)
    return f"$${joined}$$" if r"\begin{" in joined else f"${joined}$"


def _markdown_entry(erratum: Erratum) -> str:
    lines = [
        f"### {_prose(erratum.place) or _code(erratum.id)}: {erratum.verdict}",
        f"{_code(erratum.id)}, evidence {erratum.evidence}." + (f" {_prose(erratum.note)}" if erratum.note else ""),
    ]
    lines.append("Printed: " + _math(erratum.printed[1]))
    lines += ["Correct: " + (_math(text) if text else _code(words)) for words, text in erratum.corrected]
    if erratum.companions:
        lines.append("See " + ", ".join(map(_code, erratum.companions)) + ".")
    if erratum.witness:
        lines.append("Witness: " + _code(erratum.witness))
    return "\n\n".join(lines)


def _cell(text: str) -> str:
    """A formula in the table, its first line level with the other columns."""
    return rf"\fit{{$\displaystyle {_top(text)}$}}"


def ledger_table(pairs: Iterable[tuple[Row, Decided]], *, title: str = "Ledger of decided claims") -> str:
    r"""The decided claims as a LaTeX document with one long table.

    `pairs` are claims in words and their verdicts in words.  A formula that is too wide even when
    broken is scaled to the column, by the document's own macro ``\fit``.
    """
    table = [
        r"\begin{longtable}{p{0.17\textwidth}p{0.1\textwidth}p{0.66\textwidth}}",
        r"claim & verdict & statement, correction, reason \\ \hline \noalign{\vskip 4pt} \endhead",
    ]
    for pair in sequence_of("pairs", pairs, "pairs of a claim and its verdict in words"):
        if not isinstance(pair, tuple) or [type(part) for part in pair] != [Row, Decided]:
            raise InputError(f"each of the pairs must be a Row and a Decided, not {described(pair)}")
        row, decided = pair
        cell = [_cell(row.latex)]
        if decided.correction_latex:
            cell.append(r"corrected: \newline " + _cell(decided.correction_latex))
        if decided.witness:
            cell.append("witness: " + breakable(decided.witness))
        if decided.reason:
            cell.append(breakable(decided.reason))
        source = "" if row.source == "printed" else rf"\newline {row.source}"
        cite = f" \\newline {escape(row.cite)}" if row.cite else ""
        table.append(
            f"{escape(row.id)}{cite}{source} & {decided.verdict} \\newline "
            f"({decided.evidence}) & " + r" \newline ".join(cell) + r" \\[4pt]"
        )
    table.append(r"\end{longtable}")
    return document(r"\raggedright\small" + "\n" + "\n".join(table), title, landscape=True)
