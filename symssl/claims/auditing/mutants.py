"""Small changes to a statement or to a model: what an audit attacks the checker with.

A mutant is a pair ``(label, object)``; the labels of one statement are distinct
and in the same order in every process.
"""

import itertools
import re
from dataclasses import replace
from typing import Any

import sympy as sp

from ...errors import InputError
from ..claim import Model

__all__ = ["kind_of", "model_mutants", "statement_mutants"]

_FLIPPED = {sp.Gt: sp.Lt, sp.Lt: sp.Gt, sp.Ge: sp.Le, sp.Le: sp.Ge, sp.Eq: sp.Ne, sp.Ne: sp.Eq}
_SUM = (sp.Add, sp.MatAdd)


def kind_of(label: str) -> str:
    """The kind of change that a label names, without number and place.

    >>> kind_of("3: swapped symbols x and y of x - y"), kind_of("loss 12: covariance (u, v) of ...")
    ('swapped symbols', 'covariance')
    """
    kind = re.sub(r"^(loss )?\d+: ", "", label).partition(" of ")[0]
    return re.sub(r"^(swapped symbols|swapped entries|covariance|weight decay) .*", r"\1", kind)


def _positions(expr, path=()):
    """Every node with the path of argument positions that leads to it, parents first."""
    yield path, expr
    if isinstance(expr, (sp.MatrixSymbol, sp.Symbol)):
        return
    for k, arg in enumerate(expr.args):
        yield from _positions(arg, (*path, k))


