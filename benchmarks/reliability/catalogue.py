"""Good calls of everything public: each is an answer as it stands, and the start of many that are none."""

from __future__ import annotations

import dataclasses
import inspect
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import numpy as np
import sympy as sp

import symssl
from symssl.errors import SymsslError

ROOMS = [
    "support",
    "exact",
    "typeset",
    "language",
    "words",
    "scalar",
    "matrix",
    "codegen",
    "modes",
    "trajectory",
    "bifurcation",
    "simulate",
    "kernels",
    "statements",
    "claims",
    "present",
]

# What starts processes or writes many files is tried on the command line instead.
PROCESSES = {
    "audit_all", "certainly", "check_all", "run_one", "run_tasks", "verify", "write_paper", "Verification.record",
}  # fmt: skip
# Methods of these are the user's own code, or an interface without a body.
INTERFACES = {"Dynamics", "Problem", "Learner", "Relation", "Evidence", "Formula", "Record"}
# Raises what Python raises of files and of JSON: its callers put that into words.
FILES = {"read_json"}
# With these the classes of the package show themselves.
SHOWING = {"call_like", "html_table", "listing", "summary", "Task", "Outcome"}
# Made by the engine alone, out of parts that no user has.
INNER = {
    "CoupledFlow", "CriticalPoints", "NumberField", "SolutionCase", "Solutions",
    "AlgebraicNumber", "FrozenFlow", "Catalogue", "Library", "StoredMap",
    "CompiledFunction",
    "Verification", "WrittenPaper", "Experiment",
}  # fmt: skip
# The algebra of words and of constants and the steps of Newton's method: called a million times with what the engine
# has just made.
PATHS = {
    "Claim.steps",
    "Poly", "Rewriting.cycle", "Rewriting.letter", "Rewriting.letters", "Rewriting.word", "Stiefel.gradient",
    "Grassmann.gradient", "FieldProblem.accept", "FieldProblem.curvature", "FieldProblem.determinant_sign",
    "FieldProblem.eigenvalues", "FieldProblem.evaluate", "FieldProblem.reach", "FieldProblem.solve",
    "ModeProblem.accept",
    "ModeProblem.curvature", "ModeProblem.determinant_sign", "ModeProblem.eigenvalues", "ModeProblem.evaluate",
    "ModeProblem.reach", "ModeProblem.solve", "FieldProblem.called", "FieldProblem.motion", "ModeProblem.called",
    "ModeProblem.motion", "Constants.ball", "Constants.enclosed", "Constants.enclosures", "Constants.sign",
    "Constants.square_free", "Constants.vanishes",
}  # fmt: skip
# scikit-learn has its estimators check their parameters in `fit`, which is tried with each of them.
ESTIMATORS = {"KernelSSL"}


def name_of(function):
    """`Class.method`, or the name of a function or class."""
    function = function.func if isinstance(function, partial) else function
    owner = getattr(function, "__self__", None)
    if owner is not None and not inspect.ismodule(owner):
        return f"{(owner if isinstance(owner, type) else type(owner)).__name__}.{function.__name__}"
    return getattr(function, "__qualname__", repr(function))


