"""What is claimed and how it is derived: `Step`, `Model`, `Claim` and `Paper`."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp

from ..errors import InputError
from ..exact.statements import as_statement
from ..language.sentences import Sentence
from ..support.arguments import described, flag, instance_of, mapping_of, one_of, sequence_of, text_of
from ..support.display import html_table, summary
from ..support.suggestions import did_you_mean
from ..typeset.formulas import Formula, Line, Tex, as_text

if TYPE_CHECKING:
    from ..matrix.flow import MatrixFlow

__all__ = ["KINDS", "NUMERICAL_KINDS", "SOURCES", "STEP_KINDS", "Claim", "Model", "Paper", "Step", "no_steps"]

StepKind = Literal["exact", "assumption", "approximation", "cited"]
Source = Literal["printed", "reconstructed", "new"]
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


def _takes(function, count):
    """Whether a function can be called with so many arguments; what has no signature is not judged."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        pass
    return True


@dataclass(frozen=True, repr=False)
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
    kind: StepKind = "exact"
    order: Any = None
    cite: str | None = None
    same: bool = False

    def __post_init__(self) -> None:
        text_of("the text of a step", self.text, "words that say what is done")
        one_of(f"step {self.text!r}: kind", self.kind, STEP_KINDS)
        if self.kind == "approximation" and self.order is None:
            raise InputError(f"step {self.text!r}: an approximation states its order")
        if self.kind == "cited" and not self.cite:
            raise InputError(f"step {self.text!r}: a cited step says what it cites")
        if flag(f"step {self.text!r}: same", self.same) and (self.kind != "exact" or self.result is None):
            raise InputError(f"step {self.text!r}: only an exact step with a result can repeat the line before")

    def __repr__(self) -> str:
        detail = {"approximation": f" of order {self.order}", "cited": f", {self.cite}"}.get(self.kind, "")
        return summary(f"Step ({self.kind}{detail}): {self.text}", [] if self.result is None else [self.result])

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        said = as_text(self.text)
        return said if self.result is None else Tex(rf"{said}\colon\quad {write(self.result)}")

    @property
    def provision(self) -> str:
        """What a conclusion drawn after this step still rests on; empty for an exact step."""
        detail = {"approximation": f" of order {self.order}", "cited": f" ({self.cite})"}.get(self.kind, "")
        return "" if self.kind == "exact" else f"given the {self.kind} '{self.text}'{detail}"


@dataclass(frozen=True, repr=False)
class Model(Formula):
    """A loss over weight matrices: where a derivation starts.

    Parameters
    ----------
    name : what it is called.
    loss : scalar SymPy expression in the weights.
    weights : matrix symbols, or one of them, that the loss depends on.
    weight_decay : the rate rho of the term ``-rho*W`` in the flow; an exact number or a symbol.
    where : relations between matrices that hold throughout.
    options : what else :func:`symssl.gradient_flow` takes: rates, geometry, extra.

    >>> w = sp.Symbol("w")
    >>> Model("well", w**2/2, w)
    Model well: loss w**2/2
      weights w
    """

    name: str
    loss: sp.Expr
    weights: Any  # a tuple of symbols; one alone is made one
    weight_decay: Any = 0
    where: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text_of("the name of a model", self.name)
        instance_of(f"model {self.name!r}: the loss", self.loss, sp.Expr, "a SymPy expression")
        weights = tuple(self.weights) if isinstance(self.weights, (tuple, list)) else (self.weights,)
        for weight in weights:
            instance_of(f"model {self.name!r}: each of the weights", weight, sp.Expr, "a symbol or matrix symbol")
        missing = [w for w in weights if w not in self.loss.free_symbols]
        if not weights or missing:
            raise InputError(
                f"model {self.name!r}: the loss does not depend on "
                f"{', '.join(map(str, missing)) or 'any weight; name at least one'}"
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "weight_decay", as_statement(self.weight_decay, "the weight decay"))
        object.__setattr__(self, "where", sequence_of(f"model {self.name!r}: where", self.where, "relations"))
        mapping_of(f"model {self.name!r}: options", self.options, "names to values")

    def __repr__(self) -> str:
        lines = [f"weights {', '.join(map(str, self.weights))}"]
        if self.weight_decay != 0:
            lines.append(f"weight decay {self.weight_decay}")
        lines += [f"where {relation}" for relation in self.where]
        lines += [f"{name}: {value}" for name, value in self.options.items()]
        return summary(f"Model {self.name}: loss {self.loss}", lines)

    def _latex_form(self, write: Callable[[Any], str]) -> Iterable[Line]:
        return [Line(Tex(r"\mathcal{L}"), "=", self.loss)]

    def __hash__(self) -> int:
        return hash((self.name, self.loss, self.weights, self.weight_decay))

    def flow(self) -> "MatrixFlow":
        """The gradient flow of the loss, as :func:`symssl.gradient_flow` derives it."""
        from ..matrix.gradient import gradient_flow

        return gradient_flow(self.loss, self.weights, weight_decay=self.weight_decay, where=self.where, **self.options)


