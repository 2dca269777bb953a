from .bundle import WrittenPaper as WrittenPaper, write_paper as write_paper
from .documents import (
    document as document,
    errata_latex as errata_latex,
    errata_markdown as errata_markdown,
    ledger_table as ledger_table,
)
from .pretty import pretty as pretty
