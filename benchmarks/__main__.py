"""``python -m benchmarks [GROUP ...]``: every figure, or those of the groups named.

Absolute times move from machine to machine; read the ratios.
"""

import sys
from importlib import import_module

GROUPS = (
    "evaluation",
    "regimes",
    "diagrams",
    "modes",
    "trajectory",
    "expectation",
    "training",
    "kernels",
    "reliability",
)

if __name__ == "__main__":
    chosen = sys.argv[1:] or GROUPS
    if unknown := set(chosen) - set(GROUPS):
        sys.exit(f"unknown group {min(unknown)}; there are: {', '.join(GROUPS)}")
    for group in chosen:
        import_module(f"benchmarks.{group}").run()
