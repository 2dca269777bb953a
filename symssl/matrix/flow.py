"""The gradient flow of weight matrices, for symbolic sizes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import MatrixExpr, MatrixSymbol

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.random_vectors import GaussianVector
from ..language.relations import check_relations
from ..language.sample_vectors import Sample
from ..language.scalars import PotentialGradient
from ..typeset.formulas import Formula, Line, Tex
from ..words.differentiation import derivative, release
from ..words.letters import letter
from ..words.moments import evaluate, implied_relations
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import substitute
from ..words.vanishing import vanishes
from ..words.writing import write

__all__ = ["MatrixFlow", "as_weights"]


@dataclass(frozen=True)
class MatrixFlow(Formula):
    r"""A flow of matrices: :math:`\dot W = ` `rhs[W]`, for symbolic sizes.

    Attributes
    ----------
    rhs : mapping MatrixSymbol -> matrix expression
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
    """

    rhs: MappingProxyType
    where: tuple = ()
    residuals: MappingProxyType = field(default_factory=lambda: MappingProxyType({}))
    convention: str = ""

    def __post_init__(self):
        if not isinstance(self.rhs, Mapping) or not self.rhs:
            raise InputError(f"a matrix flow needs a right-hand side for one weight at least, not {self.rhs!r}")
        object.__setattr__(self, "rhs", MappingProxyType(dict(self.rhs)))
        object.__setattr__(self, "residuals", MappingProxyType(dict(self.residuals)))
        as_weights(self.rhs)
        object.__setattr__(self, "_velocity", {letter(W): read(f) for W, f in self.rhs.items()})
        for W, f in self._polys():
            if f.shape != tuple(W.shape):
                raise InputError(f"the right-hand side of {W} has shape {f.shape}, not {tuple(W.shape)}")

    def __reduce__(self):
        return MatrixFlow, (dict(self.rhs), self.where, dict(self.residuals), self.convention)

    def __hash__(self):
        return hash((frozenset(self.rhs.items()), self.where))

    @property
    def weights(self):
        return tuple(self.rhs)

    def lie(self, expr):
        """Time derivative of an expression along the flow, reduced by the relations.

        >>> from sympy import MatrixSymbol, symbols
        >>> from symssl import gradient_flow, sq
        >>> W = MatrixSymbol("W", 2, 3)
        >>> gradient_flow(sq(W)/2, wrt=(W,)).lie(sq(W))
        -2*norm(W)**2
        """
        return write(self._lie(release(read(expr))))

    def _lie(self, poly):
        value = derivative(poly, self._velocity)
        where = self.where + implied_relations(*self.rhs.values())
        return rewriting(where, value).reduce(value)

    def expect(self):
        """The flow with every polynomial expectation evaluated exactly."""
        return self._with({W: write(evaluate(f)) for W, f in self._polys()})

    def map(self, change):
        """The flow with `change` applied to every right-hand side (a named step, such as
        :func:`symssl.concentrate`)."""
        if not callable(change):
            raise InputError(f"map takes a function of a right-hand side, not {change!r}")
        return self._with({W: change(f) for W, f in self.rhs.items()})

    def _polys(self):
        return ((W, self._velocity[letter(W)]) for W in self.rhs)

    def _with(self, rhs):
        return MatrixFlow(rhs, self.where, self.residuals, self.convention)

    def impose(self, *relations):
        """Use relations, and prove that the flow preserves them.

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
        where = check_relations(self.where + tuple(relations))
        known = where + implied_relations(*self.rhs.values())
        residuals = dict(self.residuals)
        for relation in relations:
            left, used = [], known + relation.probes
            for defect in relation.defect():
                moved = derivative(read(defect), self._velocity)
                moved = rewriting(used, moved).reduce(moved)
                if not vanishes(moved):
                    left.append(write(moved))
            if left:
                residuals[relation] = tuple(left)
        rhs = {W: write(rewriting(known, f).reduce(f)) for W, f in self._polys()}
        return MatrixFlow(rhs, where, residuals, self.convention)

    def substitute(self, values):
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
        table = {letter(A): read(v) for A, v in values.items()}
        if bad := [str(A) for A in values if A in self.rhs]:
            raise InputError(f"substitute: {', '.join(bad)} moves under this flow; use impose or spectral")
        for A, v in values.items():
            if tuple(as_expression(A).shape) != table[letter(A)].shape:
                raise InputError(f"substitute: {A} and {v} have different shapes")
            for a in {a for _, f in self._polys() for a in f.letters()}:
                if isinstance(a.symbol, (GaussianVector, PotentialGradient)) and a.symbol.args[3].has(A):
                    raise Refusal(f"substitute: {A} occurs inside {a.text}")
        return self._with({W: write(substitute(f, table)) for W, f in self._polys()})

    def laws(self, degree=2):
        """All exponential laws; see :func:`symssl.matrix.laws`."""
        from .laws import laws

        return laws(self, degree)

    def spectral(self, frames, *, change=None, couplings=None, parameters=()):
        """Reduce to modes in common frames; see :func:`symssl.modes.spectral`."""
        from ..modes.spectral import spectral

        return spectral(self, frames, change=change, couplings=couplings, parameters=parameters)

    def image(self, words):
        """The flow of words that closes on them; see :func:`symssl.matrix.reduction.image`."""
        from .reduction import image

        return image(self, words)

    def linearize(self, at, directions, where=()):
        """The linear flow about an equilibrium; see :func:`symssl.matrix.reduction.linearize`."""
        from .reduction import linearize

        return linearize(self, at, directions, where)

    def entries(self, matrices, parameters=()):
        """The scalar flow of the entries at explicit sizes.

        `matrices` gives every weight a matrix of symbols, the states, and data their values.

        >>> from sympy import Matrix, MatrixSymbol, diag, symbols
        >>> from symssl import gradient_flow, sq
        >>> n, a, b, k = symbols("n a b k")
        >>> v, A = MatrixSymbol("v", n, 1), MatrixSymbol("A", n, n)
        >>> gradient_flow(sq(A*v)/2, v).entries({v: Matrix([a, b]), A: diag(1, k)}).states
        {a: -a, b: -b*k**2}
        """
        from ..scalar.flow import Flow
        from .entrywise import entry_rates

        states = entry_rates(self.rhs, matrices)
        free = set().union(*(f.free_symbols for f in states.values())) - set(states) - set(parameters)
        return Flow(states, (*parameters, *sorted(free, key=str)))

    def retime(self, speed):
        """The same trajectories in another time; see :func:`symssl.matrix.reduction.retime`."""
        from .reduction import retime

        return retime(self, speed)

    def _latex_form(self, write):
        return [Line(Tex(rf"\dot{{{write(W)}}}"), "=", f) for W, f in self.rhs.items()]


def as_weights(wrt):
    wrt = tuple(wrt) if isinstance(wrt, Iterable) and not isinstance(wrt, MatrixExpr) else (wrt,)
    if not wrt:
        raise InputError("gradient_flow: no weight given")
    for W in wrt:
        if not isinstance(W, MatrixSymbol) or isinstance(W, (GaussianVector, Sample, PotentialGradient)):
            raise InputError(f"{W!s} is not a weight: give a MatrixSymbol")
    if len(set(wrt)) < len(wrt):
        raise InputError("a weight is given twice")
    return wrt
