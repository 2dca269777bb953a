"""What is drawn, read back from the artists; what is written, read back from the files."""

import os
import struct

import numpy as np
import pytest

from symssl import draw
from symssl.errors import InputError
from symssl.support.arguments import described


@pytest.fixture
def ax():
    with draw.style():
        yield draw.label(draw.figure().add_subplot(), "$p$", r"$\dot p$")


def luminance(color):
    """Relative luminance of the sRGB colour."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_stable_is_solid_and_unstable_dashed(ax):
    mu = np.linspace(0, 1, 5)
    solid, dashed = draw.diagram([(mu, mu**2, [True, True, False, False, False])], ax)
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert np.isfinite(solid.get_ydata()).tolist() == [True, True, False, False, False]
    assert np.isfinite(dashed.get_ydata())[2:].all() and not np.isfinite(dashed.get_ydata()[0])
    assert dashed.get_ydata()[1] == mu[1] ** 2  # the two meet


def test_equilibria_are_filled_where_stable(ax):
    filled, opened = draw.equilibria([-1, 0, 2], [False, True, True], ax, height=0.5)
    assert filled.get_offsets().tolist() == [[0, 0.5], [2, 0.5]]
    assert opened.get_offsets().tolist() == [[-1, 0.5]]
    assert opened.get_facecolor()[0, :3].tolist() == [1, 1, 1]
    assert filled.get_facecolor()[0, :3].tolist() == [0, 0, 0]


def test_vector_field_draws_what_it_is_given(ax):
    x = np.linspace(-1, 1, 9)
    axis, line = draw.vector_field(x, x**3, ax, label="cubic")
    assert np.array_equal(line.get_xydata(), np.stack([x, x**3], 1)) and line.get_label() == "cubic"
    assert set(axis.get_ydata()) == {0}


@pytest.mark.parametrize("signs", [(1, -1, 1), (-1, 1, 1), (1, 1, -1)])
def test_phase_line_points_along_the_flow(ax, signs):
    _, *arrows, filled, opened = draw.phase_line([0, 1], [True, False], signs, ax, limits=(-1, 3))
    assert [a.get_offsets()[0, 0] for a in arrows] == [-0.5, 0.5, 2]
    tips = [a.get_paths()[0].vertices[:, 0] for a in arrows]
    pointing = [np.sign(tip.max() + tip.min() - 2 * np.median(tip)) for tip in tips]
    assert [p * pointing[0] for p in pointing] == [s * signs[0] for s in signs]
    assert filled.get_offsets().tolist() == [[0, 0]] and opened.get_offsets().tolist() == [[1, 0]]


def test_regime_map_names_every_code(ax):
    codes = np.array([[0, 1, 1], [2, 2, 0]])
    mesh, legend = draw.regime_map([0, 1, 2], [0, 1], codes, ["one", "two", "three"], ax)
    assert np.array_equal(np.ravel(mesh.get_array()), codes.ravel())
    assert [t.get_text() for t in legend.get_texts()] == ["one", "two", "three"]
    shades = [tuple(h.get_facecolor()) for h in legend.get_patches()]
    assert len(set(shades)) == 3
    assert [tuple(mesh.cmap(mesh.norm(k)))[:3] for k in range(3)] == [s[:3] for s in shades]


def test_error_curves_are_logarithmic_and_told_apart_without_colour(ax):
    lines = draw.error_curves([1, 10, 100], {"a": [1, 0.1, 0.01], "b": [1, 0.5, 0.25]}, ax)[:-1]
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert len({line.get_marker() for line in lines}) == 2


def test_the_line_colours_are_seen_on_white():
    with draw.style():
        import matplotlib as mpl

        colours = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert len(set(colours)) == len(colours) and set(colours) <= set(draw.PALETTE.values())
    assert all(1.05 / (luminance(c) + 0.05) > 2 for c in colours)


def test_the_style_stays_inside_its_context():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with draw.style():
        assert mpl.rcParams != before
    assert dict(mpl.rcParams) == before


def test_save_writes_the_same_bytes_again(ax, tmp_path):
    draw.vector_field([0, 1], [0, 1], ax)
    with draw.style():
        first = {p.suffix: p.read_bytes() for p in draw.save(ax.figure, tmp_path / "new" / "a.b")}
        again = {p.suffix: p.read_bytes() for p in draw.save(ax.figure, tmp_path / "again")}
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a.b.pdf", "a.b.png"]
    assert first == again and first[".pdf"].startswith(b"%PDF") and b"CreationDate" not in first[".pdf"]
    assert struct.unpack(">II", first[".png"][16:24]) == tuple(int(200 * s) for s in (6.0, 3.6))


def test_an_interrupted_save_leaves_nothing_and_keeps_the_old(ax, tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_text("old")

    def interrupted(file, **_):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(ax.figure, "savefig", interrupted)
    with pytest.raises(KeyboardInterrupt):
        draw.save(ax.figure, tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_text() == "old"


def test_files_get_the_usual_permissions(ax, tmp_path):
    old = os.umask(0o027)
    try:
        path, _ = draw.save(ax.figure, tmp_path / "a")
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o640


def test_bad_input_is_refused(ax, tmp_path):
    with pytest.raises(InputError, match="label"):
        draw.label(ax, "$p$", "")
    with pytest.raises(InputError, match="one length"):
        draw.vector_field([0, 1], [0], ax)
    with pytest.raises(InputError, match="no point"):
        draw.vector_field([], [], ax)
    with pytest.raises(InputError, match="directions"):
        draw.phase_line([0], [True], [1], ax, limits=(-1, 1))
    with pytest.raises(InputError, match="shape"):
        draw.regime_map([0, 1], [0, 1], [[0, 1]], ["a", "b"], ax)
    with pytest.raises(InputError, match="names"):
        draw.regime_map([0, 1], [0], [[0, 2]], ["a", "b"], ax)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder is expected"):
        draw.save(ax.figure, tmp_path / "file" / "a")
    ax.figure.add_subplot()
    with pytest.raises(InputError, match="no label"):
        draw.save(ax.figure, tmp_path / "b")


# --- diagrams, maps and basins of what was computed ---------------------------------------


def overlaps(legend, ax):
    """Whether the box of a legend meets the data."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(ax.figure).draw()
    return legend.get_window_extent().overlaps(ax.get_window_extent())


