"""Closed forms against integration, equilibria against exact zeros, at random parameters, degenerate ones among them.

The truth shares no code with what is examined: right-hand sides are evaluated from their coefficients and integrated by
SciPy until they leave every bound, and zeros are those that SymPy isolates for numbers.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import numpy as np
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from benchmarks.reliability.report import Report
from symssl import Flow, count_equilibria, fold_set
from symssl.errors import Refusal

A, B, C, K = sp.symbols("A B C K", real=True)
P, Q = sp.symbols("P Q", positive=True)
AL = sp.Symbol("al", positive=True)
SPAN, FAR = 2.0, 1e12
SMALL = [sp.Rational(n, d) for n in range(-3, 4) for d in (1, 2)]
DOMAINS = {
    "real": dict(real=True),
    "positive": dict(positive=True),
    "nonnegative": dict(nonnegative=True),
    "negative": dict(negative=True),
}


def _state(domain):
    return sp.Symbol("x", **DOMAINS[domain])


# -- closed forms of one state ------------------------------------------------------------------

# name, terms {exponent: coefficient}, domains
POWERS = (
    ("constant", {0: A}, DOMAINS),
    ("linear", {0: A, 1: B}, DOMAINS),
    ("linear, one rate", {0: A - B, 1: A * B}, ("real", "positive")),
    ("decay", {1: -P}, DOMAINS),
    ("quadratic", {0: A, 1: B, 2: C}, DOMAINS),
    ("quadratic without middle", {0: A, 2: C}, ("real", "positive")),
    ("quadratic of one parameter", {0: A, 1: A - 1, 2: A + 1}, ("real", "positive")),
    ("quadratic, no real zero", {0: P, 1: sp.Integer(0), 2: Q}, ("real", "negative")),
    ("logistic", {1: A, 2: -A}, DOMAINS),
    ("growth", {1: A, 2: B}, DOMAINS),
    ("square", {2: A}, DOMAINS),
    ("cubic", {1: A, 3: B}, DOMAINS),
    ("cube", {3: A}, ("real", "negative")),
    ("pole", {-1: A}, DOMAINS),
    ("pole with growth", {1: A, -1: B}, ("real", "positive")),
    ("double pole", {1: A, -2: B}, ("real", "positive", "negative")),
    ("root", {sp.Rational(1, 2): A}, ("positive", "nonnegative")),
    ("root with growth", {1: A, sp.Rational(1, 2): B}, ("positive", "nonnegative")),
    ("third root", {sp.Rational(1, 3): A}, ("real", "positive")),
    ("two thirds", {1: A, sp.Rational(2, 3): B}, ("positive",)),
    ("three halves", {1: A, sp.Rational(3, 2): B}, ("positive", "nonnegative")),
    ("inverse root", {1: A, -sp.Rational(1, 2): B}, ("positive",)),
    ("any power", {1: sp.Integer(1), 1 + AL: -sp.Integer(1)}, ("positive",)),
    ("any power with rates", {1: A, 1 + AL: B}, ("positive",)),
)


@cache
def _closed(index, domain, both):
    name, terms, _ = POWERS[index]
    x = _state(domain)
    rhs = sum(c * x**n for n, c in terms.items())
    time = sp.Symbol("t", real=True) if both else None
    return Flow({x: rhs}, tuple(sorted(rhs.free_symbols - {x}, key=str))).closed_form(x, time=time), x


def _draw(rng, symbols):
    """Values of parameters, often 0, often equal."""
    values = {}
    for q in sorted(symbols, key=str):
        pool = [v for v in SMALL if v > 0] if q.is_positive else SMALL
        value = rng.choice(list(values.values())) if values and rng.random() < 0.2 else rng.choice(pool)
        values[q] = value if not q.is_positive or value > 0 else sp.Integer(1)
    return values


def _field(terms, values):
    """The right-hand side as plain floats, from its coefficients."""
    numbers = [(float(sp.sympify(n).subs(values)), float(sp.sympify(c).subs(values))) for n, c in terms.items()]

    def f(_, z):
        with np.errstate(all="ignore"):
            return np.array([sum(c * (v**n if n else 1.0) for n, c in numbers if c) for v in z], dtype=float)

    return f, numbers


def _course(f, start, sign, floor):
    """(end or None, dense solution): until the state is far away or at zero, in the direction `sign` of time."""

    def far(_, z):
        return abs(z[0]) - FAR

    def near(_, z):
        return 1.0 if floor is None else np.sign(start) * z[0] - floor

    far.terminal = near.terminal = True
    path = solve_ivp(
        lambda t, z: sign * f(t, z),
        (0, SPAN),
        [start],
        method="DOP853",
        rtol=1e-11,
        atol=1e-16,
        events=(far, near),
        dense_output=True,
    )
    ended = path.status == 1 or (path.status == -1)
    return (path.t[-1] if ended else None), path.sol


def _closed_case(rng):
    index = rng.randrange(len(POWERS))
    name, terms, domains = POWERS[index]
    domain, both = rng.choice(sorted(domains)), rng.random() < 0.4
    label = f"{name}, {domain}{', both directions' if both else ''}"
    try:
        form, x = _closed(index, domain, both)
    except Refusal as refusal:
        return "refused", None if "no closed form" in str(refusal) else f"{label}: {refusal}"
    values = _draw(rng, form.rhs.free_symbols - {x})
    start = rng.choice([v for v in SMALL if v != 0])
    start = -abs(start) if domain == "negative" else abs(start) if domain != "real" else start
    rooted = any(n != 1 and not sp.sympify(n).subs(values).is_Integer for n in terms)
    x0, t = form.initial[0][1], form.time
    line = f"{label} at {values}, x0 = {start}"
    if start < 0 and rooted:
        held = form.condition.subs({**values, x0: start, t: 0})
        return "start outside", None if held == sp.false else f"{line}: holds from a start outside the field's domain"
    f, numbers = _field(terms, values)
    inflow = sum(c for n, c in numbers if n == 0)
    singular = any(n < 1 and n != 0 for n, c in numbers if c)
    for sign in (1, -1) if both else (1,):
        leaving = domain != "real" and sign * inflow * (-1 if domain == "negative" else 1) < 0
        end, path = _course(f, float(start), sign, 1e-13 if singular else 0.0 if leaving else None)
        failure = _compared(form, {**values, x0: start}, t, sign, end, path)
        if failure:
            return "wrong", f"{line}: {failure}"
    return "ends" if end is not None else "goes on", None


def _compared(form, at, t, sign, end, path):
    """What is wrong about a closed form along a course that ends at `end`, or does not."""
    stated = form.end if sign > 0 else form.begin
    if stated is None:
        return "no end is stated"
    moment = stated.subs(at)
    moment = sp.oo if moment == sp.oo or moment == -sp.oo else sign * sp.re(moment.evalf(20))
    if end is None and moment < SPAN * (1 - 1e-6):
        return f"ends at {sign * moment}, the integration does not"
    if end is not None and (moment == sp.oo or abs(float(moment) - end) > 2e-3 * (end + 1e-2)):
        return f"ends at {sign * moment}, the integration at {sign * end}"
    inside = [0.2, 0.6, 0.97] if end is None else [0.2, 0.6, 0.95]
    for share in inside:
        moment = sp.nsimplify(round(share * (SPAN if end is None else end), 6), rational=True)
        held = form.condition.subs({**at, t: sign * moment})
        if held != sp.true:
            return f"condition {held} at t = {sign * moment}, where the solution goes on"
        for expression in (form.solution, form.piecewise):
            found = complex(expression.subs({**at, t: sign * moment}).evalf(20))
            wanted = float(path(float(moment))[0])
            if not abs(found - wanted) <= 1e-5 * (abs(wanted) + 1e-3):
                return f"value {found} at t = {sign * moment}, the integration {wanted}"
    if end is not None:
        beyond = sp.nsimplify(round(1.05 * end + 1e-2, 6), rational=True)
        held = form.condition.subs({**at, t: sign * beyond})
        if held != sp.false:
            return f"condition {held} at t = {sign * beyond}, beyond the end {sign * end}"
        if form.piecewise.subs({**at, t: sign * beyond}) is not sp.nan:
            return f"a value at t = {sign * beyond}, beyond the end {sign * end}"
    return None


# -- relations between state and time ---------------------------------------------------------------

RELATIONS = (
    ("three zeros", [0, 1], lambda x: x * (x - A) * (x - B)),
    ("three zeros and a rate", [], lambda x: C * (x - A) * (x - B) * (x - 1)),
    ("double zero", [], lambda x: (x - A) ** 2 * (x - B)),
    ("pair and zero", [], lambda x: (x**2 + A) * (x - B)),
    ("quadratic and zero", [], lambda x: x * (1 - A * x + B * x**2)),
    ("pole", [], lambda x: (x - A) / (x - B)),
    ("quotient", [], lambda x: x * (1 - x) / (1 + A * x)),
    ("cubic", [], lambda x: A + B * x - x**3),
    ("degenerate cubic", [], lambda x: A * x**3 + B * x + 1),
)


@cache
def _relation(index):
    x = _state("real")
    rhs = RELATIONS[index][2](x)
    return Flow({x: rhs}, tuple(sorted(rhs.free_symbols - {x}, key=str))).closed_form(x), x


def _relation_case(rng):
    index = rng.randrange(len(RELATIONS))
    name, *_ = RELATIONS[index]
    try:
        form, x = _relation(index)
    except Refusal as refusal:
        return "refused", None if "repeated nonlinear" in str(refusal) else f"{name}: {refusal}"
    values = _draw(rng, form.rhs.free_symbols - {x})
    start, x0, t = rng.choice(SMALL) + sp.Rational(1, 7), form.initial[0][1], form.time
    holding = [case for case in form.cases if case.given.subs(values) == sp.true]
    line = f"{name} at {values}, x0 = {start}"
    rhs = sp.cancel(form.rhs.subs(values)) if sp.denom(sp.together(form.rhs)).subs(values) != 0 else None
    if rhs is None:
        return "no field", None
    if len(holding) != 1:
        return "wrong", f"{line}: {len(holding)} cases hold"
    (case,) = holding
    f = sp.lambdify(x, rhs, "math")
    try:
        course = solve_ivp(lambda _, z: [f(z[0])], (0, 0.4), [float(start)], method="DOP853", rtol=1e-11, atol=1e-13)
    except ZeroDivisionError:
        return "pole", None
    if course.status != 0 or abs(course.y[0, -1]) > 1e3:
        return "ends", None
    if case.solution is None and case.implicit is None:
        return "case without closed form", None
    end = sp.Rational(float(course.y[0, -1]))
    at = {**values, x0: start, x: end}
    if case.implicit is None or case.solution is not None:
        held = case.holds.subs({**values, x0: start, t: sp.Rational(2, 5)})
        found = complex(case.solution.subs({**values, x0: start, t: sp.Rational(2, 5)}).evalf(20))
        if held == sp.true and not abs(found - float(end)) <= 1e-5 * (1 + abs(float(end))):
            return "wrong", f"{line}: value {found}, the integration {float(end)}"
        return "explicit", None if held == sp.true else f"{line}: condition {held}"
    if case.holds.subs(at) != sp.true:
        return "wrong", f"{line}: condition {case.holds.subs(at)} at x = {float(end)}"
    passed = complex(case.implicit.lhs.subs(at).evalf(20))
    speed = max(abs(f(float(end))), 1e-300)
    if not abs(passed - 0.4) <= 1e-6 + 1e-9 / speed:
        return "wrong", f"{line}: time {passed} for 0.4 at x = {float(end)}"
    for zero in sp.real_roots(sp.numer(sp.together(rhs)), x) if sp.numer(sp.together(rhs)).has(x) else []:
        other = sp.Rational(float(zero)) + (sp.Rational(1, 9) if zero > end else -sp.Rational(1, 9))
        if (other - zero) * (start - zero) < 0 and case.holds.subs({**values, x0: start, x: other}) != sp.false:
            return "wrong", f"{line}: holds beyond the equilibrium {zero}"
    return "relation", None


# -- pairs ------------------------------------------------------------------------------------------


@cache
def _pair(kind):
    x, y = sp.symbols("x y", real=True)
    rates = {
        "all": {x: A * x + B * y + P, y: K * x + C * y - 1},
        "homogeneous": {x: A * x + B * y, y: C * x - A * y},
        "lost rank": {x: A * x + B * y + 1, y: 2 * A * x + 2 * B * y + K},
    }[kind]
    form = Flow(rates, tuple(sorted(set().union(*(r.free_symbols for r in rates.values())) - {x, y}, key=str)))
    return form.closed_form(x), rates, (x, y)


def _pair_case(rng):
    kind = rng.choice(["all", "homogeneous", "lost rank"])
    try:
        form, rates, states = _pair(kind)
    except Refusal as refusal:
        return "refused", f"{kind}: {refusal}"
    values = _draw(rng, set().union(*(r.free_symbols for r in rates.values())) - set(states))
    starts = [rng.choice(SMALL) for _ in states]
    matrix = np.array([[float(sp.diff(r, z).subs(values)) for z in states] for r in rates.values()])
    constant = [float(r.subs(dict.fromkeys(states, 0)).subs(values)) for r in rates.values()]
    augmented = np.zeros((3, 3))
    augmented[:2, :2], augmented[:2, 2] = matrix, constant
    wanted = (expm(augmented * 0.75) @ [*map(float, starts), 1.0])[:2]
    at = {**values, **{s: v for (_, s), v in zip(form.initial, starts, strict=True)}, form.time: sp.Rational(3, 4)}
    line = f"pair {kind} at {values}, {starts}"
    if form.condition.subs(at) != sp.true:
        return "wrong", f"{line}: condition {form.condition.subs(at)}"
    order = [z for z, _ in form.initial]
    solutions = {form.state: form.solution, **dict(form.companions)}
    for z, number in zip(states, wanted, strict=True):
        found = complex(solutions[z].subs(at).evalf(20)) if z in order else number
        if not abs(found - number) <= 1e-8 * (1 + abs(number)):
            return "wrong", f"{line}: {z} = {found}, by the exponential {number}"
    return "pair", None


# -- equilibria ---------------------------------------------------------------------------------------

SCALAR = (
    lambda x: A * x - x**3,
    lambda x: A + B * x + C * x**2,
    lambda x: A * x - B * x**2,
    lambda x: (x - A) * (x - B) * (x - C),
    lambda x: x * (x - A) * (x - B),
    lambda x: (x - A) ** 2 * (x - B),
    lambda x: A * x**3 + B * x - x**2,
    lambda x: (A * x - 1) * (B * x**2 + x - 2),
    lambda x: x * (A - x**2) * (B - x),
    lambda x: (x - A) / (x - B),
    lambda x: x * (x - A) / (1 + B * x),
    lambda x: A * B * x - C,
    lambda x: A - B * x + x / (1 + x),
    lambda x: x**2 * (A - x**2) ** 2,
    lambda x: (A**2 - B) * x + C,
    lambda x: P * x * (1 - x / Q) - A * x,
    lambda x: A / x + B + C * x,
)
SYSTEMS = (
    lambda x, y: {x: x * (1 - x / P) - Q * x * y / (1 + x), y: y * (A * x / (1 + x) - B)},
    lambda x, y: {x: A * x - B * x * y, y: -C * y + K * x * y},
    lambda x, y: {x: x * (A - x - B * y), y: y * (C - y - x)},
    lambda x, y: {x: y - x, y: A - x**2},
    lambda x, y: {x: A * x + B * y - 1, y: x - C * y},
    lambda x, y: {x: y - A * x**2, y: x - B * y},
    lambda x, y: {x: x**2 - A, y: y**2 - B},
    lambda x, y: {x: x * (A - y), y: y * (B - x)},
    lambda x, y: {x: x - A / y, y: y - B * x},
    lambda x, y: {x: P - x * y**2 - Q * x, y: y * (x * y - A)},
)


@cache
def _equilibria(index, domain):
    x = _state(domain)
    rhs = SCALAR[index](x)
    flow = Flow({x: rhs}, tuple(sorted(rhs.free_symbols - {x}, key=str)))
    return flow.equilibria(), flow, x


def _admits(domain, z):
    return {"real": True, "positive": z > 0, "nonnegative": z >= 0, "negative": z < 0}[domain]


def _equilibrium_case(rng):
    index, domain = rng.randrange(len(SCALAR)), rng.choice(list(DOMAINS))
    found, flow, x = _equilibria(index, domain)
    values = _draw(rng, flow.parameters)
    line = f"{flow.rhs[x]}, {domain}, at {values}"
    top, bottom = (sp.expand(part.subs(values)) for part in sp.fraction(sp.together(flow.rhs[x])))
    listed = [e for e in found if e.condition.subs(values) == sp.true]
    unclear = [e for e in found if e.condition.subs(values) not in (sp.true, sp.false)]
    open_ = [q for q in found.implicit if q.subs(values) != sp.false]
    if unclear:
        return "wrong", f"{line}: undecided condition {unclear[0].condition.subs(values)}"
    if bottom == 0:
        return "no field", None if not listed else f"{line}: lists {listed} where there is no field"
    quotient = sp.cancel(top / bottom)
    top = sp.numer(quotient)
    if top == 0:
        return "every point", None if open_ and not listed else f"{line}: every point is one, listed {listed}"
    if open_:
        return "left as an equation", None
    plain = sp.Symbol("z")
    poly = sp.Poly(top.subs(x, plain), plain) if top.has(x) else None
    truth = Counter(r for r in poly.real_roots() if _admits(domain, r) == True) if poly else Counter()  # noqa: E712
    mine = [(sp.nsimplify(e.point.subs(values)), e.multiplicity) for e in listed]
    if len(mine) != len(truth):
        return "wrong", f"{line}: {mine}, truly {dict(truth)}"
    for value, multiplicity in mine:
        if not any(abs((value - r).evalf(30)) < 1e-20 and multiplicity == m for r, m in truth.items()):
            return "wrong", f"{line}: {value} of multiplicity {multiplicity}, truly {dict(truth)}"
    return "equilibria", _wrong_stability(line, quotient, x, listed, values)


def _wrong_stability(line, f, x, listed, values):
    """The sign of the field beside each equilibrium against its stability."""
    for e in (e for e in listed if e.stability):
        at, eps = e.point.subs(values), sp.Rational(1, 10**9)
        below, above = (sp.sign(f.subs(x, sp.Rational(str(at.evalf(40))) + s * eps)) for s in (-1, 1))
        true = {(1, -1): "stable", (-1, 1): "unstable"}.get((int(below), int(above)), "half-stable")
        if e.stability != true:
            return f"{line}: {at} is {true}, not {e.stability}"
    return None


@cache
def _system(index, domain):
    x, y = (sp.Symbol(n, **DOMAINS[domain]) for n in "xy")
    rates = SYSTEMS[index](x, y)
    parameters = set().union(*(r.free_symbols for r in rates.values())) - {x, y}
    flow = Flow(rates, tuple(sorted(parameters, key=str)))
    return flow.equilibria(), flow


def _system_case(rng):
    index, domain = rng.randrange(len(SYSTEMS)), rng.choice(["real", "positive"])
    try:
        found, flow = _system(index, domain)
    except Refusal as refusal:
        return "refused", None if "closed form" in str(refusal) or "isolated" in str(refusal) else str(refusal)
    values = _draw(rng, flow.parameters)
    line = f"{flow.rhs}, {domain}, at {values}"
    plain = {z: sp.Symbol(z.name) for z in flow.states}
    rates = [sp.together(f.subs(values)).subs(plain) for f in flow.rhs.values()]
    listed = [e for e in found if e.condition.subs(values) == sp.true]
    if any(e.condition.subs(values) not in (sp.true, sp.false) for e in found):
        return "wrong", f"{line}: undecided condition"
    if any(q.subs(values) != sp.false for q in found.implicit):
        return "not isolated", None
    bottoms = [sp.denom(r) for r in rates]
    solved = sp.solve([sp.numer(r) for r in rates], list(plain.values()), dict=True)
    truth = set()
    for solution in solved:
        if len(solution) < 2 or any(v.free_symbols for v in solution.values()):
            if any(v.is_number and not _admits(domain, v) for v in solution.values()):
                continue
            return "wrong", f"{line}: not isolated, and not said"
        numbers = [solution[z].evalf(30) for z in plain.values()]
        if any(abs(sp.im(v)) > 1e-20 for v in numbers) or any(abs(b.subs(solution).evalf(30)) < 1e-20 for b in bottoms):
            continue
        numbers = [sp.re(v) for v in numbers]
        if all(_admits(domain, 0 if abs(v) < 1e-20 else v) for v in numbers):
            truth.add(tuple(round(float(v), 12) + 0.0 for v in numbers))
    mine = [tuple(round(float(v.subs(values).evalf(30)), 12) + 0.0 for v in e.values.values()) for e in listed]
    if len(mine) != len(truth) or any(min((_far(z, w) for w in truth), default=1) > 1e-9 for z in mine):
        return "wrong", f"{line}: {mine}, truly {sorted(truth)}"
    return "system", None


def _far(one, other):
    return max(abs(p - q) for p, q in zip(one, other, strict=True))


# -- counts and folds -----------------------------------------------------------------------------------


@cache
def _count(index, domain):
    x = _state(domain)
    rhs = SCALAR[index](x)
    return count_equilibria(Flow({x: rhs}, tuple(sorted(rhs.free_symbols - {x}, key=str)))), x, rhs


def _count_case(rng):
    index, domain = rng.randrange(len(SCALAR)), rng.choice(list(DOMAINS))
    try:
        count, x, rhs = _count(index, domain)
    except Refusal:
        return "count refused", None
    values = _draw(rng, count.flow.parameters)
    line = f"count of {rhs}, {domain}, at {values}"
    holding = [case for case in count if case.condition.subs(values) == sp.true]
    top, bottom = (sp.expand(part.subs(values)) for part in sp.fraction(sp.together(rhs)))
    if bottom == 0:
        return "no field", None
    top = sp.numer(sp.cancel(top / bottom))
    if len(holding) != 1:
        return "wrong", f"{line}: {len(holding)} cases hold"
    if top == 0:
        return "every point", None if holding[0].number == sp.oo else f"{line}: {holding}"
    plain = sp.Symbol("z")
    roots = set(sp.Poly(top.subs(x, plain), plain).real_roots()) if top.has(x) else set()
    number = sum(bool(_admits(domain, r)) for r in roots)
    return "count", None if holding[0].number == number else f"{line}: {holding[0]}, truly {number}"


FOLDS = (
    lambda x: A + B * x + C * x**2,
    lambda x: A * x - B * x**2 - C,
    lambda x: x**2 - x**3 - A * x,
    lambda x: P * x * (1 - x / Q) - A,
    lambda x: A + B * x - x**3,
    lambda x: A + x**2 - B * x**4,
)


@cache
def _folds(index):
    x = _state("real")
    rhs = FOLDS[index](x)
    return fold_set(Flow({x: rhs}, tuple(sorted(rhs.free_symbols - {x}, key=str)))), x, rhs


def _fold_case(rng):
    index = rng.randrange(len(FOLDS))
    folds, x, rhs = _folds(index)
    values = _draw(rng, folds.flow.parameters)
    for point, condition in zip(folds.explicit, folds.conditions, strict=True):
        (q,) = (k for k in point if k != x)
        rest = {k: v for k, v in values.items() if k != q}
        held = condition.subs(rest)
        at = {k: sp.nsimplify(v.subs(rest)) for k, v in point.items()}
        finite = all(v.is_finite for v in at.values())
        true = finite and (not q.is_positive or at[q] > 0) and rhs.subs({**rest, **at}).is_finite
        flat = [g.subs(rest).subs(at) for g in (rhs, sp.diff(rhs, x))] if true else [1]
        true = true and all(sp.simplify(g) == 0 for g in flat) and rhs.subs({**rest, q: at[q]}).has(x)
        if held != sp.sympify(bool(true)):
            return "wrong", f"fold {point} of {rhs} at {rest}: condition {held}, truly {true}"
    return "folds", None


CASES = (
    (_closed_case, 40),
    (_relation_case, 10),
    (_pair_case, 8),
    (_equilibrium_case, 22),
    (_system_case, 10),
    (_count_case, 6),
    (_fold_case, 4),
)


def examine(count: int, seed: int) -> Report:
    """`count` random closed forms and equilibria; a failure names the flow, the parameters and what is wrong."""
    rng, report = Random(seed), Report("solutions", seed)
    kinds, weights = zip(*CASES, strict=True)
    for _ in range(count):
        (case,) = rng.choices(kinds, weights)
        try:
            outcome, failure = case(rng)
        except Exception as error:  # noqa: BLE001 - whatever is raised here is a failure
            outcome, failure = "raised", f"{case.__name__}: {type(error).__name__}: {str(error)[:200]}"
        report.add(outcome, failure)
    return report