@cache
def public():
    """{name: callable} of all that the tables of contents of the rooms list, with the methods of the classes."""
    found = {}
    for room in ROOMS:
        module = import_module(f"symssl.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if not callable(thing):
                continue
            found[name] = thing
            if isinstance(thing, type):
                for method, value in inspect.getmembers(thing, callable):
                    own = (getattr(value, "__module__", "") or "").startswith("symssl")
                    if own and (not method.startswith("_") or method in ("__call__", "__getitem__")):
                        found[f"{name}.{method}"] = value
    return found


def calls(folder):
    """{name: (callable, positional arguments, keyword arguments)}; files are written in a folder.

    Results of some calls are what the methods are called on.
    """
    folder = Path(folder)
    found = {}
    for number, (function, args, options) in enumerate(_good(folder)):
        name = name_of(function)
        found[name if name not in found else f"{name} ({number})"] = function, args, options
    return found


# arguments of methods without required ones, by name
_OPTIONS = {
    "names": {}, "label": None, "width": 60, "points": 20, "values": {}, "known": {}, "degree": 1, "path": None,
}  # fmt: skip
_SKIPPED = {"set_fit_request", "set_transform_request", "set_params", "set_output"}  # scikit-learn's own


def _good(folder):
    results = []
    for make in _BY_ROOM:
        for entry in make(folder):
            if isinstance(entry, tuple):
                function, args, *options = entry
                yield function, args, options[0] if options else {}
            else:
                results.append(entry)
    tried = set()
    for result in results:
        kind = type(result)
        for method in dir(kind):
            if method.startswith("_") or method in _SKIPPED or isinstance(getattr(kind, method), (property, type)):
                continue
            function = getattr(result, method, None)
            if not callable(function) or not (getattr(function, "__module__", "") or "").startswith("symssl"):
                continue
            parameters = inspect.signature(function).parameters.values()
            if (kind, method) in tried or any(
                p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name not in _OPTIONS
                for p in parameters
            ):
                continue
            tried.add((kind, method))
            options = {}
            for p in parameters:
                if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
                    continue
                options[p.name] = p.default if p.default is not p.empty else _OPTIONS[p.name]
                if p.name == "path":
                    options["path"] = str(folder / f"{kind.__name__}.out")
            if "latex" == method:
                options = {"names": {}, "label": "eq:a", "width": 60}
            yield function, (), options
        if dataclasses.is_dataclass(kind) and kind not in tried and kind.__name__ not in INNER:
            tried.add(kind)
            yield kind, (), {f.name: getattr(result, f.name) for f in dataclasses.fields(kind) if f.init}


# --- by room ------------------------------------------------------------------------------

x, y, z, k, m, r = sp.symbols("x y z k m r", real=True)
p, q, s, g, rho, a, b, c, d, t = sp.symbols("p q s g rho a b c d t", positive=True)
N, n = sp.symbols("N n", integer=True, positive=True)
i = sp.Symbol("i")
A, B, C, D, U = (sp.MatrixSymbol(name, 2, 2) for name in "ABCDU")
W = sp.MatrixSymbol("W", 2, 3)
FORM = sp.Matrix([[3, 1], [1, -1]])
CUBIC = symssl.Flow({x: m + k * x - x**3}, (m, k))
PLANAR = symssl.Flow({x: m * x - y - x**3, y: x + m * y - y**3}, (m,))


def _support(folder):
    from symssl import support as u

    (folder / "package").mkdir(exist_ok=True)
    (folder / "package" / "__init__.py").write_text("")
    # the names, bounds and words are the calling code's own; the value is what a user gave
    yield partial(u.all_of, "labels", kind=str, wanted="texts"), (["a"],)
    yield u.budgeted, ("a loop",)
    yield u.Clock, (3.0,)
    yield u.Clock(3.0).share, (0.5,)
    yield u.cores, ()
    yield u.limited, (3.0,), {"what": "a block"}
    yield u.check_time, (), {}
    yield u.words_of, (ValueError("two words"),), {}
    yield u.remaining, ()
    yield partial(u.seconds_of, "budget"), (3.0,)
    yield u.described, ([1, 2],)
    yield partial(u.did_you_mean, known=["a", "b"]), ("ba",)
    yield partial(u.flag, "f"), (True,)
    yield u.folder, (str(folder / "inner"),)
    yield partial(u.callable_of, "f", wanted="a function"), (max,)
    yield u.quoted, ("up",)
    yield partial(u.instance_of, "n", kind=int, wanted="a number"), (2,)
    yield partial(u.mapping_of, "values", wanted="names to numbers"), ({"k": 1},)
    yield partial(u.nonnegative, "rho"), (0,)
    yield partial(u.number, "eta", low=0, high=1), (0.5,)
    yield partial(u.one_of, "method", known=("a", "b")), ("a",)
    yield u.package_at, (str(folder / "package"),)
    yield u.path_of, (u.package_at(str(folder / "package")),)
    yield u.spec_of, (u.package_at(str(folder / "package")),)
    yield u.random_generator, (7, 2)
    yield partial(u.reals, "x"), ([1.0, 2.0],)
    yield u.same_content, ({"a": np.ones(2)}, {"a": np.ones(2)})
    yield u.seed_of, (7,)
    yield partial(u.sequence_of, "times", wanted="numbers"), ([0, 1],)
    yield u.shown, (1.5,)
    yield partial(u.text_of, "title", wanted="a text"), ("text",)
    yield partial(u.whole, "steps", least=1, most=9), (3,)
    yield u.write_path, (str(folder / "a.txt"), lambda path: Path(path).write_text("a"))
    yield u.write_text, (str(folder / "b.txt"), "text")
    yield u.write_whole, (str(folder / "c.txt"), lambda file: file.write(b"a"))


def _exact(folder):
    from symssl import exact as e

    system = e.solve_system([x**2 + y**2 - 3, x - y], [x, y])
    root, field = system[1].values[x], system[1].field
    branch = e.inverse_branch(x - rho * x**2, x, sp.Symbol("v"))
    yield e.as_sympy_number, (3,)
    yield e.exact_number, (0.5, k)
    yield e.is_zero, (x - x,)
    yield e.without_floats, (0.5 * x,)
    yield e.bounds, (root.enclosure(),)
    yield e.sign, (x**2 + 1, {x: 1})
    yield e.sign_of, (x**2 - 1, (x > 2,))
    yield e.irreducible_factors, (x**2 - 1,)
    yield e.compare, (x + y, y + x, (x > 0,), {"seed": 0})[:3], {"seed": 1}
    yield e.evaluate, (x + 1, {x: 1}), {"bits": 64}
    yield e.holds_at_point, (x > 1, {x: 2})
    yield e.find_point, ([x, y], [x > 1]), {"seed": 0}
    yield e.real_roots, (x**2 - k, x, {k: 2}), {"digits": 9}
    yield e.solve_system, ([x**2 + y**2 - 3, x - y], [x, y]), {"nonzero": [x], "budget": 20.0}
    yield e.Constants, ([sp.sqrt(2) * x, sp.pi],)
    yield e.Constants([sp.sqrt(2)]).__call__, (sp.sqrt(2) * x,)
    yield e.Radicals, ([sp.sqrt(x)],)
    yield e.Radicals([sp.sqrt(x)]).__call__, (sp.sqrt(x) + 1,)
    yield e.inverse_branch, (x - k * x**2, x, y)
    yield branch.coefficients, (3,)
    yield branch.series, (3,)
    yield branch.radius, ({rho: 1},), {"digits": 9}
    yield branch.branch_points, ({rho: 1},)
    yield system[0].evaluate, (x * y,)
    yield field.element, (3,)
    yield field.root, (64,)
    yield root.enclosure, (64,)
    yield root.bounds, (9,)
    yield from (root, field, branch, system[0], e.real_roots(x**2 - 2, x)[0], e.compare(x, y))


def _typeset(folder):
    from symssl import typeset as u

    yield u.latex, (x**2 + k,), {"names": {x: "X"}, "label": "eq:a", "width": 60}
    yield u.as_text, ("words",)
    yield u.Tex, ("x",)
    yield u.Line, (x, "=", k)


def _language(folder):
    from symssl import language as u

    (v,) = u.gaussians("v", d)
    X = u.samples("X", d, N)
    yield u.inner, (A, B)
    yield u.norm, (A,)
    yield u.sq, (A,)
    yield u.cosine, (A, B)
    yield u.potential, ("f", A)
    yield u.Potential, ("f", A)
    yield u.PotentialGradient, ("g", 2, 2, u.potential("f", A), 0)
    yield u.sg, (A,)
    yield u.sg, (p,)
    yield u.E, (u.norm(v),), {"given": (v,)}
    yield u.total, (u.sq(X[i]), i)
    yield u.total, (u.sq(A), (i, 3))
    yield u.mean, (u.sq(X[i]), (i, N))
    yield u.gaussians, (["u", "v"], 2), {"mean": [0, 0], "cov": [[1, 0], [0, 1]]}
    yield u.GaussianVector, ("x", d, 1, v.joint)
    yield v.copied, (2,)
    yield u.samples, ("x", d, N)
    yield X.__getitem__, (i,)
    yield u.Sample, ("x", d, 1, i, N)
    yield u.Symmetric, (A,)
    yield u.Diagonal, (A,)
    yield u.Orthonormal, (U,)
    yield u.Normalised, (U, A)
    yield u.Commutes, (A, B)
    yield u.ModeSum, (p**2,)
    yield u.function, ("phi",)
    yield u.FunctionSymbol, ("phi",)
    yield u.function("phi").__call__, (A, 1)
    yield u.Apply, (u.function("phi"), A), {"order": 1}
    yield u.Entry, (U, 1), {"column": 2}
    yield u.frame, ("Q", 3, 2)
    yield u.gaussian_matrix, ("G", N, d)
    yield u.RandomMatrix, ("Q", 3, 2, "frame")
    yield u.Eigenvector, (A,), {"number": 2}
    yield from (u.Symmetric(A), u.Diagonal(A), u.Orthonormal(U), u.Normalised(U, A), u.Commutes(A, B))
    yield from _sentences(u)


def _sentences(u):
    real, start = sp.symbols("xi xi_0", real=True)
    flow, step = u.GradientFlow(u.sq(A) / 2, A), u.GradientDescent(u.sq(A) / 2, A, step=p)
    field = u.VectorField({real: p * real})
    names = u.Vocabulary(u.Object(real, "a number"), u.Object(p, "a rate"), u.Let(start, real + p, "a sum"))
    claim = sp.Gt(real + start, p)
    yield u.unit, (1, N)
    yield u.UnitVector, ("e", N, 1, 1, N)
    yield u.GradientFlow, (u.sq(A), A), {"decay": p, "rates": {A: p}, "extra": {A: B}, "where": u.Symmetric(A)}
    yield u.GradientDescent, (u.sq(A), A), {"step": p}
    yield u.VectorField, ({real: -real},)
    yield u.Rate, (A, flow)
    yield u.Rate, (real**2, field)
    yield u.Next, (A, step)
    yield u.Gradient, (u.sq(A), A)
    yield u.At, (u.sq(A), {A: B})
    yield u.Along, (real, field, p, {real: start})
    yield u.FirstTime, (sp.Gt(real, 1), field, {real: start})
    yield u.Limit, (real / p, p, 0), {"side": "+"}
    yield u.Zeros, ([real**2 - p], (real,), [sp.Gt(real, 0)])
    yield u.Zeros, (field,)
    yield u.Count, (u.Zeros(field),)
    yield u.Stability, (field, {real: 0}, "stable")
    yield u.Growth, (field, {real: 0})
    yield u.Eigenvalue, (A,), {"number": 1, "kind": "singular"}
    yield u.Optimum, (u.sq(A), A), {"given": u.Symmetric(A), "kind": "min"}
    yield u.Probability, (sp.Gt(real, 0),)
    yield u.Order, (p**2, p, 0)
    yield u.ForAll, (real, claim), {"given": sp.Gt(real, p), "almost": True}
    yield u.Exists, (real, claim), {"given": sp.Gt(real, p), "witness": {real: p + 1}, "unique": True}
    yield u.External, ("Sec. 1", "words")
    yield u.Object, (real, "a number"), {"where": sp.Gt(real, p)}
    yield u.Let, (start, real + p), {"words": "a sum"}
    yield u.Named, (field, "the linear flow")
    yield u.Vocabulary, (u.Object(real, "a number"), u.Let(start, real, "it"))
    yield names.sentence, (claim,), {"given": sp.Gt(real, 1), "almost": real}
    yield u.Sentence, (claim, names), {"given": sp.Gt(real, 1), "almost": (real,)}
    yield names.sentence(claim).with_claim, (claim,)
    yield names.sentence(claim).expand, (claim,)
    yield names.sentence(claim).text, (), {"names": {"p": "q"}, "width": 40}
    yield names.sentence(claim).definitions, (), {"names": {"p": "q"}}
    yield u.Definition, ("x", "x", "words", "kind")
    yield names.sentence(claim)


def _words(folder):
    from symssl import E, Symmetric, gaussians, norm, sq, words as u

    (v,) = gaussians("v", d)
    P = sp.MatrixSymbol("P", 2, d)
    poly = u.read(A * B - B)
    rules = u.rewriting(Symmetric(A))
    yield u.read, (A * B,), {"env": {}}
    yield u.write, (poly,)
    yield u.rewriting, (Symmetric(A), poly)
    yield u.Rewriting, ((Symmetric(A),), ())
    yield rules.reduce, (poly,)
    yield u.expect, (E(sq(v)),)
    yield u.concentrate, (E(norm(P * v)), {norm(P * v): norm(P)}), {"order": "o(1)"}
    yield u.normal_form, (A * A.T,), {"where": Symmetric(A)}
    yield from (u.concentrate(E(1 / norm(P * v)), order="o(1)"), poly)


def _scalar(folder):
    from symssl import scalar as u

    logistic = u.Flow({p: a * p * (1 - p / b) - c * p}, (a, b, c))
    count = u.count_equilibria(u.Flow({x: m * x - x**3}, (m,)))
    modes = u.Flow({p: -p * s - rho * p, s: -2 * rho * s + p**2}, (rho,))
    yield u.Flow, ({x: m - x},), {"parameters": (m,)}
    yield u.Field, ({x: -x},)
    yield u.Field({x: -x}).__getitem__, (x,)
    yield u.count_equilibria, (CUBIC, x)
    yield u.fold_set, (CUBIC, x, (m, k))
    yield count.at, ({m: 1},)
    for flow in (CUBIC, PLANAR):
        yield flow.lie, (x**2,)
        yield flow.fix, ({m: 1},)
        yield flow.retime, (1 + x**2,)
        yield flow.invariants, (1,)
        yield flow.state, ("x",)
        yield flow.parameter, ("m",)
        yield flow.given, ({m: 2},)
        yield flow.to_function, ({"m": 1, "k": 1} if flow is CUBIC else {m: 1},)
    yield symssl.Flow({x: m * x - x**3, y: m * y - y**3}, (m,)).restrict, ({y: x},)
    yield symssl.Flow({x: -x, y: x - y}).stability, ({x: 0, y: 0},)
    yield logistic.nondimensionalize, ((p,),), {"states": {p: q}, "names": ("mu",)}
    yield u.Flow({x: -x}).closed_form, (x,), {"time": t, "initial": k}
    yield u.Flow({x: -x}).stability, (0,)
    yield u.Flow({x: x**2}).escape_time, ("x",), {"initial": 2}
    yield CUBIC.fold_set, ("x", ("m", "k"))
    yield CUBIC.to_function({m: 1, k: 1}), (0, [1.0], {})
    yield modes.invariants(2).__getitem__, (0,)
    yield from (CUBIC, PLANAR, count, count.cases[0], count.certificate[0], u.fold_set(CUBIC))
    yield from (u.Flow({x: m - x}, (m,)).equilibria(), u.Flow({x: -x}).equilibria().explicit[0])
    yield from (
        u.Flow({x: -x}).closed_form(),
        u.Flow({x: x**2}).closed_form().cases[0],
        logistic.nondimensionalize(),
        modes.invariants(2),
    )
    yield from (u.Field({x: -x}), *modes.invariants(2).polynomials[:1])


def _matrix(folder):
    from symssl import Orthonormal, Symmetric, inner, matrix as u, norm, sq

    vectors = [sp.MatrixSymbol(name, 3, 1) for name in "uv"]
    flow = u.gradient_flow(sq(A - B) / 2, A)
    minimum = u.frame_minimum(FORM, 1)
    words = {sp.MatrixSymbol("q", 3, 3): W.T * W}
    yield u.gradient_flow, (sq(A - B), A), {
        "weight_decay": {A: rho}, "rates": {A: a}, "decay_with_rate": True, "geometry": {A: Symmetric()},
        "extra": {A: B}, "where": Symmetric(B),
    }  # fmt: skip
    yield u.MatrixFlow, ({A: -A},), {"where": (), "residuals": {}, "convention": ""}
    yield flow.lie, (sq(A),)
    yield flow.map, (lambda f: f,)
    yield flow.impose, (Symmetric(A),)
    yield flow.substitute, ({B: C},)
    yield flow.laws, (1,)
    yield flow.spectral, ({A: (C, a, C)},), {"change": {b: a**2}, "couplings": {c: norm(A)}, "parameters": (d,)}
    yield u.gradient_flow(inner(W, W * sp.Identity(3)), W).image, (words,)
    yield u.gradient_flow(sq(A) ** 2, A).linearize, ({A: sp.ZeroMatrix(2, 2)}, {A: D}), {"where": ()}
    yield flow.entries, ({A: sp.Matrix(2, 2, [a, b, c, d]), B: sp.eye(2)},), {"parameters": ()}
    yield flow.retime, (sq(A),)
    yield u.laws, (flow, 1)
    yield u.matrix_equal, (A * B, B * A), {"where": ()}
    yield u.Stiefel, ("canonical", False)
    yield u.Grassmann, (False,)
    yield u.hessian, (sq(A - B), {A: D})
    yield u.second_variation, (sq(A - B), {A: D})
    yield u.singular_flow, (FORM, (a, b))
    yield u.frame_minimum, (FORM, 1)
    yield u.contraction_minimum, (FORM, 1)
    yield u.product_minimum, (FORM, 1, 2)
    yield minimum.terms, (sp.eye(2),)
    yield u.gram_matrix, tuple(vectors)
    yield u.qr, (FORM,)
    yield u.qr_squares, tuple(vectors)
    yield u.unprojected, tuple(vectors)
    yield u.explicit_value, (sq(A), {A: FORM})
    yield u.recheck_gradient, (sq(A - B) / 2, dict(flow.rhs)), {
        "weight_decay": 0, "rates": {}, "where": (), "shapes": 1,
    }  # fmt: skip
    yield from (flow, minimum, u.gradient_flow(sq(A) / 2, A).laws(1)[0], u.matrix_equal(A * B, B * A))
    yield from (u.matrix_equal(A * A.T, A * A.T, where=Orthonormal(A)), u.singular_flow(FORM, (a, b)))
    for geometry in (u.Stiefel(), u.Grassmann()):
        yield geometry.check, (W.T,)
        yield geometry


def _codegen(folder):
    from symssl import codegen as u

    field = u.compile_flow(PLANAR)
    yield u.compile_function, ([x**2 + k, sp.sin(x)], (x, k)), {
        "backend": "numpy", "cse": True, "block": 64, "reject_nan": (x,),
    }  # fmt: skip
    yield u.compile_function, (sp.Matrix([[x, k]]), (x, k)), {"backend": "mpmath"}
    yield u.compile_flow, (PLANAR,), {"backend": "numpy"}
    for backend in ("numpy", "mpmath", "ball"):
        yield u.compile_function(x**2 + k, (x, k), backend=backend).__call__, (1, 2)
    yield u.compile_function(x**2 + k, (x, k)).__call__, (np.ones(3),), {"k": 2.0}
    yield from (field, field.rhs)


def _modes(folder):
    from symssl import ModeSum, gradient_flow, modes as u, norm, sq

    flow = u.ModeFlow({p: a * p - b * p, q: p - q}, {b: ModeSum(p**2)}, (a,), n)
    compiled, states = flow.compile(), (np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    matrices = gradient_flow(sq(A) ** 2 / 4, A, rates={A: a})
    second = u.hessian_modes(sq(A * A.T) / 4, A, {A: [(U, p, U)]}, left=(U,), right=(U,))
    yield u.ModeFlow, ({p: -p}, {b: ModeSum(p)}, (), n)
    yield flow.lie, (b * p,)
    yield u.ModeFlow({p: -p, q: -2 * q}, {}, (), n).restrict, ({q: p**2},)
    yield flow.unfold, (b * p,)
    yield flow.expand, (2,)
    yield matrices.spectral, ({A: (U, p, U)},), {
        "change": {q: p**2}, "couplings": {b: norm(A)}, "parameters": (a,),
    }  # fmt: skip
    yield u.off_frame, (matrices, {A: (U, p, U)})
    yield compiled.couplings_at, states, {"values": {"a": 1}}
    yield compiled.rhs, states, {"values": {"a": 1}}
    yield compiled.jacobian, states, {"values": {"a": 1}}
    yield compiled.sensitivity, ("a", *states), {"values": {"a": 1}}
    yield compiled.to_function, ({a: 1},)
    yield u.hessian_modes, (sq(A * A.T) / 4, A, {A: [(U, p, U)]}), {"left": (U,), "right": (U,)}
    yield second.block, (U, U)
    yield second.subs, ({p: 1 / sp.sqrt(a)},)
    yield second.inertia, (), {"known": {}}
    yield second.blocks[0].mapped, (lambda f: f,)
    yield from (flow, flow.freeze(), second, second.blocks[0], second.spectrum()[0])


def _trajectory(folder):
    from symssl import trajectory as u

    flow = symssl.Flow({s: g * s - s**3}, (g,))
    growth = u.power_trajectory(flow)
    course = u.integrate(flow, {s: 0.1}, [0, 1], {g: 1.0})
    yield u.integrate, (flow, {s: 0.1}, [0, 1], {g: 1.0}), {
        "rtol": 1e-6, "atol": 1e-9, "method": "RK45", "events": (), "dense": False,
    }  # fmt: skip
    yield u.power_trajectory, (flow, s)
    yield growth.at, ([0, 1], 0.1, {g: 1.0}), {"logarithm": False}
    yield growth.chunks, ([0, 1], 0.1, {g: 1.0}), {"size": 9}
    yield growth.time_to, (0.5, 0.1, {g: 1.0})
    yield growth.limit, ({g: 1.0},)
    yield growth.pace, (0.1, {g: 1.0})
    yield growth.half_time, (0.1, {g: 1.0})
    yield growth.end_time, (0.1, {g: 1.0})
    yield growth.step_time, (0.1, {g: 1.0})
    yield growth.rate, ({g: 1.0},)
    yield u.crossing_times, ([0, 1], [0.1, 0.9], 0.5, 1.0)
    yield course.__getitem__, ("s",)
    yield u.TimeCourse, (np.array([0.0, 1.0]), {"s": np.array([1.0, 2.0])}, "finished", "")
    yield from (course, growth)


def _bifurcation(folder):
    from symssl import bifurcation as u

    fold = symssl.Flow({x: m - x**2}, (m,))
    box = {x: (-1, 1), y: (-1, 1)}
    settings = u.Settings(points=5)
    cells = u.regime_map(CUBIC, {m: (-1, 1, 3)}, {k: 1})
    curve = u.fold_curve(CUBIC, (m, k), (1, -2, 3), bounds=(2, 4), settings=settings)
    branch = u.continue_branch(CUBIC, m, {x: 1, m: 0}, {k: 1}, bounds=(-1, 1), settings=settings)
    found = u.bifurcation_diagram(CUBIC, m, (-1, 1), {k: 1}, settings=u.Settings(points=9))
    coupled = symssl.ModeFlow({p: a * p - b * p}, {b: symssl.ModeSum(p**2)}, (a,), n).compile()
    yield u.find_equilibria, (CUBIC, {m: 0, k: 1}), {
        "within": {x: (-2, 2)}, "seeds": ({x: 0},), "digits": 16, "boxes": 99, "budget": 20.0,
    }  # fmt: skip
    yield u.basins, (CUBIC, {m: 0, k: 1})
    yield u.planar_basins, (symssl.Flow({x: -x, y: -y}), box), {
        "values": {}, "n": 2, "time": 1.0, "rtol": 1e-3, "atol": 1e-3,
    }  # fmt: skip
    yield u.continue_branch, (CUBIC, m, {x: 1, m: 0}, {k: 1}), {
        "bounds": (-1, 1), "direction": 1, "within": {x: (-3, 3)}, "functions": {"f": lambda v, at: at - 0.5},
        "method": "arclength", "settings": u.Settings(points=3),
    }  # fmt: skip
    yield u.bifurcation_diagram, (CUBIC, m, (-1, 1), {k: 1}), {
        "within": None, "method": "explicit", "functions": {}, "settings": settings, "budget": 20.0,
    }  # fmt: skip
    yield u.fold_curve, (CUBIC, (m, k), {x: 1, m: -2, k: 3}), {
        "values": {}, "bounds": (2, 4), "method": "auto", "within": {x: (-3, 3)}, "functions": {},
        "settings": settings,
    }  # fmt: skip
    yield u.hopf_curve, (symssl.Flow({x: m * x - y - k * x**3, y: x + m * y - y**3}, (m, k)), (m, k), (0, 0, 0, 1)), {
        "values": {}, "bounds": (0.5, 2), "within": {}, "functions": {}, "settings": u.Settings(points=3),
    }  # fmt: skip
    yield u.critical_points, (fold, m), {"digits": 9, "budget": 20.0}
    fork = u.Event("BP", 0.0, (0.0,))
    yield u.branches_through, (CUBIC, m, fork, {k: 0}), {
        "bounds": (-1, 1), "within": {x: (-3, 3)}, "functions": {}, "settings": settings,
    }  # fmt: skip
    yield u.hopf_points, (PLANAR, m), {"digits": 9}
    yield u.critical_coefficients, (u.FieldProblem(fold, m), u.Event("LP", 0.0, (0.0,)))
    yield u.regime_map, (CUBIC, {m: (-1, 1, 3)}, {k: 1}), {
        "label": str, "method": "auto", "within": {x: (-9, 9)}, "executor": None, "progress": None, "budget": 20.0,
    }  # fmt: skip
    yield u.regime_map_to_zarr, (CUBIC, {m: (-1, 1, 3)}, str(folder / "map.zarr"), {k: 1}), {
        "chunk": 2, "method": "auto", "executor": None, "budget": 20.0, "overwrite": True, "progress": None,
    }  # fmt: skip
    yield u.FieldProblem, (CUBIC, m, {k: 1})
    yield u.ModeProblem, (coupled, "a", {})
    yield u.Settings, (), {
        "step": 0.1, "smallest": 1e-3, "largest": 0.2, "points": 5, "samples": 1, "size": 1, "state_bound": 2,
    }  # fmt: skip
    yield u.Pattern, ((1,), 0, (2,), ("stable",))
    yield u.Event, ("LP", 0.0, (0.0,))
    for result in (cells, curve, branch, found):
        path = str(folder / f"{type(result).__name__}.json")
        result.save(path)
        yield result.save, (path,)
        yield type(result).load, (path,)
        yield u.load, (path,)
        yield type(result).from_dict, (result.to_dict(),)
    yield cells.counts, (str,)
    yield cells.labelled, (str,)
    plane = u.regime_map(CUBIC, {m: (-1, 1, 5), k: (-1, 1, 5)})
    yield plane.boundaries, (str, 20)
    yield plane.to_xarray, (str,)
    yield cells.to_dataframe, (str,)
    yield cells.to_xarray, (str,)
    yield u.open_map, (u.regime_map_to_zarr(CUBIC, {m: (-1, 1, 3)}, folder / "open.zarr", {k: 1}).path,)
    stored = u.open_map(folder / "open.zarr")
    yield stored.counts, (str,)
    yield stored.describe, (str,)
    conditions = u.regime_map(CUBIC, {m: (-1, 1, 3), k: (0, 1, 3)}).conditions
    if conditions is not None:
        yield conditions.equilibria_at, ((1, sp.Rational(1, 2)),)
        yield conditions.equilibria_in, (0, (1, sp.Rational(1, 2)))
        yield conditions
    yield from (cells, curve, branch, found, stored, u.basins(CUBIC, {m: 0, k: 1})[0], settings)
    equilibria = u.find_equilibria(CUBIC, {m: 0, k: 1})
    yield equilibria.__getitem__, (0,)
    yield from (equilibria, equilibria[0], *u.critical_points(fold, m)[:1], *found.events[:1])
    planar = u.planar_basins(symssl.Flow({x: -x, y: -y}), box, n=2, time=1.0)
    for result in (equilibria, planar):
        yield type(result).from_dict, (result.to_dict(),)
    yield planar
    yield u.critical_coefficients(u.FieldProblem(fold, m), u.Event("LP", 0.0, (0.0,)))
    yield from (u.Pattern((1,), 0, (2,), ("stable",)), u.Wall("pole", {x: (sp.Integer(0), sp.Integer(1))}))


def _simulate(folder):
    from symssl import simulate as u

    X = np.random.default_rng(0).standard_normal((6, 3))
    learner = u.CrossCorrelation(np.eye(3), 2, 0.1)
    run = u.train(learner, steps=2, eta=0.1)
    experiment = u.Experiment(
        "identity", {"eta": 0.1}, ("x",), lambda *_: learner, lambda *_: 2, lambda *_: ({}, {}), lambda steps: 1
    )
    path = str(folder / "run.npz")
    run.save(path)
    yield u.follow, (lambda w: {"a": -w["a"]}, {"a": 1.0}, [0, 1]), {"rtol": 1e-6, "atol": 1e-9}
    yield u.descend, (lambda w: w, {"a": 1.0}, 0.1)
    yield u.train, (learner,), {
        "steps": 2, "eta": 0.1, "rng": 0, "start": None, "momentum": 0.0, "anneal": 0, "every": 1,
        "progress": None, "checkpoint": None, "seconds": 1.0,
    }  # fmt: skip
    yield u.resume, (learner, run), {"steps": 3, "progress": None, "checkpoint": None, "seconds": 1.0}
    yield run.save, (path,)
    yield u.Run.load, (path,)
    yield experiment.given, ({"eta": 0.1},)
    yield experiment.run, ({"eta": 0.1},), {
        "data": "x", "rng": 0, "steps": 2, "progress": None, "checkpoint": None, "again": None,
    }  # fmt: skip
    yield u.fingerprint, (X, X)
    yield u.crop_pairs, (2,), {
        "size": 2, "window": 3, "rng": 0, "centred": False, "scale": 1.0,
        "photographs": [np.arange(16.0).reshape(4, 4, 1)],
    }  # fmt: skip
    yield u.digit_classes, (0, 1), {"samples": 3, "rng": 0}
    yield u.noisy_pairs, (X, 0.1, 0)
    yield u.cross_correlation, (X, X)
    yield u.contrast_matrix, (X, X, X)
    yield u.CrossCorrelation, (np.eye(3), 2, 0.1)
    yield u.CrossCorrelation.in_eigenbasis, (np.eye(3), 2, 0.1)
    for one in (
        learner,
        u.LinearPredictor(2, 3, rng=0, samples=9, batch=2),
        u.OrthonormalTrace(np.eye(3), 1, width=4),
        u.ReducedTrace([0.0, 1.0], 1, width=4),
        u.SoftmaxContrast(X, X, width=2),
        u.HiddenLayer(X, X, X, outputs=1, width=3),
    ):
        weights = one.start(np.random.default_rng(0))
        yield one.start, (np.random.default_rng(0),)
        yield one.gradient, (weights, np.random.default_rng(0))
        yield one.after, (weights,)
        yield one.observe, (weights,)
        yield one.configuration, ()
        for method in ("map", "hidden", "outputs", "drive", "modes"):
            if callable(getattr(one, method, None)):
                function = getattr(one, method)
                yield function, (weights, X) if "X" in inspect.signature(function).parameters else (weights,)
        if hasattr(one, "pairs"):
            yield one.pairs, (np.random.default_rng(0), 2)
    yield learner.aligned, ({"W": X[:2]},)
    yield learner.correlation, ({"W": X[:2]},)
    yield learner.observe, ({"W": X[:2]},)
    yield u.LinearPredictor, (2, 3), {
        "loss": "cosine", "sigma2": 0.1, "rho": 0.1, "batch": 2, "samples": 3, "average": 0.5, "predictor": "free",
        "common_frames": True, "data": X, "rng": 0,
    }  # fmt: skip
    yield u.OrthonormalTrace, (np.eye(3), 1), {"width": 4, "layers": 2, "rule": "printed", "back": "qr"}
    yield u.ReducedTrace, ([0, 1], 1), {"width": 4, "layers": 2, "rule": "printed"}
    yield u.SoftmaxContrast, (X, X), {
        "layers": 1, "width": 2, "activation": "relu", "batch": 2, "scale": 1.0, "common_frames": False,
    }  # fmt: skip
    yield u.HiddenLayer, (X, X, X), {
        "outputs": 1, "width": 3, "activation": "relu", "loss": "contrast", "orthonormal": True, "batch": 2,
        "scale": 1.0,
    }  # fmt: skip
    yield u.mode_moments, ([1.0], [1.0], 0.1, 1.0)
    yield u.expected_cosine_gradient, ([1.0, 2], [1.0, 1], [0.5, 0]), {"det": None, "rtol": 1e-9}
    yield u.approximation_error, ([1.0, 2], [1.0, 1], 0.1, [0.0, 0], 1.0)
    yield u.sampled_cosine_gradient, ([1.0, 2], [1.0, 1], [0.5, 0], 3, 0)
    yield u.expected_flow, ([1.0], [1.0], 0.1, 0.1, [0, 0.1]), {"spectrum": 1.0, "rtol": 1e-3, "method": "RK45"}
    yield from (run, u.expected_cosine_gradient([1.0, 2], [1.0, 1], [0.5, 0]))
    yield u.expected_flow([1.0], [1.0], 0.1, 0.1, [0, 0.1], rtol=1e-3)


def _kernels(folder):
    from symssl import kernels as u

    X = np.random.default_rng(0).standard_normal((6, 3))
    fitted = u.KernelSSL(1).fit(X, X)
    yield u.arc_cosine, (X, X, 1)
    yield u.ReLUKernel, (1, False, 0.1)
    yield u.ReLUKernel(1).__call__, (X, X)
    yield _fit, (X, X), {
        "n_components": 1, "kernel": "rbf", "gamma": 1.0, "degree": 2, "coef0": 1, "kernel_params": None,
        "centre": False, "solver": "dense", "tol": 0.0, "block_size": 9, "memory": 1.0, "time": None, "scale": 0.1,
        "random_state": 0,
    }  # fmt: skip
    yield u.KernelSSL(1).fit, (X, X)
    yield u.KernelSSL(1).fit_transform, (X, X)
    yield fitted.transform, (X,), {"time": 1.0}
    yield fitted.trajectories, ([0, 1],)
    yield fitted.trajectories([0, 1])


def _fit(X, X_prime, **options):
    from symssl.kernels import KernelSSL

    return KernelSSL(**options).fit(X, X_prime)


def _steps(model):
    from symssl.claims import Step

    yield Step("expand", sp.expand((x + 1) ** 2))


def _statements(folder):
    from symssl import language as w, statements as u

    real, other = sp.symbols("xi eta", real=True)
    field = w.VectorField({real: -real})
    names = w.Vocabulary(w.Object(real, "a number"), w.Object(other, "another number"))
    sentence = names.sentence(sp.Eq(w.Rate(real**2, field), -2 * real**2, evaluate=False), given=(sp.Gt(real, -9),))
    first, fact = next(iter(u.instances(sentence, 1))), u.derive(w.Rate(real**2, field))
    least, middle = u.proved(sp.Lt(real, real + 1, evaluate=False)), u.proved(sp.Lt(real + 1, real + 2, evaluate=False))
    yield u.truth, (sentence, {real: 3})
    yield u.truth, (sentence, first)
    yield u.survey, (sentence, 3), {"seed": 1, "budget": 5.0}
    yield u.instances, (sentence, 2, 1)
    yield u.derive, (w.Rate(real**2, field), (sp.Gt(real, 0),))
    yield u.entails, (sentence, (fact,))
    yield u.proved, (sp.Gt(real**2 + 1, 0, evaluate=False), (sp.Lt(real, 2),))
    yield u.rewritten, (fact, -real * 2 * real), {"given": (sp.Gt(real, 0),)}
    yield u.specialised, (fact, {real: sp.Integer(2)})
    yield u.chained, (least, middle)
    yield u.follows, (sp.Lt(real, real + 3, evaluate=False), least), {"given": (sp.Gt(real, 0),)}
    yield u.assumed, (sp.Gt(real, 0), "it is positive")
    yield u.by_citation, (w.External("a book", "a theorem"), sp.Gt(real, 0)), {"given": (sp.Gt(real, 0),)}
    yield from _rules(u, w)
    yield from (first, u.truth(sentence, first), u.survey(sentence, 2), u.entails(sentence), fact)


def _rules(u, w):
    """The rules that look at a whole statement."""
    from symssl import Diagonal, Grassmann, Orthonormal, Symmetric, inner

    W, W_0, C, v = (
        sp.MatrixSymbol(n, *shape) for n, shape in (("W", (3, 2)), ("W_0", (3, 2)), ("C", (3, 3)), ("v", (3, 1)))
    )
    P, time, number = sp.MatrixSymbol("P", 3, 3), sp.Symbol("t", positive=True), sp.Symbol("v", real=True)
    symmetric, start, size = Symmetric(C), {W: W_0}, w.Eigenvalue(W, 1, "singular")
    layers = w.GradientFlow(sp.Trace(W.T * C * W) / 2, W, geometry={W: Grassmann()})
    projector = w.VectorField({P: 2 * P * C * P - C * P - P * C})
    field = w.VectorField({W: -2 * C * W + C * W * W.T * W + W * W.T * C * W})
    yield u.reduced, (w.Along(W * W.T, layers, time, start), projector, (symmetric, Orthonormal(W_0)))
    yield u.at_another_speed, (w.Along(W, w.VectorField({W: 2 * C * W}), time, start), w.VectorField({W: C * W}))
    met = sp.Ne(inner(w.unit(1, 3), P * v), 0, evaluate=False)
    yield u.generic, (met, (v,), (Orthonormal(v),)), {"under": (Orthonormal(P),)}
    below = w.Exists(P, sp.Lt(sp.Trace(P * C * P.T), 0, evaluate=False))
    yield u.negative_somewhere, (below, (symmetric,)), {"exactly_where": sp.Lt(w.Eigenvalue(C, 1), 0)}
    U, L = sp.MatrixSymbol("U", 4, 3), sp.MatrixSymbol("L", 4, 2)
    least = w.Optimum(sp.Trace(L.T * U * C * U.T * L), (U, L), (Orthonormal(U), Orthonormal(L)))
    yield u.rank_of_minimisers, (least, 2, (symmetric, sp.Lt(w.Eigenvalue(C, 2), 0)))
    along = w.Along(size, field, time, start)
    yield u.ball_kept, (along, 2 * W.T * C * W, (symmetric,)), {"inside": True}
    yield u.falls_in_ball, (w.Rate(sp.Trace(W.T * C * W), field), C, (Diagonal(C),))
    f = w.function("f")
    bound = w.ForAll(number, sp.Le(sp.Abs(f(number, 1)), 3))
    yield u.taylor_bound, (f, number, 1, (sp.Eq(f(0), 0), bound))
    yield from _spans(u, w, W, field, time, start)


def _spans(u, w, W, field, time, start):
    from symssl import norm, total

    k = sp.Symbol("k", integer=True, positive=True)
    P, e = W * sp.Inverse(W.T * W) * W.T, w.unit(k, 3)
    end = w.Limit(w.Along(P, field, time, start), time, sp.oo)
    found = sp.Eq(end, total(e * e.T, (k, 2)), evaluate=False)
    length = w.Limit(w.Along(norm(P * e), field, time, start), time, sp.oo)
    each = w.ForAll(k, sp.Eq(length, 1, evaluate=False), sp.Le(k, 2))
    full = sp.Eq(w.Eigenvalue(start[W], 1, "rank"), 2, evaluate=False)
    yield u.span_found, (found, each, (full,))


def _positive():
    from symssl.language import Object, Vocabulary

    return Vocabulary(Object(p, "a rate")).sentence(sp.Gt(p + 1, p, evaluate=False))


def _claims(folder):
    from symssl import claims as u

    model = u.Model("square", x**2, (x,))
    claim = u.Claim("a.b", "equation", x**2 + 2 * x + 1, _steps, u.identity())
    paper = u.Paper("a", "Title", "Author", (claim,), lambda: {"one": x}, models={"m": lambda: CUBIC})
    here = Path(__file__).resolve().parents[2] / "tests" / "toy" / "derivations"
    library, kept = u.discover(here), u.Cache(str(folder / "cache"))
    chapter = u.Chapter("demo")
    yield u.Chapter, ("demo",)
    yield chapter.claim, ("eq1", "lemma", _positive()), {"cite": "Eq. (1)", "witness": {p: 1}, "note": "words"}
    catalogue = u.Catalogue(here, kept)
    yield u.Step, ("expand",), {"result": x, "kind": "approximation", "order": x, "cite": None, "same": False}
    yield u.Claim, ("a.b", "equation", x**2, _steps, u.identity()), {
        "given": (x > 0,), "model": model, "source": "printed", "cite": "(1)",
    }  # fmt: skip
    yield u.Model, ("square", x**2, (x,)), {"weight_decay": 0, "where": (), "options": {}}
    yield u.Paper, ("a", "Title", "Author", (claim,)), {
        "equations": dict, "models": {}, "notation": {}, "regimes": {},
    }  # fmt: skip
    yield claim.with_printed, (x,)
    yield u.check, (claim,), {"model": None, "printed": x**2, "time_limit": None}
    yield u.audit, ([claim],)
    yield paper.model, ("m",)
    yield u.discover, (str(here),)
    yield library.claim, ("garden.flow",)
    yield library.paper, ("garden",)
    yield library.paper_of, ("garden.flow",)
    yield library.select, (("garden",),)
    yield u.Catalogue, (str(here), kept)
    yield catalogue.select, (("garden",),)
    yield u.Cache, (str(folder / "cache"),)
    yield kept.write, ("verdicts", "0f", {"a": 1})
    yield kept.read, ("verdicts", "0f")
    yield from ((kept.clear, ()), (kept.entries, ()), (kept.info, ()))
    yield u.errata, (catalogue.rows, catalogue.rows, {}, {})
    yield from ((make, ()) for make in (u.enclosed, u.equivalent, u.implied, u.same_value, u.valid))
    sizes = [(sp.Rational(1, 10**j), sp.Rational(1, 100**j)) for j in range(1, 6)]
    yield u.cited("a book"), (x, x, ())
    yield u.enclosed(), (x > 0, {x: (1, 2)}, ())
    yield u.equivalent(), (p > 1, 2 * p > 2, ())
    yield u.gap(u.identity(), "a hypothesis"), (x, x + 1, ())
    yield u.identity("all"), ((x + 1) ** 2, x**2 + 2 * x + 1, (x > 0,))
    yield u.implied(), (sp.Gt(p**2 + p, 0, evaluate=False), p * (p + 1), ())
    yield u.order_of_error(sp.Rational(1, 10)), (2, sizes, ())
    yield u.refuted_at({x: 2}), (x**2 < 3, None, ())
    yield u.same_value(), (2, 3, ())
    yield u.stipulated(), (sp.Eq(x, y + 1), None, ())
    yield u.valid(), (sp.Ge(p**2 + 1, 2 * p), None, ())
    yield u.cited, ("a book",)
    yield u.gap, (u.identity(), "a hypothesis")
    yield u.identity, ("all",)
    yield u.order_of_error, (sp.Rational(1, 10),)
    yield u.refuted_at, ({x: 1},), {"at": {x: 2}}
    yield u.stipulated, (symssl.Symmetric(A),)
    evidence = (
        u.ProvedIdentity(x, x), u.SignCondition(x > 0, x, "sides", ()), u.Counterexample(x > 2, None, {x: 1}),
        u.Enclosure(x > 0, {x: (1, 2)}, True), u.NumericalExperiment(x, x, "seen", True), u.Stipulation(x, x, {}, ()),
    )  # fmt: skip
    for one in evidence:
        yield one.verify, (one.printed, ())
        yield one.verdict_on, ("equation",)
    yield evidence[1].proved, ((),)
    yield from (claim, paper, model, u.Step("a", x), u.check(claim), *evidence)
    yield from (catalogue.rows[0], u.Finding("a", "b", "rejected"))
    yield u.Decided("a", "holds", "symbolic", "", "", "", "", 0.1)


def _present(folder):
    from symssl import present as u
    from symssl.claims import Decided, Erratum

    decided = Decided("a", "holds", "symbolic", "", "", "", "", 0.1)
    wrong = Erratum("a.b", "a", "Title", "(1)", "refuted", "symbolic", ("x", "x"), (), (), "x = 1", "")
    yield u.pretty, (x**2,), {"unicode": False, "columns": 80, "names": {x: "X"}}
    yield u.document, ("text", "Title"), {"landscape": True}
    yield u.errata_latex, ([wrong], "Errata")
    yield u.errata_markdown, ([wrong],)
    yield u.ledger_table, ([],), {"title": "Ledger"}
    yield from (decided, wrong)


_BY_ROOM = (
    _support, _exact, _typeset, _language, _words, _scalar, _matrix, _codegen, _modes, _trajectory, _bifurcation,
    _simulate, _kernels, _statements, _claims, _present,
)  # fmt: skip


def unlisted(found):
    """Public callables that no call of a catalogue reaches."""
    reached = set()
    for function, _, _ in found.values():
        function = function.func if isinstance(function, partial) else function
        owner = getattr(function, "__self__", None)
        if owner is not None and not inspect.ismodule(owner):
            for kind in (owner if isinstance(owner, type) else type(owner)).__mro__:
                reached.add(f"{kind.__name__}.{function.__name__}")
        else:
            reached.add(getattr(function, "__qualname__", ""))
    return [
        name
        for name in public()
        if name not in reached | PROCESSES | FILES | SHOWING | PATHS | ESTIMATORS
        and name.split(".")[0] not in INTERFACES | INNER | {"Poly"}
        and not issubclass_of(public()[name], SymsslError)
    ]


def issubclass_of(thing, kind):
    return isinstance(thing, type) and issubclass(thing, kind)
