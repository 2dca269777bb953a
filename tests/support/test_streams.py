"""Results and everything else: what others print is kept from standard output."""

import io
import os
import signal
import subprocess
import sys

import pytest

from symssl.support.streams import apart, printed, results, undisturbed

NOISE = """
import atexit, os, subprocess, sys
from symssl.support.streams import apart, complete_streams, results
complete_streams()
atexit.register(print, "noise at the end")
with apart(keep=True):
    print("noise in Python")
    os.write(1, b"noise in C\\n")
    subprocess.run([sys.executable, "-S", "-c", "print('noise of a child')"], check=True)
    print("result", file=results())
"""


def run(code, **options):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code], check=False, text=True, stderr=subprocess.PIPE, env=env, **options
    )


def test_only_results_reach_standard_output():
    done = run(NOISE, stdout=subprocess.PIPE)
    assert done.stdout == "result\n"
    assert sorted(done.stderr.splitlines()) == [
        "noise at the end", "noise in C", "noise in Python", "noise of a child"
    ]  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="handles are closed by a shell")
def test_a_closed_stream_is_no_file_of_ours(tmp_path):
    """Without standard output the first file that is opened would get its number."""
    code = (
        "from symssl.support.streams import complete_streams, results\ncomplete_streams()\n"
        f"file = open({str(tmp_path / 'ours')!r}, 'w')\nassert file.fileno() > 2\nprint('lost', file=results())\n"
    )
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" >&-', sys.executable, code],
        check=False, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "") and (tmp_path / "ours").read_text() == ""


def test_a_stream_in_the_place_of_standard_output_is_kept(capsys):
    with apart():
        print("noise")
        print("result", file=results())
        with apart(), printed(io.StringIO()) as page:
            print("a page", file=results())
    print("after")
    out, err = capsys.readouterr()
    assert (out, err, page.getvalue()) == ("result\nafter\n", "noise\n", "a page\n")


SPOILT = """
import io, os, signal, sys
from symssl.support.streams import undisturbed
key, deep = signal.getsignal(signal.SIGINT), sys.getrecursionlimit()
with undisturbed():
    os.chdir(os.sep)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(200)
    sys.stderr.close()
    sys.stdout = io.StringIO()
    for handle in range(3):
        os.close(handle)
print(os.getcwd(), signal.getsignal(signal.SIGINT) is key, sys.getrecursionlimit() == deep)
print("still heard", file=sys.stderr)
"""


def test_what_others_do_to_the_process_is_undone(tmp_path):
    done = run(SPOILT, stdout=subprocess.PIPE, cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"{tmp_path.resolve()} True True\n", "still heard\n")


def test_an_error_of_others_passes_and_the_process_is_put_back():
    before = os.getcwd(), sys.stdout

    def spoil():
        os.chdir(os.sep)
        sys.stdout = None
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), undisturbed():
        spoil()
    assert (os.getcwd(), sys.stdout) == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_signals_and_alarms_of_others_are_undone():
    """A pipe that closes then ends no process, and nor does an alarm; one's own alarm is left."""

    def handler(*_):
        raise AssertionError

    signal.signal(signal.SIGUSR1, handler)
    signal.setitimer(signal.ITIMER_PROF, 1000)
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        with undisturbed():
            for number in (signal.SIGPIPE, signal.SIGUSR1, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN if number == signal.SIGTERM else signal.SIG_DFL)
            signal.alarm(1000)
            signal.setitimer(signal.ITIMER_VIRTUAL, 1000)
        assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
        assert signal.alarm(0) == 0 and signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