def test_a_bifurcation_diagram_marks_its_events(ax):
    import sympy as sp

    from symssl import Flow, bifurcation_diagram

    x, m = sp.symbols("x m", real=True)
    found = bifurcation_diagram(Flow({x: m * x + x**3 - x**5}, (m,)), m, (-1, 1))
    *_, legend = draw.bifurcation(found, ax)
    assert [t.get_text() for t in legend.get_texts()] == [
        "stable",
        "unstable",
        "fold (LP)",
        "pitchfork (BP)",
    ] and not overlaps(legend, ax)
    places = {c.get_label(): np.asarray(c.get_offsets()) for c in ax.collections}
    np.testing.assert_allclose(np.sort(places["fold (LP)"][:, 1]), [-(0.5**0.5), 0.5**0.5])
    np.testing.assert_allclose(places["fold (LP)"][:, 0], -0.25)
    np.testing.assert_allclose(places["pitchfork (BP)"], [[0, 0]], atol=1e-12)
    for line in ax.lines:
        mv, xv = (np.asarray(q, float) for q in line.get_data())
        slope = mv + 3 * xv**2 - 5 * xv**4
        inside = np.isfinite(xv) & (abs(slope) > 0.1)
        assert ((slope[inside] < 0) == (line.get_linestyle() == "-")).all()
    with pytest.raises(InputError, match=r"no state|not a state"):
        draw.bifurcation(found, ax, "z")


