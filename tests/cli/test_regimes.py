"""`symssl diagram` and `symssl regimes` as a user meets them."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import xarray
import zarr

from symssl.bifurcation import load
from symssl.cli.main import main

COMMON = ("--fix", "sigma2=1/4", "N_Phi=1", "N_x=1/2")
DIAGRAM = (
    "diagram",
    "bao2023.cosine",
    "--param",
    "rho=0.001:0.5",
    "--fix",
    "sigma2=1/4",
    "N_Phi=1",
    "N_Psi=1",
    "N_x=1/2",
)
SMALL = ("--x", "rho=0.005:0.5:40", "--y", "N_Psi=0.5:2:30")


@pytest.fixture
def run(capsys):
    """Run `symssl ARGS` in this process: (exit code, stdout, stderr)."""

    def call(*args):
        with pytest.raises(SystemExit) as stop:
            main([*map(str, args)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


@pytest.fixture
def toy(run, monkeypatch):
    def call(command, *args):
        return run("--derivations", "toy.derivations", command, *args)

    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    return call


def positive_roots(rho, size):
    """Positive equilibria of eq. (7) at the common values, by NumPy's companion matrix."""
    roots = np.roots([-2 / size**3, 0, 0, -0.5 / size**2, 1 / size, -1.25 * rho])
    return int((np.isreal(roots) & (roots.real > 0)).sum())


