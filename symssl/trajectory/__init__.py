"""Trajectories: closed forms that are exact for all times, and how long they take to a level."""

from .crossings import crossing_times
from .integration import Path, integrate
from .powers import PowerTrajectory, power_trajectory

__all__ = ["Path", "PowerTrajectory", "crossing_times", "integrate", "power_trajectory"]
