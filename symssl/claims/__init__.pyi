from .auditing.attack import OUTCOMES as OUTCOMES
from .auditing.attack import Finding as Finding
from .auditing.attack import audit as audit
from .auditing.attack import audit_all as audit_all
from .batch import check_all as check_all
from .checking import LEVELS as LEVELS
from .checking import VERDICTS as VERDICTS
from .checking import Verdict as Verdict
from .checking import check as check
from .claim import (
    KINDS as KINDS,
)
from .claim import (
    SOURCES as SOURCES,
)
from .claim import (
    STEP_KINDS as STEP_KINDS,
)
from .claim import (
    Claim as Claim,
)
from .claim import (
    Model as Model,
)
from .claim import (
    Paper as Paper,
)
from .claim import (
    Step as Step,
)
from .deciders import (
    cited as cited,
)
from .deciders import (
    enclosed as enclosed,
)
from .deciders import (
    equivalent as equivalent,
)
from .deciders import (
    gap as gap,
)
from .deciders import (
    identity as identity,
)
from .deciders import (
    implied as implied,
)
from .deciders import (
    order_of_error as order_of_error,
)
from .deciders import (
    refuted_at as refuted_at,
)
from .deciders import (
    same_value as same_value,
)
from .deciders import (
    stipulated as stipulated,
)
from .deciders import (
    valid as valid,
)
from .discovery import Library as Library
from .discovery import discover as discover
from .evidence import (
    Counterexample as Counterexample,
)
from .evidence import (
    Enclosure as Enclosure,
)
from .evidence import (
    Evidence as Evidence,
)
from .evidence import (
    Experiment as Experiment,
)
from .evidence import (
    Identity as Identity,
)
from .evidence import (
    SignCondition as SignCondition,
)
from .evidence import (
    Stipulation as Stipulation,
)
