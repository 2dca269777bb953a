"""Reduction of a matrix flow to its modes in common frames.

An ansatz such as W = U diag(p) U^T, Phi = U diag(phi) V^T with orthonormal U
and V is substituted; where the flow keeps it with constant frames, what is
left is one equation a mode, coupled to the others through sums over modes.
The couplings stay alive: they are functions of the state, and `lie`
differentiates them.  Treating them as constants is a separate, named step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sympy import (Add, Dummy, Expr, Integer, MatrixSymbol, Mul, Symbol, expand, factor, latex,
                   Tuple, powsimp, simplify, solve)

from .errors import InputError, Refusal
from .gate import read, write
from .nodes import check_names, exact
from .polynomials import Poly, from_word, monomial, symbol
from .relations import Diagonal, Orthonormal, rewriting
from .terms import Atom
from .transformations import rebuild, substitute
from .words import letter

__all__ = ["spectral", "off_frame", "ModeFlow", "ModeSum", "mode_scalar", "mode_value", "sum_over_modes"]


class ModeSum(Expr):
    r"""Sum over modes of an expression in the per-mode symbols, :math:`\sum_j f(p_j, s_j)`."""

    is_commutative = True
    is_real = True

    def __new__(cls, summand):
        return Expr.__new__(cls, exact(summand))

    @property
    def free_symbols(self):
        return set()                    # the mode index is bound

    def _eval_is_nonnegative(self):
        return self.args[0].is_nonnegative

    def _eval_is_positive(self):
        return self.args[0].is_positive

    def _eval_derivative(self, symbol):
        return Integer(0)

    def _eval_subs(self, old, new):
        return self

    def _latex(self, printer, exp=None):
        text = r"\sum_{j} %s" % printer.parenthesize(self.args[0], 40)
        return text if exp is None else r"\left(%s\right)^{%s}" % (text, exp)


def sum_over_modes(summand, of_mode, count):
    """The sum of an expression over `count` modes, what holds none of the symbols `of_mode` pulled out.

    >>> from sympy import symbols
    >>> p, c, n = symbols("p c n")
    >>> sum_over_modes(c*p**2 + 1, {p}, n)
    c*ModeSum(p**2) + n
    """
    out = Integer(0)
    for term in Add.make_args(expand(summand)):
        inside, outside = [], []
        for part in Mul.make_args(term):
            (inside if part.free_symbols & of_mode else outside).append(part)
        inside = Mul(*inside)
        out += Mul(*outside)*(ModeSum(inside) if inside != 1 else count)
    return out


@dataclass(frozen=True)
class ModeFlow:
    """One mode of a matrix flow, with its couplings to all modes.

    Attributes
    ----------
    states : mapping Symbol -> rhs of that quantity in one mode
    couplings : mapping Symbol -> its definition, an expression in `ModeSum`
    parameters : tuple of Symbol
    modes : number of modes (symbol or integer)
    """

    states: MappingProxyType
    couplings: MappingProxyType
    parameters: tuple
    modes: object

    def __post_init__(self):
        object.__setattr__(self, "states", MappingProxyType(dict(self.states)))
        object.__setattr__(self, "couplings", MappingProxyType(dict(self.couplings)))

    def __hash__(self):
        return hash((frozenset(self.states.items()), frozenset(self.couplings.items()), self.parameters))

    def __reduce__(self):
        return ModeFlow, (dict(self.states), dict(self.couplings), self.parameters, self.modes)

    def lie(self, expr):
        """Time derivative of an expression in states, couplings and mode sums."""
        expr = exact(expr)
        known = set(self.states) | set(self.couplings) | set(self.parameters)
        if unknown := sorted(map(str, expr.free_symbols - known)):
            raise InputError(f"lie: {', '.join(unknown)} is neither a state, a coupling nor a parameter")
        return self._lie(expr)

    def _lie(self, expr):
        out = sum((expr.diff(s)*f for s, f in self.states.items()), Integer(0))
        out += sum((expr.diff(c)*self._lie(d) for c, d in self.couplings.items() if expr.has(c)),
                   Integer(0))
        for node in expr.atoms(ModeSum):
            hole = Dummy()
            slope = expr.xreplace({node: hole}).diff(hole).xreplace({hole: node})
            out += slope*self._sum(self._lie(node.args[0]))
        return out

    def _sum(self, summand):
        return sum_over_modes(summand, set(self.states), self.modes)

    def freeze(self):
        """The scalar flow of one mode with every coupling held constant.

        This is an approximation; the result records what was frozen.
        """
        from .frozen import FrozenFlow
        stray = set().union(*(f.atoms(ModeSum) for f in self.states.values()))
        if stray:
            raise Refusal("mode sums without a coupling cannot be frozen; name them in `couplings`",
                          ", ".join(map(str, stray)))
        used = [c for c in self.couplings if any(f.has(c) for f in self.states.values())]
        return FrozenFlow(dict(self.states), (*self.parameters, *used),
                          tuple((c, self.couplings[c]) for c in used))

    def restrict(self, curve):
        """The flow on an invariant graph, couplings alive.

        Parameters
        ----------
        curve : dict state -> expression in the other states, `{s: p**2}`

        Raises
        ------
        Refusal
            The curve is not invariant; the residual is what moves off it.
        """
        curve = {exact(x): exact(e) for x, e in curve.items()}
        if bad := [str(x) for x in curve if x not in self.states]:
            raise InputError(f"restrict: {', '.join(bad)} is not a state")
        for x, e in curve.items():
            drift = simplify(_replaced(self.lie(x - e), curve))
            if drift != 0:
                raise Refusal(f"{x} = {e} is not invariant", drift)
        return ModeFlow({x: _replaced(f, curve) for x, f in self.states.items() if x not in curve},
                        {c: _replaced(d, curve) for c, d in self.couplings.items()},
                        self.parameters, self.modes)

    def unfold(self, expr):
        """The expression with every coupling replaced by its definition."""
        return _tidy(exact(expr).subs(dict(self.couplings)))

    def expand(self, modes):
        """The flow of so many modes, couplings written out: states p_1, ..., p_n.

        >>> from sympy import symbols
        >>> p, n = symbols("p n", positive=True); N = symbols("N", positive=True)
        >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n).expand(2).rhs
        (-p_1*(p_1**2 + p_2**2) + 1, -p_2*(p_1**2 + p_2**2) + 1)
        """
        from .flow import Flow
        if isinstance(modes, bool) or not isinstance(modes, int) or modes < 1:
            raise InputError(f"a flow has a positive number of modes, not {modes!r}")
        if isinstance(self.modes, (int, Integer)) and self.modes != modes:
            raise InputError(f"this flow has {self.modes} modes, not {modes}")
        copies = [{s: Symbol(f"{s.name}_{k}", **s.assumptions0) for s in self.states} for k in range(1, modes + 1)]
        taken = {q.name for q in self.parameters}
        if clash := [new.name for copy in copies for new in copy.values() if new.name in taken]:
            raise InputError(f"the parameter {clash[0]} has the name of a mode: rename it")
        size = {self.modes: Integer(modes)}

        def written_out(expr):
            sums = {n: Add(*(n.args[0].xreplace(copy) for copy in copies)) for n in expr.atoms(ModeSum)}
            return expr.xreplace(sums).subs(size)
        couplings = {}
        for c, definition in self.couplings.items():        # a definition may hold earlier couplings
            couplings[c] = written_out(definition.subs(couplings))
        return Flow({copy[s]: written_out(f).xreplace(copy).subs(couplings) for copy in copies for s, f in self.states.items()},
                    tuple(q for q in self.parameters if q != self.modes))

    def compile(self):
        """The whole coupled system as NumPy; see :class:`symssl.coupled.CoupledFlow`."""
        from .coupled import compile_modes
        return compile_modes(self)

    def latex(self):
        r"""Equations of motion and definitions of the couplings."""
        rows = [rf"\dot{{{latex(s)}}} &= {latex(f)}" for s, f in self.states.items()]
        rows += [rf"{latex(c)} &= {latex(d)}" for c, d in self.couplings.items()]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def spectral(flow, frames, *, change=None, couplings=None, parameters=()):
    r"""Reduce a matrix flow to modes.

    Parameters
    ----------
    flow : MatrixFlow without unevaluated expectations
    frames : dict weight -> (left frame, mode symbol, right frame)
        `{W: (U, p, U), Phi: (U, phi, V)}` means W = U diag(p) U^T and
        Phi = U diag(phi) V^T; frames are matrix symbols with orthonormal columns.
    change : dict new symbol -> expression in the mode symbols, optional
        `{s: phi**2}` makes s the state instead of phi.
    couplings : dict symbol -> scalar expression in the weights, optional
        `{N: norm(Phi)}`; mode sums are written through them where possible.
    parameters : symbols to list first among the parameters.

    Returns
    -------
    ModeFlow

    Raises
    ------
    InputError
        Shapes of the frames do not fit.
    Refusal
        The flow does not keep the ansatz (with the residual), or it still
        contains expectations that are not polynomial.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, norm, sq
    >>> n, g = symbols("n g", positive=True)
    >>> A, U = MatrixSymbol("A", n, n), MatrixSymbol("U", n, n)
    >>> a, N = symbols("a N", positive=True)
    >>> modes = gradient_flow(sq(A)**2/4, A).spectral({A: (U, a, U)}, couplings={N: norm(A)})
    >>> modes.states[a]
    -N**2*a
    >>> modes.lie(N)
    -N**2*sqrt(ModeSum(a**2))
    """
    ansatz = _Ansatz(flow, frames)
    states = {}
    for W, (_, p, _) in ansatz.frames.items():
        core, stray = ansatz.split(W)
        if stray:
            raise Refusal(f"the flow of {W} leaves the frames", write(stray))
        states[p] = sum((mode_scalar(monomial(c, dict(t.mono)), ansatz.symbols)
                         *mode_value(t.word, ansatz.symbols) for t, c in core.terms.items()), Integer(0))
    named = {exact(c): ansatz.coupling(c, d) for c, d in (couplings or {}).items()}
    _distinct(states, named, change or {})
    states, named = _changed(states, named, change or {})
    solved = _solved(named)
    states = {s: _tidy(f.xreplace(solved)) for s, f in states.items()}
    known = set(states) | set(named)
    free = set().union(*(f.free_symbols for f in (*states.values(), *named.values()))) - known
    first = [exact(q) for q in parameters]
    if bad := known.intersection(first):
        raise InputError(f"spectral: {', '.join(map(str, bad))} is a state or coupling, not a parameter")
    rest = sorted(free - set(first), key=str)
    return ModeFlow(states, named, tuple(first + rest), ansatz.count)


def off_frame(flow, frames):
    """What carries each weight out of its frames: zero exactly if constant frames solve the flow.

    Arguments as for :func:`spectral`; returns a dict weight -> matrix expression.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, sq
    >>> A, U = MatrixSymbol("A", 2, 2), MatrixSymbol("U", 2, 2)
    >>> off_frame(gradient_flow(sq(A)**2/4, A), {A: (U, symbols("a"), U)})
    {A: 0}
    """
    ansatz = _Ansatz(flow, frames)
    return {W: write(ansatz.split(W)[1]) for W in ansatz.frames}


class _Ansatz:
    """The words of a flow after W = U diag(p) V^T has been substituted."""

    def __init__(self, flow, frames):
        if not isinstance(frames, Mapping) or not all(isinstance(f, (tuple, list, Tuple)) for f in frames.values()):
            raise InputError(f"spectral: frames map weights to (left frame, mode symbol, right frame), not {frames!r}")
        self.flow = flow
        self.frames = {exact(W): tuple(map(exact, f)) for W, f in frames.items()}
        _check_frames(flow, self.frames)
        self.count = next(iter(self.frames.values()))[0].shape[1]
        diagonals = {W: MatrixSymbol(f"diag({p})", self.count, self.count)
                     for W, (_, p, _) in self.frames.items()}
        self.symbols = {letter(diagonals[W]): p for W, (_, p, _) in self.frames.items()}
        bases = dict.fromkeys(B for U, _, V in self.frames.values() for B in (U, V))
        kept = (r for r in flow.where if not any(m.has(*flow.rhs) for m in r.matrices))
        self.system = rewriting((*kept, *map(Orthonormal, bases), *map(Diagonal, diagonals.values())))
        self.table = {letter(W): read(U*diagonals[W]*V.T) for W, (U, _, V) in self.frames.items()}

    def framed(self, poly):
        return self.system.reduce(substitute(poly, self.table))

    def split(self, W):
        """(the part inside the frames as words of diagonal letters, the part outside)."""
        U, _, V = self.frames[W]
        value = self.framed(read(self.flow.rhs[W]))
        if any(b.tag == "E" for b in value.binders()):
            raise Refusal(f"the flow of {W} still contains expectations; use expect() or concentrate()",
                          write(value))
        core = self.system.reduce(read(U.T)*value*read(V))
        inside = Poly({t: c for t, c in core.terms.items()
                       if all(self._diagonal(a) for a in t.word)}, core.shape)
        return inside, value - self.system.reduce(read(U)*inside*read(V.T))

    def coupling(self, name, definition):
        """The definition of a coupling as an expression in mode sums."""
        value = self.framed(read(definition))
        if not exact(name).is_Symbol or value.shape is not None:
            raise InputError(f"spectral: the coupling {name} = {definition} is not a symbol for a scalar")
        return mode_scalar(value, self.symbols)

    def _diagonal(self, a):
        return a.but(inverse=False).base in self.symbols


def _check_frames(flow, frames):
    if set(frames) != set(flow.rhs):
        missing = ", ".join(sorted(map(str, set(flow.rhs) ^ set(frames))))
        raise InputError(f"spectral: frames and weights of the flow do not match ({missing})")
    check_names(*(e for W, f in frames.items() for e in (W, flow.rhs[W], *f)))
    modes = [f[1] for f in frames.values() if len(f) == 3]
    used = {s for f in flow.rhs.values() for s in read(f).symbols()}
    for p in modes:
        if modes.count(p) > 1 or p in used:
            raise InputError(f"spectral: the mode symbol {p} is used twice; every weight needs its own, "
                             "and one that is no parameter of the flow")
    counts = set()
    for W, f in frames.items():
        if len(f) != 3 or not isinstance(f[1], Symbol) or not all(
                isinstance(B, MatrixSymbol) for B in (f[0], f[2])):
            raise InputError(f"spectral: the frame of {W} is (MatrixSymbol, Symbol, MatrixSymbol)")
        U, _, V = f
        if (U.shape[0], V.shape[0]) != tuple(W.shape) or U.shape[1] != V.shape[1]:
            raise InputError(f"spectral: {W} is {W.shape[0]} x {W.shape[1]}, but its frames "
                             f"{U}, {V} are {tuple(U.shape)}, {tuple(V.shape)}")
        if {U, V} & set(frames):
            raise InputError(f"spectral: a frame of {W} is itself a weight")
        counts.add(U.shape[1])
    if len(counts) > 1:
        raise InputError(f"spectral: frames of different widths {sorted(map(str, counts))}")


def mode_value(word, symbols):
    """The value of a word of diagonal letters in one mode."""
    out = Integer(1)
    for a in word:
        base = a.but(inverse=False).base
        if base not in symbols:
            raise Refusal(f"the trace of {'.'.join(map(repr, word))} is not a sum over modes")
        out *= 1/symbols[base] if a.inverse else symbols[base]
    return out


def mode_scalar(poly, symbols):
    """A scalar polynomial in traces of diagonal words, as an expression in mode sums."""
    holes = {}

    def on_trace(word):
        node = ModeSum(mode_value(word, symbols))
        positive = node.is_nonnegative or Atom("tr", word).nonnegative
        hole = holes.setdefault(node, Dummy(positive=True) if positive else Dummy(real=True))
        return symbol(hole)

    value = rebuild(poly, lambda w, shape: from_word(w, shape), on_trace)
    return write(value).xreplace({hole: node for node, hole in holes.items()})


def _changed(states, couplings, change):
    """Replace states by new ones defined through them, one after the other."""
    rules = {}
    for new, definition in change.items():
        new, definition = exact(new), exact(definition).subs(rules)
        old = [x for x in states if definition.has(x) and x not in change]
        if not old:
            raise InputError(f"change: {definition} contains no state that could leave")
        leaving = old[-1]
        roots = solve(definition - new, leaving)
        if leaving.is_nonnegative:
            roots = [r for r in roots if not r.could_extract_minus_sign()] or roots
        if not roots:
            raise Refusal(f"change: {definition} = {new} cannot be solved for {leaving}")
        rate = sum((definition.diff(x)*states[x] for x in states), Integer(0))
        states = {new if x == leaving else x: rate if x == leaving else f
                  for x, f in states.items()}
        branches = [({x: _replaced(f, {leaving: r}) for x, f in states.items()},
                     {c: _replaced(d, {leaving: r}) for c, d in couplings.items()}) for r in roots]
        if any(b != branches[0] for b in branches):
            raise Refusal(f"change: {new} = {definition} does not determine {leaving}; "
                          f"declare {leaving} positive if it is", Tuple(*roots))
        rules[leaving] = roots[0]
        states, couplings = branches[0]
    return states, couplings


def _distinct(states, couplings, change):
    """Every name once: states, couplings and new states."""
    named = [*states, *couplings, *map(exact, change)]
    for s in named:
        if not s.is_Symbol or [t.name for t in named if t.is_Symbol].count(s.name) > 1 or any(
                s in f.free_symbols and s not in states for f in states.values()):
            raise InputError(f"spectral: {s} is no symbol, or it is used twice among states, couplings, "
                             "new states and parameters")


def _replaced(e, rule):
    """Substitute states, inside mode sums too."""
    e = e.xreplace({n: ModeSum(_tidy(n.args[0].subs(rule))) for n in e.atoms(ModeSum)})
    return _tidy(e.subs(rule))


def _tidy(e):
    """Expanded, every term in lowest form."""
    terms = Add.make_args(expand(powsimp(e)))
    return Add(*(factor(powsimp(t)) for t in terms))


def _solved(couplings):
    """Mode sums expressed through the couplings that they define, one after the other."""
    rules = {}
    for c, definition in couplings.items():
        definition = definition.xreplace(rules)
        nodes = definition.atoms(ModeSum)
        if len(nodes) != 1:
            continue
        node = nodes.pop()
        hole = Dummy(positive=True) if node.is_nonnegative else Dummy(real=True)
        roots = solve(definition.xreplace({node: hole}) - c, hole)
        if len(roots) == 1:
            rules[node] = roots[0]
    return rules
