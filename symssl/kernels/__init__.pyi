from .estimator import KernelSSL as KernelSSL, KernelTrajectory as KernelTrajectory
from .relu_networks import ReLUKernel as ReLUKernel, arc_cosine as arc_cosine
