"""Why a file cannot be landed, in words for the person who keeps it."""


class Refused(Exception):
    """A file cannot be landed; the message says why and what the person who keeps it can do."""


def too_much_memory(memory_mb: int) -> str:
    """The refusal of a file that needs more than the limit."""
    return (
        f"needs more than {memory_mb} MB of memory to read: look for a stray entry far outside "
        "the table, save a copy with only what is needed, or raise CAREHOUSE_READ_MEMORY_MB"
    )
