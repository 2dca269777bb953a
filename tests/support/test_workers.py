"""The pool: groups stay with their worker, work is shared out, tasks may lead to tasks."""

import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, strategies as st

from symssl.support.workers import Task, WorkerFailure, _Queue, cores, run_tasks

GROUPS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=12)


@given(
    GROUPS,
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")),
    st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"))),
)
def test_the_queue_gives_everything_once_and_the_own_group_first(groups, own, busy):
    queue = _Queue([Task(k, len, ((),), group=group) for k, group in enumerate(groups)])
    given_out = []
    while queue:
        before = set(queue.waiting)
        task = queue.take(own, busy)
        if own in before:
            assert task.group == own
        elif any(group[0] == own[0] for group in before):
            assert task.group[0] == own[0]
        given_out.append(task)
        own = task.group
    assert sorted(task.key for task in given_out) == list(range(len(groups)))
    for group in set(groups):  # in order within each group
        keys = [task.key for task in given_out if task.group == group]
        assert keys == sorted(keys)


def test_a_free_part_is_preferred_to_one_that_is_worked_on():
    queue = _Queue([Task(k, len, group=(part, k)) for part in "ab" for k in range(2)])
    assert queue.take((), {("a", 0)}).group[0] == "b"
    assert queue.take((), {("b", 0)}).group[0] == "a"


def _pid(folder=None, own="", other="", patience=60.0):
    """The process at work, which leaves a mark and waits for the mark of another, so that both are at work at once."""
    if folder:
        (folder / own).touch()
        end = time.monotonic() + patience
        while not list(folder.glob(other)) and time.monotonic() < end:
            time.sleep(0.01)
    return os.getpid()


def test_groups_stay_with_one_worker(tmp_path):
    """Task k of one group lasts until task k of the other has begun."""
    tasks = [
        Task((group, k), _pid, (tmp_path, f"{group}{k}", f"{other}{k}"), group=(group,))
        for k in range(6)
        for group, other in ("ab", "ba")
    ]
    homes = {}
    for outcome in run_tasks(tasks, jobs=2):
        homes.setdefault(outcome.key[0], set()).add(outcome.value)
    assert len(homes["a"]) == len(homes["b"]) == 1
    assert homes["a"] != homes["b"]


def test_a_large_group_is_shared_at_the_end(tmp_path):
    """The first task lasts until the last has begun."""
    tasks = [Task(k, _pid, (tmp_path, str(k), "7" if k == 0 else "*"), group=("only",)) for k in range(8)]
    assert len({outcome.value for outcome in run_tasks(tasks, jobs=2)}) == 2


def test_tasks_lead_to_tasks():
    def then(outcome):
        return (
            [Task((outcome.key, k), abs, (-k,)) for k in range(outcome.value)] if isinstance(outcome.key, str) else []
        )

    found = {
        outcome.key: outcome.value
        for outcome in run_tasks([("three", len, ("abc",)), ("none", len, ("",))], jobs=2, then=then)
    }
    assert found == {"three": 3, "none": 0, ("three", 0): 0, ("three", 1): 1, ("three", 2): 2}


def test_one_task_may_keep_several_workers_busy(tmp_path):
    def then(outcome):
        return (
            [Task((k,), _pid, (tmp_path, str(k), "3" if k == 0 else "*")) for k in range(4)]
            if outcome.key == "first"
            else []
        )

    pids = {o.value for o in run_tasks([Task("first", _pid)], jobs=2, then=then) if o.key != "first"}
    assert len(pids) == 2


def _die():
    os._exit(7)


def test_the_group_of_a_dead_worker_is_not_lost():
    tasks = [
        Task("dead", _die, group=("a",)),
        Task("late", time.sleep, (600,), group=("a",)),
        Task("good", abs, (-3,), group=("a",)),
    ]
    for limit in (2, 20, 200):  # on a busy machine what is quick may need longer
        found = {o.key: o for o in run_tasks(tasks, jobs=1, time_limit=limit)}
        if [key for key, o in found.items() if o.late] == ["late"]:
            break
    assert isinstance(found["dead"].error, WorkerFailure)
    assert found["late"].late
    assert found["good"].value == 3


def test_no_task_no_worker():
    assert list(run_tasks([], jobs=2)) == []
    with pytest.raises(StopIteration):
        next(run_tasks([]))


