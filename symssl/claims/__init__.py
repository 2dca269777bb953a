"""Claims as printed, and the machine's verdicts on them."""

from .checking import LEVELS, VERDICTS, Verdict, check
from .evidence import (Counterexample, Disagreement, Enclosure, Evidence, Experiment, Identity,
                       SignCondition, Stipulation)
from .statement import KINDS, SOURCES, STEP_KINDS, Claim, Model, Paper, Step

__all__ = ["Claim", "Counterexample", "Disagreement", "Enclosure", "Evidence", "Experiment",
           "Identity", "KINDS", "LEVELS", "Model", "Paper", "SOURCES", "STEP_KINDS",
           "SignCondition", "Step", "Stipulation", "VERDICTS", "Verdict", "check"]
