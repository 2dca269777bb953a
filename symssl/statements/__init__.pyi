from .entailment import Entailment as Entailment, entails as entails
from .facts import (
    Fact as Fact,
    assumed as assumed,
    by_citation as by_citation,
    chained as chained,
    follows as follows,
    proved as proved,
    rewritten as rewritten,
    specialised as specialised,
)
from .instance import Instance as Instance, instances as instances
from .rules.bounds import (
    ball_kept as ball_kept,
    falls_in_ball as falls_in_ball,
    span_found as span_found,
    taylor_bound as taylor_bound,
)
from .rules.conjugacy import at_another_speed as at_another_speed, reduced as reduced
from .rules.derivation import derive as derive
from .rules.forms import negative_somewhere as negative_somewhere, rank_of_minimisers as rank_of_minimisers
from .rules.null_sets import generic as generic
from .truths import Survey as Survey, Truth as Truth, survey as survey, truth as truth
