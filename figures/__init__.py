"""One module a paper: functions that draw what the derivations derived."""
