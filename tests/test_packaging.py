"""What is installed and with which versions: setup.cfg, the constraints of CI, and the citation say the same."""

import configparser
import re
from pathlib import Path

import symssl

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symssl"
CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg")


def bounds():
    """Distribution -> lower bound, over the requirements and the extras."""
    lines = CONFIG["options"]["install_requires"].splitlines()
    lines += [
        line for name, text in CONFIG["options.extras_require"].items() if name != "lint" for line in text.splitlines()
    ]
    found = (re.match(r"([\w.-]+)>=([\d.]+)", line.strip()) for line in lines)
    return {m[1].lower(): m[2] for m in found if m}


def test_every_package_of_the_engine_is_installed():
    """Rooms are named in setup.cfg; papers need no line, whether they are a file or a package."""
    named = set(CONFIG["options"]["packages"].split())
    rooms = {".".join(["symssl", *path.parent.relative_to(PACKAGE).parts]) for path in PACKAGE.rglob("__init__.py")}
    assert named == rooms | {"symssl.derivations", "symssl.figures"}


def test_the_oldest_versions_are_those_that_ci_tries():
    pinned = dict(
        line.split("#")[0].strip().lower().split("==")
        for line in (ROOT / ".ci" / "oldest.txt").read_text().splitlines()
        if "==" in line.split("#")[0]
    )
    required = bounds()
    assert required
    assert {name: pinned.get(name) for name in required} == required


def test_the_version_is_one():
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1].strip('"') == symssl.__version__
    assert CONFIG["metadata"]["version"] == symssl.__version__


def test_the_quick_tests_are_there():
    """A name that has moved would stop CI late."""
    for line in (ROOT / ".ci" / "quick.txt").read_text().split():
        path, _, name = line.partition("::")
        assert (ROOT / path).exists(), line
        if name:
            assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(), line
