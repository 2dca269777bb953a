"""The command line as a user meets it: output, exit codes, one-line errors, nothing half-written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from symssl.cli.main import main

TOY = Path(__file__).parents[1] / "toy"
PNG, PDF = b"\x89PNG", b"%PDF"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A copy of the invented papers whose lock file may be written, importable here and in workers."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(TOY, folder / "copied", ignore=shutil.ignore_patterns("__pycache__"))
    sys.path.insert(0, str(folder))
    yield folder / "copied"
    sys.path.remove(str(folder))


@pytest.fixture
def run(papers, capsys):
    """Run `symssl ARGS` in this process: (exit code, stdout, stderr)."""

    def call(*args, package="copied.derivations", figures="copied.figures"):
        with pytest.raises(SystemExit) as stop:
            main(["--derivations", package, "--figures", figures, *map(str, args)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


@pytest.fixture
def recorded(run):
    assert run("verify", "--record", "-j", "2")[0] == 0


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("symssl: ") and "Traceback" not in err


# --- start -------------------------------------------------------------------------------


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom symssl.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'matplotlib', 'rich', 'flint', 'mpmath'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert "reproduce" in done.stdout


@pytest.mark.parametrize(
    "command", ["list", "summary", "verify", "errata", "cache", "show", "latex", "figure", "audit", "reproduce"]
)
def test_every_command_has_examples(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0 and f"symssl {command}" in out.split("Examples:")[1]


def test_no_command_shows_the_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 0 and "Commands:" in capsys.readouterr().out


# --- list, verify ------------------------------------------------------------------------


def test_verify_against_nothing_then_against_the_record(run, papers):
    (papers / "derivations" / "ledger.lock.json").unlink(missing_ok=True)
    code, out, err = run("verify", "garden.flow", "garden.slip")
    assert code == 1 and "garden.flow: holds, not recorded" in err
    assert run("verify", "--record", "-j", "2")[0] == 0
    code, out, err = run("verify", "--no-cache", "-j", "2")
    assert code == 0 and "not recorded" not in err
    assert [line.split()[1] for line in out.splitlines() if line.startswith("garden.slip")] == ["corrected"]
    assert "[12/12]" in err and "cache" not in err
    again = run("verify")
    assert (again[0], again[2]) == (0, "symssl: 12 of 12 verdicts were in the cache\n")
    assert [line.split()[:3] for line in again[1].splitlines()] == [line.split()[:3] for line in out.splitlines()]


def test_a_changed_verdict_is_named(run, recorded, papers):
    lock = papers / "derivations" / "ledger.lock.json"
    data = json.loads(lock.read_text())
    data["claims"]["garden.slip"]["verdict"] = "holds"
    data["claims"]["garden.gone"] = data["claims"]["garden.flow"]
    lock.write_text(json.dumps(data))
    code, _, err = run("verify", "-j", "2")
    assert code == 1 and "garden.slip: verdict is corrected, recorded holds" in err
    assert "garden.gone: recorded, but there is no such claim" in err
    assert run("verify", "garden.flow")[0] == 0  # what was asked for is as recorded
    assert run("verify", "garden.slip")[0] == 1
    run("verify", "garden.slip", "--record")
    assert "garden.gone" not in json.loads(lock.read_text())["claims"]


def test_verify_json(run, recorded):
    code, out, _ = run("verify", "garden", "--json", "-j", "2")
    rows = json.loads(out)
    assert code == 0 and len(rows) == 12
    wanted = {
        "id",
        "paper",
        "kind",
        "cite",
        "source",
        "verdict",
        "evidence",
        "seconds",
        "statement_latex",
        "correction_latex",
        "witness",
        "reason",
    }
    assert all(wanted <= set(row) for row in rows)
    fresh = json.loads(run("verify", "garden", "--json", "--no-cache", "-j", "2")[1])
    assert not any(row["cached"] for row in fresh)
    ignored = {"cached": 0, "seconds": 0}
    assert [row | ignored for row in rows] == [row | ignored for row in fresh]
    slip = next(row for row in rows if row["id"] == "garden.slip")
    assert (slip["paper"], slip["verdict"], slip["evidence"]) == ("garden", "corrected", "symbolic")
    assert slip["statement_latex"] == r"\alpha + b w^{3} - w" and slip["correction_latex"] == r"\alpha - b w^{3} - w"
    point = dict(part.split(" = ") for part in slip["witness"].split(";")[0].split(", "))
    a, b, w = (Fraction(point[name]) for name in "abw")
    assert f"printed {a + b * w**3 - w}, derived {a - b * w**3 - w}" in slip["witness"]


def test_list(run, recorded):
    code, out, _ = run("list")
    assert code == 0 and len(out.splitlines()) == 13
    code, out, _ = run("list", "garden.flow", "--json")
    assert json.loads(out) == [
        {
            "id": "garden.flow",
            "paper": "garden",
            "kind": "equation",
            "source": "printed",
            "cite": "eq. 1",
            "verdict": "holds",
            "evidence": "symbolic",
        }
    ]


# --- show, latex, figure, audit, reproduce -----------------------------------------------


def test_show(run):
    code, out, _ = run("show", "garden.slip")
    assert code == 0
    for part in (
        "garden.slip",
        "eq. 2",
        "1. differentiate the loss",
        "[computed]",
        "Comparison: fails at the witness",
        "Verdict: corrected",
        "Correction:",
        "Witness:",
    ):
        assert part in out
    assert max(map(len, out.splitlines())) <= 100
    assert "[approximated] replaced, the error is of order b" in run("show", "garden.linear")[1]


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


def test_audit(run):
    code, out, err = run("audit", "garden.flow", "garden.gap", "--json", "-j", "2")
    rows = json.loads(out)
    assert code == 0 and {"claim", "mutation", "kind", "outcome", "how"} == set(rows[0])
    assert {row["outcome"] for row in rows} <= {"rejected", "equivalent"}
    assert {row["claim"] for row in rows} == {"garden.flow", "garden.gap"}
    code, out, _ = run("audit", "garden.flow")
    assert code == 0 and out.splitlines()[0].split() == ["claim", "rejected", "equivalent", "survived", "timeout"]
    assert "printed: sign" in out and "model: factor" in out


def test_audit_survivors_fail(run, papers):
    package = papers.parent / "lazy_papers"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "lazy.py").write_text(
        "import sympy as sp\nfrom symssl.claims import Claim, Model, Paper, Step\n"
        "from symssl.claims.deciders import identity\nw = sp.Symbol('w')\n"
        "def steps(model):\n    yield Step('ignore the model', 2*w)\n"
        "PAPER = Paper('lazy', 'T', 'c', (Claim('lazy.a', 'result', 2*w, steps, identity(), model=Model('m', w**2, (w,))),))\n"
    )
    code, out, err = run("audit", package="lazy_papers")
    assert code == 1 and "lazy.a: model: no mutant is rejected: survived" in err


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
    assert "garden.slip" in text and "12 claims, 2 equations and 1 figures" in err


def test_reproduce_notices_what_differs(run, recorded, papers, tmp_path):
    lock = papers / "derivations" / "ledger.lock.json"
    lock.write_text(lock.read_text().replace("a - b*w**3 - w", "a - b*w**3 + w"))
    code, _, err = run("reproduce", "garden", "-o", tmp_path)
    assert code == 1 and "garden.slip: correction is" in err
    assert (tmp_path / "ledger.json").exists()


# --- bad usage: one clear line, exit 2 ---------------------------------------------------


@pytest.mark.parametrize(
    "args, part",
    [
        (["verfy"], "verfy"),
        (["verify", "garden.flwo"], "did you mean garden.flow"),
        (["verify", "nonsense_far_away"], "symssl list"),
        (["verify", "--no-such-option"], "--no-such-option"),
        (["verify", "-j", "0"], "-j"),
        (["verify", "-j", "two"], "two"),
        (["verify", "--time-limit", "1/0"], "1/0"),
        (["verify", "--time-limit", "__import__('os')"], "not a number"),
        (["verify", "--time-limit", "-5"], "positive"),
        (["verify", "--time-limit", "nan"], "nan"),
        (["show"], "ID"),
        (["show", "garden"], "garden"),
        (["latex"], "Missing argument"),
        (["latex", "garden", "--model", "cubic"], "quartic"),
        (["latex", "garden", "--set", "b=1"], "--model"),
        (["latex", "garden", "--model", "quartic", "--set", "b"], "name=number"),
        (["latex", "garden", "--model", "quartic", "--set", "b=w"], "number"),
        (["latex", "garden", "--model", "quartic", "--set", "zz=1"], "zz"),
        (["figure", "garden", "lien"], "line"),
        (["figure", "gardn"], "garden"),
        (["reproduce"], "PAPER"),
        (["reproduce", "gardn", "-o", "never"], "garden"),
    ],
)
def test_bad_usage_is_one_line(run, args, part):
    code, out, err = run(*args)
    assert code == 2 and one_line(err) and part in err, err
    assert not Path("never").exists()


def test_no_such_package(run):
    code, _, err = run("list", package="no_such_package")
    assert code == 2 and one_line(err)


@pytest.mark.parametrize("command", ["reproduce", "figure"])
def test_a_file_where_a_folder_is_expected(run, tmp_path, command):
    (tmp_path / "taken").write_text("precious")
    for target in (tmp_path / "taken", tmp_path / "taken" / "below"):
        code, _, err = run(command, "garden", "-o", target)
        assert code == 2 and one_line(err) and "taken" in err
    assert (tmp_path / "taken").read_text() == "precious"


def test_an_unwritable_folder(run, tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir(mode=0o555)
    if os.access(tmp_path / "locked", os.W_OK):  # root may write anywhere: ask as someone who may not
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked")
    code, _, err = run("reproduce", "garden", "-o", tmp_path / "locked")
    assert code == 2 and one_line(err) and "not writable" in err
    assert list((tmp_path / "locked").iterdir()) == []


def test_a_paper_that_fails_to_import_is_named_and_the_rest_runs(run, papers):
    package = papers.parent / "half_papers"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import nothing_like_this")
    (package / "good.py").write_text(
        "from symssl.claims import Claim, Paper, Step\nfrom symssl.claims.deciders import same_value\n"
        "def steps(model):\n    yield Step('count', len('ab'))\n"
        "PAPER = Paper('good', 'T', 'c', (Claim('good.a', 'result', 2, steps, same_value()),))\n"
    )
    code, out, err = run("verify", package="half_papers")
    assert code == 1 and "bad failed to import" in err and "good.a" in out and "holds" in out


# --- interrupts --------------------------------------------------------------------------

SLOW = (
    "import time\nfrom symssl.claims import Claim, Paper, Step\nfrom symssl.claims.deciders import same_value\n"
    "def quick(model):\n    yield Step('count', len('ab'))\n"
    "def slow(model):\n    time.sleep(600)\n    yield Step('count', 2)\n"
    "PAPER = Paper('slow', 'T', 'c', (Claim('slow.a', 'result', 2, quick, same_value()),\n"
    "                                Claim('slow.b', 'result', 2, slow, same_value())))\n"
)


@pytest.fixture
def slow(tmp_path):
    for package in ("slow_papers", "slow_figures"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "slow_papers" / "slow.py").write_text(SLOW)
    (tmp_path / "slow_figures" / "slow.py").write_text("FIGURES = {}\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}

    def start(*args):
        # under nohup or behind & the interrupt key is ignored, and what is ignored here is ignored in a child
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "symssl", "--derivations", "slow_papers", "--figures", "slow_figures", *args],
                cwd=tmp_path,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)

    return start


def test_an_interrupt_leaves_nothing_behind(slow, tmp_path):
    """Ctrl-C reaches the whole group, as from a terminal; no worker and no half-written file remains."""
    process = slow("reproduce", "slow", "-o", "out", "-j", "2")
    while "slow.a" not in process.stderr.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=300)  # half of what the claim would take
    assert process.returncode == 130
    assert err.strip().splitlines()[-1] == "symssl: interrupted" and "Traceback" not in err
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []
    for _ in range(600):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("a worker outlived the interrupt")


def test_time_limits_leave_a_claim_open(slow):
    for limit in ("3/2", "15", "150"):  # on a busy machine the quick claim may need longer; the slow one always does
        process = slow("verify", "--json", "--time-limit", limit, "-j", "1", "--no-cache")
        out, err = process.communicate(timeout=500)
        rows = {row["id"]: row for row in json.loads(out)}
        if "time limit" not in rows["slow.a"]["reason"]:
            break
    assert rows["slow.a"]["verdict"] == "holds"
    assert rows["slow.b"]["verdict"] == "open" and "time limit" in rows["slow.b"]["reason"]
    assert process.returncode == 1


def test_a_reader_that_goes_away(slow):
    process = slow("list")
    process.stdout.close()
    assert process.wait(timeout=300) in (0, 1)
    assert "Traceback" not in process.stderr.read()


def test_a_number_with_an_absurd_exponent_is_refused(run):
    code, _, err = run("latex", "garden", "--model", "quartic", "--set", "a=1e999999999")
    assert code == 2 and one_line(err) and "not a number" in err
