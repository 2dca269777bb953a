"""The recorded ledger: a generated lock file, never written by hand."""

import json
from pathlib import Path

from ...errors import InputError
from ...support.files import write_text

__all__ = ["LOCK_NAME", "differences", "entry", "read_lock", "record", "remarks", "shares", "summarised"]

LOCK_NAME = "ledger.lock.json"


def entry(claim, verdict):
    """What is recorded about a claim and compared with later verdicts."""
    return {
        "verdict": verdict.verdict,
        "evidence": verdict.evidence,
        "source": claim.source,
        "correction": "" if verdict.correction is None else str(verdict.correction),
        "witness": verdict.witness,
    }


def remarks(row, decided):
    """What is recorded besides, for reading: which statement it was, the correction typeset, what it rests on."""
    return {"stated": row.stated, "correction_latex": decided.correction_latex, "reason": decided.reason}


def read_lock(folder):
    """The recorded entries by claim id; empty when nothing has been recorded yet."""
    path = Path(folder) / LOCK_NAME
    if not path.exists():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["claims"]
        if not all(isinstance(found, dict) for found in entries.values()):
            raise TypeError("an entry is not an object")
        return entries
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a ledger ({error}): record it again with `symssl verify --record`") from None


def record(folder, entries, known):
    """Write the lock: new entries replace old ones, entries of claims that are gone are dropped."""
    merged = read_lock(folder) | entries
    ordered = {claim_id: merged[claim_id] for claim_id in sorted(merged) if claim_id in known}
    text = json.dumps({"claims": ordered}, indent=1, ensure_ascii=False) + "\n"
    return write_text(Path(folder) / LOCK_NAME, text)


def differences(recorded, entries):
    """Lines that say where the entries differ from the recorded ones.

    >>> differences({"a": {"verdict": "holds"}}, {"a": {"verdict": "open"}})
    ['a: verdict is open, recorded holds']
    """
    lines = []
    for claim_id, found in entries.items():
        if claim_id not in recorded:
            lines.append(f"{claim_id}: {found['verdict']}, not recorded")
            continue
        lines += [
            f"{claim_id}: {key} is {value or 'none'}, recorded {recorded[claim_id].get(key) or 'none'}"
            for key, value in found.items()
            if value != recorded[claim_id].get(key)
        ]
    return lines


_VERDICTS = ("holds", "corrected", "refuted", "gap", "stipulated", "open")
_EXACT = ("symbolic", "certified", "instance")


def summarised(rows, recorded):
    """Paper -> how many statements, how many of each verdict, how many claims of our own."""
    counts = {}
    for row in rows:
        count = counts.setdefault(
            row.paper, dict.fromkeys(("statements", *_VERDICTS, "not recorded", "cited", "new"), 0)
        )
        if row.source == "new":
            count["new"] += 1
            continue
        count["statements"] += 1
        count[recorded.get(row.id, {}).get("verdict", "not recorded")] += 1
        count["cited"] += row.cited
    return counts


def shares(rows, recorded):
    """``(decided, due, exact)``: how many statements of the papers are decided, how many of them should be,
    and how many are decided by more than numbers.

    Due is every statement that is not our own and not only a citation or an experiment.
    """
    due = [row for row in rows if row.source != "new" and not row.cited]
    decided = [row for row in due if recorded.get(row.id, {}).get("verdict", "open") != "open"]
    exact = sum(recorded[row.id].get("evidence") in _EXACT for row in decided)
    return len(decided), len(due), exact
