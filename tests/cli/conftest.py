"""An invented paper whose lock file may be written, and the command line run in this process."""

import shutil
import sys
from pathlib import Path

import pytest

from symssl.cli.main import main

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="session")
def papers(tmp_path_factory):
    """A copy of the invented papers whose lock file may be written, importable here and in workers."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(TOY, folder / "copied", ignore=shutil.ignore_patterns("__pycache__"))
    sys.path.insert(0, str(folder))
    yield folder / "copied"
    sys.path.remove(str(folder))


@pytest.fixture
def run(papers, capsys):
    """Run `symssl ARGS` in this process: (exit code, stdout, stderr); what is recorded ends with the test."""

    def call(*args, package="copied.derivations", figures="copied.figures"):
        with pytest.raises(SystemExit) as stop:
            main(["--derivations", package, "--figures", figures, *map(str, args)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    yield call
    (papers / "derivations" / "ledger.lock.json").unlink(missing_ok=True)


@pytest.fixture
def recorded(run):
    assert run("verify", "--record", "-j", "2")[0] == 0
