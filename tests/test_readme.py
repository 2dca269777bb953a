"""The README's Python blocks run as they stand and print what it says."""

import doctest
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_examples_print_what_the_readme_says():
    blocks = re.findall(r"```python\n((?:(?!```)[^\n]*\n)+)```\n\n((?: {4}[^\n]+\n)+)", README)
    assert len(blocks) == 8
    names = {}
    for code, wanted in blocks:
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), names)
        wanted = re.sub(r"^ {4}", "", wanted, flags=re.MULTILINE)
        assert doctest.OutputChecker().check_output(wanted, out.getvalue(), doctest.ELLIPSIS), out.getvalue()


def test_ci_calls_the_test_command_of_the_readme():
    command = "pip install '.[test]' && pytest"
    assert command in README
    ci = (Path(__file__).parent.parent / ".ci" / "run").read_text()
    assert re.sub(r"--\S+ ", "", ci).splitlines()[-1] == command
