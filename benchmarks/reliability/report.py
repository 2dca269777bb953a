"""What one part of the examination found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Report:
    """How many cases were tried, how they ended, and every failure in a line that repeats it."""

    what: str
    seed: int
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    started: float = field(default_factory=perf_counter)
    seconds: float = 0.0

    def add(self, outcome, failure=None):
        """One more case, with the outcome in a word or two; `failure` says what is wrong, or is None."""
        self.tried += 1
        self.outcomes[outcome] += 1
        if failure is not None:
            self.failures.append(failure)
        self.seconds = perf_counter() - self.started

    def show(self):
        ends = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common())
        print(
            f"{self.what}: {self.tried} tried (seed {self.seed}), {len(self.failures)} failures, "
            f"{self.seconds:.0f} s; {ends}",
            flush=True,
        )
        for failure in self.failures[:20]:
            print(f"    {failure}", flush=True)
