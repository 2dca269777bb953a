"""What continuation returns: events, branches and diagrams, which save, load and tabulate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..support.display import html_table, listing, shown
from .json_form import ADDED, Ints, plain
from .results import Result, frame

__all__ = ["STATUSES", "Branch", "Diagram", "Event", "Label", "Status", "events_frame", "message_of"]

Status = Literal["bound", "state bound", "closed", "points", "step", "fold", "spectrum"]
Label = Literal["LP", "BP", "HB", "UZ", "CP", "BT", "GH", "ZH", "HH"]

# How a branch may end, and what is said of it; a failure says what to try.
STATUSES: dict[str, str] = {
    "bound": "reached {bound:g}",
    "state bound": "{state} reaches {bound:g}: to go on, widen `within`, or `state_bound` in the settings",
    "closed": "the branch closes upon itself",
    "points": "{points} points were not enough: raise `points` in the settings, or continue from this branch",
    "step": "the step shrank to {step:.1e} at parameter {at:.12g}: the branch may end or turn sharply here; "
    "start nearer, or lower `smallest` in the settings",
    "fold": "the step shrank to {step:.1e} at parameter {at:.12g}: steps in the parameter cannot pass a fold; "
    "follow the branch with method='arclength'",
    "spectrum": "{before} eigenvalues are unstable at parameter {start:.12g} and {after} at {end:.12g}, and no event "
    "between was located: take smaller steps, `largest` in the settings",
}


def message_of(status: str, **places: Any) -> str:
    """The text of a status with its numbers filled in.

    >>> message_of("bound", bound=1.0)
    'reached 1'
    """
    return STATUSES[status].format(**places)


@dataclass(frozen=True, repr=False)
class Event:
    """A special point of a branch or of a curve.

    Attributes
    ----------
    label : "LP" (fold), "BP" (transcritical, pitchfork, or more branches), "HB" (Hopf), "UZ" (a user's function
        vanishes); on curves "CP" (cusp), "GH" (generalised Hopf); on both "BT" (Bogdanov-Takens), "ZH" (a zero
        eigenvalue and a pair on the axis) and "HH" (several pairs)
    parameter, state : where, in doubles
    multiplicity : of the equilibrium as a root there, where algebra gives it; at HH the number of pairs
    enclosure : {name: (lower, upper)} proved bounds as text of rationals, or None
    name : what kind of BP or LP, "degenerate" at an HB whose pair only touches the axis, or the name of the user's
        function
    residual : size of the field there
    kernel : dimension of the kernel of the Jacobian where several eigenvalues meet the axis at once, or one
        touches it; None at a simple event
    converged : False where the event was seen, but not located: it lies near the place given, a point of the branch

    Examples
    --------
    >>> Event("LP", 0.0, (1.0,))
    Event(LP at parameter 0, state (1))
    """

    label: Label
    parameter: float
    state: tuple[float, ...]
    multiplicity: int | None = None
    enclosure: dict[str, tuple[str, str]] | None = None
    name: str = ""
    residual: float = 0.0
    kernel: int | None = field(default=None, metadata=ADDED)
    converged: bool = field(default=True, metadata=ADDED)

    def _verify(self) -> None:
        if self.multiplicity is not None and self.multiplicity < 0:
            raise ValueError("the multiplicity of an event is negative")

    def __repr__(self) -> str:
        kind = f"{self.label} ({shown(self.name)})" if self.name else self.label
        proved = ", enclosed" if self.enclosure is not None else ""
        many = f", multiplicity {self.multiplicity}" if self.multiplicity is not None else ""
        kernel = f", kernel of dimension {self.kernel}" if (self.kernel or 0) > 1 else ""
        place = "at" if self.converged else "not located, near"
        return listing(
            f"Event({kind} {place} parameter {shown(self.parameter)}, state {shown(self.state)}{many}{kernel}{proved})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("label", self.label),
            ("name", self.name),
            ("parameter", self.parameter),
            ("state", self.state),
            ("multiplicity", self.multiplicity),
            ("kernel", self.kernel),
            ("located", self.converged),
            ("bounds", "proved" if self.enclosure is not None else "not proved"),
        ]
        return html_table("Event", ("", ""), rows)


def events_frame(events: Iterable[Event], parameter: str, states: Sequence[str]) -> Any:
    """A table of events: what, where in the named states and parameter, and whether bounds are proved.

    >>> events_frame([Event("LP", 0.0, (1.0,))], "m", ("u",)).to_dict("records")[0]["u"]
    1.0
    """
    events = tuple(events)
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


def event_rows(events: Iterable[Event], parameter: str, states: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Label, kind, place and proof of events, for a listing."""
    return [
        (
            e.label,
            e.name,
            f"{parameter} = {shown(e.parameter)}, "
            + ", ".join(f"{x} = {shown(v)}" for x, v in list(zip(states, e.state))[:3])
            + ", ..." * (len(states) > 3),
            "enclosed" if e.enclosure is not None else "" if e.converged else "not located",
        )
        for e in events
    ]


