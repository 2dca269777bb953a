"""Sentences: closed, with one meaning for every name, and no evaluation; bad input with place and remedy."""

import pickle

import pytest
from sentences import CLAIMS, VOCABULARY, sentence
from sympy import (
    Contains,
    Eq,
    FiniteSet,
    Function,
    Ge,
    Gt,
    Identity,
    Lt,
    MatrixSymbol,
    Ne,
    Symbol,
    Trace,
    ZeroMatrix,
    oo,
    symbols,
)

from symssl import InputError, Symmetric, gaussians, inner, latex, potential, samples, sq, total
from symssl.language import (
    Along,
    At,
    ForAll,
    GradientFlow,
    Let,
    Limit,
    Named,
    Object,
    Optimum,
    Order,
    Rate,
    Sentence,
    VectorField,
    Vocabulary,
)
from symssl.language.names import names_in

x, y, s, r = symbols("x y s r", real=True)
p, q = symbols("p q", positive=True)
n, m, k = symbols("n m k", integer=True, positive=True)
W, V, C, D = MatrixSymbol("W", n, m), MatrixSymbol("V", n, m), MatrixSymbol("C", m, m), MatrixSymbol("D", m, m)
X = samples("z", m, n)
FIELD = VectorField({x: p * x})
NAMES = Vocabulary(
    Object(n, "rows"),
    Object(m, "columns"),
    Object(W, "a matrix"),
    Object(V, "another"),
    Object(C, "symmetric", Symmetric(C)),
    Object(X, "samples"),
    Object(x, "a number"),
    Object(y, "another", [Gt(y, p)]),
    Object(p, "positive"),
    Let(D, C + C.T, "twice it"),
    Let(s, x**2 + sq(W), "a sum"),
    Let(r, s + 1, "one more"),
)


def test_what_a_sentence_needs_is_picked_out():
    """Names, those of shapes, conditions, abbreviations in abbreviations; nothing else."""
    held = NAMES.sentence(Gt(r, y))
    assert [o.name for o in held.objects] == ["n", "m", "W", "x", "y", "p"]
    assert [let.name for let in held.lets] == ["s", "r"]
    assert held.hypotheses == (Gt(y, p),)
    assert held.expanded == Gt(x**2 + sq(W) + 1, y) and held.expand(s) == x**2 + sq(W)
    assert NAMES.sentence(Eq(Trace(D), 0), Symmetric(C)).expand(Symmetric(C)) == Symmetric(C)
    assert [o.name for o in NAMES.sentence(Gt(p, 1)).objects] == ["p"]


def test_bound_names_need_no_declaration():
    i, t = Symbol("i", integer=True), Symbol("t", positive=True)
    held = NAMES.sentence(Eq(Limit(total(sq(X[i]), i) / t, t, oo), p))
    assert [o.name for o in held.objects] == ["n", "m", "z", "p"]
    z0 = Symbol("z_0", real=True)
    moving = NAMES.sentence(ForAll(z0, Gt(Along(x, FIELD, p, {x: z0}), z0)))
    assert [o.name for o in moving.objects] == ["p"]  # the state is bound


def test_an_abbreviation_is_text_also_where_a_name_is_bound():
    held = NAMES.sentence(ForAll(x, Gt(s, y)))
    assert held.expanded == ForAll(x, Gt(x**2 + sq(W), y))
    rate = NAMES.sentence(Eq(Rate(s, GradientFlow(s, W)), y, evaluate=False))
    assert rate.expanded.args[0] == Rate(x**2 + sq(W), GradientFlow(x**2 + sq(W), W))


@pytest.mark.parametrize("name", CLAIMS)
def test_every_sentence_is_closed(name):
    held = sentence(name)
    declared = {o.symbol for o in held.objects} | {let.symbol for let in held.lets}
    assert {s for s in held.claim.free_symbols if isinstance(s, Symbol)} <= declared
    assert set(held.dynamics) == {d for d in held.dynamics if set(d.states)}
    assert len(repr(held).splitlines()) <= 12


def test_the_claim_is_not_evaluated():
    """Also where SymPy could: sides that are equal, an inequality that signs decide."""
    for claim in (Ge(p, 0, evaluate=False), Eq(x, x, evaluate=False), Eq(C * C, C**2, evaluate=False)):
        held = NAMES.sentence(claim)
        again = pickle.loads(pickle.dumps(held))
        assert held.claim == again.claim == claim and again == held and hash(again) == hash(held)
        assert held.expanded == claim


