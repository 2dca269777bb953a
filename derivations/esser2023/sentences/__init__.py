"""The sentences of the paper, by the module that derives them."""
