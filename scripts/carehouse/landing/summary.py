"""What a landing did, as lines for a person."""

from collections.abc import Iterator

from carehouse.landing.frame import Landing

KEEPS_FACTS = ("workbooks", "notes")  # of files that are gone from their folder


def landing_lines(landing: Landing) -> Iterator[tuple[str, bool]]:
    """What a landing did, as lines for a person, each with whether it is for stderr."""
    counts = [f"{len(landing.landed)} landed ({landing.row_count:,} rows)"]
    left = {
        "unchanged": landing.unchanged,
        "gone, facts kept": landing.retired if landing.source in KEEPS_FACTS else [],
        "gone": [] if landing.source in KEEPS_FACTS else landing.retired,
        "moved": landing.moved,
        "forgotten": landing.forgotten,
    }
    for word, names in left.items():
        if names:
            counts.append(f"{len(names)} {word}")
    if landing.gone_count:
        counts.append(f"{landing.gone_count:,} rows gone")
    if landing.erased_rows:
        counts.append(f"{landing.erased_rows:,} rows of erased persons left out")
    if landing.erased_files:
        counts.append(f"{landing.erased_files} files of erased persons left alone")
    if landing.refused:
        counts.append(f"{len(landing.refused)} refused")
    yield f"{landing.source:<11}{', '.join(counts)}", False
    for notice in landing.notices:
        yield f"note: {notice}", True
    for name in landing.withdrawn:
        yield f"note: {name} stays out, since its content was withdrawn", True
    for name, reason in landing.refused.items():
        yield f"refused: {name} {reason}", True
    for name in landing.ignored:
        yield f"not a file of {landing.source}, left alone: {name}", True
    for line in landing.drift:
        yield f"drift: {line}", True
