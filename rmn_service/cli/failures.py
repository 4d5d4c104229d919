"""The two ways in which a command fails."""


class WrongInputError(Exception):
    """Asked wrongly: one line that names field, value and remedy. Exit code 2."""


class NotDoneError(Exception):
    """Asked rightly, and not done. Exit code 1."""
