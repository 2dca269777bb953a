"""The InfoNCE loss of Eq. (2), the linear networks it is applied to, and the data of the counterexamples."""

from functools import partial

from sympy import Matrix, MatrixSymbol, Rational, diff, exp, eye, log, symbols

from symssl import potential, samples
from symssl.claims import Claim, Model

from .._models import kernel, partition

N, n, d, m = symbols("N n d m", integer=True, positive=True)
i, j, k, l = symbols("i j k l")
t = symbols("t", positive=True)
W = MatrixSymbol("W", n, d)
W_1, W_2 = MatrixSymbol("W_1", d, d), MatrixSymbol("W_2", d, d)
x, xp = samples("x", d, N), samples("x'", d, N)
ROOM, ROOMP = MatrixSymbol("X_data", d, N), MatrixSymbol("X_data'", d, N)  # the samples as columns
NOTATION = {"X_data": r"\mathbf{X}", "X_data'": r"\mathbf{X}'", "g": r"\mathbf{g}", "g'": r"\mathbf{g}'"}


# --- linear networks ---------------------------------------------------------------------


def embeddings(weight):
    return (lambda a: weight * x[a]), (lambda a: weight * xp[a])


PRODUCT = Model("any loss of W_2 W_1", potential("L", W_2 * W_1), (W_1, W_2))
G = MatrixSymbol("G", d, d)


def named(expr, *names):
    """The gradients of an unspecified loss under the given names, in the order of its arguments."""
    from symssl.language import PotentialGradient

    found = sorted(expr.atoms(PotentialGradient), key=lambda p: p.args[4])
    return expr.xreplace({p: names[int(p.args[4])] for p in found})


# --- softmax weights, and the matrix X ---------------------------------------------------


def alpha(z, zp, i, j, k):
    return kernel(z(i), z(j)) / partition(z, zp, i, k)


def alpha_self(z, zp, i, k):
    return kernel(z(i), zp(i)) / partition(z, zp, i, k)


def outer(a):
    return a * a.T


# --- explicit data -----------------------------------------------------------------------

# two samples on a line, at 0 and 3; the first is moved by 4, the second not at all
LINE = ((Matrix([0]), Matrix([3])), (Matrix([4]), Matrix([3])))
# the ends of a cross in the plane, not moved
CROSS = tuple(Matrix(p) for p in ((1, 0), (-1, 0), (0, 1), (0, -1)))
u = symbols("u", positive=True)  # exp(-w^2/2) for the weight w of a network on a line
HALF = Rational(1, 2)


def length2(a):
    return (a.T * a)[0]


def written_out(z, zp):
    """Eq. (2) for a given number of explicit embeddings."""
    size = range(len(z))
    return sum(
        length2(z[a] - zp[a]) / 2
        + log(sum(exp(-length2(z[a] - z[b]) / 2) for b in size if b != a) + exp(-length2(z[a] - zp[a]) / 2))
        for a in size
    )


def on_multiples(points, partners):
    """A symbol w, and X = -(dL/dP)/w at P = w I, for explicit samples in the plane."""
    scale = symbols("w", positive=True)
    entries = Matrix(2, 2, symbols("p_1:3(1:3)", real=True))
    loss = written_out([entries * p for p in points], [entries * p for p in partners])
    at = dict(zip(entries, scale * eye(2)))
    return scale, Matrix(2, 2, [(-diff(loss, entry).subs(at) / scale).expand() for entry in entries])


def claim(label, kind, printed, steps, decide, cite, *, model=None, **more):
    return Claim(f"jing2021.{label}", kind, printed, steps, decide, model=model, cite=cite, **more)


def correction(label, printed, steps, decide, *, suffix="fixed", kind="result", model=None, **more):
    """The statement that takes the place of the printed one."""
    return Claim(
        f"jing2021.{label}.{suffix}",
        kind,
        printed,
        steps,
        decide,
        model=model,
        source="new",
        corrects=f"jing2021.{label}",
        cite=more.pop("cite", "not in the paper"),
        **more,
    )


consequence = partial(claim, source="new")
