from .backends import CompiledFunction as CompiledFunction
from .compile import CompiledFlow as CompiledFlow
from .compile import compile_flow as compile_flow
from .compile import compile_function as compile_function
