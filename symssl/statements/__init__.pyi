from .entailment import Entailment as Entailment, entails as entails
from .facts import (
    Fact as Fact,
    assumed as assumed,
    chained as chained,
    cited as cited,
    follows as follows,
    proved as proved,
    rewritten as rewritten,
    specialised as specialised,
)
from .meaning.scene import Scene as Scene, Unknown as Unknown
from .rules.derivation import derive as derive