def _at(expr, path, new):
    """The expression with the node at the path replaced."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = _at(args[path[0]], path[1:], new)
    if isinstance(expr, sp.Rel):  # SymPy would turn a comparison it can decide into True
        return expr.func(*args, evaluate=False)
    rebuilt = expr.func(*args)
    return rebuilt.doit(deep=False) if isinstance(expr, (sp.MatAdd, sp.MatMul)) else rebuilt


def _terms(expr):
    """Positions of terms: the arguments of sums, or the whole where it is not a sum."""
    found = [(path, node) for path, node in _positions(expr) if isinstance(node, _SUM)]
    if not isinstance(expr, _SUM):
        yield (), expr
    for path, node in found:
        for k, term in enumerate(node.args):
            yield (*path, k), term


def _term_changes(expr):
    """Sign, factor and dropped term."""
    for path, term in _terms(expr):
        yield "sign", path, term, -term
        yield "factor", path, term, 2 * term
        if path:
            zero = sp.ZeroMatrix(*term.shape) if getattr(term, "is_Matrix", False) else sp.S.Zero
            yield "dropped term", path, term, zero


def _node_changes(expr):
    """Exponents, integers, zero matrices, transposes, relations and orders of entries."""
    for path, node in _positions(expr):
        if isinstance(node, (sp.Pow, sp.MatPow)):
            yield "exponent", path, node, node.func(node.base, node.exp + 1)
        elif isinstance(node, sp.Symbol) and path and isinstance(_parent(expr, path), (sp.Add, sp.Mul)):
            yield "exponent", path, node, node**2
        elif isinstance(node, sp.Integer) and not isinstance(_parent(expr, path), (sp.Pow, sp.MatPow)):
            yield "integer", path, node, node + 1
            yield "integer", path, node, node - 1
        elif isinstance(node, sp.ZeroMatrix):
            yield "added term", path, node, sp.MatrixSymbol("anything", *node.shape)
        elif isinstance(node, sp.Transpose):
            yield "lost transpose", path, node, node.arg
        elif type(node) in _FLIPPED:
            yield "flipped relation", path, node, _FLIPPED[type(node)](*node.args, evaluate=False)
        elif isinstance(node, sp.logic.boolalg.BooleanAtom):
            yield "negation", path, node, sp.Not(node)
        elif isinstance(node, sp.Tuple):
            for k in range(len(node) - 1):
                if node[k] != node[k + 1]:
                    swapped = (*node[:k], node[k + 1], node[k], *node[k + 2 :])
                    yield f"swapped entries {k} and {k + 1}", path, node, sp.Tuple(*swapped)
        elif isinstance(node, sp.FiniteSet):
            for element in node.args:
                yield "dropped element", path, node, sp.FiniteSet(*(a for a in node.args if a != element))


def _parent(expr, path):
    for k in path[:-1]:
        expr = expr.args[k]
    return expr if path else None


def _swaps(expr):
    """Two symbols of one kind and shape exchanged throughout."""
    symbols = sorted((s for s in expr.free_symbols if isinstance(s, (sp.Symbol, sp.MatrixSymbol))), key=str)
    for k, a in enumerate(symbols):
        for b in symbols[k + 1 :]:
            if getattr(a, "shape", None) == getattr(b, "shape", None) and type(a) is type(b):
                yield f"swapped symbols {a} and {b}", (), expr, expr.xreplace({a: b, b: a})
                break


def _parts(statement, path=()):
    """The formulas inside a statement; keys of mappings and bare left-hand sides are names, not formulas."""
    if isinstance(statement, sp.Dict):
        for k, item in enumerate(statement.args):
            yield from _parts(item[1], (*path, k, 1))
    elif isinstance(statement, sp.Tuple) and statement.args:
        for k, item in enumerate(statement.args):
            yield from _parts(item, (*path, k))
    elif isinstance(statement, (sp.Rel, sp.logic.boolalg.BooleanFunction)):
        for k, item in enumerate(statement.args):
            if not isinstance(item, (sp.Symbol, sp.MatrixSymbol)):
                yield from _parts(item, (*path, k))
    else:
        yield path, statement


def _changes(statement):
    """Changes of each formula, then changes of the statement as a whole."""
    for start, part in _parts(statement):
        if isinstance(part, sp.Expr) and not isinstance(part, (sp.Integer, sp.Symbol)):
            for kind, path, old, new in _term_changes(part):
                yield kind, (*start, *path), old, new
        if isinstance(part, (sp.Expr, sp.FiniteSet, sp.logic.boolalg.BooleanAtom)):
            for kind, path, old, new in (*_node_changes(part), *_swaps(part)):
                yield kind, (*start, *path), old, new
        if isinstance(part, sp.Symbol) and start:
            yield "sign", start, part, -part
    for kind, path, old, new in _node_changes(statement):
        if type(old) in _FLIPPED or (isinstance(old, sp.Tuple) and not _inside_dict(statement, path)):
            yield kind, path, old, new


def _inside_dict(statement, path):
    return any(isinstance(_parent(statement, path[: k + 1]), sp.Dict) for k in range(len(path)))


def _distinct(found, whole):
    """Number the labels, and leave out what changes nothing or is malformed."""
    seen, count = {whole}, 0
    for kind, old, build in found:
        try:
            mutant = build()
        except (InputError, ValueError, TypeError, AttributeError):  # shapes no longer fit
            continue
        if mutant in seen or mutant.has(sp.nan, sp.zoo) or not _fits(mutant):
            continue
        seen.add(mutant)
        count += 1
        text = str(old)
        yield f"{count}: {kind}" + (f" of {text}" if len(text) <= 60 else f" of {text[:57]}..."), mutant


def _fits(expr):
    """Whether all shapes fit; SymPy lets symbolic sizes that differ pass."""
    for node in sp.preorder_traversal(expr):
        shapes = [arg.shape for arg in node.args if getattr(arg, "is_Matrix", False)]
        if isinstance(node, sp.MatMul) and any(a[1] != b[0] for a, b in itertools.pairwise(shapes)):
            return False
        if isinstance(node, (sp.MatAdd, sp.Eq)) and len(set(shapes)) > 1:
            return False
        if isinstance(node, (sp.MatPow, sp.Trace)) and shapes[0][0] != shapes[0][1]:
            return False
    return True


def statement_mutants(statement: Any) -> list[tuple[str, Any]]:
    """Wrong versions of a statement: sign, factor, exponent, dropped term, swapped symbol, ...

    >>> x = sp.Symbol('x')
    >>> [str(mutant) for _, mutant in statement_mutants(x**2 - x)][:3]
    ['-x**2 - x', '2*x**2 - x', '-x']
    """
    changes = ((kind, old, lambda p=path, n=new: _at(statement, p, n)) for kind, path, old, new in _changes(statement))
    return list(_distinct(changes, statement))


def _loss_changes(loss):
    from ...language.operators import MatrixStopGradient, StopGradient

    for kind, path, old, new in _term_changes(loss):
        yield kind, old, lambda p=path, n=new: _at(loss, p, n)
    for path, node in _positions(loss):
        if isinstance(node, sp.Transpose):
            yield "lost transpose", node, lambda p=path, n=node: _at(loss, p, n.arg)
        elif isinstance(node, (StopGradient, MatrixStopGradient)):
            yield "stop-gradient removed", node, lambda p=path, n=node: _at(loss, p, n.args[0])
    for name, joint, changed in _covariances(loss):
        yield f"covariance {name}", joint, lambda j=joint, c=changed: loss.xreplace({j: c})


def _covariances(loss):
    """Every variance doubled and every covariance moved by one half, one at a time."""
    from ...language.random_vectors import Joint

    for joint in sorted(loss.atoms(Joint), key=str):
        names, size = joint.names, len(joint.names)
        for i in range(size):
            for j in range(i, size):
                entry = joint.covariance(names[i], names[j])
                changed = 2 * entry if i == j else entry + sp.Rational(1, 2) * _unit(entry)
                flat = list(joint.args[2])
                flat[i * size + j] = changed
                flat[j * size + i] = changed.T if getattr(changed, "is_Matrix", False) else changed
                yield f"({names[i]}, {names[j]})", joint, joint.func(*joint.args[:2], sp.Tuple(*flat))


def _unit(entry):
    return sp.Identity(entry.shape[0]) if getattr(entry, "is_Matrix", False) else sp.S.One


def model_mutants(model: Model) -> list[tuple[str, Model]]:
    """Models that differ in one place: a term, a transpose, a stop-gradient, a covariance, the weight decay."""
    mutants = [
        (f"loss {label}", replace(model, loss=loss))
        for label, loss in _distinct(_loss_changes(model.loss), model.loss)
        if set(model.weights) <= loss.free_symbols
    ]
    if model.weight_decay != 0:
        mutants += [(f"weight decay times {k}", replace(model, weight_decay=k * model.weight_decay)) for k in (2, -1)]
    return mutants
