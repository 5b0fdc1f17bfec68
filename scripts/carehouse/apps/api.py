"""The reception API: the call list and the KPIs as JSON, from the published file.

The few tables it serves are read into memory when the file changes, so that a request costs no
query, no reader holds the file while a new one is swapped in, and an answer is never older than
the file that was there when the request came.
"""

import asyncio
import json
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, BeforeValidator, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from carehouse.access_log import note_access
from carehouse.apps.listen import listen
from carehouse.errors import BadKey, CarehouseError, NothingPublished
from carehouse.published import open_published
from carehouse.registry import THIS_COMPUTER
from carehouse.settings import Settings
from carehouse.tokens import find_token, read_tokens

MAY_READ = ("full", "reception")
LOCAL_HOSTS = (*THIS_COMPUTER, "testserver")
NO_STORE = {"Cache-Control": "no-store"}


def _strict_day(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_strict_day)]
Number = Annotated[float | None, Field(description="null where it is not known, or not yet")]


class Priority(BaseModel):
    """One call to make."""

    appointment_id: int | str
    patient_id: int | str
    patient_name: str | None
    phone: str | None
    consent_form_received: int | None
    physio_name: str | None
    appt_start: str
    is_new_patient: bool
    risk_bucket: Literal["high", "medium", "low"] | None
    missing_phone: bool
    missing_consent: bool
    priority_score: float
    priority_reason: str


class Priorities(BaseModel):
    """The call list of a day, the first to call first."""

    day: date
    count: int
    items: list[Priority]


class Formula(BaseModel):
    """What a number means."""

    formula: str
    filter: str
    grain: str


class DailyKpis(BaseModel):
    """The numbers of one clinic-local day; money in the clinic's currency."""

    day: date
    is_complete: bool
    is_revenue_paid_mature: bool
    bookings: int
    still_booked: int
    completed: int
    cancellations: int
    cancellations_with_notice: int
    late_cancellations: int | None
    no_shows: int
    unmapped: int
    visits_without_time: int
    payments_without_appointment: int | None
    show_rate: Number
    show_rate_low: Number
    show_rate_high: Number
    cancellation_rate: Number
    cancellation_rate_low: Number
    cancellation_rate_high: Number
    is_small_sample: bool
    revenue_estimate: Number
    revenue_expected: Number
    revenue_paid: Number
    revenue_paid_by_payment_day: Number
    revenue_without_appointment: Number
    tax_by_payment_day: Number
    attended_hours: Number
    attended_outside_hours: Number
    booked_hours: Number
    available_hours: Number
    utilization_rate: Number
    booked_rate: Number
    capacity_source: str | None


class Kpis(BaseModel):
    """The days of a range that have numbers, and what each number means."""

    from_: date | None = Field(alias="from")
    to: date | None
    count: int
    formulas: dict[str, Formula]
    items: list[DailyKpis]


class DomainHealth(BaseModel):
    """Whether a domain's tables are those of the last build, and if not, why."""

    domain: str
    is_current: bool
    built_at: datetime | None
    as_of_date: date | None
    reason: str | None


class Health(BaseModel):
    """Whether there is something to serve, and how fresh it is."""

    status: Literal["ok", "stale", "nothing published", "damaged"] = Field(
        description="stale: the clinic's tables are not those of the last build; damaged: the "
        "published file cannot be read, `carehouse publish` writes it again"
    )
    published_at: str | None
    list_date: date | None
    domains: list[DomainHealth] = []


class Problem(BaseModel):
    """What is wrong, in words."""

    detail: str


@dataclass(frozen=True)
class _Snapshot:
    """What one published file holds, ready to be sent."""

    identity: tuple[int, int, int]
    published_at: str
    list_date: date | None
    priorities: dict[date, bytes]
    counts: dict[date, int]
    formulas: dict[str, dict[str, str]]
    kpis: list[dict]
    domains: list[DomainHealth]

    @property
    def status(self) -> str:
        """Whether what is served, the clinic's tables, is of the last build."""
        stale = any(one.domain == "clinic" and not one.is_current for one in self.domains)
        return "stale" if stale else "ok"


