from .crossings import crossing_times as crossing_times
from .integration import Path as Path
from .integration import integrate as integrate
from .powers import PowerTrajectory as PowerTrajectory
from .powers import power_trajectory as power_trajectory
