"""The paper's names of regimes, by the stability of all equilibria from left to right."""

__all__ = ["COSINE_REGIMES", "SQUARED_REGIMES", "named"]

COSINE_REGIMES = {
    ("unstable", "stable"): "Collapse",
    ("unstable", "stable", "unstable", "stable"): "Acute",
    ("unstable", "stable", "half-stable"): "Fold",  # between the two
    ("unstable", "half-stable", "stable"): "Stable",
}
SQUARED_REGIMES = {
    ("stable",): "Collapse",
    ("stable", "unstable", "stable"): "No collapse",
    ("stable", "half-stable"): "Fold",
}


def named(names, pattern):
    """The name of a pattern of equilibria; the pattern itself where the paper has none."""
    return names.get(pattern.stability, str(pattern))
