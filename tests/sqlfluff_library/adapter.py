"""What the linter sees of dbt's adapter: a dispatched macro is a call with its first argument."""


def dispatch(name):
    """Stand in for `adapter.dispatch(name)`; patterns and formats are left out."""
    return lambda first="", *_: f"{name}({first})"


def quote(name):
    """Stand in for `adapter.quote(name)`."""
    return f'"{name}"'
