"""Documents around formulas that are LaTeX already: a compilable page, errata, plain text.  No SymPy."""

import re
from unicodedata import normalize

__all__ = ["document", "errata_latex", "errata_markdown", "escape", "plain"]

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
            "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
_SIGNS = {"times": "×", "cdot": "·", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠",
          "to": "→", "mapsto": "↦", "rightarrow": "→", "Rightarrow": "⇒", "implies": "⇒", "iff": "⇔",
          "Leftrightarrow": "⇔", "infty": "∞", "in": "∈", "notin": "∉", "approx": "≈", "sim": "~", "propto": "∝",
          "equiv": "≡", "ll": "≪", "gg": "≫", "pm": "±", "top": "T", "partial": "∂", "nabla": "∇", "sum": "Σ", "int": "∫",
          "prod": "Π", "sqrt": "√", "forall": "for all", "exists": "there is", "wedge": "∧", "land": "∧", "vee": "∨",
          "lor": "∨", "neg": "¬", "dots": "...", "ldots": "...", "cdots": "...", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖",
          "rVert": "‖", "langle": "⟨", "rangle": "⟩", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "succ": "≻",
          "succeq": "⪰", "prec": "≺", "preceq": "⪯", "quad": " ", "qquad": " ", "colon": ":", "subset": "⊂",
          "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
          "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
          "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ",
          "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
          "Omega": "Ω", "ell": "ℓ", "dagger": "†", "star": "*", "ast": "*", "perp": "⊥"}


_COMMANDS = {sign: command for command, sign in reversed(_SIGNS.items()) if not sign.isascii()}


def _escaped(character):
    if character in _COMMANDS:
        return rf"\ensuremath{{\{_COMMANDS[character]}}}"
    return _SPECIAL.get(character, character)
_ACCENTS = {"dot": "\N{COMBINING DOT ABOVE}", "hat": "\N{COMBINING CIRCUMFLEX ACCENT}",
            "bar": "\N{COMBINING MACRON}", "tilde": "\N{COMBINING TILDE}"}


def escape(text):
    """Plain text for use in LaTeX.

    >>> escape("a_b & 50%")
    'a\\\\_b \\\\& 50\\\\%'
    """
    return "".join(map(_escaped, text))


def breakable(text):
    """Plain text for use in LaTeX that may be broken after operators, as formulas in Python's notation need."""
    return "".join(escape(character) + r"\allowbreak{}" * (character in "*/+(),._=") for character in text)


def plain(text):
    r"""LaTeX in the characters of a line of text, as far as they reach.

    >>> plain(r"\text{if } \sigma^{2} \geq \frac{1}{4} \text{ then } p \to 0")
    'if σ^2 ≥ 1/4 then p → 0'
    """
    text = re.sub(r"\\(?:begin|end)\{\w+\}(?:\[\w\])?|\\(?:left|right|[Bb]igg?[lr]?|displaystyle|textstyle|limits)(?![a-zA-Z])|&|\\[,;!:]", "", text)
    text = re.sub(r"\\\\", "; ", text.replace("~", " "))
    text = re.sub(r"""\\(["'`])\{?(\w)\}?""", lambda found: found[2] + _LETTERS[found[1]], text)
    text = _fractions(text)
    text = re.sub(rf"(\\[A-Za-z]+)(?=\\(?:{_FONTS})(?![a-zA-Z]))", r"\1 ", text)
    text = re.sub(rf"\\(?:{_FONTS})(?![a-zA-Z])\*?\s*(?:\{{([^{{}}]*)\}}|(\w))", lambda found: found[1] or found[2] or "", text)
    text = re.sub(r"\\([lr]?[Vv]ert|langle) +", lambda found: _SIGNS[found[1]], text)
    text = re.sub(rf"(\\[A-Za-z]+)(?=\\(?:{'|'.join(_ACCENTS)})(?![a-zA-Z]))", r"\1 ", text)
    text = re.sub(rf"\\({'|'.join(_ACCENTS)})(?![a-zA-Z])\s*(?:\{{(\\[A-Za-z]+|\w)\}}|(\\[A-Za-z]+|\w))",
                  lambda found: (found[2] or found[3]) + _ACCENTS[found[1]], text)
    text = re.sub(r"\\([A-Za-z]+)", lambda found: _SIGNS.get(found[1], found[1]), text)
    text = re.sub(r"([_^√])\{(\w|[^\x00-\x7f])\}", r"\1\2", text)
    text = re.sub(r"\\([{}|_%&#$ ])", r"\1", text)
    return normalize("NFC", re.sub(r"\s+", " ", text).strip())


_FONTS = "text|mathrm|mathbf|mathcal|mathbb|mathfrak|operatorname|textit|textbf|emph|boldsymbol|bm"
_LETTERS = {'"': "\N{COMBINING DIAERESIS}", "'": "\N{COMBINING ACUTE ACCENT}", "`": "\N{COMBINING GRAVE ACCENT}"}


def _fractions(text):
    """Fractions with a slash, inner ones too."""
    while found := re.search(r"\\[dt]?frac(?![a-zA-Z])", text):
        above, at = _argument(text, found.end())
        below, end = _argument(text, at)
        over = [part if re.fullmatch(r"\\[A-Za-z]+|\d+|.?", part) else f"({part})" for part in (above, below)]
        ratio = "/".join(over)
        if _BEFORE.search(text[:found.start()]) or _AFTER.match(text[end:]):      # not to be read as another quotient
            ratio = f"({ratio})"
        text = f"{text[:found.start()]}{ratio}{text[end:]}"
    return text


_BEFORE = re.compile(r"\\(?:log|exp|det|max|min|sin|cos|operatorname\{\w+\})\s*$")
_AFTER = re.compile(r"\s*(?:\\(?:log|exp|det|operatorname|left|l[Vv]ert)|[A-Za-z(|])")


def _argument(text, at):
    """What a command takes from position `at` on, a group or one character, and where it ends."""
    at = re.compile(r"\s*").match(text, at).end()
    if not text.startswith("{", at):
        return text[at:at + 1], at + 1
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}") if text[end - 1] != "\\" else 0
        if not depth:
            return text[at + 1:end], end + 1
    return text[at + 1:], len(text)


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
    lines = [rf"\medskip\textbf{{{place}}} --- {erratum.verdict} ({erratum.evidence}) "
             rf"\hfill {{\small\texttt{{{breakable(erratum.id)}}}}}"]
    if erratum.note:
        lines.append(escape(erratum.note))
    lines.append("printed: " + formula(erratum.printed[1]))
    lines += ["correct: " + (formula(text) if text else rf"\texttt{{{breakable(words)}}}")
              for words, text in erratum.corrected]
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
    lines = [f"### {_prose(erratum.place) or _code(erratum.id)}: {erratum.verdict}",
             f"{_code(erratum.id)}, evidence {erratum.evidence}." + (f" {_prose(erratum.note)}" if erratum.note else "")]
    lines.append("Printed: " + _math(erratum.printed[1]))
    lines += ["Correct: " + (_math(text) if text else _code(words)) for words, text in erratum.corrected]
    if erratum.companions:
        lines.append("See " + ", ".join(map(_code, erratum.companions)) + ".")
    if erratum.witness:
        lines.append("Witness: " + _code(erratum.witness))
    return "\n\n".join(lines)