@pytest.mark.parametrize("name", ["Lorenz", "Brusselator", "pitchfork with folds", "isola", "hysteresis"])
def test_dashes_begin_at_the_event(ax, name):
    """Between solid and dashed lies an event, however far apart the points of the branch are."""
    import problems

    from symssl import bifurcation_diagram

    problem = next(p for p in problems.BIFURCATIONS if p.name == name)
    found = bifurcation_diagram(
        problem.flow, problem.parameter, problem.bounds, dict(problem.values), method="continuation"
    )
    draw.bifurcation(found, ax)
    events = [(e.parameter, e.state[0]) for e in found.events]
    ends = {"-": set(), "--": set()}
    for line in ax.lines:
        mv, xv = (np.asarray(q, float) for q in line.get_data())
        drawn = np.r_[False, np.isfinite(xv), False]
        for k in np.flatnonzero(drawn[1:] != drawn[:-1]):  # a piece begins before k or ends before k
            k = k if drawn[k + 1] else k - 1
            if problem.bounds[0] < mv[k] < problem.bounds[1] and k not in (0, len(mv) - 1):
                ends[line.get_linestyle()].add((mv[k], xv[k]))
    assert ends["-"] == ends["--"] and ends["-"]
    assert all(min(abs(m - a) + abs(x - b) for a, b in events) < 1e-8 for m, x in ends["-"])


def test_the_legend_names_what_is_there(ax):
    import sympy as sp

    from symssl import Flow, bifurcation_diagram

    x, m = sp.symbols("x m", real=True)
    *_, legend = draw.bifurcation(bifurcation_diagram(Flow({x: m - x}, (m,)), m, (-1, 1)), ax)
    assert [t.get_text() for t in legend.get_texts()] == ["stable"]
    *_, legend = draw.bifurcation(bifurcation_diagram(Flow({x: x * (x - m) * (x - 1) * (x + 1)}, (m,)), m, (-2, 2)), ax)
    assert [t.get_text() for t in legend.get_texts()] == ["stable", "unstable", "transcritical (BP)"]


def takens():
    """Folds lie on A = 0, Hopf points on A = -B**2, B > 0; they meet at the Bogdanov-Takens point 0, 0."""
    from problems import BOGDANOV_TAKENS, A, B

    from symssl.bifurcation import fold_curve, hopf_curve

    return (
        fold_curve(BOGDANOV_TAKENS, (A, B), (0.0, 0.0, 0.0, 1.0), bounds=(-1, 1.5)),
        hopf_curve(BOGDANOV_TAKENS, (A, B), (-1.0, 0.0, -1.0, 1.0), bounds=(-1, 1.5)),
    )


def test_folds_are_solid_and_hopf_points_dashed(ax):
    fold, hopf, marks, legend = draw.curves(takens(), ax)
    assert (fold.get_linestyle(), hopf.get_linestyle()) == ("-", "--") and fold.get_color() != hopf.get_color()
    np.testing.assert_allclose(fold.get_xdata(), 0, atol=1e-9)
    assert fold.get_ydata().min() == -1 and fold.get_ydata().max() == 1.5
    np.testing.assert_allclose(hopf.get_xdata(), -(hopf.get_ydata() ** 2), atol=1e-9)
    np.testing.assert_allclose(marks.get_offsets(), 0, atol=1e-7)
    assert [t.get_text() for t in legend.get_texts()] == ["fold", "Hopf", "Bogdanov-Takens (BT)"] and not overlaps(
        legend, ax
    )


def test_a_curve_over_the_same_parameters_is_turned(ax):
    """Of x' = m - 1 + k x - x^3 the folds lie on 27 (m - 1)^2 = 4 k^3, with a cusp at m = 1, k = 0."""
    import sympy as sp

    from symssl import Flow
    from symssl.bifurcation import fold_curve

    x, m, k, h = sp.symbols("x m k h", real=True)
    flow = Flow({x: h + m - 1 + k * x - x**3}, (h, m, k))
    one = fold_curve(flow, (m, k), (1, -1, 3), {h: 0}, bounds=(-1, 4))
    other = fold_curve(flow, (k, m), (1, 3, -1), {h: 0}, bounds=(-2, 1.5))
    assert [e.label for e in other.events] == ["CP"]
    first, second, cusp, legend = draw.curves([one, other], ax)
    for line in (first, second):
        np.testing.assert_allclose(27 * (line.get_xdata() - 1) ** 2, 4 * line.get_ydata() ** 3, atol=1e-7)
    np.testing.assert_allclose([second.get_xdata().min(), second.get_xdata().max()], [-2, 1.5])
    np.testing.assert_allclose(cusp.get_offsets(), [[1, 0], [1, 0]], atol=1e-7)
    assert [t.get_text() for t in legend.get_texts()] == ["fold", "cusp (CP)"]
    alone, cusp, _ = draw.curves(one, ax)
    assert np.array_equal(alone.get_xydata(), first.get_xydata())
    with pytest.raises(InputError, match="h, k does not fit axes of m, k"):
        draw.curves([one, fold_curve(flow, (h, k), (1, -2, 3), {m: 1}, bounds=(-1, 4))], ax)
    with pytest.raises(InputError, match="no curve"):
        draw.curves([], ax)


