from .arguments import (
    described as described,
)
from .arguments import (
    flag as flag,
)
from .arguments import (
    instance_of as instance_of,
)
from .arguments import (
    mapping_of as mapping_of,
)
from .arguments import (
    number as number,
)
from .arguments import (
    one_of as one_of,
)
from .arguments import (
    random_generator as random_generator,
)
from .arguments import (
    sequence_of as sequence_of,
)
from .arguments import (
    whole as whole,
)
from .arrays import reals as reals
from .files import folder as folder
from .files import write_path as write_path
from .files import write_text as write_text
from .files import write_whole as write_whole
from .records import Record as Record, same_content as same_content
from .suggestions import did_you_mean as did_you_mean
from .workers import (
    Outcome as Outcome,
)
from .workers import (
    Task as Task,
)
from .workers import (
    WorkerFailure as WorkerFailure,
)
from .workers import (
    run_one as run_one,
)
from .workers import (
    run_tasks as run_tasks,
)
