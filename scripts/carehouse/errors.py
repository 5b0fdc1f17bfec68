"""What can go wrong in ways that a person can put right.

Each message says what happened, to what, and what to do, and holds no cell's value and no secret.
The command line turns every CarehouseError into one line on stderr and exit status 1.
"""

import errno
import re

FULL = re.compile(r"no space left|disk quota|file too large|disk is full|max_temp_directory", re.I)


class CarehouseError(Exception):
    """Something that the person who runs carehouse can put right; the message says how."""


class CannotLand(CarehouseError):
    """One source cannot be landed now; the other sources still can."""


class NothingToLand(CannotLand):
    """The place given holds nothing of this source; the message says where it looked."""


class CannotConnect(CannotLand):
    """A server cannot be read; the message says why and what to do, and holds no credentials."""


class ConnectionLost(CannotLand):
    """The server or the network ended the session; the same again may well succeed."""


class QueryFailed(CannotLand):
    """The server refused a query; the message holds neither the query nor a value."""


class CannotReach(CarehouseError):
    """S3 did not do what was asked; the message names the place, the reason and what to do."""


class Refused(CarehouseError):
    """A file or a table cannot be landed; the message says why and what its keeper can do."""


class BadText(CarehouseError):
    """A text column holds bytes that its character set does not allow."""


class WarehouseBusy(CarehouseError):
    """Another program is writing the warehouse."""


class Trouble(CarehouseError):
    """Disk, memory or a file does not do what is needed; the message says the way back."""


class EngineNotReady(CarehouseError):
    """Another engine than DuckDB cannot be used; the message says why and holds no password."""


class DocsFailed(CarehouseError):
    """dbt could not write its docs; the message says why."""


class NotPublished(CarehouseError):
    """Nothing may be published; the message says why. The old file stays."""


class NoToken(CarehouseError):
    """A token cannot be made or ended; the message says why and holds no token."""


class CannotServe(CarehouseError):
    """The API cannot listen where it was told to."""


class NotBackedUp(CarehouseError):
    """A backup could not be made, or is not whole; the message says which. Nothing was changed."""


class CannotErase(CarehouseError):
    """A person cannot be erased; the message says why and what to do, and holds no name."""


class BadKey(CarehouseError):
    """The secret key is missing or is none; the message names its file and holds nothing of it."""


class NothingPublished(CarehouseError):
    """There is no published file, or it lacks the table; the message says what to do."""


class NotExported(CarehouseError):
    """An export could not be written; the message says why. What was there before is whole."""


class CannotMap(CarehouseError):
    """A spelling cannot be given that name; the message says why, and nothing was changed."""


class CannotInit(CarehouseError):
    """A first setting cannot be used; the message says what would do."""


class CannotReport(CarehouseError):
    """A report cannot be written; the message says why and what to do."""


class CannotTrain(CarehouseError):
    """There is nothing to learn from, or scoring failed; the message says what to do."""


class NoAnalyticsCopy(CarehouseError):
    """There is no database on which indexes may be made; the message says why."""


class DatabaseNotEmpty(CarehouseError):
    """The database that made-up data would be written into holds something already."""


class CannotSend(CarehouseError):
    """The mail server cannot be used; the message says why."""


def too_much_memory(memory_mb: int) -> str:
    """The refusal of a file that needs more than the limit."""
    return (
        f"needs more than {memory_mb} MB of memory to read: look for a stray entry far outside "
        "the table, save a copy with only what is needed, or raise CAREHOUSE_READ_MEMORY_MB"
    )


def is_full(error: BaseException | str) -> bool:
    """Whether there was no room to write: not the input is at fault, and the next try may do."""
    number = error.errno if isinstance(error, OSError) else None
    return number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or bool(FULL.search(str(error)))