def no_steps(model: Model | None) -> Iterable[Step]:
    """The derivation of a sentence whose terms the engine derives one by one."""
    return ()


@dataclass(frozen=True, repr=False)
class Claim(Formula):
    """A statement as printed, its hypotheses, and the steps and decider that settle it.

    Parameters
    ----------
    id : unique name, usually ``paper.label``.
    kind : one of :data:`KINDS`.
    printed : the statement: a `Sentence`, which facts entail or not; or, as transcribed, a SymPy object, an exact
        number or a container of these, which a decider compares with what was derived.
    steps : callable ``model -> iterator of Step``; the last result is *derived*.  For a sentence the results are
        facts, and the callable may be left out: the engine then derives each of its terms.
    decide : one of :mod:`symssl.claims.deciders`; none for a sentence.
    given : hypotheses, comparisons or matrix relations; those of a sentence stand in it.
    source : "printed"; "reconstructed" where the formula was lost in the copy; "new" for a
        statement of our own, such as a correction or a consequence.
    corrects : id of the claim whose statement this one puts right.
    sizes : where the steps work at stated sizes (three modes, 4 x 4), which and why these suffice; the
        evidence is then that of an instance.
    witness : values of objects of a sentence at which it fails, exact numbers and explicit matrices.
    argument : the sentence is a step of the printed argument, so that its failure is a gap and no refutation.
    """

    id: str
    kind: str
    printed: Any
    steps: Callable[[Model | None], Iterable[Step]] = no_steps
    decide: Callable[[Any, Any, tuple[Any, ...]], Any] | None = None
    given: tuple[Any, ...] = ()
    model: Model | None = None
    source: Source = "printed"
    cite: str = ""
    statement_latex: str | None = None
    note: str = ""
    corrects: str = ""
    sizes: str = ""
    witness: Mapping[Any, Any] = field(default_factory=dict)
    argument: bool = False

    def __post_init__(self) -> None:
        if any(c.isspace() for c in text_of("the id of a claim", self.id, "a text without spaces")):
            raise InputError(f"the id of a claim must be a text without spaces, not {described(self.id)}")
        for name, allowed in (("kind", KINDS), ("source", SOURCES)):
            one_of(f"claim {self.id}: {name}", getattr(self, name), allowed)
        of_sentence = self.sentence is not None
        for name in ("steps",) if of_sentence else ("steps", "decide"):
            if not callable(getattr(self, name)):
                raise InputError(f"claim {self.id}: {name} must be a function, not {described(getattr(self, name))}")
        for name, arguments in (("steps", "model"), ("decide", "printed, derived, given"))[: 1 if of_sentence else 2]:
            if name == "steps" and of_sentence and _takes(self.steps, 0):
                continue
            if not _takes(getattr(self, name), arguments.count(",") + 1):
                called = getattr(getattr(self, name), "__name__", name)
                hint = f"; did you mean {called}()?" if name == "decide" else ""
                raise InputError(f"claim {self.id}: {name} must be a function of ({arguments}){hint}")
        if self.model is not None:
            instance_of(f"claim {self.id}: model", self.model, Model)
        mapping_of(f"claim {self.id}: witness", self.witness, "objects to values")
        if self.corrects and (self.corrects == self.id or self.source != "new"):
            raise InputError(f"claim {self.id}: what corrects {self.corrects} is another claim, with source='new'")
        if not isinstance(self.given, (tuple, list)):
            raise InputError(f"claim {self.id}: given must be a tuple of hypotheses, not {described(self.given)}")
        if any(h is False or h == sp.false for h in self.given):
            raise InputError(f"claim {self.id}: a hypothesis is false, so the claim would hold vacuously")
        for hypothesis in self.given:
            if not isinstance(hypothesis, (bool, sp.logic.boolalg.Boolean)) and not hasattr(hypothesis, "defect"):
                raise InputError(
                    f"claim {self.id}: a hypothesis must be a comparison or a relation between matrices, "
                    f"not {described(hypothesis)}"
                )
        object.__setattr__(self, "given", tuple(h for h in self.given if h is not True and h != sp.true))
        if of_sentence:
            for name, empty in (("decide", None), ("given", ()), ("statement_latex", None), ("sizes", "")):
                if getattr(self, name) != empty:
                    raise InputError(
                        f"claim {self.id}: {name} is for transcribed statements; a sentence has its own hypotheses, "
                        "is written by itself, and is decided by facts"
                    )
            return
        if isinstance(self.printed, (bool, sp.logic.boolalg.BooleanAtom)):
            raise InputError(
                f"claim {self.id}: SymPy has evaluated the statement to {self.printed}: "
                "transcribe it with evaluate=False"
            )
        object.__setattr__(self, "printed", as_statement(self.printed, f"claim {self.id}: printed"))

    @property
    def sentence(self) -> Sentence | None:
        """The sentence that is decided; None for a transcribed statement."""
        return self.printed if isinstance(self.printed, Sentence) else None

    def __repr__(self) -> str:
        lines = [f"printed: {self.printed}", *(f"given: {hypothesis}" for hypothesis in self.given)]
        lines += [f"model: {self.model.name}"] if self.model is not None else []
        lines += [f"{name}: {getattr(self, name)}" for name in ("corrects", "sizes", "note") if getattr(self, name)]
        return summary(f"Claim {self.id} ({', '.join(filter(None, (self.kind, self.source, self.cite)))})", lines)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        return self.printed._latex_form(write) if self.sentence else Tex(self.statement_latex or write(self.printed))

    def derivation(self, model: Model | None = None) -> Iterable[Step]:
        """The steps, of this model or of another in its place."""
        if _takes(self.steps, 0):
            return self.steps()  # type: ignore[call-arg]  # the derivation of a sentence needs no model
        return self.steps(self.model if model is None else model)

    def with_printed(self, printed: Any) -> "Claim":
        """The claim with another statement in place of the printed one."""
        return replace(self, printed=printed, statement_latex=None)


