"""The recorded ledger: a generated lock file, never written by hand."""

import json
from collections.abc import Collection, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...support.files import read_json, write_text
from ...support.seals import SEAL, seal

__all__ = ["asked", "changed", "differences", "entry", "read_lock", "record", "remarks", "shares", "summarised"]


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
    """What is recorded besides, for reading: which statement it was, the correction typeset, what it rests on, and at
    how many instances its meaning was asked."""
    more = {"stated": row.stated, "correction_latex": decided.correction_latex, "reason": decided.reason}
    return more | ({"meaning": decided.meaning} if decided.meaning else {})


def read_lock(path: str | PathLike[str], *, checked: bool = True) -> dict[str, dict[str, str]]:
    """The recorded entries by claim id; empty where there is no such file: nothing has been recorded yet.

    Raises `InputError` where the file is damaged, and where an entry is not what was recorded; the latter not
    with ``checked=False``, for who compares the entries anyway (see `changed`).
    """
    entries = _read(path)
    if checked and (bad := [claim_id for claim_id, recorded in entries.items() if not _intact(claim_id, recorded)]):
        raise InputError(
            f"{path} is damaged: the entry of {bad[0]} is not what was recorded: record it again with "
            "`symssl verify --record`"
        )
    return {claim_id: _content(recorded) for claim_id, recorded in entries.items()}


def changed(path: str | PathLike[str], ids: Iterable[str]) -> list[str]:
    """Lines that name the claims whose entries are not what was recorded."""
    entries = _read(path)
    return [
        f"{claim_id}: its entry in the ledger is not what was recorded"
        for claim_id in ids
        if claim_id in entries and not _intact(claim_id, entries[claim_id])
    ]


def _read(path):
    """The entries with their checks."""
    path = Path(path)
    if not path.exists():
        return {}
    try:
        data = read_json(path)
        entries = data.get("claims") if isinstance(data, dict) else None
        if not isinstance(entries, dict):
            raise TypeError("it has no claims")
        for claim_id, recorded in entries.items():
            if not isinstance(recorded, dict) or not all(isinstance(value, str) for value in recorded.values()):
                raise TypeError(f"the entry of {claim_id} is not made of texts")
            if unknown := set(recorded) - _KEYS:
                raise ValueError(f"the entry of {claim_id} has something called {min(unknown)!r}")
            for key, known in (("verdict", _VERDICTS), ("evidence", _LEVELS)):
                if recorded.get(key, known[0]) not in known:
                    raise ValueError(f"the entry of {claim_id} has the {key} {recorded[key][:40]!r}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a ledger ({error}): move it away, then `symssl verify --record`") from None
    return entries


def _content(recorded):
    return {key: value for key, value in recorded.items() if key != SEAL}


def _intact(claim_id, recorded):
    """Whether an entry is what was recorded of that claim; one of a version without checks may be."""
    return SEAL not in recorded or recorded == _sealed(claim_id, recorded)


def _sealed(claim_id, recorded):
    content = _content(recorded)
    return {**content, SEAL: seal({"id": claim_id, **dict(sorted(content.items()))})[SEAL][:16]}


def record(path: str | PathLike[str], entries: Mapping[str, dict[str, str]], known: Collection[str]) -> Path:
    """Write the lock file: new entries replace old ones, entries of claims that are not `known` are dropped."""
    merged = _read(path) | {claim_id: _sealed(claim_id, recorded) for claim_id, recorded in entries.items()}
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
_LEVELS = (*_EXACT, "numerical", "none")
_KEYS = {
    "verdict",
    "evidence",
    "source",
    "correction",
    "witness",
    "stated",
    "correction_latex",
    "reason",
    "meaning",
    SEAL,
}


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


def asked(rows: Iterable[Any], recorded: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """How many claims state sentences, and at how many instances their meaning told true or false.

    ``enough`` are those of them, apart from citations, that were told at twenty instances or more.
    """
    counts = {"claims": 0, "sentences": 0, "meant": 0, "enough": 0, "instances": 0}
    for row in rows:
        counts["claims"] += 1
        counts["sentences"] += row.formal
        if not row.formal or row.cited:
            continue
        held, failed, _ = (int(part) for part in (recorded.get(row.id, {}).get("meaning") or "0 0 0").split())
        counts["meant"] += 1
        counts["enough"] += held + failed >= _ENOUGH
        counts["instances"] += held + failed
    return counts


_ENOUGH = 20