@dataclass(frozen=True, eq=False, repr=False)
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
    status : how it ended: "bound" (of the parameter), "state bound", "closed", or for want of "points", because
        the "step" became too small, at a "fold" (steps in the parameter alone); "spectrum" where the stability
        changes between two points without an event that was located
    message : the same in words; of a failure it says what to try

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow, continue_branch
    >>> x, m = symbols("x m", real=True)
    >>> continue_branch(Flow({x: m - x**2}, (m,)), m, {x: 1, m: 1}, bounds=(-1, 1)).status
    'bound'
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
    status: Status = "bound"
    message: str = ""

    def __len__(self) -> int:
        return len(self.lam)

    @property
    def stable(self) -> np.ndarray:
        """Whether no eigenvalue has a positive real part, point by point."""
        return np.equal(self.unstable, 0)

    def events_dataframe(self) -> Any:
        """The events as a pandas DataFrame, one a row."""
        return events_frame(self.events, self.parameter, self.states)

    def __repr__(self) -> str:
        return listing(self._head(), event_rows(self.events, self.parameter, self.states), [self._end()])

    def _repr_html_(self) -> str:
        rows = event_rows(self.events, self.parameter, self.states)
        return html_table(self._head(), ("event", "kind", "place", "bounds"), rows, [self._end()])

    def _head(self) -> str:
        stable = int(self.stable.sum())
        return f"Branch of {len(self)} points in {self.parameter}, {_span(self.lam)}, {stable} of them stable" + _fixed(
            self.values
        )

    def _end(self) -> str:
        return f"ended ({self.status}): {self.message}"

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


@dataclass(frozen=True, eq=False, repr=False)
class Diagram(Result, kind="diagram"):
    """All branches found in a range of the parameter.

    Attributes
    ----------
    branches : tuple of Branch
    complete : True when every certified equilibrium at parameters between all critical values lies on one of the
        branches
    note : where something may be missing, when it is not complete
    checked : the parameters at which the equilibria were certified

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow, bifurcation_diagram
    >>> x, m = symbols("x m", real=True)
    >>> bifurcation_diagram(Flow({x: m*x - x**3}, (m,)), m, (-1, 1))
    Diagram of 2 branches in m, complete
      BP  pitchfork  m = 0, x = 0  enclosed
    """

    branches: tuple[Branch, ...]
    complete: bool = False
    note: str = ""
    checked: tuple[float, ...] = field(default=())

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of all branches, each once, by parameter: branches that cross share an event."""
        distinct: list[Event] = []
        for branch in self.branches:
            distinct += [e for e in branch.events if not any(_same_place(e, other) for other in distinct)]
        return tuple(sorted(distinct, key=lambda e: (round(e.parameter, 9), e.state)))

    def events_dataframe(self) -> Any:
        """The events of all branches as a pandas DataFrame, each once."""
        return events_frame(self.events, *self._names())

    def to_dict(self) -> dict[str, Any]:
        """As for every result, with the events of all branches for those who read the file by other means."""
        return {**super().to_dict(), "events": [plain(e, Event) for e in self.events]}

    def __repr__(self) -> str:
        return listing(self._head(), event_rows(self.events, *self._names()), [self.note])

    def _repr_html_(self) -> str:
        rows = event_rows(self.events, *self._names())
        return html_table(self._head(), ("event", "kind", "place", "bounds"), rows, [self.note])

    def _names(self) -> tuple[str, tuple[str, ...]]:
        first = self.branches[0] if self.branches else None
        return (first.parameter, first.states) if first else ("parameter", ())

    def _head(self) -> str:
        count = len(self.branches)
        word = "complete" if self.complete else "perhaps not complete"
        values = self.branches[0].values if self.branches else {}
        return f"Diagram of {count} branch{'es' * (count != 1)} in {self._names()[0]}, {word}" + _fixed(values)

    def _columns(self):
        tables = [dict(b._columns()) for b in self.branches]
        numbers = np.repeat(np.arange(len(tables)), [len(b) for b in self.branches])
        return [
            ("branch", numbers),
            *((name, np.concatenate([t[name] for t in tables])) for name in next(iter(tables), ())),
        ]


def _span(values):
    """The range of some numbers as text."""
    return f"{shown(float(values.min()))}..{shown(float(values.max()))}" if len(values) else "empty"


def _fixed(values):
    """The parameters held fixed, as the end of a headline."""
    return f"; {', '.join(f'{name} = {value}' for name, value in values.items())}" if values else ""


def _same_place(a, b):
    """Whether two events are one: the same bounds, or, where one was only located, the same numbers up to its error."""
    if (a.label, a.name) != (b.label, b.name):
        return False
    if a.enclosure and b.enclosure:
        return a.enclosure == b.enclosure
    return np.allclose([a.parameter, *a.state], [b.parameter, *b.state], rtol=1e-6, atol=1e-6)