def test_a_generalised_hopf_point_is_marked_where_it_is(ax):
    """r' = r (m + (k - 1/2) r^2 - r^4): Hopf points on m = 0, generalised at k = 1/2."""
    import sympy as sp

    from symssl import Flow
    from symssl.bifurcation import hopf_curve

    u, v, m, k = sp.symbols("u v m k", real=True)
    pull = m + (k - sp.Rational(1, 2)) * (u**2 + v**2) - (u**2 + v**2) ** 2
    curve = hopf_curve(
        Flow({u: u * pull - v, v: v * pull + u}, (m, k)), (m, k), (0.0, 0.0, 0.0, -1.0), bounds=(-1.5, 1.5)
    )
    _, mark, legend = draw.curves(curve, ax)
    np.testing.assert_allclose(mark.get_offsets(), [[0, 0.5]], atol=1e-7)
    assert [t.get_text() for t in legend.get_texts()] == ["Hopf", "generalised Hopf (GH)"]


def test_regimes_with_their_boundary(ax):
    import sympy as sp

    from symssl import Flow, regime_map

    x, m, k = sp.symbols("x m k", real=True)
    flow = Flow({x: m + k * x - x**3}, (m, k))
    found = regime_map(flow, {m: (-1, 1, 41), k: (-1, 3, 31)})
    artists = draw.regimes(found, ax, lambda q: f"{q.number} equilibria", curves=found.boundaries(points=50))
    assert not overlaps(artists[1], ax) and ax.get_xlim() == (-1, 1) and ax.get_ylim() == (-1, 3)
    codes = np.reshape(artists[0].get_array(), (31, 41))
    names = [t.get_text() for t in artists[1].get_texts()]
    assert names[codes[-1, 20]] == "3 equilibria" and names[codes[0, 20]] == "1 equilibria"
    for line in ax.lines:
        mv, kv = (np.asarray(q, float) for q in line.get_data())
        good = np.isfinite(mv) & np.isfinite(kv)
        np.testing.assert_allclose(27 * mv[good] ** 2, 4 * kv[good] ** 3, atol=1e-9)
    with pytest.raises(InputError, match="1 axes"):
        draw.regimes(regime_map(flow, {m: (-1, 1, 5)}, {k: 1}), ax)


def test_basins_of_two_attractors(ax):
    import sympy as sp

    from symssl import Flow
    from symssl.bifurcation import planar_basins

    x, v = sp.symbols("x v", real=True)
    found = planar_basins(Flow({x: x - x**3, v: -v}), {x: (-2, 2), v: (-1, 1)}, n=21)
    artists = draw.basins(found, ax)
    assert not overlaps(artists[1], ax)
    codes = np.reshape(artists[0].get_array(), (21, 21))
    assert len({codes[5, 2], codes[5, 18]}) == 2  # left and right of the separatrix x = 0
    assert (codes[:, :9] == codes[5, 2]).all() and (codes[:, 12:] == codes[5, 18]).all()


@pytest.mark.parametrize("wrong", [3, None, "x", np.ones(3), {1, 2}, object(), dict], ids=described)
def test_drawing_names_what_it_cannot_draw(ax, wrong):
    for function, name in ((draw.bifurcation, "found"), (draw.curves, "found"), (draw.basins, "found")):
        with pytest.raises(InputError, match=name):
            function(wrong, ax)
    with pytest.raises(InputError, match="found must be a RegimeMap"):
        draw.regimes(wrong, ax)
    with pytest.raises(InputError, match="ax must be the axes"):
        draw.label(wrong, "$p$", "$s$")
    with pytest.raises(InputError, match="fig must be a figure"):
        draw.save(wrong, "nowhere")
    with pytest.raises(InputError, match="must be the label"):
        draw.label(ax, wrong if not isinstance(wrong, str) else "", "$s$")
