"""The commands `errata` and `summary` on an invented paper."""

import json
import os
import sys

import pytest

from symssl.cli.main import main

PAPERS = """
import sympy as sp
from symssl.claims import Claim, Paper, Step
from symssl.claims.deciders import gap, identity, refuted_at, valid
x = sp.Symbol("x", positive=True)
def square(model):
    yield Step("expand", sp.expand((x + len("a"))**2))
def nothing(model):
    yield Step("nothing to derive")
PAPER = Paper("wrong", "Wrong & right", "c", (
    Claim("wrong.right", "equation", x**2 + 2*x + 1, square, identity(), cite="Eq. (1)"),
    Claim("wrong.slip", "equation", x**2 + 2*x - 1, square, identity(), cite="Eq. (2)", note="a sign"),
    Claim("wrong.bound", "lemma", x > 1, nothing, refuted_at({x: sp.Rational(1, 2)}), cite="Lemma 3",
          statement_latex=r"x > 1 \\text{ always}"),
    Claim("wrong.bound.fixed", "lemma", sp.Ge(x + 1, 1, evaluate=False), nothing, valid(), source="new",
          corrects="wrong.bound"),
    Claim("wrong.lost", "lemma", x > 1, nothing, refuted_at({x: sp.Rational(1, 2)}), source="reconstructed"),
), notation={"x": r"\\xi"})
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, request):
    name = f"errata_{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / name / "wrong.py").write_text(PAPERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SYMSSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))

    def call(*args):
        with pytest.raises(SystemExit) as stop:
            main(["--derivations", name, *map(str, args)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    call.folder = tmp_path / name
    return call


def test_errata_of_an_invented_paper(run, tmp_path):
    code, out, err = run("errata")
    assert code == 1
    assert "wrong.slip is not recorded" in err
    assert "verify --record" in err
    assert run("verify", "--record", "-j", "1")[0] == 0
    code, out, err = run("errata", "--json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert [(r["id"], r["place"], r["verdict"]) for r in rows] == [
        ("wrong.slip", "Eq. (2)", "corrected"),
        ("wrong.bound", "Lemma 3", "refuted"),
    ]
    assert rows[0]["printed_latex"] == r"\xi^{2} + 2 \xi - 1"
    assert rows[0]["corrected"] == [{"text": "x**2 + 2*x + 1", "latex": r"\xi^{2} + 2 \xi + 1"}]
    assert rows[1]["companions"] == ["wrong.bound.fixed"]
    assert rows[1]["witness"] == "x = 1/2"
    assert rows[1]["printed"] == "x > 1 always"
    code, out, err = run("errata", "wrong", "--latex", tmp_path / "e.tex", "--markdown", tmp_path / "e.md")
    assert (code, out) == (0, "")
    assert err.count("2 errata in") == 2
    assert r"Wrong \& right" in (tmp_path / "e.tex").read_text()
    assert "wrong.lost" not in (tmp_path / "e.md").read_text()
    code, out, _ = run("errata")
    assert code == 0
    assert "Eq. (2): corrected (symbolic)  [wrong.slip]" in out
    assert "correct: x**2 + 2*x + 1" in out
    assert "wrong: Wrong & right (1 corrected, 1 refuted)" in out


def test_a_stale_ledger_writes_nothing(run, tmp_path):
    run("verify", "--record", "-j", "1")
    lock = run.folder / "ledger.lock.json"
    data = json.loads(lock.read_text())
    data["claims"]["wrong.slip"]["stated"] = "0"
    lock.write_text(json.dumps(data))
    code, _out, err = run("errata", "--latex", tmp_path / "e.tex")
    assert code == 1
    assert "wrong.slip was recorded for another statement" in err
    assert "nothing was written" in err
    assert not (tmp_path / "e.tex").exists()


def test_summary_of_an_invented_paper(run):
    run("verify", "--record", "-j", "1")
    code, out, _ = run("summary")
    assert code == 0
    assert "4 of 4 (100.0 %) of the statements" in out
    assert out.splitlines()[0].split()[:3] == ["paper", "statements", "holds"]
    found = json.loads(run("summary", "--json")[1])
    assert (found["due"], found["decided"], found["exact"]) == (4, 4, 4)
    assert found["papers"]["wrong"]["new"] == 1
