from .estimator import KernelSSL as KernelSSL
from .estimator import KernelTrajectory as KernelTrajectory
from .relu_networks import ReLUKernel as ReLUKernel
from .relu_networks import arc_cosine as arc_cosine
from .spectrum import Gram as Gram
