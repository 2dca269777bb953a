"""`latex`, `figure` and `reproduce`: files whole or not at all."""

import json
import os
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "toy"
PNG, PDF = b"\x89PNG", b"%PDF"


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("symssl: ") and "Traceback" not in err


def test_latex(run):
    code, out, _ = run("latex", "garden.flow")
    assert (code, out) == (0, "\\alpha - b w^{3} - w\n")
    code, out, _ = run("latex", "garden")
    assert out.count(r"\begin{equation}\label{garden:") == 2
    code, out, _ = run("latex", "garden", "--model", "quartic", "--set", "b=1/4")
    assert r"\frac{w^{3}}{4}" in out


def test_figure(run, tmp_path):
    assert run("figure", "garden", "line", "-o", tmp_path)[0] == 0
    assert (tmp_path / "line.png").read_bytes().startswith(PNG)
    assert (tmp_path / "line.pdf").read_bytes().startswith(PDF)


def test_reproduce(run, recorded, tmp_path):
    out = tmp_path / "deep" / "out"
    code, text, err = run("reproduce", "garden", "-o", out, "-j", "2")
    assert code == 0, err
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert found == {
        "ledger.json",
        "ledger.tex",
        "equations.tex",
        "equations/flow.tex",
        "equations/rate.tex",
        "figures/line.pdf",
        "figures/line.png",
    }
    assert len(json.loads((out / "ledger.json").read_text())) == 12
    assert r"\input{equations/flow}" in (out / "equations.tex").read_text()
    assert "garden.slip" in text
    assert "12 claims, 2 equations and 1 figures" in err


def test_reproduce_notices_what_differs(run, recorded, papers, tmp_path):
    lock = papers / "derivations" / "ledger.lock.json"
    lock.write_text(lock.read_text().replace("a - b*w**3 - w", "a - b*w**3 + w"))
    code, _, err = run("reproduce", "garden", "-o", tmp_path)
    assert code == 1
    assert "garden.slip: correction is" in err
    assert (tmp_path / "ledger.json").exists()


@pytest.mark.parametrize("command", ["reproduce", "figure"])
def test_a_file_where_a_folder_is_expected(run, tmp_path, command):
    (tmp_path / "taken").write_text("precious")
    for target in (tmp_path / "taken", tmp_path / "taken" / "below"):
        code, _, err = run(command, "garden", "-o", target)
        assert code == 2
        assert one_line(err)
        assert "taken" in err
    assert (tmp_path / "taken").read_text() == "precious"


def test_an_unwritable_folder(run, tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir(mode=0o555)
    if os.access(tmp_path / "locked", os.W_OK):  # root may write anywhere: ask as someone who may not
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked")
    code, _, err = run("reproduce", "garden", "-o", tmp_path / "locked")
    assert code == 2
    assert one_line(err)
    assert "not writable" in err
    assert list((tmp_path / "locked").iterdir()) == []
