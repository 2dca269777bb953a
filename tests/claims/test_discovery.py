"""Papers are found by walking a package, a folder or a file; what is broken is named."""

import pytest

from symssl.claims import (
    check_all,
    discover,
)
from symssl.claims.discovery import model_of
from symssl.errors import InputError, SymsslError


@pytest.fixture(scope="module")
def garden():
    return discover("toy.derivations")


def test_discovery(garden):
    assert list(garden.papers) == ["garden"]
    assert not garden.failures
    assert garden.select(["garden.slip"])[0].cite == "eq. 2"
    assert garden.select() == garden.select(["garden"]) == garden.claims
    with pytest.raises(InputError, match=r"garden.flow"):
        garden.select(["garden.flwo"])


def _package(folder, name, **modules):
    package = folder / name
    package.mkdir()
    for module, text in {"__init__": "", **modules}.items():
        (package / f"{module}.py").write_text(text)


ONE = (
    "import sympy as sp\nfrom symssl.claims import Claim, Paper, Step\n"
    "from symssl.claims.deciders import same_value\n"
    "def steps(model):\n    yield Step('count', len('ab'))\n"
    "PAPER = Paper('{0}', 'T', 'c', (Claim('{1}', 'result', 2, steps, same_value()),))\n"
)


def test_a_broken_module_is_named_and_the_others_run(tmp_path, monkeypatch):
    _package(
        tmp_path,
        "pkg_broken",
        good=ONE.format("good", "good.a"),
        bad="import nothing_like_this",
        empty="x = 1",
        wrong=ONE.format("other", "other.a"),
    )
    monkeypatch.syspath_prepend(tmp_path)
    library = discover("pkg_broken")
    assert list(library.papers) == ["good"]
    assert "nothing_like_this" in library.failures["bad"]
    assert "PAPER" in library.failures["empty"]
    assert "wrong" in library.failures
    with pytest.raises(InputError, match=r"bad failed to import"):
        library.select(["bad"])
    verdicts = list(check_all(library, library.claims, jobs=1))
    assert [v.verdict for v in verdicts] == ["holds"]


def test_two_claims_with_one_id(tmp_path, monkeypatch):
    _package(tmp_path, "pkg_twice", one=ONE.format("one", "same"), two=ONE.format("two", "same"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"in one and in two of pkg_twice"):
        discover("pkg_twice")


def test_no_package():
    with pytest.raises(InputError, match=r"no_such_package"):
        discover("no_such_package")


MODELS = """
from sympy import Function, symbols
from symssl import Flow
from symssl.claims import Paper

x, m = symbols("x m", real=True)

def endless():
    while True:
        pass

def ends():
    raise SystemExit(0)

class Held(Flow):
    def __reduce__(self):
        raise TypeError("it stays here")

models = {"fold": lambda: Flow({x: m - x**2}, (m,)), "held": lambda: Held({x: m - x**2}, (m,)),
          "endless": endless, "ends": ends}
PAPER = Paper("made", "T", "c", (), models=models)
"""


def test_a_model_is_made_in_a_process_that_can_be_stopped(tmp_path):
    (tmp_path / "made.py").write_text(MODELS)
    library = discover(tmp_path)
    there = model_of(library, "made", "fold", time_limit=60)
    assert there == model_of(library, "made", "fold") and [s.name for s in there.states] == ["x"]
    assert type(model_of(library, "made", "held", time_limit=60)).__name__ == "Held"  # it cannot be sent
    with pytest.raises(SymsslError, match=r"model endless of made was not made within 0\.5 s"):
        model_of(library, "made", "endless", time_limit=0.5)
    with pytest.raises(SymsslError, match="model ends of made crashed: SystemExit: 0"):
        model_of(library, "made", "ends", time_limit=60)
    with pytest.raises(InputError, match="made has no model 'other'"):
        model_of(library, "made", "other", time_limit=60)