def test_the_diagram_of_the_cosine_loss(run):
    code, out, err = run(*DIAGRAM, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert set(found) == {"model", "parameter", "complete", "note", "branches", "events"}
    assert found["model"] == "bao2023.cosine"
    assert found["parameter"] == "rho"
    assert found["complete"] is True
    (event,) = found["events"]
    assert set(event) == {"label", "name", "parameter", "state", "multiplicity", "enclosure"}
    assert (event["label"], event["multiplicity"]) == ("LP", 2)
    # the fold to fifty digits by mpmath's findroot on f = f' = 0
    assert event["parameter"] == pytest.approx(0.25108006340350989418805, rel=1e-15)
    assert event["state"] == pytest.approx([0.47799080140251680910442], rel=1e-15)
    assert set(event["enclosure"]) == {"p", "rho"}
    for branch in found["branches"]:
        assert set(branch) == {"points", "status", "parameter", "states", "stable", "residual"}
        assert branch["points"] == len(branch["parameter"]) == len(branch["stable"]) == len(branch["states"]["p"])
        rho, p = np.array(branch["parameter"]), np.array(branch["states"]["p"])
        assert (abs(p**2 / 1.25 - 0.5 * p**3 / 1.25 - 2 * p**6 / 1.25 - rho * p) < 1e-14).all()
        slope = 2 * p / 1.25 - 1.5 * p**2 / 1.25 - 12 * p**5 / 1.25 - rho
        off = abs(slope) > 1e-9
        assert ((slope < 0) == np.array(branch["stable"]))[off].all()


def test_the_regimes_of_the_cosine_loss(run):
    code, out, err = run(
        "regimes", "bao2023.cosine", "--x", "rho=0.005:0.5:1000", "--y", "N_Psi=0.5:2:1000", *COMMON, "--json"
    )
    assert code == 0, err
    found = json.loads(out)
    assert set(found) == {"model", "axes", "cells", "rechecked", "seconds", "method"}
    assert found["axes"] == {"rho": [0.005, 0.5, 1000], "N_Psi": [0.5, 2.0, 1000]}
    assert set(found["cells"]) == {"Collapse", "Acute"}
    assert sum(found["cells"].values()) == 10**6
    assert found["rechecked"] == 0
    assert found["seconds"] > 0
    coarse = np.mean(
        [[positive_roots(rho, size) > 0 for size in np.linspace(0.5, 2, 40)] for rho in np.linspace(0.005, 0.5, 40)]
    )
    assert found["cells"]["Acute"] / 10**6 == pytest.approx(coarse, abs=0.02)


def test_the_squared_loss_on_its_fold(run):
    code, out, _ = run("regimes", "bao2023.l2", "--x", "rho=0.125:0.375:9", "--fix", "sigma2=0", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["cells"] == {"No collapse": 4, "Collapse": 4, "Fold": 1}
    assert found["rechecked"] == 1


# --- files ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix, head", [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".json", b"{")])
def test_files_of_a_diagram(run, tmp_path, suffix, head):
    path = tmp_path / f"d{suffix}"
    assert run(*DIAGRAM, "-o", path)[0] == 0
    assert path.read_bytes().startswith(head)
    assert list(tmp_path.iterdir()) == [path]
    if suffix == ".json":
        assert [e.label for e in load(path).events] == ["LP"]


@pytest.mark.parametrize("suffix, head", [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_pictures_of_regimes(run, tmp_path, suffix, head):
    path = tmp_path / f"m{suffix}"
    assert run("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", path)[0] == 0
    assert path.read_bytes().startswith(head)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_arrays_of_regimes(run, tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    code, _, err = run("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", path)
    assert code == 0, err
    with xarray.open_dataset(path) if suffix == ".nc" else xarray.open_zarr(path, consolidated=False) as data:
        codes = data["regime" if suffix == ".nc" else "classes"]
        names = dict(zip(np.atleast_1d(codes.attrs["flag_values"]).tolist(), codes.attrs["flag_meanings"].split()))
        assert codes.dims == ("rho", "N_Psi")
        assert codes.shape == (40, 30)
        assert set(names.values()) == {"Acute", "Collapse"}
        for i, rho in enumerate(data["rho"].values):
            for j, size in enumerate(data["N_Psi"].values):
                assert names[int(codes[i, j])] == ("Acute" if positive_roots(rho, size) else "Collapse")


def test_an_existing_file_is_kept_unless_forced(run, tmp_path):
    for suffix, command in ((".png", (*DIAGRAM,)), (".nc", ("regimes", "bao2023.cosine", *SMALL, *COMMON))):
        path = tmp_path / f"a{suffix}"
        path.write_text("old")
        code, _, err = run(*command, "-o", path)
        assert code == 2
        assert "--force" in err
        assert path.read_text() == "old"
        assert run(*command, "-o", path, "--force")[0] == 0
        assert path.read_bytes() != b"old"


def test_a_finished_store_is_read_and_another_map_is_kept_unless_forced(run, tmp_path):
    command = ("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", tmp_path / "m.zarr")
    code, cells, _ = run(*command)
    assert code == 0
    code, again, err = run(*command)
    assert (code, again, err) == (0, cells, "[1200/1200] cells\n")  # nothing is computed, and the seconds are the same
    other = ("regimes", "bao2023.cosine", "--x", "rho=0.1:0.5:40", *SMALL[2:], *COMMON, "-o", tmp_path / "m.zarr")
    code, _, err = run(*other)
    assert code == 2
    assert "--force" in err
    assert run(*other, "--force")[0] == 0


def test_a_chunk_that_is_gone_is_named_and_computed_anew(run, tmp_path):
    command = ("regimes", "bao2023.cosine", *SMALL, *COMMON, "--chunk", 15, "-o", tmp_path / "m.zarr")
    assert run(*command)[0] == 0
    chunk = tmp_path / "m.zarr" / "classes" / "c" / "1" / "0"
    content = chunk.read_bytes()
    chunk.unlink()
    code, _, err = run(*command, "-j", 2)
    assert code == 0
    assert err.splitlines()[0] == "[975/1200] cells"
    assert chunk.read_bytes() == content


def test_an_interrupted_store_is_continued(run, tmp_path, monkeypatch):
    from symssl.bifurcation import zarr_store as storage

    whole, done = storage.compute_chunk, []

    def interrupted(job, block):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(block)
        return whole(job, block)

    monkeypatch.setattr(storage, "compute_chunk", interrupted)
    command = ("regimes", "bao2023.cosine", *SMALL, *COMMON, "--chunk", 15, "-o", tmp_path / "m.zarr", "--json")
    assert run(*command)[0] == 130
    monkeypatch.setattr(storage, "compute_chunk", whole)
    code, out, err = run(*command)
    told = [line for line in err.splitlines() if line.endswith("cells")]
    assert code == 0
    assert told[0] == "[675/1200] cells"
    assert told[-1] == "[1200/1200] cells"
    assert (
        json.loads(out)["cells"] == json.loads(run("regimes", "bao2023.cosine", *SMALL, *COMMON, "--json")[1])["cells"]
    )
    assert zarr.open_group(tmp_path / "m.zarr", mode="r")["classes"].chunks == (15, 15)


# --- models -----------------------------------------------------------------------------


def test_models_are_listed_with_what_moves_them(run):
    code, out, err = run("models", "--json")
    rows = {row["model"]: row for row in json.loads(out)}
    assert code == 0
    assert not err
    assert {"bao2023.cosine", "bao2023.l2", "tian2021.squared"} <= set(rows)
    assert all(set(row) == {"model", "states", "parameters", "rhs", "named_regimes"} for row in rows.values())
    assert rows["bao2023.l2"]["states"] == ["p"]
    assert rows["bao2023.l2"]["parameters"] == ["rho", "sigma2"]
    assert rows["bao2023.l2"]["named_regimes"]
    assert not rows["tian2021.squared"]["named_regimes"]
    # p' = p^2 - (1 + sigma2) p^3 - rho p, in any order of its terms
    terms = rows["bao2023.l2"]["rhs"]["p"].replace(" - ", " + -").split(" + ")
    assert sorted(terms) == ["-p**3", "-p**3*sigma2", "-p*rho", "p**2"]
    code, text, _ = run("models")
    assert code == 0
    assert text.count("/dt = ") == sum(len(row["states"]) for row in rows.values())
    assert [line.partition(":")[0] for line in text.splitlines() if line and line[0] != " "] == list(rows)


def test_a_model_that_fails_leaves_the_others(run, tmp_path):
    (tmp_path / "garden.py").write_text(
        textwrap.dedent(r"""
        import sympy as sp
        from symssl.claims import Paper
        from symssl.scalar import Flow

        a, w = sp.symbols("a w", positive=True)

        def broken():
            raise ZeroDivisionError("nothing\ngrows")

        class Modes:
            fix = None

        MODELS = {"linear": lambda: Flow({w: a - w}, (a,)), "broken": broken, "infinite": Modes}
        PAPER = Paper("garden", "A garden", "A. Gardener", (), lambda: {}, models=MODELS)
        """)
    )
    code, out, err = run("--derivations", tmp_path / "garden.py", "models")
    assert code == 1
    assert "the model broken of garden crashed: ZeroDivisionError: nothing grows" in err
    assert err.count("\n") == 2
    assert "garden.infinite is a" in err
    assert out.startswith("garden.linear: parameters a\n  dw/dt = ")
    assert "names" not in out


@pytest.mark.parametrize("command", ["diagram", "regimes"])
def test_the_help_says_where_models_are_listed(run, command):
    assert "symssl models" in run(command, "--help")[1]


# --- methods, boxes and axes ------------------------------------------------------------


def test_the_method_of_a_diagram(run):
    for method, points in (("auto", {200}), ("explicit", {200}), ("continuation", None)):
        code, out, err = run(
            "diagram", "bao2023.l2", "--param", "rho=0.01:0.5", "--fix", "sigma2=0", "--method", method, "--json"
        )
        assert code == 0, err
        found = json.loads(out)
        sizes = {branch["points"] for branch in found["branches"]}
        assert (max(sizes) < 200) if points is None else (min(sizes) >= 200)
        (fold,) = (event for event in found["events"] if event["label"] == "LP")
        assert fold["parameter"] == pytest.approx(0.25, rel=1e-12)
        assert fold["state"] == pytest.approx([0.5], rel=1e-8)


def test_the_box_of_a_field_that_is_not_rational(toy, monkeypatch):
    """Bratu's problem in scalar form folds at mu = 3.513830719125161, u = 4.798714561030936."""
    import problems
    from toy.derivations.garden import PAPER

    bratu = next(p for p in problems.BIFURCATIONS if p.name.startswith("Bratu"))
    monkeypatch.setitem(PAPER.models, "bratu", bratu.flow)
    command = ("diagram", "garden.bratu", "--param", "mu=0.1:4")
    code, _, err = toy(*command)
    assert code == 2
    assert "--within name=lower:upper" in err
    assert err.count("\n") == 1
    code, out, err = toy(*command, "--within", "u=0:20", "--json")
    assert code == 0, err
    (fold,) = json.loads(out)["events"]
    assert fold["parameter"] == pytest.approx(3.513830719125161, rel=1e-9)
    assert "reversed" in toy(*command, "--within", "u=20:0")[2]
    assert "twice" in toy(*command, "--within", "u=0:20", "--within", "u=0:2")[2]
    assert "not a state" in toy(*command, "--within", "mu=0:20")[2]


def test_a_third_axis_is_a_third_dimension(run, tmp_path):
    third = ("--fix", "sigma2=1/4", "N_Phi=1", "--axis", "N_x=1/4:1/2:3")
    code, out, err = run("regimes", "bao2023.cosine", *SMALL, *third, "-o", tmp_path / "m.nc", "--json")
    assert code == 0, err
    assert json.loads(out)["axes"]["N_x"] == [0.25, 0.5, 3]
    with xarray.open_dataset(tmp_path / "m.nc") as data:
        codes = data["regime"]
        assert codes.dims == ("rho", "N_Psi", "N_x")
        assert codes.shape == (40, 30, 3)
        acute = codes.attrs["flag_meanings"].split().index("Acute")
        last = int((codes.values[..., -1] == codes.attrs["flag_values"][acute]).sum())
    assert last == json.loads(run("regimes", "bao2023.cosine", *SMALL, *COMMON, "--json")[1])["cells"]["Acute"]
    code, out, err = run("regimes", "bao2023.cosine", *SMALL, *third, "-o", tmp_path / "m.png")
    assert code == 2
    assert "no third axis" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "m.png").exists()


def test_the_method_of_a_map(run, tmp_path):
    for out in ((), ("-o", tmp_path / "m.zarr")):
        found = {}
        for method in ("auto", "discriminant", "sturm"):
            code, text, err = run(
                "regimes",
                "bao2023.l2",
                "--x",
                "rho=0.1:0.4:31",
                "--fix",
                "sigma2=0",
                "--method",
                method,
                *out,
                "--force",
                "--json",
            )
            assert code == 0, err
            found[method] = json.loads(text)
        assert found["sturm"]["method"] == "Sturm-Habicht"
        assert found["auto"]["method"] == found["discriminant"]["method"] == "discriminant"
        assert found["sturm"]["cells"] == found["auto"]["cells"]


# --- a full disk ------------------------------------------------------------------------


@pytest.fixture
def full_disk(monkeypatch):
    """Every write through `symssl.support.files` fills half a file, then finds no space left."""
    from symssl.support import files

    whole = files.write_path

    def half(path, write):
        def fill(name):
            write(name)
            os.truncate(name, os.path.getsize(name) // 2)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return whole(path, fill)

    monkeypatch.setattr(files, "write_path", half)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".json"])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_full_disk_leaves_no_part_of_a_diagram(run, tmp_path, full_disk, suffix, before):
    refuses_to_write(run, tmp_path / f"d{suffix}", before, *DIAGRAM)


@pytest.mark.parametrize("suffix", [".png", ".nc"])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_full_disk_leaves_no_part_of_a_map(run, tmp_path, full_disk, suffix, before):
    refuses_to_write(run, tmp_path / f"m{suffix}", before, "regimes", "bao2023.cosine", *SMALL, *COMMON)


def refuses_to_write(run, path, before, *command):
    if before:
        path.write_text(before)
    code, out, err = run(*command, "-o", path, *(["--force"] if before else []))
    assert code == 2
    assert not out
    assert err == f"symssl: cannot write {path}: No space left on device\n"
    assert [(p, p.read_text()) for p in path.parent.iterdir()] == ([(path, before)] if before else [])


def test_netcdf_says_full_in_its_own_way(run, tmp_path, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr(xarray.Dataset, "to_netcdf", full)
    code, _out, err = run("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", tmp_path / "m.nc")
    assert code == 2
    assert "is the disk full?" in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_store_on_a_full_disk(run, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zarr.open_group", full)
    path = tmp_path / "m.zarr"
    code, out, err = run("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", path)
    assert code == 2
    assert err == f"symssl: cannot write {path}: No space left on device\n"
    assert not out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
@pytest.mark.parametrize("args", [("models", "--json"), ("list",), ("list", "tian2021")])
def test_a_full_disk_behind_standard_output(args):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "symssl", *args], check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "symssl: the output: No space left on device\n"


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args, words",
    [
        (("diagram", "bao2023.cosin", "--param", "rho=0.1:0.5"), "did you mean bao2023.cosine"),
        (("diagram", "bao2032.cosine", "--param", "rho=0.1:0.5"), "did you mean bao2023"),
        (("diagram", "bao2023", "--param", "rho=0.1:0.5"), "write bao2023.cosine"),
        (("diagram", "beyond", "--param", "rho=0.1:0.5"), "exports no flow"),
        (("diagram", "nowhere.flow", "--param", "rho=0.1:0.5"), "`symssl models` lists all"),
        (("regimes", ".", "--x", "rho=0.1:0.5:9"), "`symssl models` lists all"),
        (("models", "bao2023"), "unexpected extra argument"),
        (("diagram", "bao2023.l2", "--param", "roh=0.1:0.5", "--fix", "sigma2=0"), "did you mean rho?"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma=0"), "did you mean sigma2?"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "p=0"), "is a state"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5"), "sigma2"),
        (("diagram", "bao2023.l2", "--param", "rho=0.5:0.1", "--fix", "sigma2=0"), "reversed"),
        (("diagram", "bao2023.l2", "--param", "rho=0.5:0.5", "--fix", "sigma2=0"), "empty"),
        (("diagram", "bao2023.l2", "--param", "rho=nan:0.5", "--fix", "sigma2=0"), "'nan' is not a number"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:inf", "--fix", "sigma2=0"), "'inf' is not a number"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:1e999", "--fix", "sigma2=0"), "beyond the range"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1", "--fix", "sigma2=0"), "name=lower:upper"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "sigma2=1"), "given twice"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=__import__('os')"), "is not a number"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=1/0"), "is not a number"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "--state", "q"), "not a state"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "-o", "d.gif"), ".png, .pdf, .json"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "--method", "guess"), "'explicit'"),
        (
            ("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "--within", "p=1"),
            "name=lower:upper",
        ),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "--within", "q=0:1"), "not a state"),
        (("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "--within", "p=1:0"), "reversed"),
        (
            ("diagram", "esser2023.vector", "--param", "lambda_1=1:2", "--fix", "lambda_2=1", "--within", "q_1=0:1"),
            "state q_2",
        ),
        (
            ("diagram", "bao2023.l2", "--param", "rho=0.1:0.5", "--fix", "sigma2=0", "-o", "/proc/none/d.png"),
            "/proc/none",
        ),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--fix", "sigma2=0", "--method", "explicit"), "'sturm'"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--axis", "rho=1:2:9", "--fix", "sigma2=0"), "two axes"),
        (("regimes", "bao2023.l2", "--axis", "rho=0.1:0.5:9", "--fix", "sigma2=0"), "--x"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--axis", "sigma=1:2:9"), "did you mean sigma2?"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:1", "--fix", "sigma2=0"), "at least 2"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:2.5", "--fix", "sigma2=0"), "whole"),
        (("regimes", "bao2023.l2", "--x", "rho=0.5:0.1:9", "--fix", "sigma2=0"), "reversed"),
        (("regimes", "bao2023.l2", "--x", "rho=-1:0.5:9", "--fix", "sigma2=0"), "positive"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--y", "rho=1:2:9", "--fix", "sigma2=0"), "two axes"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--y", "sigma2=1:2:9", "--fix", "sigma2=0"), "is an axis"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--fix", "sigma2=0", "-o", "m.png"), "both --x and --y"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:9", "--fix", "sigma2=0", "--jobs", "2"), ".zarr"),
        (("regimes", "bao2023.l2", "--x", "rho=0.1:0.5:100000", "--y", "sigma2=0:1:100000"), "-o FILE.zarr"),
    ],
)
def test_bad_input_is_one_line(run, args, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*args)
    assert code == 2
    assert words in err
    assert err.startswith("symssl: ")
    assert err.count("\n") == 1
    assert not out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args, words",
    [
        (("regimes", "esser2023.vector", "--x", "lambda_1=1:2:300", "--y", "lambda_2=1:2:300"), "method='cellwise'"),
        (
            ("diagram", "esser2023.vector", "--param", "lambda_1=1:2", "--fix", "lambda_2=1", "--method", "explicit"),
            "several states",
        ),
    ],
)
def test_a_refusal_is_one_line(run, args, words):
    code, out, err = run(*args)
    assert code == 1
    assert words in err
    assert err.startswith("symssl: ")
    assert err.count("\n") == 1
    assert not out


def test_a_paper_of_ones_own(toy):
    """w' = a - w - b w^3 has one equilibrium, w = 1 at a = 2, b = 1; the paper names no regime."""
    code, out, err = toy("diagram", "garden.quartic", "--param", "a=1:3", "--fix", "b=1", "--json")
    assert code == 0, err
    (branch,) = json.loads(out)["branches"]
    assert np.interp(2, branch["parameter"], branch["states"]["w"]) == pytest.approx(1, abs=1e-3)
    code, out, _ = toy("regimes", "garden.quartic", "--x", "a=1:3:5", "--y", "b=1:2:4", "--json")
    assert code == 0
    assert json.loads(out)["cells"] == {"stable": 20}


def test_a_store_in_the_way_is_told_with_the_option_that_helps(run, tmp_path):
    (tmp_path / "m.zarr").mkdir()
    command = ("regimes", "bao2023.cosine", *SMALL, *COMMON, "-o", tmp_path / "m.zarr")
    code, _, err = run(*command)
    assert code == 2 and err.splitlines()[-1].endswith("choose another name, or --force")
