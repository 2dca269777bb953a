from .crossings import crossing_times as crossing_times
from .integration import Path as Path, integrate as integrate
from .powers import PowerTrajectory as PowerTrajectory, power_trajectory as power_trajectory
from .time_course import TimeCourse as TimeCourse
