"""From a loss to the gradient flow of its weight matrices."""

from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import MatrixSymbol

from . import algebra
from .calculus import derivative, gradient, release
from .errors import InputError
from .gate import read, write
from .moments import evaluate, implied_relations
from .nodes import GaussianVector, Sample, exact
from .relations import check_relations, rewriting
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
    """

    rhs: MappingProxyType
    where: tuple = ()
    residuals: MappingProxyType = field(default_factory=lambda: MappingProxyType({}))
    convention: str = ""

    def __post_init__(self):
        object.__setattr__(self, "rhs", MappingProxyType(dict(self.rhs)))
        object.__setattr__(self, "residuals", MappingProxyType(dict(self.residuals)))
        object.__setattr__(self, "_velocity", {letter(W): read(f) for W, f in self.rhs.items()})

    def __reduce__(self):
        return MatrixFlow, (dict(self.rhs), self.where, dict(self.residuals), self.convention)

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
                if not algebra.vanishes(moved):
                    left.append(write(moved))
            if left:
                residuals[relation] = tuple(left)
        rhs = {W: write(rewriting(known, f).reduce(f)) for W, f in self._polys()}
        return MatrixFlow(rhs, where, residuals, self.convention)

    def substitute(self, values):
        """Replace matrix symbols that are not weights (frozen copies, data) by expressions."""
        table = {letter(A): read(v) for A, v in values.items()}
        if bad := [str(A) for A in values if A in self.rhs]:
            raise InputError(f"substitute: {', '.join(bad)} moves under this flow; use impose or spectral")
        return self._with({W: write(algebra.substitute(f, table)) for W, f in self._polys()})

    def laws(self, degree=2):
        """All exponential laws; see :func:`symssl.laws.laws`."""
        from .laws import laws
        return laws(self, degree)

    def spectral(self, frames, *, change=None, couplings=None, parameters=()):
        """Reduce to modes in common frames; see :func:`symssl.spectral.spectral`."""
        from .spectral import spectral
        return spectral(self, frames, change=change, couplings=couplings, parameters=parameters)

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
        `Symmetric(W)` projects the gradient onto symmetric matrices.
    extra : dict weight -> matrix expression, optional
        Further terms, for example ``{Wa: beta*(W - Wa)}`` for an averaged copy.
        A weight that occurs only here moves by that term alone.
    where : relations used *after* differentiation

    Raises
    ------
    InputError
        The loss is not scalar, a weight is not a matrix symbol or does not
        occur, a shape does not fit, or a rate or decay is negative.

    >>> from sympy import Identity, MatrixSymbol, symbols
    >>> from symssl import gradient_flow, sq
    >>> k, n = symbols("k n", integer=True, positive=True)
    >>> W, G = MatrixSymbol("W", k, n), MatrixSymbol("G", n, n)
    >>> gradient_flow(sq(W*G*W.T - Identity(k)), wrt=W).rhs[W]
    2*W*G - 2*W*G*W.T*W*G.T + 2*W*G.T - 2*W*G.T*W.T*W*G
    """
    wrt = _weights(wrt)
    loss = exact(loss)
    poly = read(loss)
    if poly.shape is not None:
        raise InputError(f"the loss {loss} is a {poly.shape[0]} x {poly.shape[1]} matrix, not a scalar")
    occurring = {a.base.but(stopped=False) for a in poly.letters()}
    extra = {exact(W): exact(e) for W, e in (extra or {}).items()}
    for W in wrt:
        if letter(W) not in occurring and W not in extra:
            raise InputError(f"the weight {W} occurs neither in the loss nor in an extra term")
    rhs = {}
    for W in dict.fromkeys((*wrt, *extra)):
        rate = _nonnegative((rates or {}).get(W, 1), f"the rate of {W}")
        decay = weight_decay.get(W, 0) if isinstance(weight_decay, dict) else \
            weight_decay if W in wrt else 0
        decay = read(_nonnegative(decay, f"the weight decay of {W}"))*read(W)
        value = algebra.zero(tuple(W.shape))
        if W in wrt:
            value = -(read(rate)*_projected(release(gradient(poly, letter(W))), W, geometry))
        value += -(read(rate)*decay if decay_with_rate else decay)
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
    wrt = (wrt,) if isinstance(wrt, MatrixSymbol) else tuple(wrt)
    if not wrt:
        raise InputError("gradient_flow: no weight given")
    for W in wrt:
        if not isinstance(W, MatrixSymbol) or isinstance(W, (GaussianVector, Sample)):
            raise InputError(f"{W!s} is not a weight: give a MatrixSymbol")
    if len(set(wrt)) < len(wrt):
        raise InputError("a weight is given twice")
    return wrt


def _nonnegative(value, role):
    value = exact(value)
    if value.is_negative or value.is_finite is False or value.is_real is False:
        raise InputError(f"{role} is {value}; it must be a nonnegative real number")
    return value


def _projected(G, W, geometry):
    """The gradient in the geometry of W."""
    shape = (geometry or {}).get(W)
    if shape is None:
        return G
    from .relations import Symmetric
    if isinstance(shape, Symmetric):
        return (G + G.T).scale(algebra.Fraction(1, 2))
    raise InputError(f"unknown geometry {shape} of {W}; known: Symmetric(W)")
