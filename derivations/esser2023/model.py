"""Symbols, the losses of the paper, and how a claim of this paper is written.

Rows of a weight matrix are outputs: u(x) = Theta x, or u(x) = W_2^T W_1 x with a
hidden layer of width h, W_1 of h x d and W_2 of h x z.
"""

from functools import lru_cache

from sympy import MatAdd, MatMul, MatrixSymbol, Symbol, preorder_traversal, sqrt, symbols

from symssl import (
    Grassmann,
    Orthonormal,
    Refusal,
    Symmetric,
    expect,
    inner,
    norm,
    samples,
    sq,
    total,
)
from symssl.claims import Claim, Model, Step
from symssl.matrix import MatrixFlow

from .._models import chain, trace_model

n, d, z, h, m, P = symbols("n d z h m P", integer=True, positive=True)
i = symbols("i", integer=True)
eta, c, t = symbols("eta c t", positive=True)
Loss = Symbol("L", real=True)

# data: anchors, positives, negatives, labels; their features; a further input x
X, Xp, Xm, Y = samples("x", d, n), samples("x^+", d, n), samples("x^-", d, n), samples("y", z, n)
Psi, Psip, Psim = samples("psi", m, n), samples("psi^+", m, n), samples("psi^-", m, n)
x, psi = MatrixSymbol("xbar", d, 1), MatrixSymbol("psibar", m, 1)

Theta, ThetaPsi = MatrixSymbol("Theta", z, d), MatrixSymbol("Theta_psi", z, m)
W1, W2, W3, W4 = (MatrixSymbol(name, h, k) for name, k in (("W_1", d), ("W_2", z), ("W_3", z), ("W_4", z)))
K2, K3 = MatrixSymbol("W_2", h, h), MatrixSymbol("W_3", h, h)  # square layers in the middle
C, Lambda, V = (MatrixSymbol(name, d, d) for name in ("C", "Lambda", "V"))
M, q = MatrixSymbol("M", z, d), MatrixSymbol("q", d, z)


def contrastive(Theta, X, Xp, Xm):
    """Eq. (1) for u(x) = Theta x."""
    return total(inner(Theta * X[i], Theta * Xm[i] - Theta * Xp[i]), i)


LINEAR = Model("contrastive loss, linear model", contrastive(Theta, X, Xp, Xm), (Theta,))
LINEAR_ALIGNED = Model("non-contrastive loss, linear model", -total(inner(Theta * X[i], Theta * Xp[i]), i), (Theta,))
TWO_LAYER = Model(
    "contrastive loss, two linear layers", total(inner(W2.T * W1 * X[i], W2.T * W1 * (Xm[i] - Xp[i])), i), (W1, W2)
)


def deep(name, *layers):
    """Eq. (7) for the network (W_l, ..., W_1), every layer with orthonormal columns."""
    last, *others = layers
    return trace_model(name, chain(*reversed(others), last.T), C, layers, Grassmann())


DEEP2 = deep("trace loss, two layers", W2, W1)
DEEP3 = deep("trace loss, three layers", W3, K2, W1)
DEEP4 = deep("trace loss, four layers", W4, K3, K2, W1)
NETWORK = {2: W2.T * W1, 3: W3.T * K2 * W1, 4: W4.T * K3 * K2 * W1}


# --- what several modules derive from a loss ---------------------------------------------


@lru_cache(maxsize=256)
def flow(model):
    """The gradient flow; for orthonormal layers the projected one, its constraints imposed."""
    found = model.flow()
    if "geometry" not in model.options:
        return found
    return found.impose(*(Orthonormal(W) for W in model.weights))


@lru_cache(maxsize=256)
def product_flow(model, product):
    """The flow of the product M of all layers, in M alone."""
    return MatrixFlow({M: folded(flow(model).lie(product), product, M)}, (Symmetric(C),))


@lru_cache(maxsize=256)
def output_flow(model, product):
    """The flow of q = [u(v_1), ..., u(v_d)]^T: q = M^T in the basis of eigenvectors, where C is Lambda."""
    velocity = product_flow(model, product).rhs[M]
    return MatrixFlow({q: expect(velocity.xreplace({C: Lambda, M: q.T}).T)}).impose(Symmetric(Lambda))


def folded(expr, product, name):
    """The expression with the word `product` and its transpose written as one letter.

    Refused where factors of the product are left over."""
    word, back = (_factors(w) for w in (product, expect(product.T)))

    def term(factors):
        out = list(factors)
        for w, letter in ((word, name), (back, name.T)):
            for k in range(len(out) - len(w), -1, -1):
                if tuple(out[k : k + len(w)]) == w:
                    out[k : k + len(w)] = [letter]
        return MatMul(*out)

    done = MatAdd(*(term(_factors(part)) for part in MatAdd.make_args(expect(expr))))
    if done.has(*(a for a in preorder_traversal(product) if isinstance(a, MatrixSymbol))):
        raise Refusal(f"{expr} is not a polynomial in {product}")
    return done


def _factors(word):
    return tuple(word.args) if isinstance(word, MatMul) else (word,)


def at(expr, values):
    """The expression at explicit matrices; their shapes fix the sizes."""
    sizes = {}
    for symbol, value in values.items():
        sizes |= {size: number for size, number in zip(symbol.shape, value.shape) if size != number}
    named = {symbol.subs(sizes): value.as_immutable() for symbol, value in values.items()}
    found = expr.subs(sizes).xreplace(named).replace(lambda node: isinstance(node, (inner, norm, sq)), _number).doit()
    return found.as_explicit() if getattr(found, "is_Matrix", False) else found


def _number(node):
    """An inner product or a norm of explicit matrices."""
    first, last = (part.doit().as_explicit() for part in (node.args[0], node.args[-1]))
    product = (first.T * last).trace()
    return sqrt(product) if isinstance(node, norm) else product


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def cited_steps(model):
    yield Step("not derived here")


def esser(label, kind, printed, steps, decide, cite, *, model=None, **more):
    return Claim(f"esser2023.{label}", kind, printed, steps, decide, model=model, cite=cite, **more)


def new(label, printed, steps, decide, *, corrects="", model=None, **more):
    """A statement that the paper does not make: a correction, or a consequence."""
    return Claim(
        f"esser2023.{label}",
        "consequence",
        printed,
        steps,
        decide,
        model=model,
        source="new",
        corrects=f"esser2023.{corrects}" if corrects else "",
        cite="not in the paper",
        **more,
    )
