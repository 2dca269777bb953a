"""The meaning of every term and connective at an instance, by other means than the engine's."""
