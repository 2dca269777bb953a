from .formulas import Formula as Formula, Line as Line, Tex as Tex, as_text as as_text, latex as latex
