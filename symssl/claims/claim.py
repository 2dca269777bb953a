"""What is claimed and how it is derived: `Step`, `Model`, `Claim` and `Paper`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import sympy as sp

from ..errors import InputError
from ..exact.statements import as_statement
from ..typeset.formulas import Formula, Tex, as_text

__all__ = ["KINDS", "NUMERICAL_KINDS", "SOURCES", "STEP_KINDS", "Claim", "Model", "Paper", "Step"]

STEP_KINDS = ("exact", "assumption", "approximation", "cited")
SOURCES = ("printed", "reconstructed", "new")
KINDS = (
    "definition",
    "assumption",
    "hypothesis",
    "equation",
    "lemma",
    "proposition",
    "theorem",
    "corollary",
    "conjecture",
    "remark",
    "proof",
    "regime",
    "headline",
    "abstract",
    "in-text",
    "appendix",
    "implicit",
    "figure",
    "consequence",
    "result",
    "footnote",
    "approximation",
    "example",
)
# statements about sizes of errors and pictures: an experiment with its uncertainty decides them
NUMERICAL_KINDS = ("approximation", "figure")


@dataclass(frozen=True)
class Step(Formula):
    """One step of a derivation.

    Parameters
    ----------
    text : what is done, in words.
    result : what comes out (SymPy object, proof, flow); the last step's result is *derived*.
    kind : "exact", "assumption", "approximation" (with `order`) or "cited" (with `cite`).
    same : the result is that of the line before, written in another way; `check` proves it.

    >>> Step("differentiate", sp.Symbol('x')).kind
    'exact'
    """

    text: str
    result: Any = None
    kind: str = "exact"
    order: Any = None
    cite: str | None = None
    same: bool = False

    def __post_init__(self):
        if not isinstance(self.text, str) or not self.text.strip():
            raise InputError("a step needs a text that says what is done")
        if self.kind not in STEP_KINDS:
            raise InputError(f"step {self.text!r}: kind {self.kind!r} is not one of {', '.join(STEP_KINDS)}")
        if self.kind == "approximation" and self.order is None:
            raise InputError(f"step {self.text!r}: an approximation states its order")
        if self.kind == "cited" and not self.cite:
            raise InputError(f"step {self.text!r}: a cited step says what it cites")
        if self.same and (self.kind != "exact" or self.result is None):
            raise InputError(f"step {self.text!r}: only an exact step with a result can repeat the line before")

    def _latex_form(self, write):
        said = as_text(self.text)
        return said if self.result is None else Tex(rf"{said}\colon\quad {write(self.result)}")

    @property
    def provision(self):
        """What a conclusion drawn after this step still rests on; empty for an exact step."""
        detail = {"approximation": f" of order {self.order}", "cited": f" ({self.cite})"}.get(self.kind, "")
        return "" if self.kind == "exact" else f"given the {self.kind} '{self.text}'{detail}"


@dataclass(frozen=True)
class Model:
    """A loss over weight matrices: where a derivation starts.

    `options` are passed on to :func:`symssl.gradient_flow` (rates, geometry, extra).
    """

    name: str
    loss: sp.Expr
    weights: tuple
    weight_decay: Any = 0
    where: tuple = ()
    options: Mapping = field(default_factory=dict)

    def __post_init__(self):
        if not self.name:
            raise InputError("a model needs a name")
        if not isinstance(self.loss, sp.Expr):
            raise InputError(f"model {self.name!r}: the loss must be a SymPy expression, got {self.loss!r}")
        weights = tuple(self.weights) if isinstance(self.weights, (tuple, list)) else (self.weights,)
        missing = [w for w in weights if w not in self.loss.free_symbols]
        if not weights or missing:
            raise InputError(
                f"model {self.name!r}: the loss does not depend on "
                f"{', '.join(map(str, missing)) or 'any weight; name at least one'}"
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "weight_decay", as_statement(self.weight_decay, "the weight decay"))
        object.__setattr__(self, "where", tuple(self.where))

    def __hash__(self):
        return hash((self.name, self.loss, self.weights, self.weight_decay))

    def flow(self):
        """The gradient flow of the loss."""
        from ..matrix.gradient import gradient_flow

        return gradient_flow(self.loss, self.weights, weight_decay=self.weight_decay, where=self.where, **self.options)


@dataclass(frozen=True)
class Claim(Formula):
    """A statement as printed, its hypotheses, and the steps and decider that settle it.

    Parameters
    ----------
    id : unique name, usually ``paper.label``.
    kind : one of :data:`KINDS`.
    printed : the statement as transcribed (SymPy object, exact number or container of these).
    steps : callable ``model -> iterator of Step``; the last result is *derived*.
    decide : one of :mod:`symssl.claims.deciders`.
    given : hypotheses, comparisons or matrix relations.
    source : "printed"; "reconstructed" where the formula was lost in the copy; "new" for a
        statement of our own, such as a correction or a consequence.
    corrects : id of the claim whose statement this one puts right.
    sizes : where the steps work at stated sizes (three modes, 4 x 4), which and why these suffice; the
        evidence is then that of an instance.
    """

    id: str
    kind: str
    printed: Any
    steps: Callable
    decide: Callable
    given: tuple = ()
    model: Model | None = None
    source: str = "printed"
    cite: str = ""
    statement_latex: str | None = None
    note: str = ""
    corrects: str = ""
    sizes: str = ""

    def __post_init__(self):
        if not isinstance(self.id, str) or not self.id or any(c.isspace() for c in self.id):
            raise InputError(f"a claim needs a nonempty id without spaces, got {self.id!r}")
        for name, allowed in (("kind", KINDS), ("source", SOURCES)):
            if getattr(self, name) not in allowed:
                raise InputError(f"claim {self.id}: {name} {getattr(self, name)!r} is not one of {', '.join(allowed)}")
        for name in ("steps", "decide"):
            if not callable(getattr(self, name)):
                raise InputError(f"claim {self.id}: {name} must be callable, got {getattr(self, name)!r}")
        if self.model is not None and not isinstance(self.model, Model):
            raise InputError(f"claim {self.id}: model must be a Model, got {self.model!r}")
        if self.corrects and (self.corrects == self.id or self.source != "new"):
            raise InputError(f"claim {self.id}: what corrects {self.corrects} is another claim, with source='new'")
        if not isinstance(self.given, (tuple, list)):
            raise InputError(f"claim {self.id}: given must be a tuple of hypotheses, got {self.given!r}")
        if any(h is False or h == sp.false for h in self.given):
            raise InputError(f"claim {self.id}: a hypothesis is false, so the claim would hold vacuously")
        for hypothesis in self.given:
            if not isinstance(hypothesis, (bool, sp.logic.boolalg.Boolean)) and not hasattr(hypothesis, "defect"):
                raise InputError(
                    f"claim {self.id}: the hypothesis {hypothesis!r} is neither a comparison "
                    "nor a relation between matrices"
                )
        object.__setattr__(self, "given", tuple(h for h in self.given if h is not True and h != sp.true))
        if isinstance(self.printed, (bool, sp.logic.boolalg.BooleanAtom)):
            raise InputError(
                f"claim {self.id}: SymPy has evaluated the statement to {self.printed}: "
                "transcribe it with evaluate=False"
            )
        object.__setattr__(self, "printed", as_statement(self.printed, f"claim {self.id}: printed"))

    def _latex_form(self, write):
        return Tex(self.statement_latex or write(self.printed))

    def with_printed(self, printed):
        """The claim with another statement in place of the printed one."""
        return replace(self, printed=printed, statement_latex=None)


@dataclass(frozen=True)
class Paper:
    """The claims of one derivation module, its equations for LaTeX and its flows.

    `equations` is a callable returning a mapping label -> SymPy object or flow;
    `models` maps a name to a flow, or to a callable that makes it, for the command line; `regimes` maps the
    name of a model to a function from a pattern of equilibria to the paper's name of that regime;
    `notation` maps a symbol's name to the paper's LaTeX for it; `experiments` maps a name to a
    :class:`symssl.simulate.Experiment`.
    """

    id: str
    title: str
    cite: str
    claims: tuple
    equations: Callable = dict
    models: Mapping = field(default_factory=dict)
    notation: Mapping = field(default_factory=dict)
    regimes: Mapping = field(default_factory=dict)
    experiments: Mapping = field(default_factory=dict)

    def __post_init__(self):
        if not self.id or not self.title:
            raise InputError("a paper needs an id and a title")
        if not callable(self.equations):
            raise InputError(f"paper {self.id}: equations must be callable, got {self.equations!r}")
        seen = {}
        for position, claim in enumerate(self.claims):
            if not isinstance(claim, Claim):
                raise InputError(f"paper {self.id}: claims[{position}] is not a Claim but {claim!r}")
            if claim.id in seen:
                raise InputError(
                    f"two claims with the id {claim.id!r}: claims[{seen[claim.id]}] and claims[{position}] of {self.id}"
                )
            seen[claim.id] = position
        object.__setattr__(self, "claims", tuple(self.claims))

    def model(self, name):
        """The flow called `name`; a callable in `models` is called for it."""
        if name not in self.models:
            near = get_close_matches(name, [*self.models], 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(self.models) or 'none'}"
            raise InputError(f"{self.id} has no model {name!r}; {hint}")
        found = self.models[name]
        return found if hasattr(found, "fix") else found()
