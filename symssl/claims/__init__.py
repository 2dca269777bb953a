"""Claims as printed, and the machine's verdicts on them.  Names are loaded on first use."""

from importlib import import_module as _import_module

# module -> public names
_API = {
    "auditing": ("OUTCOMES", "Finding", "audit", "audit_all"),
    "batch": ("check_all",),
    "checking": ("LEVELS", "VERDICTS", "Verdict", "check"),
    "discovery": ("Library", "discover"),
    "evidence": ("Counterexample", "Enclosure", "Evidence", "Experiment", "Identity",
                 "SignCondition", "Stipulation"),
    "statement": ("KINDS", "SOURCES", "STEP_KINDS", "Claim", "Model", "Paper", "Step"),
}
_HOME = {name: module for module, names in _API.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(_import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
