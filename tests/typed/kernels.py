"""Every public name of `symssl.kernels` as a type checker sees it; this file is checked, not run."""

from typing import assert_type

import numpy as np

from symssl import KernelSSL, ReLUKernel, arc_cosine
from symssl.kernels import KernelTrajectory

X = np.ones((5, 3))
kernel = ReLUKernel(depth=2, tangent=True, bias=0.1)
assert_type(kernel(X), np.ndarray)
assert_type(kernel.depth, int)
assert_type(kernel.tangent, bool)
assert_type(kernel.bias, float)
assert_type(arc_cosine(X, X, order=0), np.ndarray)

model = KernelSSL(2, kernel, solver="lanczos", tol=1e-8, random_state=0, time=1.0, scale=[1e-3, 1e-3])
assert_type(model.fit(X, X), KernelSSL)
assert_type(model.transform(X, time=2.0), np.ndarray)
assert_type(model.fit_transform(X, X), np.ndarray)
course = model.trajectories([0, np.inf])
assert_type(course, KernelTrajectory)
assert_type(course.times, np.ndarray)
assert_type(course.singular_values, np.ndarray)
assert_type(course.correlations, np.ndarray)
assert_type(course.loss, np.ndarray)
assert_type(course.norm, np.ndarray)
assert_type(course["loss"], np.ndarray)
