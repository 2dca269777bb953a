"""Claims as printed, and the machine's verdicts on them."""

from .auditing import OUTCOMES, Finding, audit, audit_all
from .batch import check_all
from .checking import LEVELS, VERDICTS, Verdict, check
from .discovery import Library, discover
from .evidence import (Counterexample, Enclosure, Evidence, Experiment, Identity,
                       SignCondition, Stipulation)
from .statement import KINDS, SOURCES, STEP_KINDS, Claim, Model, Paper, Step

__all__ = ["Claim", "Counterexample", "Enclosure", "Evidence", "Experiment",
           "Finding", "Identity", "KINDS", "LEVELS", "Library", "Model", "OUTCOMES", "Paper",
           "SOURCES", "STEP_KINDS", "SignCondition", "Step", "Stipulation", "VERDICTS", "Verdict",
           "audit", "audit_all", "check", "check_all", "discover"]
