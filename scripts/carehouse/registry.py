"""What the command line offers, said once; nothing is imported, so that --help is quick."""

# in the order in which `carehouse run` lands them
SOURCES = ("workbooks", "notes", "clinic", "claims", "opendental")
URL_SOURCES = ("claims", "opendental")  # that may be landed from a URL too
MART_SCHEMAS = ("care", "clinic", "dental", "claims", "ml", "quality", "shared")
# what `carehouse map` gives a name to; each has an alias seed
KINDS = (
    *("location", "category", "growth", "status", "risk", "header"),
    *("visit-status", "claim-status", "gender"),
)
CALL_LIST_FORMATS = ("print", "xlsx", "csv", "json")
EXPORT_FORMATS = ("xlsx", "csv", "parquet")
REPORT_DOMAINS = ("clinic", "care", "dental", "claims")
THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")  # beyond it, a server asks for a token
PUBLISHED_ROLES = ("full", "reception", "analyst")  # each has a published file of its own
