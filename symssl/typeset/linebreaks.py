"""Where a line of LaTeX is broken: how wide it is set, and what it falls into."""

import re
from itertools import pairwise

__all__ = ["glyphs", "lines"]

_WIDTHS = {
    "+": 2.4,
    "-": 2.4,
    "=": 2.4,
    ">": 2.4,
    "<": 2.4,
    "&": 0,
    ",": 0.8,
    "(": 0.8,
    ")": 0.8,
    r"\ ": 0.6,
    r"\quad": 2,
    **dict.fromkeys((r"\Phi", r"\Psi", r"\Lambda", r"\Gamma", r"\Delta", r"\Omega"), 1.5),
    **dict.fromkeys((r"\left", r"\right", r"\mathbb", r"\mathrm", r"\operatorname", r"\text", r"\frac"), 0),
}

_RELATIONS = {"=", "<", ">", r"\leq", r"\geq", r"\neq", r"\in", r"\Rightarrow", r"\Leftrightarrow"}


def _tokens(text):
    """LaTeX taken apart, an environment's begin and end whole."""
    return re.findall(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|\\.|\s+|.", text, re.DOTALL)


def glyphs(text: str) -> float:
    r"""Roughly how wide a formula is set, in small letters; a fraction is as wide as its wider part.

    >>> glyphs(r"\frac{a}{b c} x")
    3.0
    """
    tokens = iter([token for token in _tokens(text) if not token.isspace()])

    def group():
        width, scale, parts = 0.0, 1.0, []  # parts: widths of the groups of a fraction still to come
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
    depth, last = 0, ""
    for token in tokens:
        before = depth
        alone = last not in (r"\left", r"\right")  # a bracket of its own, without a size
        if token in ("{", r"\left") or token.startswith(r"\begin") or (alone and token in ("(", r"\{")):
            depth += 1
        elif token in ("}", r"\right") or token.startswith(r"\end") or (alone and token in (")", r"\}")):
            depth -= 1
        last = token
        yield before, depth


def _summands(text):
    """The text taken apart before each sign and relation and after each comma that stand in no bracket."""
    tokens, parts, listed = _tokens(text), [""], False
    for k, (token, (depth, _)) in enumerate(zip(tokens, _depths(tokens))):
        sign = depth == 0 and (token in "+-" or token in _RELATIONS)
        spaced = sign and k and tokens[k - 1].isspace() and parts[-1].strip() not in {"", *_RELATIONS}
        listed = listed or (depth == 0 and token == ",")
        if spaced or (listed and token != "," and token.strip("\\ ")):
            parts.append("")
            listed = False
        parts[-1] += token
    return [part.strip(" ") for part in parts]


def _brackets(text):
    """``(before, opening, inside, closing, after)`` of the widest bracket in the text, `None` without one."""
    tokens, brackets, start = _tokens(text), [], None
    for k, (token, (before, after)) in enumerate(zip(tokens, _depths(tokens))):
        if token == r"\left" and before == 0:
            start = k
        elif token == r"\right" and after == 0 and start is not None:
            cut = (0, start, start + 2, k, k + 2, len(tokens))
            brackets.append(["".join(tokens[i:j]) for i, j in pairwise(cut)])
            start = None
    return max(brackets, key=lambda parts: glyphs(parts[2]), default=None)


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


def lines(text: str, width: float) -> list[str]:
    r"""A formula filled into lines of a width, the parts of a list into one each.

    >>> lines(r"a \left(b + c\right) - d", 5)
    ['a \\Bigl( b', '+ c\\Bigr)', '- d']
    """
    parts = _pieces(text) if glyphs(text) > width else [text]
    if len(parts) == 1:
        return parts
    filled: list[str] = []
    for part in parts:
        if filled and not filled[-1].rstrip("\\ ").endswith(",") and glyphs(filled[-1]) + glyphs(part) <= width:
            filled[-1] += f" {part}"
        else:
            filled += lines(part, width)
    return filled
