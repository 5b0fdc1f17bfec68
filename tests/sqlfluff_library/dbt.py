"""What the linter sees of dbt's cross-database macros."""


def type_string():
    """Stand in for dbt.type_string."""
    return "varchar"


def datediff(first, second, part):
    """Stand in for dbt.datediff."""
    return f"datediff('{part}', {first}, {second})"


def position(part, text):
    """Stand in for dbt.position."""
    return f"position({part}, {text})"


def listagg(measure, separator, order_by):
    """Stand in for dbt.listagg."""
    return f"listagg({measure}, {separator} {order_by})"


def generate_series(count):
    """Stand in for dbt.generate_series."""
    return f"select generated_number from series_to_{count}"


def replace(text, old, new):
    """Stand in for dbt.replace."""
    return f"replace({text}, {old}, {new})"


def escape_single_quotes(text):
    """Stand in for dbt.escape_single_quotes."""
    return text.replace("'", "''")


def date_trunc(part, moment):
    """Stand in for dbt.date_trunc."""
    return f"date_trunc('{part}', {moment})"


def bool_or(condition):
    """Stand in for dbt.bool_or."""
    return f"bool_or({condition})"
