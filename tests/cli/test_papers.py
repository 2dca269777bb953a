"""`list`, `verify`, `show`: output as a user meets it."""

import json
from fractions import Fraction
from pathlib import Path

TOY = Path(__file__).parents[1] / "toy"


# --- list, verify ------------------------------------------------------------------------


def test_verify_against_nothing_then_against_the_record(run, papers):
    (papers / "derivations" / "ledger.lock.json").unlink(missing_ok=True)
    code, out, err = run("verify", "garden.flow", "garden.slip")
    assert code == 1
    assert "garden.flow: holds, not recorded" in err
    assert run("verify", "--record", "-j", "2")[0] == 0
    code, out, err = run("verify", "--no-cache", "-j", "2")
    assert code == 0
    assert "not recorded" not in err
    assert [line.split()[1] for line in out.splitlines() if line.startswith("garden.slip")] == ["corrected"]
    assert "[12/12]" in err
    assert "cache" not in err
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
    assert code == 1
    assert "garden.slip: verdict is corrected, recorded holds" in err
    assert "garden.gone: recorded, but there is no such claim" in err
    assert run("verify", "garden.flow")[0] == 0  # what was asked for is as recorded
    assert run("verify", "garden.slip")[0] == 1
    run("verify", "garden.slip", "--record")
    assert "garden.gone" not in json.loads(lock.read_text())["claims"]


def test_verify_json(run, recorded):
    code, out, _ = run("verify", "garden", "--json", "-j", "2")
    rows = json.loads(out)
    assert code == 0
    assert len(rows) == 12
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
    assert slip["statement_latex"] == r"\alpha + b w^{3} - w"
    assert slip["correction_latex"] == r"\alpha - b w^{3} - w"
    point = dict(part.split(" = ") for part in slip["witness"].split(";")[0].split(", "))
    a, b, w = (Fraction(point[name]) for name in "abw")
    assert f"printed {a + b * w**3 - w}, derived {a - b * w**3 - w}" in slip["witness"]


def test_list(run, recorded):
    code, out, _ = run("list")
    assert code == 0
    assert len(out.splitlines()) == 13
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
    code, out, err = run("show", "garden.slip")
    assert code == 0, err
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
