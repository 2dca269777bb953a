"""The names of the paper: what every symbol stands for, the dynamics that its sentences speak about.

Outputs are told apart by vectors: the l-th output of a linear model is <e_l, Theta x> for the unit vector e_l, and
u(theta, x, e_j) is the j-th output of a model that is not specified.
"""

from sympy import Eq, Identity, MatrixSymbol, Ne, Trace, exp, log, oo, symbols

from symssl import Diagonal, Grassmann, Orthonormal, Symmetric, cosine, inner, norm, potential, samples, sq, total
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Let,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
)

from .._models import chain
from .model import (
    W1,
    W2,
    C,
    Lambda,
    M,
    P,
    Psi,
    Psim,
    Psip,
    Theta,
    ThetaPsi,
    V,
    X,
    Xm,
    Xp,
    Y,
    c,
    d,
    eta,
    h,
    i,
    m,
    n,
    psi,
    q,
    t,
    x,
    z,
)

# --- symbols -----------------------------------------------------------------------------

j = symbols("j", integer=True)
Outputs = samples("e", z, z)  # e_1, ..., e_z: the outputs
e_l, e_j = MatrixSymbol("e_l", z, 1), MatrixSymbol("e_j", z, 1)
xprime, psiprime = MatrixSymbol("x'", d, 1), MatrixSymbol("psi'", m, 1)
xhat = MatrixSymbol("xhat", d, 1)
theta = MatrixSymbol("theta", P, 1)  # parameters of a model that is not specified
Theta_0, ThetaPsi_0 = MatrixSymbol("Theta_0", z, d), MatrixSymbol("Theta_psi^0", z, m)
q_0 = MatrixSymbol("q_0", d, z)
c_1, c_2 = symbols("c_1 c_2", positive=True)
K2, K3, Wl = MatrixSymbol("K_2", h, h), MatrixSymbol("K_3", h, h), MatrixSymbol("W_l", h, z)
Ct = MatrixSymbol("Ctilde", d, d)
W1_0, W2_0 = MatrixSymbol("W_1^0", h, d), MatrixSymbol("W_2^0", h, z)


def u(point, output):
    """An output of a model that is not specified, at a point."""
    return potential("u", theta, point, output)


# --- the dynamics ------------------------------------------------------------------------

# Sec. 2: any differentiable model
REGRESSION = GradientFlow(total((u(X[i], Outputs[j]) - inner(Y[i], Outputs[j])) ** 2, i, j) / 2, theta)
CONTRASTIVE_LOSS = total(u(X[i], Outputs[j]) * (u(Xm[i], Outputs[j]) - u(Xp[i], Outputs[j])), i, j)
CONTRASTIVE = GradientFlow(CONTRASTIVE_LOSS, theta)
ALIGNED_LOSS = -total(u(X[i], Outputs[j]) * u(Xp[i], Outputs[j]), i, j)
ALIGNED = GradientFlow(ALIGNED_LOSS, theta)


# the linear model and the kernel machine: the same in the features psi
def contrastive(weights, anchors, positives, negatives):
    return total(inner(weights * anchors[i], weights * (negatives[i] - positives[i])), i)


def aligned(weights, anchors, positives):
    return -total(inner(weights * anchors[i], weights * positives[i]), i)


LINEAR_REGRESSION = GradientFlow(total(sq(Theta * X[i] - Y[i]), i) / 2, Theta)
KERNEL_REGRESSION = GradientFlow(total(sq(ThetaPsi * Psi[i] - Y[i]), i) / 2, ThetaPsi)
LINEAR = GradientFlow(contrastive(Theta, X, Xp, Xm), Theta)
KERNEL = GradientFlow(contrastive(ThetaPsi, Psi, Psip, Psim), ThetaPsi)
LINEAR_ALIGNED = GradientFlow(aligned(Theta, X, Xp), Theta)
KERNEL_ALIGNED = GradientFlow(aligned(ThetaPsi, Psi, Psip), ThetaPsi)

# Sec. 2, remarks: other losses of the linear model, a fixed projector behind it
r = symbols("r", integer=True, positive=True)
A = MatrixSymbol("A", r, z)
Delta, DeltaPsi = MatrixSymbol("Delta", z, d), MatrixSymbol("Delta_psi", z, m)
a_l, a_j = MatrixSymbol("a_l", r, 1), MatrixSymbol("a_j", r, 1)
ALIKE = inner(Theta * X[i], Theta * Xp[i])  # similarities of the outputs of a positive and of a negative pair
UNLIKE = inner(Theta * X[i], Theta * Xm[i])
INFONCE = GradientFlow(total(log(exp(ALIKE) + exp(UNLIKE)) - ALIKE, i), Theta)
COSINE = GradientFlow(-total(cosine(Theta * X[i], Theta * Xp[i]), i), Theta)
SPECTRAL_LOSS = GradientFlow(total(UNLIKE**2 - 2 * ALIKE, i), Theta)
PROJECTED = GradientFlow(contrastive(A * Theta, X, Xp, Xm), Theta)