class _Published:
    """The newest snapshot; read again when another file stands at the path."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._snapshot: _Snapshot | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> _Snapshot:
        """The snapshot of the file that is there now. Raises NothingPublished."""
        snapshot = self._snapshot
        path = self._settings.published_for(self._settings.role)
        if snapshot is not None and snapshot.identity == _identity(path):
            return snapshot
        async with self._lock:
            identity = _identity(path)
            while self._snapshot is None or self._snapshot.identity != identity:
                self._snapshot = await asyncio.to_thread(_read, self._settings, identity)
                identity = _identity(path)
            return self._snapshot


def _identity(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NothingPublished("nothing has been published yet: run `carehouse run`") from None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read(settings: Settings, identity: tuple[int, int, int]) -> _Snapshot:
    fields = list(Priority.model_fields)
    names = list(DailyKpis.model_fields)
    columns = ", ".join(fields).replace("appt_start", "appt_start_text")
    with open_published(settings) as connection:
        calls = connection.execute(
            f"select day, list_date, {columns} from clinic.reception_priorities "
            "order by day, call_rank"
        ).fetchall()
        days = connection.execute(
            f"select {', '.join(names)} from clinic.daily_kpis order by day"
        ).fetchall()
        definitions = connection.execute(
            "select kpi_name, formula, filter_text, grain_text from clinic.kpi_definitions "
            "where domain = 'clinic' and mart_name = 'daily_kpis' order by kpi_name"
        ).fetchall()
        domains = connection.execute("from quality.published_domains").fetchall()
    items: dict[date, list[dict]] = {}
    for day, _, *call in calls:
        item = dict(zip(fields, call, strict=True))
        item["appointment_id"] = _number(item["appointment_id"])
        item["patient_id"] = _number(item["patient_id"])
        items.setdefault(day, []).append(item)
    return _Snapshot(
        identity=identity,
        published_at=datetime.fromtimestamp(identity[1] / 1e9, settings.zone).isoformat(),
        list_date=max((call[1] for call in calls), default=None),
        priorities={day: _priorities_body(day, its) for day, its in items.items()},
        counts={day: len(its) for day, its in items.items()},
        formulas={
            name: {"formula": formula, "filter": counted, "grain": grain}
            for name, formula, counted, grain in definitions
        },
        kpis=[
            {
                name: value
                if value is None or isinstance(value, int | date | str)
                else float(value)
                for name, value in zip(names, row, strict=True)
            }
            for row in days
        ],
        domains=[_health(settings, row) for row in domains],
    )


def _health(settings: Settings, row: tuple) -> DomainHealth:
    told = DomainHealth(**dict(zip(DomainHealth.model_fields, row, strict=True)))
    if told.built_at:  # kept in the clinic's time; sent with its offset
        told.built_at = told.built_at.replace(tzinfo=settings.zone)
    return told


def _number(text: str) -> int | str:
    """An id as the number it is in the book, where it is a plain one."""
    return int(text) if re.fullmatch("0|[1-9][0-9]{0,15}", text) else text


def _priorities_body(day: date, items: list[dict]) -> bytes:
    return _json({"day": day.isoformat(), "count": len(items), "items": items})


def _json(content: dict) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode()


class _OnlyLocalNames:
    """Without a token, answer only to this computer's own names: a web page that points a name of
    its own at 127.0.0.1 must not read the list."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            if re.sub(r":[0-9]*$", "", host).strip("[]") not in LOCAL_HOSTS:
                detail = "open it as http://127.0.0.1, or set CAREHOUSE_API_TOKEN"
                await JSONResponse({"detail": detail}, 421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; settings from the environment unless given."""
    settings = settings or Settings()
    published = _Published(settings)
    bearer = HTTPBearer(auto_error=False, description="CAREHOUSE_API_TOKEN, where it is set")
    app = FastAPI(
        title="carehouse reception",
        version="1",
        docs_url=None,  # its pages would load their scripts from another company's servers
        redoc_url=None,
        description="The call list of a coming day, and the clinic's numbers day by day.",
    )

    async def check_token(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        given = credentials.credentials if credentials else ""  # the header's bytes as latin-1
        owner = _owner(settings, given)
        if owner is None:
            raise HTTPException(
                401,
                "send the header Authorization: Bearer <token>, with the clinic's token or yours",
                {"WWW-Authenticate": "Bearer"},
            )
        if owner[1] not in MAY_READ:
            raise HTTPException(403, f"role {owner[1]} may not read the call list")
        request.state.owner = owner

    def note(request: Request, table: str, filtered: str, rows: int) -> None:
        who, role = getattr(request.state, "owner", ("this computer", settings.role))
        note_access(settings, who=who, role=role, table=table, filtered=filtered, rows=rows)

    needs_token = settings.api_token is not None or bool(read_tokens(settings))
    if not needs_token:
        app.add_middleware(_OnlyLocalNames)

    @app.exception_handler(duckdb.Error)
    async def damaged(request: Request, error: duckdb.Error) -> JSONResponse:
        return JSONResponse({"detail": "the published file cannot be read: see /health"}, 503)

    @app.exception_handler(BadKey)
    @app.exception_handler(NothingPublished)
    async def nothing_published(request: Request, error: CarehouseError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 503)

    problems: dict = {503: {"model": Problem, "description": "Nothing has been published yet"}}
    guarded = []
    if needs_token:
        problems[403] = {"model": Problem, "description": "A token of another role"}
        problems[401] = {"model": Problem, "description": "No token, or a wrong one"}
        guarded = [Depends(check_token)]

    @app.get("/priorities", response_model=Priorities, responses=problems, dependencies=guarded)
    async def priorities(
        request: Request,
        day: Annotated[Day, Query(description="Clinic-local day", examples=["2025-09-05"])],
    ) -> Response:
        """Whom to call first for a coming day, and why."""
        snapshot = await published.current()
        body = snapshot.priorities.get(day) or _priorities_body(day, [])
        note(request, "clinic.reception_priorities", f"day {day}", snapshot.counts.get(day, 0))
        return Response(body, media_type="application/json", headers=NO_STORE)

    @app.get("/kpis", response_model=Kpis, responses=problems, dependencies=guarded)
    async def kpis(
        request: Request,
        from_: Annotated[
            Day | None, Query(alias="from", description="First day; all there are if left out")
        ] = None,
        to: Annotated[Day | None, Query(description="Last day, included")] = None,
    ) -> Response:
        """The numbers of each day, with the formula beside them."""
        if from_ and to and from_ > to:
            raise RequestValidationError(
                [
                    {
                        "type": "value_error",
                        "loc": ("query", "to"),
                        "msg": "Value error, `to` must not be before `from`",
                        "input": to.isoformat(),
                    }
                ]
            )
        snapshot = await published.current()
        items = [
            item
            for item in snapshot.kpis
            if (from_ is None or item["day"] >= from_) and (to is None or item["day"] <= to)
        ]
        note(request, "clinic.daily_kpis", f"{from_ or ''} to {to or ''}", len(items))
        content = {
            "from": from_.isoformat() if from_ else None,
            "to": to.isoformat() if to else None,
            "count": len(items),
            "formulas": snapshot.formulas,
            "items": items,
        }
        return Response(_json(content), media_type="application/json", headers=NO_STORE)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_docs_page(app.openapi()))

    @app.get("/health", response_model=Health)
    async def health() -> Health:
        """Whether there is something to serve; tells nothing of any patient."""
        try:
            snapshot = await published.current()
        except NothingPublished:
            return Health(status="nothing published", published_at=None, list_date=None)
        except (duckdb.Error, BadKey):
            return Health(status="damaged", published_at=None, list_date=None)
        return Health(
            status=snapshot.status,
            published_at=snapshot.published_at,
            list_date=snapshot.list_date,
            domains=snapshot.domains,
        )

    return app


def _owner(settings: Settings, given: str) -> tuple[str, str] | None:
    """Whose token this is, and the role: the clinic's own, or a person's."""
    if settings.api_token is not None and secrets.compare_digest(
        given.encode("latin-1"), settings.api_token.encode()
    ):
        return "the clinic's token", settings.role
    found = find_token(settings, given)
    return found and (found.name, found.role)


def _docs_page(told: dict) -> str:
    """What can be asked, as a page that needs nothing from anywhere else."""
    parts = [
        f"<h1>{escape(told['info']['title'])}</h1><p>{escape(told['info']['description'])}</p>"
    ]
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            rows = "".join(
                f"<li><code>{escape(p['name'])}</code>{' (needed)' if p['required'] else ''}: "
                f"{escape(p.get('description', ''))}</li>"
                for p in one.get("parameters", ())
            )
            parts.append(
                f"<h2>{method.upper()} {escape(path)}</h2>"
                f"<p>{escape(one.get('description', ''))}</p><ul>{rows}</ul>"
            )
    parts.append('<p>In full: <a href="openapi.json">openapi.json</a></p>')
    return f"<!doctype html><title>carehouse</title>{''.join(parts)}"


def serve(settings: Settings, host: str, port: int) -> None:
    """Run the server until it is stopped."""
    listen(create_app(settings), settings, host, port)
