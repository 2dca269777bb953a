"""What TeX refuses: brackets that do not close, two superscripts or two subscripts on one letter."""

import re

_TOKENS = re.compile(r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_ENDS = {r"\right": r"\left", "}": "{"}


def closes(text):
    """Braces, environments and left-right pairs close in order."""
    depth = []
    for token in _TOKENS.findall(text):
        if token in (r"\left", "{") or token.startswith(r"\begin{"):
            depth.append(token)
        elif token in _ENDS or token.startswith(r"\end{"):
            opened = depth.pop() if depth else ""
            if opened != _ENDS.get(token, token.replace(r"\end", r"\begin")):
                return False
    return not depth


def doubled(text):
    """The places where a letter has a second superscript or subscript."""
    found, tokens = [], _TOKENS.findall(text)

    def group(k):
        """Reads up to the brace that closes the group; where it ends."""
        scripts, before = set(), ""
        while k < len(tokens) and tokens[k] != "}":
            token = tokens[k]
            if token.isspace():
                k += 1
                continue
            if token in ("^", "_", "'"):
                kind = "^" if token == "'" else token
                if kind in scripts and not (before == "'" and token in "'^"):
                    found.append("".join(tokens[max(0, k - 8) : k + 4]))
                scripts.add(kind)
                k += 1
                if token != "'":
                    k = argument(k)
            else:
                scripts = set()
                k = group(k + 1) if token == "{" else k + 1
            before = token
        return k + 1

    def argument(k):
        while k < len(tokens) and tokens[k].isspace():
            k += 1
        return group(k + 1) if k < len(tokens) and tokens[k] == "{" else k + 1

    group(0)
    return found


def legal(text):
    """Whether TeX takes it, as far as brackets and scripts go."""
    return closes(text) and not doubled(text)
