"""Text in LaTeX and LaTeX as text: escaping, breaking, and the characters of a terminal.  No SymPy."""

import re
from unicodedata import normalize

__all__ = ["breakable", "dotted", "escape", "plain"]
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_SIGNS = {
    "times": "×",
    "cdot": "·",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "to": "→",
    "mapsto": "↦",
    "rightarrow": "→",
    "Rightarrow": "⇒",
    "implies": "⇒",
    "iff": "⇔",
    "Leftrightarrow": "⇔",
    "infty": "∞",
    "in": "∈",
    "notin": "∉",
    "approx": "≈",
    "sim": "~",
    "propto": "∝",
    "equiv": "≡",
    "ll": "≪",
    "gg": "≫",
    "pm": "±",
    "top": "T",
    "partial": "∂",
    "nabla": "∇",
    "sum": "Σ",
    "int": "∫",
    "prod": "Π",
    "sqrt": "√",
    "forall": "for all",
    "exists": "there is",
    "wedge": "∧",
    "land": "∧",
    "vee": "∨",
    "lor": "∨",
    "neg": "¬",
    "dots": "...",
    "ldots": "...",
    "cdots": "...",
    "mid": "|",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "Vert": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "langle": "⟨",
    "rangle": "⟩",
    "odot": "⊙",
    "otimes": "⊗",
    "oplus": "⊕",
    "succ": "≻",
    "succeq": "⪰",
    "prec": "≺",
    "preceq": "⪯",
    "quad": " ",
    "qquad": " ",
    "colon": ":",
    "subset": "⊂",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "ell": "ℓ",
    "dagger": "†",
    "star": "*",
    "ast": "*",
    "perp": "⊥",
}


_COMMANDS = {sign: command for command, sign in reversed(_SIGNS.items()) if not sign.isascii()}


def _escaped(character):
    if character in _COMMANDS:
        return rf"\ensuremath{{\{_COMMANDS[character]}}}"
    return _SPECIAL.get(character, character)


_ACCENTS = {
    "dot": "\N{COMBINING DOT ABOVE}",
    "hat": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "bar": "\N{COMBINING MACRON}",
    "tilde": "\N{COMBINING TILDE}",
}


def escape(text: str) -> str:
    r"""Plain text for use in LaTeX.

    >>> escape("a_b & 50%")
    'a\\_b \\& 50\\%'
    """
    return "".join(map(_escaped, text))


_BASE = re.compile(r"(\\[A-Za-z]+(?:\{[^{}]*\}|\s[A-Za-z])?|[A-Za-z])((?:[_^]|').*|)", re.DOTALL)


def dotted(text: str) -> str:
    r"""A name with a dot, over its letter and not over its indices; a longer term behind d/dt.

    >>> dotted("W_{1}"), dotted(r"\mathrm{loss}")
    ('\\dot{W}_{1}', '\\frac{d}{dt} \\mathrm{loss}')
    """
    found = _BASE.fullmatch(text)
    if found is None or found[1].startswith((r"\mathrm", r"\text", r"\operatorname")):
        return rf"\frac{{d}}{{dt}} {text}"
    return rf"\dot{{{found[1]}}}{found[2]}"


def breakable(text: str) -> str:
    """Plain text for use in LaTeX that may be broken after operators, as formulas in Python's notation need."""
    return "".join(escape(character) + r"\allowbreak{}" * (character in "*/+(),._=") for character in text)


