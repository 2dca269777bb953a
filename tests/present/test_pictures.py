"""Figures of a paper: found by package, folder or file; drawn whole."""

from pathlib import Path

import pytest

from symssl.errors import InputError
from symssl.present.pictures import NoFigures, draw_figures, figures_of

TOY = Path(__file__).parents[1] / "toy" / "figures"


@pytest.mark.parametrize("where", ["toy.figures", TOY, str(TOY), TOY / "garden.py"], ids=str)
def test_where_figures_are(where, tmp_path):
    told = []
    makers = figures_of("garden", where)
    assert list(makers) == ["line"]
    assert figures_of("garden", where, ["line"]).keys() == makers.keys()
    files = draw_figures(makers, tmp_path, lambda *args: told.append(args))
    assert [path.name for path in files] == ["line.pdf", "line.png"]
    assert told == [(1, 1, "figure line")]


def test_what_is_not_there(tmp_path):
    with pytest.raises(NoFigures, match=r"tree has no figures: there is no module tree in toy.figures"):
        figures_of("tree", "toy.figures")
    with pytest.raises(InputError, match=r"garden has no figure 'lien'; did you mean line"):
        figures_of("garden", "toy.figures", ["lien"])
    (tmp_path / "bare.py").write_text("FIGURES = 3\n")
    with pytest.raises(InputError, match=r"FIGURES must map names to functions"):
        figures_of("bare", tmp_path)
    (tmp_path / "wrong.py").write_text("def (:\n")
    with pytest.raises(InputError, match=r"the figures of wrong in .* failed to import: SyntaxError"):
        figures_of("wrong", tmp_path)
