"""Which models there are and what they may see, read from the warehouse: the marts' yml says it."""

from dataclasses import dataclass, field

import duckdb
import pandas as pd


@dataclass(frozen=True)
class Model:
    """One model: its mart, the columns with a part in it, and its features by kind."""

    name: str
    mart: str
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    label: str
    subject: str
    rule: str | None = None
    auc_at_most: float | None = None  # above it, it must have been told the outcome
    groups: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """Numbers first, then categories: the order of the training columns."""
        return self.numbers + self.categories


@dataclass(frozen=True)
class Rows:
    """The rows of a feature mart whose outcome is known, in the order of `known_at`."""

    entity: pd.Series
    subject: pd.Series  # the patient
    known_at: pd.Series
    x: pd.DataFrame  # float64 numbers, text categories; nan and None where missing
    y: pd.Series  # 1 where the outcome came true
    rule: pd.Series | None
    groups: pd.DataFrame

    def __len__(self) -> int:
        return len(self.y)

    def part(self, chosen) -> "Rows":
        """The rows of a boolean mask or a slice."""
        return Rows(
            self.entity[chosen],
            self.subject[chosen],
            self.known_at[chosen],
            self.x[chosen],
            self.y[chosen],
            None if self.rule is None else self.rule[chosen],
            self.groups[chosen],
        )


def models(connection: duckdb.DuckDBPyConnection, use_protected: bool = False) -> list[Model]:
    """Every model. Protected attributes are features only where a setting says so."""
    columns = connection.execute(
        "select * from intermediate.int_ml__features where model_name <> '' order by column_order"
    ).df()
    limits = dict(
        connection.execute(
            "select model_name, cast(auc_at_most as double) from seeds.ml_auc_limits "
            "where auc_at_most is not null"
        ).fetchall()
    )
    found = []
    for name, own in columns.groupby("model_name", sort=False):
        features = own[own.is_feature & (use_protected | ~own.is_protected)]
        roles = own[~own.is_feature].groupby("kind", sort=False).feature.apply(list).to_dict()
        found.append(
            Model(
                name=str(name),
                mart=own.mart_name.iloc[0],
                numbers=tuple(features.feature[features.kind == "number"]),
                categories=tuple(features.feature[features.kind == "category"]),
                label=roles["label"][0],
                subject=roles["subject"][0],
                rule=roles.get("rule", [None])[0],
                auc_at_most=limits.get(str(name)),
                groups=tuple(roles.get("group", [])),
                words=dict(zip(own.feature, own.description, strict=True)),
            )
        )
    return found


def load_rows(connection: duckdb.DuckDBPyConnection, model: Model) -> Rows:
    """The labelled rows of a model's mart; numbers as doubles, as scoring sees them."""
    numbers = [f"cast({name} as double) as {name}" for name in model.numbers]
    texts = [f"cast({name} as varchar) as {name}" for name in model.categories]
    groups = [f"cast({name} as varchar) as {name}" for name in model.groups]
    rule = [f"cast({model.rule} as double) as _rule"] if model.rule else []
    chosen = ", ".join(
        [
            "entity_id as _entity",
            f"{model.subject} as _subject",
            "known_at as _known_at",
            f"cast({model.label} as integer) as _y",
        ]
        + numbers
        + texts
        + rule
        + [f"{text} " for text in groups if text.split(" as ")[-1] not in model.categories]
    )
    frame = connection.execute(
        f"select {chosen} from ml.{model.mart} where {model.label} is not null "
        "order by known_at, entity_id"
    ).df()
    x = frame[list(model.features)].copy()
    for name in model.categories:
        x[name] = x[name].astype(object).where(x[name].notna(), None)
    return Rows(
        frame._entity,
        frame._subject,
        frame._known_at,
        x,
        frame._y,
        frame._rule if model.rule else None,
        frame[list(model.groups)],
    )