def plain(text: str) -> str:
    r"""LaTeX in the characters of a line of text, as far as they reach.

    >>> plain(r"\text{if } \sigma^{2} \geq \frac{1}{4} \text{ then } p \to 0")
    'if σ^2 ≥ 1/4 then p → 0'
    """
    text = _stacked(_LAYOUT.sub("", text.replace(r"\frac{d}{dt}", "d/dt")))
    text = re.sub(r"\\\\", "; ", text.replace("~", " "))
    text = re.sub(r"""\\(["'`])\{?(\w)\}?""", lambda match: match[2] + _LETTERS[match[1]], text)
    text = _fractions(text)
    text = re.sub(rf"(\\[A-Za-z]+)(?=\\(?:{_FONTS})(?![a-zA-Z]))", r"\1 ", text)
    text = re.sub(
        rf"\\(?:{_FONTS})(?![a-zA-Z])\*?\s*(?:\{{([^{{}}]*)\}}|(\w))", lambda match: match[1] or match[2] or "", text
    )
    text = re.sub(r"\\(l?[Vv]ert|langle) +", lambda match: _SIGNS[match[1]], text)
    text = re.sub(rf"(\\[A-Za-z]+)(?=\\(?:{'|'.join(_ACCENTS)})(?![a-zA-Z]))", r"\1 ", text)
    text = re.sub(
        rf"\\({'|'.join(_ACCENTS)})(?![a-zA-Z])\s*(?:\{{(\\[A-Za-z]+|\w)\}}|(\\[A-Za-z]+|\w))",
        lambda match: (match[2] or match[3]) + _ACCENTS[match[1]],
        text,
    )
    text = re.sub(r"\\([A-Za-z]+)", lambda match: _SIGNS.get(match[1], match[1]), text)
    text = re.sub(r"([_^√])\{(\w|[^\x00-\x7f])\}", r"\1\2", text)
    text = _without_groups(text)
    text = re.sub(r"(?<=\() +| +(?=\))", "", text)
    text = re.sub(r"\\([{}|_%&#$ ])", r"\1", text)
    return normalize("NFC", re.sub(r"\s+", " ", text).strip())


_LAYOUT = re.compile(
    r"\\(?:begin|end)\{\w+\}(?:\[\w\])?"
    r"|\\left\s*\.|\\(?:left|right|middle|[Bb]igg?[lr]?|displaystyle|textstyle|limits)(?![a-zA-Z])|(?<!(?<!\\)\\)&|\\[,;!:]"
)
_FONTS = "text|mathrm|mathbf|mathcal|mathbb|mathfrak|operatorname|textit|textbf|emph|boldsymbol|bm"
_LETTERS = {'"': "\N{COMBINING DIAERESIS}", "'": "\N{COMBINING ACUTE ACCENT}", "`": "\N{COMBINING GRAVE ACCENT}"}


def _without_groups(text):
    """The text without braces that only keep together, and stand behind no command, sub- or superscript."""
    out, kept = [], []
    for k, character in enumerate(text):
        if character in "{}" and text[k - 1 : k] != "\\":
            if character == "{":
                kept.append(text[k - 1 : k] in {"_", "^", "√"})
                shown = kept[-1]
            else:
                shown = kept.pop() if kept else True
            if not shown:
                continue
        out.append(character)
    return "".join(out)


def _stacked(text):
    """Conditions under each other, as below a minimum, one after the other."""
    while stack := re.search(r"\\substack(?![a-zA-Z])", text):
        inside, end = _argument(text, stack.end())
        text = text[: stack.start()] + re.sub(r"\s*\\\\\s*", ", ", inside) + text[end:]
    return text


def _fractions(text):
    """Fractions with a slash, inner ones too."""
    while fraction := re.search(r"\\[dt]?frac(?![a-zA-Z])", text):
        above, at = _argument(text, fraction.end())
        below, end = _argument(text, at)
        over = [part if re.fullmatch(r"\\[A-Za-z]+|\d+|.?", part) else f"({part})" for part in (above, below)]
        ratio = "/".join(over)
        if _BEFORE.search(text[: fraction.start()]) or _AFTER.match(text[end:]):  # not to be read as another quotient
            ratio = f"({ratio})"
        text = f"{text[: fraction.start()]}{ratio}{text[end:]}"
    return text


_BEFORE = re.compile(r"\\(?:log|exp|det|max|min|sin|cos|operatorname\{\w+\})\s*$")
_AFTER = re.compile(r"\s*(?:\\(?:log|exp|det|operatorname|left|l[Vv]ert)|[A-Za-z(|])")


def _argument(text, at):
    """What a command takes from position `at` on, a group or one character, and where it ends."""
    at = re.compile(r"\s*").match(text, at).end()
    if not text.startswith("{", at):
        return text[at : at + 1], at + 1
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}") if text[end - 1] != "\\" else 0
        if not depth:
            return text[at + 1 : end], end + 1
    return text[at + 1 :], len(text)