def test_vocabularies_join_and_say_what_is_declared():
    both = Vocabulary(NAMES, Vocabulary(Object(q, "more")), Named(FIELD, "the linear flow"))
    assert len(both.entries) == len(NAMES.entries) + 2 and "Vocabulary of 14 names" in repr(both)
    assert both.table["q"].words == "more" and both.dynamics == {FIELD: "the linear flow"}
    assert Vocabulary(NAMES, NAMES) == NAMES and pickle.loads(pickle.dumps(both)) == both
    assert Vocabulary(Object(samples("z", m, n), "samples"), Object(X, "samples")).entries[0].name == "z"


def test_families_random_vectors_and_functions_are_declared():
    (g,) = gaussians("g", m, cov=[[p]])
    f, other = potential("f", W), potential("f", V)
    names = Vocabulary(NAMES, Object(g, "noise"), Object(f, "a function"))
    assert [o.name for o in names.sentence(Eq(inner(g, g), p)).objects] == ["m", "p", "g"]
    assert [o.name for o in names.sentence(Eq(f, other, evaluate=False)).objects] == ["n", "m", "W", "V", "f"]
    with pytest.raises(InputError, match="two different symbols are called g"):
        names.sentence(Gt(sq(gaussians("g", m)[0]), 0))


def not_evaluated(left, right):
    return Eq(left, right, evaluate=False)


def bad(*claim, names=NAMES, **options):
    return lambda: names.sentence(*claim, **options)


