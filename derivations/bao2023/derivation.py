"""The derivation, one function a stage, and the steps that lead to each stage."""

from functools import lru_cache

from sympy import Tuple, cancel, simplify, symbols

from symssl import Flow, ModeSum, concentrate, cosine, expect, norm
from symssl.claims import Step
from symssl.scalar import count_equilibria

from .model import COUPLINGS, FRAMES, W, kappa, mu, n, p, phi, q_, rho, s, sigma2, y


@lru_cache(maxsize=256)
def flow(model):
    """Eq. (3): the exact gradient flow."""
    return model.flow()


@lru_cache(maxsize=256)
def alignment(model):
    """H of Lemma 1, read off the flow: W' W^T + rho W W^T."""
    return expect(flow(model).rhs[W] * W.T + rho * W * W.T)


@lru_cache(maxsize=256)
def concentrated(model):
    """The flow with H replaced by its limit (Lemmas 2-4)."""
    return flow(model).map(lambda f: concentrate(f, order="o_P(1)").expr).expect()


@lru_cache(maxsize=256)
def modes(model):
    """Eq. (5): one mode, couplings alive."""
    closed = concentrated(model) if model.loss.has(norm, cosine) else flow(model).expect()
    return closed.spectral(FRAMES, change={s: phi**2}, couplings=COUPLINGS if model.loss.has(norm, cosine) else None)


@lru_cache(maxsize=256)
def parabola(model):
    """The modes on s = p^2, couplings alive."""
    return modes(model).restrict({s: p**2})


@lru_cache(maxsize=256)
def scalar_flow(model):
    """Eq. (7) or (8): one scalar flow, couplings held constant."""
    return parabola(model).freeze()


@lru_cache(maxsize=256)
def scaling(model):
    """The scalar flow without dimensions."""
    return scalar_flow(model).nondimensionalize(states={p: y}, names=(mu, kappa))


@lru_cache(maxsize=256)
def count(model):
    return count_equilibria(scaling(model).flow, y)


def growth_rate(matrix_flow, quantity):
    """Logarithmic derivative of a scalar along a matrix flow."""
    return cancel(matrix_flow.lie(quantity) / expect(quantity))


def pattern(q):
    return Tuple(*symbols(list(q.stability)))


THIN = Step(
    "h <= d, so that V has h orthonormal columns; [Phi Phi^T, W] = 0 and W = W^T at the start", kind="assumption"
)


def to_closed(model):
    """Steps to a flow without expectations."""
    exact = flow(model)
    yield Step("gradient flow of the loss with weight decay", exact.rhs)
    if model.loss.has(norm, cosine):
        yield Step(
            "concentrate the norms of the representations (Lemmas 2, 3)",
            concentrated(model).rhs,
            kind="approximation",
            order="o_P(1)",
        )
    else:
        yield Step("evaluate the Gaussian moments", exact.expect().rhs)


def to_modes(model):
    """Steps to Eq. (5)."""
    yield from to_closed(model)
    yield THIN
    yield Step("common frames; s = phi^2; couplings alive", modes(model))


def to_scalar(model):
    """Steps to Eq. (7) or (8)."""
    yield from to_modes(model)
    yield Step("restrict to the invariant parabola s = p^2", parabola(model))
    if parabola(model).couplings:
        yield Step(
            "freeze the norms", scalar_flow(model), kind="approximation", order="one: N_Phi decays at the rate rho"
        )


def to_groups(model):
    """Steps to the flow without dimensions."""
    yield from to_scalar(model)
    yield Step("without dimensions", scaling(model))


def merged_flow(model):
    """The Stable regime: mu = 0 (no decay, or vanishing norms)."""
    return Flow({y: scaling(model).flow.states[y].subs(mu, 0)}, (kappa,))


@lru_cache(maxsize=256)
def equal_modes(model, sign_):
    """The closed system with n equal modes p = sign * q, as a flow of q > 0."""
    closed = parabola(model)
    rate = closed.unfold(closed.states[p]).replace(ModeSum, lambda g: n * g)
    return Flow({q_: simplify(sign_ * rate.subs(p, sign_ * q_))}, (rho, sigma2, n))
