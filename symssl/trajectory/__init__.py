"""Trajectories: closed forms that are exact for all times, and how long they take to a level."""

from .powers import PowerTrajectory, power_trajectory

__all__ = ["PowerTrajectory", "power_trajectory"]
