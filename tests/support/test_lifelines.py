"""A process in C code ends when the other end of its pipe is closed, and when something is written to it."""

import os
import signal
import subprocess
import sys

import pytest

BUSY = """
import sys
from symssl.support.lifelines import end_at_news
end_at_news({handle})
print("busy", flush=True)
while True:
    sum(range(10**9))  # C code that keeps the interpreter
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread waits for the news")
@pytest.mark.parametrize("news", ["closed", "written"])
def test_news_end_a_process_in_c_code(news):
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY.format(handle=read)], pass_fds=(read,), stdout=subprocess.PIPE, text=True
    )
    os.close(read)
    try:
        assert process.stdout.readline() == "busy\n" and process.poll() is None
        if news == "written":
            os.write(write, b"x")
        else:
            os.close(write)
        assert process.wait(timeout=30) == -signal.SIGIO
    finally:
        process.kill()
        process.stdout.close()
        if news == "written":
            os.close(write)
