"""From a loss to the gradient flow of its weight matrices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import MatrixExpr, MatrixSymbol

from .calculus import derivative, gradient, release
from .errors import InputError, Refusal
from .gate import read, write
from .moments import evaluate, implied_relations
from .geometry import Grassmann, Stiefel, projected
from .nodes import GaussianVector, PotentialGradient, Sample, check_names, exact, is_matrix
from .relations import check_relations, rewriting
from .transformations import substitute, vanishes
from .words import letter

__all__ = ["gradient_flow", "MatrixFlow"]


@dataclass(frozen=True)
class MatrixFlow:
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
        _weights(self.rhs)
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
            if tuple(exact(A).shape) != table[letter(A)].shape:
                raise InputError(f"substitute: {A} and {v} have different shapes")
            for a in {a for _, f in self._polys() for a in f.letters()}:
                if isinstance(a.symbol, (GaussianVector, PotentialGradient)) and a.symbol.args[3].has(A):
                    raise Refusal(f"substitute: {A} occurs inside {a.text}")
        return self._with({W: write(substitute(f, table)) for W, f in self._polys()})

    def laws(self, degree=2):
        """All exponential laws; see :func:`symssl.laws.laws`."""
        from .laws import laws
        return laws(self, degree)

    def spectral(self, frames, *, change=None, couplings=None, parameters=()):
        """Reduce to modes in common frames; see :func:`symssl.spectral.spectral`."""
        from .spectral import spectral
        return spectral(self, frames, change=change, couplings=couplings, parameters=parameters)

    def image(self, words):
        """The flow of words that closes on them; see :func:`symssl.reduction.image`."""
        from .reduction import image
        return image(self, words)

    def linearize(self, at, directions, where=()):
        """The linear flow about an equilibrium; see :func:`symssl.reduction.linearize`."""
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
        from .entries import entry_rates
        from .flow import Flow
        states = entry_rates(self.rhs, matrices)
        free = set().union(*(f.free_symbols for f in states.values())) - set(states) - set(parameters)
        return Flow(states, (*parameters, *sorted(free, key=str)))

    def retime(self, speed):
        """The same trajectories in another time; see :func:`symssl.reduction.retime`."""
        from .reduction import retime
        return retime(self, speed)

    def latex(self):
        r"""The equations of motion as a LaTeX `aligned` block."""
        from sympy import latex
        rows = [rf"\dot{{{latex(W)}}} &= {latex(f)}" for W, f in self.rhs.items()]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def gradient_flow(loss, wrt, *, weight_decay=0, rates=None, decay_with_rate=False, geometry=None,
                  extra=None, where=()):
    r"""Gradient flow of a loss, exact for symbolic sizes.

    .. math:: \dot W = -r_W\,\nabla_W L - \rho W + e_W

    with the rate :math:`r_W` (default 1), the weight decay :math:`\rho` and an
    optional extra term :math:`e_W`.  Stop-gradients are honoured: what stands
    inside `sg` is held constant while the gradient is taken, and set to its
    value afterwards.  Differentiation is exchanged with expectations.

    Parameters
    ----------
    loss : scalar expression over the nodes
    wrt : matrix symbols (one or several)
    weight_decay : scalar, or dict weight -> scalar
        Not multiplied by the rate, unless `decay_with_rate` is set.
    rates : dict weight -> scalar, optional
    decay_with_rate : bool
        Whether the decay term is :math:`r_W\rho W` instead of :math:`\rho W`.
    geometry : dict weight -> geometry, optional
        `Symmetric()` projects the gradient onto symmetric matrices; see also
        :class:`symssl.Stiefel` and :class:`symssl.Grassmann`.
    extra : dict weight -> matrix expression, optional
        Further terms, for example ``{Wa: beta*(W - Wa)}`` for an averaged copy.
        A weight that occurs only here moves by that term alone.
    where : relations used *after* differentiation

    Raises
    ------
    InputError
        The loss is not scalar, a weight is not a matrix symbol or does not
        occur, a shape does not fit, a rate or decay is negative, or two
        different symbols have one name.
    Refusal
        The law of a random vector depends on a weight.

    >>> from sympy import Identity, MatrixSymbol, symbols
    >>> from symssl import gradient_flow, sq
    >>> k, n = symbols("k n", integer=True, positive=True)
    >>> W, G = MatrixSymbol("W", k, n), MatrixSymbol("G", n, n)
    >>> gradient_flow(sq(W*G*W.T - Identity(k)), wrt=W).rhs[W]
    2*W*G - 2*W*G*W.T*W*G.T + 2*W*G.T - 2*W*G.T*W.T*W*G
    """
    wrt, loss = _weights(wrt), exact(loss)
    extra = {W: exact(e) for W, e in _by_weight(extra, "extra").items()}
    moving = tuple(dict.fromkeys((*wrt, *_weights(extra or wrt))))
    rates, geometry = _by_weight(rates, "rates", moving), _by_weight(geometry, "geometry", wrt)
    decays = _by_weight(weight_decay, "weight_decay", moving) if isinstance(weight_decay, Mapping) \
        else dict.fromkeys(wrt, weight_decay)
    check_names(loss, *moving, *extra.values())
    poly = read(loss)
    if poly.shape is not None:
        raise InputError(f"the loss {loss} is a {poly.shape[0]} x {poly.shape[1]} matrix, not a scalar")
    rhs = {}
    for W in moving:
        slope = release(gradient(poly, letter(W)))
        if not loss.has(W) and W not in extra:
            raise InputError(f"the weight {W} occurs neither in the loss nor in an extra term")
        rate = read(_nonnegative(rates.get(W, 1), f"the rate of {W}"))
        decay = _nonnegative(decays.get(W, 0), f"the weight decay of {W}")
        if decay != 0 and isinstance(geometry.get(W), (Stiefel, Grassmann)):
            raise InputError(f"the norm of {W} is constant in its geometry: give it no weight decay")
        value = -read(decay)*read(W)
        value = rate*value if decay_with_rate else value
        if W in wrt:
            value += -(rate*projected(slope, W, geometry.get(W)))
        if W in extra:
            more = read(extra[W])
            if more.shape != value.shape:
                raise InputError(f"the extra term of {W} has shape {more.shape}, not {value.shape}")
            value += more
        rhs[W] = write(value)
    convention = ("weight decay multiplied by the rate" if decay_with_rate
                  else "weight decay not multiplied by the rate")
    flow = MatrixFlow(rhs, convention=convention)
    return flow.impose(*check_relations(where)) if where else flow


def _weights(wrt):
    wrt = tuple(wrt) if isinstance(wrt, Iterable) and not isinstance(wrt, MatrixExpr) else (wrt,)
    if not wrt:
        raise InputError("gradient_flow: no weight given")
    for W in wrt:
        if not isinstance(W, MatrixSymbol) or isinstance(W, (GaussianVector, Sample, PotentialGradient)):
            raise InputError(f"{W!s} is not a weight: give a MatrixSymbol")
    if len(set(wrt)) < len(wrt):
        raise InputError("a weight is given twice")
    return wrt


def _by_weight(table, name, weights=None):
    """A dict by weight; keys that are no weights are refused, not ignored."""
    if not isinstance(table or {}, Mapping):
        raise InputError(f"gradient_flow: {name} is a dict from weights, got {table!r}")
    if weights is not None and (stray := [str(W) for W in table or {} if W not in weights]):
        raise InputError(f"gradient_flow: {name} names {', '.join(stray)}, which is not one of the "
                         f"weights {', '.join(map(str, weights))}")
    return dict(table or {})


def _nonnegative(value, role):
    value = exact(value)
    if is_matrix(value) or value.is_negative or value.is_finite is False or value.is_real is False:
        raise InputError(f"{role} is {value}; it must be a nonnegative real number")
    return value
