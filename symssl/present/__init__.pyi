from .documents import (
    document as document,
)
from .documents import (
    errata_latex as errata_latex,
)
from .documents import (
    errata_markdown as errata_markdown,
)
from .documents import (
    ledger_table as ledger_table,
)
from .pretty import pretty as pretty