# Sec. 3: two linear layers, without constraints
TWO_LAYER_LOSS = total(inner(W2.T * W1 * X[i], W2.T * W1 * (Xm[i] - Xp[i])), i)
TRACE_LOSS = Trace(W2.T * W1 * C * W1.T * W2)
TWO_LAYER = GradientFlow(TWO_LAYER_LOSS, (W1, W2))
TRACE = GradientFlow(TRACE_LOSS, (W1, W2), where=Symmetric(C))


# Sec. 4: W' = -(I - W W^T) grad L for every layer, all layers with orthonormal columns
def deep(*layers):
    """Eq. (7) for the network (W_l, ..., W_1)."""
    last, *others = layers
    network = chain(*reversed(others), last.T)
    return GradientFlow(
        Trace(network * C * network.T),
        layers,
        geometry=dict.fromkeys(layers, Grassmann()),
        where=(Symmetric(C), *map(Orthonormal, layers)),
    )


DEEP2, DEEP3, DEEP4 = deep(W2, W1), deep(Wl, K2, W1), deep(Wl, K3, K2, W1)
NETWORK = {2: W2.T * W1, 3: Wl.T * K2 * W1, 4: Wl.T * K3 * K2 * W1}
BRACKET = 2 * Lambda * q - Lambda * q * q.T * q - q * q.T * Lambda * q
OUTPUTS = VectorField({q: -2 * BRACKET})  # Eq. (8)
HALF = VectorField({q: -BRACKET})  # what Eq. (11) discretises
DESCENT = GradientDescent(TRACE_LOSS, (W1, W2), step=eta, where=Symmetric(C))


# --- what they stand for -----------------------------------------------------------------

SIZES = Vocabulary(
    Object(n, "the number of anchors"),
    Object(d, "the dimension of the inputs"),
    Object(z, "the number of outputs"),
    Object(h, "the width of the hidden layers"),
    Object(m, "the number of features of the kernel"),
    Object(P, "the number of parameters of a model that is not specified"),
)
DATA = Vocabulary(
    Object(X, "the anchors"),
    Object(Xp, "the positive samples"),
    Object(Xm, "the negative samples"),
    Object(Y, "the labels"),
    Object(x, "an input"),
    Object(xprime, "another input"),
    Object(xhat, "a new input"),
    Object(Psi, "the features of the anchors"),
    Object(Psip, "the features of the positive samples"),
    Object(Psim, "the features of the negative samples"),
    Object(psi, "the features of an input"),
    Object(psiprime, "the features of another input"),
)
MODELS = Vocabulary(
    Object(Outputs, "one vector for each output; u(theta, x, e_j) is the j-th output"),
    Object(e_l, "the unit vector of the l-th output", Orthonormal(e_l)),
    Object(e_j, "the unit vector of the j-th output", Orthonormal(e_j)),
    Object(theta, "the parameters of a model that is not specified"),
    Object(u(x, e_l), "a model that is not specified: any smooth function of parameters and input, for each output"),
    Object(Theta, "the weights of the linear model u(x) = Theta x"),
    Object(ThetaPsi, "the weights of the kernel machine u(x) = Theta_psi psi(x)"),
    Object(ThetaPsi_0, "the weights of the kernel machine at time 0"),
    Object(Theta_0, "the weights of the linear model at time 0"),
    Object(Delta, "a change of the weights"),
    Object(DeltaPsi, "a change of the weights of the kernel machine"),
    Object(r, "the number of outputs of the projector"),
    Object(A, "the projector, which is not trained"),
    Object(a_l, "the unit vector of the l-th output of the projector", Orthonormal(a_l)),
    Object(a_j, "the unit vector of the j-th output of the projector", Orthonormal(a_j)),
    Object(W1, "the first layer"),
    Object(W2, "the second layer, the last of two"),
    Object(K2, "the second layer where there are more than two"),
    Object(K3, "the third layer of four"),
    Object(Wl, "the last layer of three or four"),
    Object(W1_0, "the first layer at time 0"),
    Object(W2_0, "the second layer at time 0"),
    Object(M, "the network, the product of its layers"),
    Object(c, "a bound on the second derivative of the activation"),
    Object(c_1, "the bound on the Frobenius norm of the first layer"),
    Object(c_2, "the bound on the Frobenius norm of the second layer"),
)
SPECTRAL = Vocabulary(
    Object(Lambda, "the eigenvalues of C, on the diagonal", Diagonal(Lambda)),
    Object(V, "the eigenvectors of C, as columns", Orthonormal(V)),
    Object(q, "the outputs at the eigenvectors of C, one a row"),
    Object(q_0, "these outputs at time 0"),
    Object(t, "time"),
    Object(eta, "the learning rate"),
)
FLOWS = Vocabulary(
    Named(REGRESSION, "the gradient flow of the squared loss of any model"),
    Named(CONTRASTIVE, "the gradient flow of the contrastive loss of any model"),
    Named(ALIGNED, "the gradient flow of the non-contrastive loss of any model"),
    Named(LINEAR_REGRESSION, "the gradient flow of the squared loss of the linear model"),
    Named(KERNEL_REGRESSION, "the gradient flow of the squared loss of the kernel machine"),
    Named(LINEAR, "the gradient flow of the contrastive loss of the linear model"),
    Named(KERNEL, "the gradient flow of the contrastive loss of the kernel machine"),
    Named(LINEAR_ALIGNED, "the gradient flow of the non-contrastive loss of the linear model"),
    Named(KERNEL_ALIGNED, "the gradient flow of the non-contrastive loss of the kernel machine"),
    Named(INFONCE, "the gradient flow of InfoNCE, one negative sample for every anchor, linear model"),
    Named(COSINE, "the gradient flow of the cosine loss of the linear model"),
    Named(SPECTRAL_LOSS, "the gradient flow of the spectral contrastive loss of the linear model"),
    Named(PROJECTED, "the gradient flow of the contrastive loss behind the projector"),
    Named(TWO_LAYER, "the gradient flow of the contrastive loss of two linear layers"),
    Named(TRACE, "the gradient flow of the trace loss of two linear layers"),
    Named(DEEP2, "the projected flow (7) of two layers"),
    Named(DEEP3, "the projected flow (7) of three layers"),
    Named(DEEP4, "the projected flow (7) of four layers"),
    Named(OUTPUTS, "the equation (8)"),
    Named(HALF, "the equation that (11) discretises, half as fast as (8)"),
    Named(DESCENT, "gradient descent on the trace loss of two linear layers"),
)
NAMES = Vocabulary(SIZES, DATA, MODELS, SPECTRAL, FLOWS)

