"""The recorded ledger: a generated lock file, never written by hand."""

import json
from collections.abc import Collection, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...support.files import write_text

__all__ = ["differences", "entry", "read_lock", "record", "remarks", "shares", "summarised"]


def entry(claim: Any, verdict: Any) -> dict[str, str]:
    """What is recorded about a claim and compared with later verdicts."""
    return {
        "verdict": verdict.verdict,
        "evidence": verdict.evidence,
        "source": claim.source,
        "correction": "" if verdict.correction is None else str(verdict.correction),
        "witness": verdict.witness,
    }


def remarks(row: Any, decided: Any) -> dict[str, str]:
    """What is recorded besides, for reading: which statement it was, the correction typeset, what it rests on."""
    return {"stated": row.stated, "correction_latex": decided.correction_latex, "reason": decided.reason}


def read_lock(path: str | PathLike[str]) -> dict[str, dict[str, str]]:
    """The recorded entries by claim id; empty where there is no such file: nothing has been recorded yet."""
    path = Path(path)
    if not path.exists():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["claims"]
        if not all(isinstance(recorded, dict) for recorded in entries.values()):
            raise TypeError("an entry is not an object")
        return entries
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a ledger ({error}): record it again with `symssl verify --record`") from None


def record(path: str | PathLike[str], entries: Mapping[str, dict[str, str]], known: Collection[str]) -> Path:
    """Write the lock file: new entries replace old ones, entries of claims that are not `known` are dropped."""
    merged = read_lock(path) | dict(entries)
    ordered = {claim_id: merged[claim_id] for claim_id in sorted(merged) if claim_id in known}
    text = json.dumps({"claims": ordered}, indent=1, ensure_ascii=False) + "\n"
    return write_text(path, text)


def differences(recorded: Mapping[str, Mapping[str, str]], entries: Mapping[str, Mapping[str, str]]) -> list[str]:
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


def summarised(rows: Iterable[Any], recorded: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Paper -> how many statements, how many of each verdict, how many claims of our own."""
    counts: dict[str, dict[str, int]] = {}
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


def shares(rows: Iterable[Any], recorded: Mapping[str, Mapping[str, str]]) -> tuple[int, int, int]:
    """``(decided, due, exact)``: how many statements of the papers are decided, how many of them should be,
    and how many are decided by more than numbers.

    Due is every statement that is not our own and not only a citation or an experiment.
    """
    due = [row for row in rows if row.source != "new" and not row.cited]
    decided = [row for row in due if recorded.get(row.id, {}).get("verdict", "open") != "open"]
    exact = sum(recorded[row.id].get("evidence") in _EXACT for row in decided)
    return len(decided), len(due), exact
