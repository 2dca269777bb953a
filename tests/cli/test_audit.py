"""`symssl audit` on an invented paper."""

import json
from pathlib import Path

TOY = Path(__file__).parents[1] / "toy"


def test_audit(run):
    code, out, _err = run("audit", "garden.flow", "garden.gap", "--json", "-j", "2")
    rows = json.loads(out)
    assert code == 0
    assert {"claim", "mutation", "kind", "outcome", "how"} == set(rows[0])
    assert {row["outcome"] for row in rows} <= {"rejected", "equivalent"}
    assert {row["claim"] for row in rows} == {"garden.flow", "garden.gap"}
    code, out, _ = run("audit", "garden.flow")
    assert code == 0
    assert out.splitlines()[0].split() == ["claim", "rejected", "equivalent", "true", "survived", "timeout"]
    assert "printed: sign" in out
    assert "model: factor" in out


def test_audit_survivors_fail(run, papers):
    package = papers.parent / "lazy_papers"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "lazy.py").write_text(
        "import sympy as sp\nfrom symssl.claims import Claim, Model, Paper, Step\n"
        "from symssl.claims.deciders import identity\nw = sp.Symbol('w')\n"
        "def steps(model):\n    yield Step('ignore the model', 2*w)\n"
        "CLAIM = Claim('lazy.a', 'result', 2*w, steps, identity(), model=Model('m', w**2, (w,)))\n"
        "PAPER = Paper('lazy', 'T', 'c', (CLAIM,))\n"
    )
    code, _out, err = run("audit", package="lazy_papers")
    assert code == 1
    assert "lazy.a: model: no mutant is rejected: survived" in err
