"""Trajectories: closed forms that are exact for all times, and how long they take to a level."""

from .crossings import crossing_times
from .powers import PowerTrajectory, power_trajectory

__all__ = ["PowerTrajectory", "crossing_times", "power_trajectory"]