# C is a matrix about which nothing but its symmetry is known, or that of the data
VOCABULARY = Vocabulary(NAMES, Object(C, "the contrast matrix, symmetric", Symmetric(C)))
WITH_DATA = Vocabulary(
    NAMES,
    Let(Ct, total(X[i] * (Xm[i] - Xp[i]).T, i), "the contrast matrix of the data"),
    Let(C, (Ct + Ct.T) / 2, "its symmetric part"),
)
WITH_PAIRS = Vocabulary(
    NAMES,
    Let(Ct, total(X[i] * Xp[i].T, i), "the matrix of the positive pairs"),
    Let(C, (Ct + Ct.T) / 2, "its symmetric part"),
)


# --- what several sentences say ----------------------------------------------------------


def equal(left, right):
    return Eq(left, right, evaluate=False)


def different(left, right):
    return Ne(left, right, evaluate=False)


def pull(point, output):
    """The inner product of the gradients of the l-th output at x and of another output at a point."""
    return inner(Gradient(u(x, e_l), theta), Gradient(u(point, output), theta))


def chained(dynamics):
    """The velocity of an output is the inner product of its gradient and the velocity of the parameters."""
    return equal(Rate(u(x, e_l), dynamics), inner(Gradient(u(x, e_l), theta), Rate(theta, dynamics)))


def collapse(weights, dynamics, start, outputs=None):
    """The outputs become one-dimensional: the largest singular value is all that remains, relative to the rest."""
    outputs = weights if outputs is None else outputs
    share = Eigenvalue(outputs, 1, "singular") / norm(outputs)
    return equal(Limit(Along(share, dynamics, t, {weights: start}), t, oo), 1)


def collapses(weights, dynamics, start, outputs=None):
    """The same from almost every start."""
    return ForAll(start, collapse(weights, dynamics, start, outputs), almost=True)


def decoupled(dynamics, weights=Theta, change=Delta, point=x):
    """The velocity of an output, and the same after a change of the other outputs, at every input, by any amount."""
    velocity = Rate(inner(e_l, weights * point), dynamics)
    return velocity, At(velocity, {weights: weights + (Identity(z) - e_l * e_l.T) * change})
