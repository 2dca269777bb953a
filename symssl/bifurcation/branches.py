"""What continuation returns: points, events, branches and diagrams, which save, load and tabulate."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..files import write_text

__all__ = ["Branch", "Diagram", "Event", "load"]

LABELS = {"LP": "fold", "BP": "branch point", "HB": "Hopf", "UZ": "user function"}


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
    state: tuple
    multiplicity: int | None = None
    enclosure: dict | None = None
    name: str = ""
    residual: float = 0.0


@dataclass(frozen=True)
class Branch:
    """A curve of equilibria in the order in which it was followed.

    Attributes
    ----------
    parameter : name of the parameter; states : names of the states
    values : the other parameters, {name: text of an exact number}
    lam : (m,) parameter; x : (m, n) states; unstable : (m,) number of eigenvalues with positive real part; on a multiple branch of one state 1
        where it repels, -1 where it is half-stable
    residual : (m,) size of the field, evaluated anew at every point
    tangent : (n + 1,) direction at the last point, from which the branch can be continued
    events : tuple of Event
    status : "bound", "closed", "state bound", "points", "step", each with `message`
    """

    parameter: str
    states: tuple
    values: dict
    lam: np.ndarray
    x: np.ndarray
    unstable: np.ndarray
    residual: np.ndarray
    tangent: np.ndarray
    events: tuple = ()
    status: str = "bound"
    message: str = ""

    def __len__(self):
        return len(self.lam)

    @property
    def stable(self):
        """Whether no eigenvalue has a positive real part, point by point."""
        return self.unstable == 0

    def to_dataframe(self):
        """The points as a pandas DataFrame (pandas is optional)."""
        try:
            import pandas
        except ImportError:
            raise InputError("to_dataframe() needs pandas: pip install pandas") from None
        columns = {self.parameter: self.lam, **{s: self.x[:, k] for k, s in enumerate(self.states)},
                   "unstable": self.unstable, "stable": self.stable, "residual": self.residual}
        return pandas.DataFrame(columns)

    def to_dict(self):
        """Plain lists and numbers."""
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items() if k != "events"}
        return {**plain, "states": list(self.states), "events": [asdict(e) for e in self.events]}

    @classmethod
    def from_dict(cls, data):
        """The branch that `to_dict` describes."""
        data = dict(data)
        kinds = {"lam": float, "x": float, "unstable": int, "residual": float, "tangent": float}
        try:
            arrays = {k: np.array(data[k], dtype) for k, dtype in kinds.items()}
            events = tuple(map(_event, data["events"]))
            states = tuple(data["states"])
            if arrays["x"].shape != (len(arrays["lam"]), len(states)):
                raise ValueError("points and states differ in number")
            return cls(**{**data, **arrays, "events": events, "states": states})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"this is no saved branch: {error}") from None


def _event(data):
    """An event from plain lists."""
    bounds = data["enclosure"]
    return Event(**{**data, "state": tuple(data["state"]),
                    "enclosure": bounds and {name: tuple(ends) for name, ends in bounds.items()}})


@dataclass(frozen=True)
class Diagram:
    """All branches found in a range of the parameter.

    `complete` is True when every certified equilibrium at parameters between all critical values
    lies on one of the branches; otherwise `note` says where something may be missing.
    """

    branches: tuple
    complete: bool = False
    note: str = ""
    checked: tuple = field(default=())

    @property
    def events(self):
        """The events of all branches, each once, by parameter."""
        found = {}
        for branch in self.branches:
            for e in branch.events:
                key = (e.label, e.name, round(e.parameter, 9), tuple(round(v, 7) for v in e.state))
                found.setdefault(key, e)
        return tuple(sorted(found.values(), key=lambda e: (round(e.parameter, 9), e.state)))

    def to_dict(self):
        return {"branches": [b.to_dict() for b in self.branches], "complete": self.complete, "note": self.note,
                "events": [asdict(e) for e in self.events], "checked": list(self.checked)}

    def save(self, path):
        """Write the diagram as JSON, whole or not at all."""
        return write_text(path, json.dumps(self.to_dict(), indent=1) + "\n")


def load(path):
    """The diagram saved at a path."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        return Diagram(tuple(map(Branch.from_dict, data["branches"])), data["complete"], data["note"],
                       tuple(data["checked"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no saved diagram: {error}") from None
