"""Documents around formulas that are LaTeX already: a compilable page, errata, plain text.  No SymPy."""

import re

from ..typeset.formulas import latex
from ..typeset.text import breakable, escape

__all__ = ["document", "errata_latex", "errata_markdown", "ledger_table"]

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=2cm,%s]{geometry}
\usepackage{amsmath,amssymb,graphicx,longtable}
\allowdisplaybreaks
\newsavebox{\formula}
\newcommand{\fit}[1]{\sbox{\formula}{#1}\ifdim\wd\formula>\linewidth
  \resizebox{\linewidth}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
\begin{document}
"""


def document(body, title=None, *, landscape=False):
    """A LaTeX document that compiles on its own."""
    heading = f"\\section*{{{escape(title)}}}\n" if title else ""
    preamble = _PREAMBLE % ("landscape" if landscape else "portrait")
    return f"{preamble}{heading}{body}\n\\end{{document}}\n"


def _by_paper(found):
    """``(name, title, errata)`` for each paper, in order."""
    names = dict.fromkeys((erratum.paper, erratum.title) for erratum in found)
    return [(name, title, [e for e in found if e.paper == name]) for name, title in names]


def counted(found):
    """How many of each verdict, in words.

    >>> counted([])
    'nothing fails'
    """
    verdicts = [erratum.verdict for erratum in found]
    parts = [f"{verdicts.count(v)} {v}" for v in dict.fromkeys(sorted(verdicts))]
    return ", ".join(parts) or "nothing fails"


def _top(text):
    return text.replace(r"\begin{aligned}", r"\begin{aligned}[t]", 1)


def errata_latex(found, title="Errata"):
    """The errata as a LaTeX document that compiles on its own."""
    body = [r"\raggedright\setlength{\parindent}{0pt}"]
    for name, heading, some in _by_paper(found):
        body.append(rf"\subsection*{{{escape(heading)}}}")
        body.append(rf"\texttt{{{breakable(name)}}}: {escape(counted(some))}.\par")
        for erratum in some:
            body.append(_latex_entry(erratum))
    if not found:
        body.append("Nothing fails as printed.")
    return document("\n".join(body), title)


def _latex_entry(erratum):
    def formula(text):
        return rf"\fit{{$\displaystyle {_top(text)}$}}"

    place = escape(erratum.place) or r"\texttt{" + breakable(erratum.id) + "}"
    lines = [
        rf"\medskip\textbf{{{place}}} --- {erratum.verdict} ({erratum.evidence}) "
        rf"\hfill {{\small\texttt{{{breakable(erratum.id)}}}}}"
    ]
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


def errata_markdown(found, title="Errata"):
    """The errata as Markdown, formulas between dollar signs."""
    parts = [f"# {title}"]
    for name, heading, some in _by_paper(found):
        parts += [f"## {_prose(heading)}", f"`{name}`: {counted(some)}."]
        parts += [_markdown_entry(erratum) for erratum in some]
    if not found:
        parts.append("Nothing fails as printed.")
    return "\n\n".join(parts) + "\n"


def _prose(text):
    """Text in which Markdown sees nothing but text."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def _code(text):
    """Text set verbatim, whatever is in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}" if fence == "`" else f"{fence} {text} {fence}"


def _math(text):
    joined = re.sub(r"\s+", " ", text)
    return f"$${joined}$$" if r"\begin{" in joined else f"${joined}$"


def _markdown_entry(erratum):
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


def _cell(obj, names):
    """A formula in the table, its first line level with the other columns."""
    text = latex(obj, names=names, width=88).replace(r"\begin{aligned}", r"\begin{aligned}[t]", 1)
    return rf"\fit{{$\displaystyle {text}$}}"


def ledger_table(rows, *, title="Ledger of decided claims", names=None):
    r"""The decided claims as a LaTeX document with one long table.

    `rows` are pairs of a claim and its verdict; `names` as in :func:`latex`.  A formula that is too
    wide even when broken is scaled to the column, by the document's own macro ``\fit``.
    """
    table = [
        r"\begin{longtable}{p{0.17\textwidth}p{0.1\textwidth}p{0.66\textwidth}}",
        r"claim & verdict & statement, correction, reason \\ \hline \noalign{\vskip 4pt} \endhead",
    ]
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
        table.append(
            f"{escape(claim.id)}{cite}{source} & {verdict.verdict} \\newline "
            f"({verdict.evidence}) & " + r" \newline ".join(cell) + r" \\[4pt]"
        )
    table.append(r"\end{longtable}")
    return document(r"\raggedright\small" + "\n" + "\n".join(table), title, landscape=True)
