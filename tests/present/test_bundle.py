"""`write_paper`: a paper by name or as an object, what is written, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest
import sympy as sp

from symssl import Claim, InputError, Paper, Step, write_paper
from symssl.claims import discover, same_value
from symssl.present.bundle import WrittenPaper

TOY = Path(__file__).parents[1] / "toy"
FILES = {"ledger.json", "ledger.tex", "equations.tex", "equations/flow.tex", "equations/rate.tex"}


def relative(written):
    return {str(path.relative_to(written.folder)) for path in written.files}


def on_disk(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_paper_by_name_and_as_an_object(tmp_path):
    told = []
    places = {"derivations": "toy.derivations", "figures": "toy.figures"}
    by_name = write_paper("garden", tmp_path / "a", **places, jobs=2, progress=lambda *args: told.append(args))
    assert relative(by_name) == on_disk(tmp_path / "a") == FILES | {"figures/line.pdf", "figures/line.png"}
    assert by_name.equations == ("flow", "rate")
    assert {path.stem for path in by_name.figures} == {"line"}
    assert told[-1] == (1, 1, "figure line")
    assert len(told) in (1, 13)
    assert len(by_name.differences) == 12
    assert not by_name.crashed
    assert not by_name.as_recorded
    entries = json.loads((tmp_path / "a" / "ledger.json").read_text())
    assert [entry["verdict"] for entry in entries] == [decided.verdict for decided in by_name.decided]
    as_object = write_paper(discover("toy.derivations").paper("garden"), tmp_path / "b", figures=TOY / "figures")
    assert relative(as_object) == relative(by_name)
    assert [d.verdict for d in as_object.decided] == [d.verdict for d in by_name.decided]
    assert any("were in the cache" in note for note in as_object.notes)  # it was found in its package


def steps(model):
    yield Step("count", sp.Integer(2))


def broken(model):
    yield Step("divide", len("") / len(""))


def test_a_paper_made_at_a_prompt(tmp_path):
    claims = (
        Claim("demo.two", "result", 2, steps, same_value()),
        Claim("demo.local", "result", 2, lambda model: [Step("count", sp.Integer(3))], same_value()),
        Claim("demo.broken", "result", 2, broken, same_value()),
    )
    written = write_paper(Paper("demo", "T", "c", claims, lambda: {"two": sp.Integer(2)}), tmp_path)
    assert [decided.verdict for decided in written.decided] == ["holds", "corrected", "open"]
    assert [decided.id for decided in written.crashed] == ["demo.broken"]
    assert not written.as_recorded
    assert written.differences == ()
    assert "no figures" in written.notes[0]
    assert relative(written) == {"ledger.json", "ledger.tex", "equations.tex", "equations/two.tex"}
    assert isinstance(written, WrittenPaper)
    assert repr(written).startswith("WrittenPaper demo: 3 claims")


@pytest.mark.parametrize(
    "change, said",
    [
        ({"paper": 3}, "paper must be the name of a paper or a Paper, not 3"),
        ({"paper": "gardn"}, "did you mean garden"),
        ({"out": 3}, "out must be a folder"),
        ({"jobs": 0}, "jobs must be a whole number"),
        ({"time_limit": "long"}, "time_limit must be a positive number"),
        ({"cache": 1}, "cache must be True or False"),
        ({"progress": 3}, "progress must be a function"),
        ({"derivations": {1}}, "derivations must be a folder"),
        ({"figures": 3}, "figures must be a folder"),
        ({"figures": "nothing/at/all"}, "no such file or folder to take the figures from"),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(tmp_path, change, said):
    good = {"paper": "garden", "out": tmp_path / "out", "derivations": "toy.derivations", "figures": "toy.figures"}
    with pytest.raises(InputError, match=said):
        write_paper(**good | change)
    assert not (tmp_path / "out").exists()


def test_figures_that_fail_to_import_are_named(tmp_path):
    (tmp_path / "garden.py").write_text("import nothing_like_this\n")
    with pytest.raises(InputError, match=r"the figures of garden in .* failed to import: ModuleNotFoundError"):
        write_paper("garden", tmp_path / "out", derivations="toy.derivations", figures=tmp_path)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("label", ["../flow", "a/b", "..", "", 3])
def test_a_label_that_is_no_name_of_a_file_is_refused(tmp_path, label):
    paper = Paper("prompt", "T", "c", (), lambda: {label: sp.Integer(2)})
    with pytest.raises(InputError, match="label of the equations of prompt"):
        write_paper(paper, tmp_path / "out")
    assert not list(tmp_path.rglob("*.tex")) or on_disk(tmp_path) == {"out/ledger.json", "out/ledger.tex"}
