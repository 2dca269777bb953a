"""What people read: tables in columns, progress on standard error, nothing wider than the terminal."""

from hypothesis import given, strategies as st

from symssl.present.terminal import counting, progress, table, telling, warn

WORDS = st.text("abc", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=5))
def test_columns_stand_under_each_other(rows):
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out:
        table(("id", "verdict", "reason"), rows)
    lines = out.getvalue().splitlines()
    assert [tuple(line.split()) for line in lines] == [("id", "verdict", "reason"), *rows]
    start = max(len(row[0]) for row in [("id",), *rows]) + 2
    assert [line[start:].split()[0] for line in lines] == ["verdict", *(row[1] for row in rows)]
    assert all(line[start - 2 : start] == "  " for line in lines)


def test_progress_goes_to_standard_error(capsys):
    assert list(progress(iter("ab"), 2, lambda letter: f"letter {letter}")) == ["a", "b"]
    with telling() as tell:
        tell(3, 4, "almost")
    with counting("steps") as count:
        for done in range(41):
            count(done, 40)
    warn("two  words")
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[:3] == ["[1/2] letter a", "[2/2] letter b", "[3/4] almost"]
    assert len(lines) == 3 + 21 + 1
    assert lines[-2:] == ["[40/40] steps", "symssl: two  words"]