# --- what a task may do, and what ends a worker --------------------------------------------


def _exits():
    sys.exit(0)


def _interrupts():
    raise KeyboardInterrupt


def _generator_exit():
    raise GeneratorExit


def _prints():
    print("in Python")
    os.write(1, b"in C\n")
    subprocess.run([sys.executable, "-S", "-c", "print('of a child')"], check=True)
    return "value"


def _workers_of_its_own():
    return [outcome.value for outcome in run_tasks([("length", len, ("abc",))], jobs=1)]


def _unpicklable():
    return lambda: None


def test_nothing_that_a_task_does_ends_more_than_the_task(capfd):
    tasks = [
        ("exits", _exits),
        ("interrupts", _interrupts),
        ("generator", _generator_exit),
        ("ends", os._exit, (0,)),
        ("unpicklable", _unpicklable),
        ("prints", _prints),
        ("nested", _workers_of_its_own),
    ]
    found = {outcome.key: outcome for outcome in run_tasks(tasks, jobs=1)}
    for key, said in (
        ("exits", "SystemExit: 0"),
        ("interrupts", "KeyboardInterrupt"),
        ("generator", "GeneratorExit"),
        ("ends", "the worker died (exit code 0)"),
        ("unpicklable", "cannot be sent back"),
    ):
        assert isinstance(found[key].error, WorkerFailure) and said in str(found[key].error)
        assert found[key].died == (key == "ends")
    assert (found["prints"].value, found["nested"].value) == ("value", [3])
    out, err = capfd.readouterr()
    assert out == "" and all(line in err for line in ("in Python", "in C", "of a child"))


def test_there_are_no_more_workers_than_cores_and_tasks(tmp_path, monkeypatch):
    from symssl.support import workers

    started = []
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "_Worker", lambda *a, made=workers._Worker: started.append(a) or made(*a))
    assert len(list(run_tasks([(k, abs, (-k,)) for k in range(6)], jobs=10**9))) == 6
    assert len(started) == 2


def test_workers_that_cannot_start_are_said_to_be_so(tmp_path):
    """Without the guard of a main program each worker would start workers."""
    script = tmp_path / "unguarded.py"
    script.write_text("from symssl.support.workers import run_tasks\nprint(list(run_tasks([('a', len, ('b',))])))\n")
    done = subprocess.run(
        [sys.executable, str(script)], check=False, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 1 and 'if __name__ == "__main__":' in done.stderr.strip().splitlines()[-1]


BUSY = """
import os, sys
from symssl.support.workers import run_tasks

def busy(mark):
    open(mark, "w").write(str(os.getpid()))
    return sum(range(10**13))  # C code, which lets no thread of Python run

if __name__ == "__main__":
    list(run_tasks([(k, busy, (f"{sys.argv[1]}/{k}",)) for k in range(2)], jobs=2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker notices between two lines of Python")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path, sent):
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        parent = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path)],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    finally:
        signal.signal(signal.SIGINT, before)
    marks, end = [tmp_path / "0", tmp_path / "1"], time.monotonic() + 300
    wanted = min(2, cores())
    while sum(mark.exists() and bool(mark.read_text()) for mark in marks) < wanted and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(parent.pid, sent)
    parent.wait(timeout=60)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.killpg(parent.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(parent.pid, signal.SIGKILL)
    pytest.fail("a worker outlived its parent")


@pytest.mark.parametrize("limit", [1e7, 1e300, 10**40])
def test_a_time_limit_of_any_length_is_no_trouble(limit):
    """Clocks of the system count milliseconds in 32 bits, or nanoseconds in 64."""
    (outcome,) = run_tasks([("one", len, ("abc",))], jobs=1, time_limit=limit)
    assert outcome.value == 3 and not outcome.late


def threads_of_linear_algebra():
    import numpy  # noqa: F401 - what counts is that it is loaded
    from threadpoolctl import threadpool_info

    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.mark.parametrize("chosen, wanted", [(None, 1), ("2", 2)])
def test_workers_do_not_fight_for_cores_but_where_the_user_says_so(monkeypatch, chosen, wanted):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
        if chosen:
            monkeypatch.setenv(name, chosen)
    (outcome,) = run_tasks([("threads", threads_of_linear_algebra, ())], jobs=1, time_limit=120)
    assert outcome.value == [min(wanted, cores())]