@dataclass(frozen=True, repr=False)
class Paper:
    """The claims of one derivation module, its equations for LaTeX and its flows.

    `id` is the name of the module, `title` and `cite` say which paper it is.

    `equations` is a callable returning a mapping label -> SymPy object or flow;
    `models` maps a name to a flow, or to a callable that makes it, for the command line; `regimes` maps the
    name of a model to a function from a pattern of equilibria to the paper's name of that regime;
    `notation` maps a symbol's name to the paper's LaTeX for it; `experiments` maps a name to a
    :class:`symssl.simulate.Experiment`.
    """

    id: str
    title: str
    cite: str
    claims: tuple[Claim, ...]
    equations: Callable[[], Mapping[str, Any]] = dict
    models: Mapping[str, Any] = field(default_factory=dict)
    notation: Mapping[str, str] = field(default_factory=dict)
    regimes: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    experiments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("id", "title"):
            text_of(f"the {name} of a paper", getattr(self, name))
        if not callable(self.equations):
            raise InputError(f"paper {self.id}: equations must be a function, not {described(self.equations)}")
        for name in ("models", "notation", "regimes", "experiments"):
            mapping_of(f"paper {self.id}: {name}", getattr(self, name), "names")
        object.__setattr__(self, "claims", sequence_of(f"paper {self.id}: claims", self.claims, "claims"))
        seen: dict[str, int] = {}
        for position, claim in enumerate(self.claims):
            instance_of(f"paper {self.id}: claims[{position}]", claim, Claim)
            if claim.id in seen:
                raise InputError(
                    f"two claims with the id {claim.id!r}: claims[{seen[claim.id]}] and claims[{position}] of {self.id}"
                )
            seen[claim.id] = position

    def __repr__(self) -> str:
        lines = [
            f"{len(self.claims)} claims" + (f": {', '.join(c.id for c in self.claims[:6])}" if self.claims else "")
        ]
        lines += [f"{name}: {', '.join(known)}" for name in ("models", "experiments") if (known := getattr(self, name))]
        return summary(f"Paper {self.id}: {self.title}" + (f", {self.cite}" if self.cite else ""), lines)

    def _repr_html_(self) -> str:
        rows = [(claim.id, claim.kind, claim.source, claim.cite, claim.printed) for claim in self.claims]
        return html_table(self.title, ("id", "kind", "source", "cite", "printed"), rows)

    def model(self, name: str) -> Any:
        """The flow called `name`; a callable in `models` is called for it."""
        if text_of("name", name, "the name of a model") not in self.models:
            known = f"; it has {', '.join(self.models) or 'none'}"
            raise InputError(f"{self.id} has no model {name!r}" + did_you_mean(name, self.models, known))
        model = self.models[name]
        return model if hasattr(model, "fix") else model()