BAD = {
    "undeclared": (bad(Gt(q, 1)), 'q is not declared: add Object\\(q, "what it stands for"\\) to the vocabulary'),
    "undeclared in a hypothesis": (bad(Gt(x, 1), Gt(q, 1)), "q is not declared"),
    "undeclared in a relation": (bad(Gt(x, 1), Symmetric(MatrixSymbol("B", m, m))), "B is not declared"),
    "undeclared size": (bad(Gt(sq(MatrixSymbol("W", n, k)), 1)), "two different symbols are called W|k is not"),
    "undeclared start": (bad(Gt(Along(x, FIELD, p, {x: q}), 1)), "q is not declared"),
    "misspelt": (bad(Gt(Symbol("Wx"), 1)), "Wx is not declared.*"),
    "other assumptions": (bad(Gt(Symbol("x"), 1)), "two different symbols are called x"),
    "other shape": (bad(Gt(sq(MatrixSymbol("W", m, m)), 1)), "two different symbols are called W"),
    "twice declared": (lambda: Vocabulary(Object(x, "one"), Object(x, "two")), "x is declared twice, as 'one' and"),
    "object and abbreviation": (lambda: Vocabulary(Object(x, "one"), Let(x, p)), "declared twice"),
    "dynamics twice named": (lambda: Vocabulary(Named(FIELD, "a"), Named(FIELD, "b")), "a and b are the same dynamics"),
    "itself": (bad(Gt(x, 0), names=Vocabulary(Let(x, x + 1))), "Let x: the terms refer to themselves"),
    "each other": (bad(Gt(x, 0), names=Vocabulary(Let(x, y + 1), Let(y, x))), "Let x, y|Let y, x"),
    "shape of an abbreviation": (lambda: Let(C, W), "Let C: the term has not the shape"),
    "number for a matrix": (lambda: Let(x, W), "Let x: the term has not the shape"),
    "bound abbreviation": (bad(ForAll(s, Gt(s, x))), "s is an abbreviation, and is bound"),
    "value of an abbreviation": (bad(Gt(At(s, {s: 1}), x)), "s is an abbreviation, and is bound or given a value"),
    "false hypothesis": (bad(Gt(x, 0), p < 0), "contradicts the declarations"),
    "false hypothesis, not evaluated": (bad(Gt(x, 0), Lt(p, 0, evaluate=False)), "contradicts the declarations"),
    "idle hypothesis": (bad(Gt(x, 0), p > 0), "says nothing"),
    "false condition": (lambda: Object(p, "positive", Eq(p, -1)), "condition on p contradicts"),
    "hypotheses against each other": (bad(Gt(x, 0), [Gt(x, p), Ne(x, 1), ~Gt(x, p)]), "contradict each other"),
    "shapes of sides": (bad(not_evaluated(W, C)), "the left side is n x m, the right side m x m"),
    "a matrix and a number": (bad(Eq(W, 0, evaluate=False)), "write ZeroMatrix\\(n, m\\)"),
    "a matrix of other matrices": (bad(Contains(W, FiniteSet(C), evaluate=False)), "left side is n x m"),
    "matrices in a connective": (bad(Lt(inner(W, V), 1) & not_evaluated(W, C)), "left side is n x m"),
    "a matrix below a matrix": (bad(Lt(C, C, evaluate=False)), "compare norms"),
    "shapes in a quantifier": (bad(ForAll(x, Gt(x, 1) | not_evaluated(W, C))), "the left side is n x m"),
    "shapes in a hypothesis": (bad(Gt(x, 1), Ne(W, C, evaluate=False)), "the left side is n x m"),
    "idle quantifier": (bad(ForAll((x, q), Gt(x, p))), "ForAll over q, which does not occur in x > p: leave it out"),
    "idle limit": (bad(Gt(Limit(x, q, oo), 1)), "Limit over q, which does not occur"),
    "idle minimum": (bad(Gt(Optimum(x**2, (x, q)), 1)), "Optimum over q, which does not occur"),
    "idle order": (bad(Gt(Order(x, q, oo), 1)), "Order over q, which does not occur"),
    "evaluated to false": (bad(Eq(W, C)), "do its sides have one shape"),
    "evaluated": (bad(p > 0), "a sentence: SymPy has evaluated the statement to True"),
    "no statement": (bad(x), "comparison"),
    "a float": (bad(Gt(x, 0.5)), "float"),
    "text": (bad("x > 0"), "must be a comparison"),
    "almost": (bad(Gt(x, 1), almost=q), "almost every q: it is no object"),
    "no entry": (lambda: Vocabulary(x), "an Object, a Let or Named"),
    "object of a term": (lambda: Object(x + 1, "a sum"), "what Object declares"),
    "words": (lambda: Object(x, 3), "the words for x"),
    "no dynamics": (lambda: Named(x, "a flow"), "what Named names"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    make, words = BAD[name]
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


def test_a_quantifier_over_what_only_an_abbreviation_or_a_hypothesis_holds():
    assert NAMES.sentence(ForAll(W, Gt(s, y))).expanded.body.has(W)
    assert NAMES.sentence(ForAll(q, Gt(p, x), Gt(q, x)))
    assert NAMES.sentence(ForAll((k, MatrixSymbol("U", k, k)), Gt(sq(MatrixSymbol("U", k, k)), -1, evaluate=False)))


def test_sizes_of_a_bound_matrix_may_be_declared_or_bound():
    U = MatrixSymbol("U", k, m)
    with pytest.raises(InputError, match="k is not declared"):
        NAMES.sentence(ForAll(U, Gt(sq(U), x)))
    assert "m" in [o.name for o in NAMES.sentence(ForAll((k, U), Gt(sq(U), x))).objects]


def test_only_what_is_written_is_compared():
    one, other = NAMES.sentence(Gt(x, p)), Vocabulary(Object(x, "a number"), Object(p, "positive")).sentence(Gt(x, p))
    assert one == other and one != NAMES.sentence(Gt(x, p), Gt(x, 2)) and len({one, other}) == 1
    assert one != NAMES.sentence(Gt(x, p), almost=x)


def test_every_name_of_a_sentence_is_defined_once():
    for name in CLAIMS:
        held = sentence(name)
        rows = held.definitions()
        occurring = names_in(held.expanded, *(let.term for let in held.lets))
        named = [row.name for row in rows if row.name in occurring]
        assert set(named) == set(occurring) and len(named) == len(set(named)), name
        moving = [row for row in rows if r"\dot{" in row.kind or r"{\mathrm{next}} =" in row.kind]
        assert len(moving) == len(held.dynamics), name


def test_numbers_and_functions_of_sympy_may_occur():
    f = Function("f")
    with pytest.raises(InputError):
        Sentence(f, NAMES)
    assert latex(NAMES.sentence(Eq(Identity(m) * C, C, evaluate=False))) == r"C = C, \; \text{where } C = C^{\top}"
    assert latex(NAMES.sentence(Ne(W, ZeroMatrix(n, m)))) == r"W \neq 0"
    assert VOCABULARY.sentence(Gt(symbols("x", real=True), 0)).text() == "x > 0"
