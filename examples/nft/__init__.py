"""A collection that lives on many chains."""
