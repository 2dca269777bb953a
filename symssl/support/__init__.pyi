from .arguments import (
    all_of as all_of,
    callable_of as callable_of,
    described as described,
    flag as flag,
    instance_of as instance_of,
    mapping_of as mapping_of,
    nonnegative as nonnegative,
    number as number,
    one_of as one_of,
    quoted as quoted,
    random_generator as random_generator,
    seed_of as seed_of,
    sequence_of as sequence_of,
    text_of as text_of,
    whole as whole,
)
from .arrays import reals as reals
from .budgets import (
    Clock as Clock,
    budgeted as budgeted,
    check_time as check_time,
    limited as limited,
    remaining as remaining,
    seconds_of as seconds_of,
)
from .companions import certainly as certainly
from .display import (
    call_like as call_like,
    html_table as html_table,
    listing as listing,
    shown as shown,
    summary as summary,
    words_of as words_of,
)
from .files import (
    folder as folder,
    read_json as read_json,
    write_path as write_path,
    write_text as write_text,
    write_whole as write_whole,
)
from .modules import imported as imported, package_at as package_at, path_of as path_of, spec_of as spec_of
from .records import Record as Record, same_content as same_content
from .suggestions import did_you_mean as did_you_mean
from .workers import (
    Outcome as Outcome,
    Task as Task,
    WorkerFailure as WorkerFailure,
    cores as cores,
    run_one as run_one,
    run_tasks as run_tasks,
)
