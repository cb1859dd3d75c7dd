"""The one question an error must answer: temporary or permanent."""


class Temporary(Exception):
    """Trying again later may help."""


class Permanent(Exception):
    """Trying again will not help; a person must look."""
