"""The pool: groups stay with their worker, work is shared out, tasks may lead to tasks."""

import os
import time

import pytest
from hypothesis import given, strategies as st

from symssl.support.workers import Task, WorkerFailure, _Queue, run_tasks

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
