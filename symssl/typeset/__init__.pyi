from .formulas import Formula as Formula, Line as Line, Tex as Tex, as_text as as_text, latex as latex
from .linebreaks import glyphs as glyphs, lines as lines
from .text import breakable as breakable, escape as escape, plain as plain
