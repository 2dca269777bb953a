"""The gradient flow of weight matrices, for symbolic sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sympy import Expr, MatrixExpr, MatrixSymbol, Symbol

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.random_vectors import GaussianVector
from ..language.relations import Relation, check_relations
from ..language.sample_vectors import Sample
from ..language.scalars import PotentialGradient
from ..support.arguments import described, instance_of, mapping_of, sequence_of, text_of
from ..support.budgets import budgeted
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.text import dotted
from ..words.differentiation import derivative, release
from ..words.letters import letter
from ..words.moments import evaluate, implied_relations
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import substitute
from ..words.vanishing import vanishes
from ..words.writing import write

if TYPE_CHECKING:
    from ..modes.flow import ModeFlow
    from ..scalar.flow import Flow
    from .laws import Law

__all__ = ["MatrixFlow", "as_weights"]


@dataclass(frozen=True, repr=False)
class MatrixFlow(Formula):
    r"""A flow of matrices: :math:`\dot W = ` `rhs[W]`, for symbolic sizes.

    Attributes
    ----------
    rhs : mapping MatrixSymbol -> matrix expression, in the order of the weights
    where : tuple of relations that the right-hand sides are reduced by
    residuals : mapping relation -> tuple of matrix expressions
        For every imposed relation that the flow was not proved to preserve:
        the time derivative of its defect, reduced by all relations.  Empty
        when every imposed relation is preserved.
    convention : str
        How rates and weight decay enter.

    Raises
    ------
    InputError
        No weight, a weight that is no matrix symbol, or a right-hand side of another shape.

    >>> from sympy import MatrixSymbol
    >>> W = MatrixSymbol("W", 2, 3)
    >>> MatrixFlow({W: -W}).lie(W * W.T)
    -2*W*W.T
    """

    rhs: Mapping[MatrixSymbol, Expr]
    where: tuple[Relation, ...] = ()
    residuals: Mapping[Relation, tuple[Expr, ...]] = field(default_factory=lambda: MappingProxyType({}))
    convention: str = ""

    def __post_init__(self) -> None:
        rhs = mapping_of("rhs", self.rhs, "weights to right-hand sides")
        if not rhs:
            raise InputError("rhs must give a right-hand side to one weight at least")
        residuals = mapping_of("residuals", self.residuals, "relations to what is left of them")
        weights = as_weights(rhs, "a key of rhs")
        if not isinstance(self.convention, str):
            text_of("convention", self.convention)
        object.__setattr__(self, "rhs", MappingProxyType(rhs))
        object.__setattr__(self, "where", check_relations(self.where))
        object.__setattr__(self, "residuals", MappingProxyType(residuals))
        for W in weights:
            value = self._velocity[letter(W)]
            if value.shape != tuple(W.shape):
                kind = "a scalar" if value.shape is None else f"{value.shape[0]} x {value.shape[1]}"
                raise InputError(f"the right-hand side of {W} is {kind}, not {W.shape[0]} x {W.shape[1]}")

    @cached_property
    def _velocity(self):
        return {letter(W): read(as_expression(f, f"the right-hand side of {W}")) for W, f in self.rhs.items()}

    def __repr__(self) -> str:
        lines = [f"{W}' = {f}" for W, f in self.rhs.items()]
        if self.where:
            lines.append(f"where {', '.join(map(str, self.where))}")
        if self.residuals:
            lines.append(f"not proved to be preserved: {', '.join(map(str, self.residuals))}")
        return summary("MatrixFlow", lines)

    def __reduce__(self) -> tuple[Any, ...]:
        return MatrixFlow, (dict(self.rhs), self.where, dict(self.residuals), self.convention)

    def __hash__(self) -> int:
        return hash((frozenset(self.rhs.items()), self.where))

    @property
    def states(self) -> Mapping[MatrixSymbol, Expr]:
        """The right-hand sides by weight: another name of `rhs`, as for the other flows."""
        return self.rhs

    def lie(self, expr: Any) -> Any:
        """Time derivative of an expression along the flow, reduced by the relations.

        >>> from sympy import MatrixSymbol, symbols
        >>> from symssl import gradient_flow, sq
        >>> W = MatrixSymbol("W", 2, 3)
        >>> gradient_flow(sq(W)/2, wrt=(W,)).lie(sq(W))
        -2*norm(W)**2
        """
        return write(self._lie(release(read(as_expression(expr, "expr")))))

    def _lie(self, poly):
        value = derivative(poly, self._velocity)
        where = self.where + implied_relations(*self.rhs.values())
        return rewriting(where, value).reduce(value)

    def expect(self) -> MatrixFlow:
        """The flow with every polynomial expectation evaluated exactly.

        >>> from sympy import MatrixSymbol
        >>> from symssl import E, gaussians, gradient_flow, sq
        >>> W, (x,) = MatrixSymbol("W", 2, 3), gaussians("x", 3)
        >>> gradient_flow(E(sq(W*x))/2, W).expect().rhs[W]
        -W
        """
        return self._with({W: write(evaluate(f)) for W, f in self._polys()})

    def map(self, change: Callable[[Any], Any]) -> MatrixFlow:
        """The flow with the function `change` applied to every right-hand side (a named step, such as
        :func:`symssl.concentrate`).

        >>> from sympy import MatrixSymbol
        >>> W = MatrixSymbol("W", 2, 3)
        >>> MatrixFlow({W: -W}).map(lambda f: 2*f).rhs[W]
        -2*W
        """
        function: Any = change
        if not callable(function) or isinstance(function, type):
            raise InputError(f"change must be a function of a right-hand side, not {described(change)}")
        return self._with({W: change(f) for W, f in self.rhs.items()})

    def _polys(self):
        return ((W, self._velocity[letter(W)]) for W in self.rhs)

    def _with(self, rhs):
        return MatrixFlow(rhs, self.where, self.residuals, self.convention)

    @budgeted("the use of relations")
    def impose(self, *relations: Relation, budget: float | None = 60.0) -> MatrixFlow:
        """Use relations, and prove that the flow preserves them.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.

        Returns a new flow, reduced by the relations.  A relation that is not
        preserved stays an assumption: its residual is in `.residuals`.

        >>> from sympy import MatrixSymbol, symbols
        >>> from symssl import Symmetric, gradient_flow, sq
        >>> A, B = MatrixSymbol("A", 2, 2), MatrixSymbol("B", 2, 2)
        >>> dict(gradient_flow(sq(A*A), wrt=(A,)).impose(Symmetric(A)).residuals)
        {}
        >>> flow = gradient_flow(sq(A - B), wrt=(A,)).impose(Symmetric(A))
        >>> list(flow.residuals.values())
        [(2*B - 2*B.T,)]
        """
        where = check_relations((*self.where, *relations), "relations")
        known = where + implied_relations(*self.rhs.values())
        residuals = dict(self.residuals)
        for relation in relations:
            left: list[Expr] = []
            used = known + relation.probes
            for defect in relation.defect():
                moved = derivative(read(defect), self._velocity)
                moved = rewriting(used, moved).reduce(moved)
                if not vanishes(moved):
                    left.append(write(moved))
            if left:
                residuals[relation] = tuple(left)
        rhs = {W: write(rewriting(known, f).reduce(f)) for W, f in self._polys()}
        return MatrixFlow(rhs, where, residuals, self.convention)

    def substitute(self, values: Mapping[Any, Any]) -> MatrixFlow:
        """Replace matrix symbols that are not weights (frozen copies, data) by expressions.

        Raises
        ------
        InputError
            The matrix is a weight, or the shapes differ.
        Refusal
            It occurs where it cannot be replaced: in the law of a random vector
            or in the gradient of a potential.

        >>> from sympy import MatrixSymbol
        >>> from symssl import gradient_flow, sq
        >>> A, B, C = (MatrixSymbol(name, 2, 2) for name in "ABC")
        >>> gradient_flow(sq(A - B)/2, A).substitute({B: C.T}).rhs[A]
        -A + C.T
        """
        values = mapping_of("values", values, "matrix symbols to expressions")
        for A in values:
            instance_of("a key of values", A, MatrixSymbol)
            if A in self.rhs:
                raise InputError(f"values names {A}, which moves under this flow: use impose or spectral")
        table = {letter(A): read(as_expression(v, f"the value of {A}")) for A, v in values.items()}
        for A, v in values.items():
            if tuple(A.shape) != table[letter(A)].shape:
                raise InputError(f"{A} and its value {v} have different shapes")
            for a in {a for _, f in self._polys() for a in f.letters()}:
                if isinstance(a.symbol, (GaussianVector, PotentialGradient)) and a.symbol.args[3].has(A):
                    raise Refusal(f"{A} cannot be replaced: it occurs in the law or the potential behind {a.text}")
        return self._with({W: write(substitute(f, table)) for W, f in self._polys()})

    def laws(self, degree: int = 2, *, budget: float | None = 60.0) -> tuple[Law, ...]:
        """All exponential laws up to a degree; see :func:`symssl.matrix.laws`.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.
        """
        from .laws import laws

        return laws(self, degree, budget=budget)

    def spectral(
        self,
        frames: Mapping[MatrixSymbol, tuple[MatrixSymbol, Symbol, MatrixSymbol]],
        *,
        change: Mapping[Symbol, Any] | None = None,
        couplings: Mapping[Symbol, Any] | None = None,
        parameters: Sequence[Symbol] = (),
        budget: float | None = 60.0,
    ) -> ModeFlow:
        """Reduce to modes in common frames; see :func:`symssl.modes.spectral.spectral`.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.
        """
        from ..modes.spectral import spectral

        return spectral(self, frames, change=change, couplings=couplings, parameters=parameters, budget=budget)

    def image(self, words: Mapping[MatrixSymbol, Any], *, budget: float | None = 60.0) -> MatrixFlow:
        """The flow of words that closes on them; see :func:`symssl.matrix.reduction.image`.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.
        """
        from .reduction import image

        return image(self, words, budget=budget)

    def linearize(
        self,
        at: Mapping[MatrixSymbol, Any],
        directions: Mapping[MatrixSymbol, MatrixSymbol],
        where: Relation | Iterable[Relation] = (),
    ) -> MatrixFlow:
        """The linear flow about an equilibrium; see :func:`symssl.matrix.reduction.linearize`."""
        from .reduction import linearize

        return linearize(self, at, directions, where)

    def entries(self, matrices: Mapping[MatrixSymbol, Any], parameters: Sequence[Symbol] = ()) -> Flow:
        """The scalar flow of the entries at explicit sizes.

        Parameters
        ----------
        matrices : mapping matrix symbol -> explicit matrix
            Every weight is given a matrix of distinct symbols, the states; every other matrix its value.
        parameters : symbols to list first among the parameters

        >>> from sympy import Matrix, MatrixSymbol, diag, symbols
        >>> from symssl import gradient_flow, sq
        >>> n, a, b, k = symbols("n a b k")
        >>> v, A = MatrixSymbol("v", n, 1), MatrixSymbol("A", n, n)
        >>> gradient_flow(sq(A*v)/2, v).entries({v: Matrix([a, b]), A: diag(1, k)}).states
        {a: -a, b: -b*k**2}
        """
        from ..scalar.flow import Flow
        from .entrywise import entry_rates

        parameters = sequence_of("parameters", parameters, "symbols")
        for q in parameters:
            instance_of("a parameter", q, Symbol)
        states = entry_rates(self.rhs, matrices)
        free: set[Symbol] = set().union(*(f.free_symbols for f in states.values())) - set(states) - set(parameters)
        return Flow(states, (*parameters, *sorted(free, key=str)))

    def retime(self, speed: Any) -> MatrixFlow:
        """The same trajectories in another time; see :func:`symssl.matrix.reduction.retime`."""
        from .reduction import retime

        return retime(self, speed)

    def _latex_form(self, write):
        return [Line(Tex(dotted(write(W))), "=", f) for W, f in self.rhs.items()]


def as_weights(wrt: Any, name: str = "wrt") -> tuple[MatrixSymbol, ...]:
    """One weight or several as a tuple; `InputError` for what is no matrix symbol or is given twice."""
    single = isinstance(wrt, (MatrixExpr, str)) or not isinstance(wrt, Iterable)
    wrt = (wrt,) if single else tuple(wrt) if isinstance(wrt, Mapping) else sequence_of(name, wrt, "matrix symbols")
    if not wrt:
        raise InputError(f"{name} must name one weight at least")
    for W in wrt:
        if not isinstance(W, MatrixSymbol) or isinstance(W, (GaussianVector, Sample, PotentialGradient)):
            raise InputError(f"{name} must be a MatrixSymbol that can move, or several, not {described(W)}")
    if len(set(wrt)) < len(wrt):
        raise InputError(f"{name} names a weight twice")
    return wrt
