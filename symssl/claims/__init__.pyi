from .auditing.attack import OUTCOMES as OUTCOMES, Finding as Finding, audit as audit, audit_all as audit_all
from .batch import check_all as check_all
from .chapter import Chapter as Chapter
from .checking import LEVELS as LEVELS, VERDICTS as VERDICTS, Verdict as Verdict, check as check
from .claim import (
    KINDS as KINDS,
    SOURCES as SOURCES,
    STEP_KINDS as STEP_KINDS,
    Claim as Claim,
    Model as Model,
    Paper as Paper,
    Step as Step,
)
from .deciders import (
    cited as cited,
    enclosed as enclosed,
    equivalent as equivalent,
    gap as gap,
    identity as identity,
    implied as implied,
    order_of_error as order_of_error,
    refuted_at as refuted_at,
    same_value as same_value,
    stipulated as stipulated,
    valid as valid,
)
from .discovery import Library as Library, discover as discover
from .evidence import (
    Counterexample as Counterexample,
    Enclosure as Enclosure,
    Evidence as Evidence,
    NumericalExperiment as NumericalExperiment,
    ProvedIdentity as ProvedIdentity,
    SignCondition as SignCondition,
    Stipulation as Stipulation,
)
from .ledger.cache import Cache as Cache
from .ledger.catalogue import Catalogue as Catalogue, Decided as Decided, Row as Row
from .ledger.errata import Erratum as Erratum, errata as errata
from .ledger.verification import Verification as Verification, verify as verify
