"""What continuation returns: points, events, branches and diagrams, which save, load and tabulate."""

from dataclasses import dataclass, field

import numpy as np

from .json_form import Ints, plain
from .results import Result, frame

__all__ = ["Branch", "Diagram", "Event", "events_frame"]


@dataclass(frozen=True)
class Event:
    """A special point of a branch.

    Attributes
    ----------
    label : "LP" (fold), "BP" (transcritical or pitchfork), "HB" (Hopf), "UZ" (a user's function vanishes)
    parameter, state : where, in doubles
    multiplicity : of the equilibrium as a root there, where algebra gives it
    enclosure : {name: (lower, upper)} proved bounds as text of rationals, or None
    name : what kind of BP, or the name of the user's function
    residual : size of the field there
    """

    label: str
    parameter: float
    state: tuple[float, ...]
    multiplicity: int | None = None
    enclosure: dict[str, tuple[str, str]] | None = None
    name: str = ""
    residual: float = 0.0


def events_frame(events, parameter, states):
    """A table of events: what, where in the named states and parameter, and whether bounds are proved.

    >>> events_frame([Event("LP", 0.0, (1.0,))], "m", ("u",)).to_dict("records")[0]["u"]
    1.0
    """
    places = [
        (parameter, [e.parameter for e in events]),
        *((x, [e.state[k] for e in events]) for k, x in enumerate(states)),
    ]
    return frame(
        [
            ("label", [e.label for e in events]),
            ("name", [e.name for e in events]),
            *places,
            ("multiplicity", [e.multiplicity for e in events]),
            ("proved", [e.enclosure is not None for e in events]),
            ("residual", [e.residual for e in events]),
        ]
    )


@dataclass(frozen=True, eq=False)
class Branch(Result, kind="branch"):
    """A curve of equilibria in the order in which it was followed.

    Attributes
    ----------
    parameter : name of the parameter; states : names of the states
    values : the other parameters, {name: text of an exact number}
    lam : (m,) parameter; x : (m, n) states
    unstable : (m,) number of eigenvalues with positive real part; on a multiple branch of one state 1
        where it repels, -1 where it is half-stable
    residual : (m,) size of the field, evaluated anew at every point
    tangent : (n + 1,) direction at the last point, from which the branch can be continued
    events : tuple of Event
    status : "bound", "closed", "state bound", "points", "step", each with `message`
    """

    parameter: str
    states: tuple[str, ...]
    values: dict[str, str]
    lam: np.ndarray
    x: np.ndarray
    unstable: Ints
    residual: np.ndarray
    tangent: np.ndarray
    events: tuple[Event, ...] = ()
    status: str = "bound"
    message: str = ""

    def __len__(self):
        return len(self.lam)

    @property
    def stable(self):
        """Whether no eigenvalue has a positive real part, point by point."""
        return self.unstable == 0

    def events_dataframe(self):
        """The events as a pandas DataFrame, one a row."""
        return events_frame(self.events, self.parameter, self.states)

    def _columns(self):
        return [
            (self.parameter, self.lam),
            *((s, self.x[:, k]) for k, s in enumerate(self.states)),
            ("unstable", self.unstable),
            ("stable", self.stable),
            ("residual", self.residual),
        ]

    def _verify(self):
        m, n = len(self.lam), len(self.states)
        if (
            self.x.shape != (m, n)
            or {self.unstable.shape, self.residual.shape} != {(m,)}
            or self.tangent.shape != (n + 1,)
        ):
            raise ValueError("points and states differ in number")
        if any(len(e.state) != n for e in self.events):
            raise ValueError("an event has another number of states")


@dataclass(frozen=True, eq=False)
class Diagram(Result, kind="diagram"):
    """All branches found in a range of the parameter.

    `complete` is True when every certified equilibrium at parameters between all critical values
    lies on one of the branches; otherwise `note` says where something may be missing.
    """

    branches: tuple[Branch, ...]
    complete: bool = False
    note: str = ""
    checked: tuple[float, ...] = field(default=())

    @property
    def events(self):
        """The events of all branches, each once, by parameter: branches that cross share an event."""
        found = []
        for branch in self.branches:
            found += [e for e in branch.events if not any(_same_place(e, other) for other in found)]
        return tuple(sorted(found, key=lambda e: (round(e.parameter, 9), e.state)))

    def events_dataframe(self):
        """The events of all branches as a pandas DataFrame, each once."""
        first = self.branches[0] if self.branches else None
        return events_frame(self.events, first.parameter if first else "parameter", first.states if first else ())

    def to_dict(self):
        """As for every result, with the events of all branches for those who read the file by other means."""
        return {**super().to_dict(), "events": [plain(e, Event) for e in self.events]}

    def _columns(self):
        tables = [dict(b._columns()) for b in self.branches]
        numbers = np.repeat(np.arange(len(tables)), [len(b) for b in self.branches])
        return [
            ("branch", numbers),
            *((name, np.concatenate([t[name] for t in tables])) for name in next(iter(tables), ())),
        ]


def _same_place(a, b):
    """Whether two events are one: the same bounds, or, where one was only located, the same numbers up to its error."""
    if (a.label, a.name) != (b.label, b.name):
        return False
    if a.enclosure and b.enclosure:
        return a.enclosure == b.enclosure
    return np.allclose([a.parameter, *a.state], [b.parameter, *b.state], rtol=1e-6, atol=1e-6)
