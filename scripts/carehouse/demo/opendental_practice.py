"""The lists of a made-up dental practice: definitions, codes, fees, chairs, people who work there.

Every number that a practice chooses itself (DefNum, CodeNum, FeeSchedNum, ...) is drawn anew for
each seed, and so are many of the names, so that a model that hard-codes one is caught.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from carehouse.demo.words import rows

YEARS = 5


def _read_definitions() -> dict[int, list[tuple[tuple[str, ...], str]]]:
    """DefCat -> (name variants, ItemValue) of each definition."""
    found: dict[int, dict[int, tuple[tuple[str, ...], str]]] = {}
    for row in rows("dental_definitions"):
        category = found.setdefault(int(row["category"]), {})
        names, _ = category.get(int(row["place"]), ((), ""))
        category[int(row["place"])] = ((*names, row["name"]), row["value"])
    return {number: list(category.values()) for number, category in found.items()}


DEFINITIONS = _read_definitions()
# code, own label, place in category 11, fee in dollars, benefit class, hygiene, treatment area
CODES = [
    (
        row["code"],
        row["label"],
        int(row["category_place"]),
        int(row["fee_dollars"]),
        row["benefit"],
        int(row["is_hygiene"]),
        int(row["treatment_area"]),
    )
    for row in rows("dental_codes")
]
TREATMENTS = (  # code and weight of what an exam plans
    ("D2391", 22), ("D2392", 16), ("D2330", 9), ("D2740", 9), ("D2140", 6), ("D2393", 6),
    ("D7140", 6), ("D4341", 6), ("D2950", 4), ("D3330", 3), ("D2750", 3), ("D7210", 2),
    ("D9944", 2), ("D3310", 1), ("D6010", 1), ("D6058", 1), ("D5213", 1), ("D8080", 1),
    ("D9223", 1),
)  # fmt: skip
CODE_GROUPS = (
    (1, "Bite x-rays", "D0272,D0274"),
    (2, "Wide and series", "D0210,D0330"),
    (3, "Check-ups", "D0120,D0150,D0180"),
    (4, "Gum upkeep", "D4910"),
    (5, "Cleanings", "D1110,D1120"),
    (6, "Deep cleaning", "D4341"),
    (7, "Coarse cleaning", "D4355"),
    (8, "Varnish", "D1206"),
    (9, "Seals", "D1351"),
    (0, "Own list", "D2740,D2750"),
)


@dataclass
class Practice:
    """What all parts of the generator share; days count from `start`, `today` is the as-of day."""

    connection: duckdb.DuckDBPyConnection
    scale: float
    seed: int
    as_of: date
    patients: int = 0
    clinics: int = 0
    pairs: int = 0  # dentists, and as many hygienists, per clinic
    shift: int = 1  # a provider works every shift-th weekday
    definitions: dict[int, list[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def start(self) -> date:
        """The first day of the history."""
        return self.as_of - timedelta(days=self.today)

    @property
    def today(self) -> int:
        """The as-of day's number."""
        return YEARS * 365 + 1

    def definition(self, category: int, place: int) -> int:
        """The DefNum of the `place`-th definition of a category, in this practice."""
        return self.definitions[category][place]

    def run(self, sql: str, **values: object) -> None:
        """Run statements; `{name}` is replaced by a value, of those that are always there too."""
        known = {
            "today": self.today,
            "start": f"date '{self.start}'",
            "patients": self.patients,
            "clinics": self.clinics,
            "pairs": self.pairs,
            "shift": self.shift,
            **self.numbers,
            **values,
        }
        self.connection.execute(sql.format(**known))

    def columns(self, table: str) -> set[str]:
        """The columns that a table of `od` has so far."""
        rows = self.connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'od' and table_name = ?",
            [table],
        ).fetchall()
        return {name for (name,) in rows}

    def table(self, name: str, rows: list[dict]) -> None:
        """Make a table of Python rows."""
        frame = pa.Table.from_pylist(rows)
        self.connection.register("rows_", frame)
        self.connection.execute(f"create or replace table {name} as select * from rows_")
        self.connection.unregister("rows_")


def open_practice(
    connection: duckdb.DuckDBPyConnection, scale: float, seed: int, as_of: date
) -> Practice:
    """Set the sizes and the helper macros.

    `u(id, k)` is a number in [0, 1) that depends on the seed, a row's number and the question `k`
    alone: never on threads or order.
    """
    practice = Practice(connection, scale, seed, as_of)
    practice.patients = max(40, round(300 * scale))
    practice.clinics = min(30, 3 + int(scale / 60))
    practice.pairs = max(1, -(-round(300 * scale) // 1000 // practice.clinics))
    practice.shift = 5 if scale < 2 else 2 if scale < 5 else 1
    mix = int(np.random.default_rng([seed, 41]).integers(1, 2**62))
    connection.execute(f"""
        create schema od;
        create schema work;
        create macro u(id, k) as
            (hash(xor(cast(id as bigint) + cast(k as bigint) * 1099511627776, {mix})) >> 11)
            / 9007199254740992.0;
        create macro pick(id, k, n) as cast(floor(u(id, k) * n) as bigint);
        create macro days_exp(id, k, mean) as cast(floor(-ln(1 - u(id, k)) * mean) as bigint);
        create macro on_day(d) as date '{practice.start}' + cast(d as integer);
        create macro money(cents) as cast(cents as bigint) / 100.0;
        create macro at_time(day, seconds) as
            cast(day as timestamp) + to_seconds(cast(seconds as bigint));
    """)
    return practice


def build_lists(practice: Practice) -> None:
    """Fill every table of the practice's own lists."""
    random = np.random.default_rng([practice.seed, 42])
    _definitions(practice, random)
    _codes(practice, random)
    _places(practice, random)
    _fees(practice, random)
    _plans(practice, random)
    _recall_types(practice, random)
    _preferences(practice)


def _definitions(practice: Practice, random: np.random.Generator) -> None:
    total = sum(len(items) for items in DEFINITIONS.values())
    numbers = iter(random.permutation(np.arange(50, 900))[:total].tolist())
    rows = []
    for category, items in DEFINITIONS.items():
        practice.definitions[category] = []
        for order, (names, value) in enumerate(items):
            number = next(numbers)
            practice.definitions[category].append(number)
            name = names[int(random.integers(len(names)))]
            rows.append(
                {
                    "DefNum": number,
                    "Category": category,
                    "ItemOrder": order,
                    "ItemName": name,
                    "ItemValue": value,
                    "ItemColor": int(random.integers(-(2**24), -1)),
                    "IsHidden": int(category in (16, 36) and order == 1),
                }
            )
    practice.table("od.definition", sorted(rows, key=lambda row: row["DefNum"]))
    named = {
        "adj_cash": (1, 0),
        "adj_senior": (1, 1),
        "adj_bad_debt": (1, 2),
        "adj_finance": (1, 3),
        "adj_late": (1, 4),
        "adj_broken": (1, 5),
        "adj_tax": (1, 6),
        "adj_member": (1, 7),
        "pay_check": (10, 0),
        "pay_cash": (10, 1),
        "pay_card": (10, 2),
        "pay_refund": (10, 3),
        "pay_online": (10, 4),
        "unearned": (29, 0),
        "unearned_hidden": (29, 1),
        "unearned_plan": (29, 2),
        "ins_check": (32, 0),
        "ins_eft": (32, 1),
        "ins_refund": (32, 2),
        "comm_appt": (27, 0),
        "comm_fin": (27, 1),
        "comm_recall": (27, 2),
        "comm_misc": (27, 3),
        "comm_text": (27, 4),
        "confirm_none": (2, 0),
        "confirm_yes": (2, 1),
        "confirm_in": (2, 2),
        "priority_1": (20, 0),
        "priority_2": (20, 1),
        "dx_1": (16, 0),
        "billing_1": (4, 0),
        "billing_2": (4, 1),
        "billing_3": (4, 2),
        "unsched_1": (13, 0),
        "unsched_2": (13, 1),
        "tracking_1": (31, 0),
        "tracking_2": (31, 1),
        "blockout_1": (25, 0),
        "plan_category": (47, 0),
        "pay_group": (40, 0),
        "region_1": (39, 0),
        "region_2": (39, 1),
    }
    for name, (category, place) in named.items():
        practice.numbers[name] = practice.definition(category, place)


def _codes(practice: Practice, random: np.random.Generator) -> None:
    numbers = np.sort(random.permutation(np.arange(10, 1500))[: len(CODES)])
    order = random.permutation(len(CODES))
    rows, work = [], []
    for place, (code, label, category, dollars, benefit, hygiene, area) in enumerate(CODES):
        number = int(numbers[order[place]])
        rows.append(
            {
                "CodeNum": number,
                "ProcCode": code,
                "Descript": f"{label} ({code[:2]} range)",
                "AbbrDesc": label[:12],
                "ProcCat": practice.definition(11, category),
                "TreatArea": area,
                "IsHygiene": hygiene,
                "IsProsth": int(benefit == "major"),
                "NoBillIns": int(code in ("N4118", "Z0001")),
                "ProcTime": "/X/",
                "IsRadiology": int("x-ray" in label),
                "BaseUnits": 0,
                "DateTStamp": practice.start - timedelta(days=30),
            }
        )
        work.append(
            {
                "code": code,
                "codenum": number,
                "cents": dollars * 100,
                "benefit": benefit,
                "hygiene": hygiene,
                "area": area,
                "label": label,
            }
        )
    practice.table("od.procedurecode", sorted(rows, key=lambda row: row["CodeNum"]))
    practice.table("work.codes", work)
    low, weights = 0, []
    whole = sum(weight for _, weight in TREATMENTS)
    for code, weight in TREATMENTS:
        weights.append({"code": code, "low": low / whole, "high": (low + weight) / whole})
        low += weight
    practice.table("work.treatments", weights)
    practice.table(
        "od.codegroup",
        [
            {
                "CodeGroupNum": place + 1,
                "GroupName": name,
                "ProcCodes": codes,
                "ItemOrder": place,
                "CodeGroupFixed": fixed,
                "IsHidden": 0,
                "ShowInAgeLimit": 1,
            }
            for place, (fixed, name, codes) in enumerate(CODE_GROUPS)
        ],
    )


def _places(practice: Practice, random: np.random.Generator) -> None:
    first = int(random.integers(1, 60))
    practice.numbers["first_clinic"] = first
    practice.table(
        "od.clinic",
        [
            {
                "ClinicNum": first + place,
                "Description": f"Practice {place + 1}",
                "Abbr": f"P{place + 1}",
                "City": "Springfield",
                "State": "OR",
                "Zip": f"97{place:03d}",
                "Address": f"{place + 1} Main St",
                "Region": practice.definition(39, place % 2),
                "ItemOrder": place,
                "TimeZone": "US/Pacific",
                "InsBillingProv": -1 if place % 3 == 1 else 0,
                "IsHidden": 0,
                "SmsContractDate": None,
            }
            for place in range(practice.clinics)
        ],
    )
    first_provider = int(random.integers(1, 90))
    practice.numbers["first_provider"] = first_provider
    count = practice.clinics * practice.pairs * 2
    providers = []
    for place in range(count + 3):
        hygienist = place < count and place % 2 == 1
        extra = place - count  # the firm itself, one who left, one deleted
        providers.append(
            {
                "ProvNum": first_provider + place,
                "Abbr": f"{'HYG' if hygienist else 'DOC'}{place}",
                "ItemOrder": place * 2,
                "LName": f"Provider{place}",
                "FName": "Made-up",
                "FeeSched": 0,
                "Specialty": practice.definition(35, int(hygienist)),
                "IsSecondary": int(hygienist),
                "IsHidden": int(extra == 1),
                "ProvStatus": int(extra == 2),
                "IsNotPerson": int(extra == 0),
                "HourlyProdGoalAmt": 0.0 if place % 5 == 4 else 180.0,
                "DateTerm": practice.start + timedelta(days=700) if extra == 1 else None,
                "DateTStamp": practice.start - timedelta(days=20),
            }
        )
    practice.table("od.provider", providers)
    practice.numbers["provider_firm"] = first_provider + count
    practice.numbers["provider_left"] = first_provider + count + 1
    practice.numbers["provider_deleted"] = first_provider + count + 2
    practice.numbers["provider_count"] = count
    operatories = []
    for place in range(count):
        provider = first_provider + place
        hygiene = place % 2
        operatories.append(
            {
                "OperatoryNum": place + 11,
                "OpName": f"Chair {place + 1}",
                "Abbrev": f"C{place + 1}",
                "ItemOrder": place,
                "ProvDentist": 0 if hygiene else provider,
                "ProvHygienist": provider if hygiene else 0,
                "IsHygiene": hygiene,
                "IsHidden": 0,
                "ClinicNum": first + (place // 2) // practice.pairs,
                "OperatoryType": practice.definition(55, 0),
                "DateTStamp": practice.start - timedelta(days=20),
            }
        )
    practice.table("od.operatory", operatories)
    users = 4 + practice.clinics
    practice.numbers["users"] = users
    practice.table(
        "od.employee",
        [
            {
                "EmployeeNum": n + 1,
                "LName": f"Staff{n + 1}",
                "FName": "Made-up",
                "IsHidden": int(n == 3),
            }
            for n in range(users)
        ],
    )
    practice.table(
        "od.userod",
        [
            {
                "UserNum": n + 1,
                "UserName": f"user{n + 1}",
                "EmployeeNum": n + 1,
                "IsHidden": int(n == 3),
                "ProvNum": first_provider if n == 0 else 0,
                "ClinicNum": 0,
            }
            for n in range(users)
        ],
    )


def _fees(practice: Practice, random: np.random.Generator) -> None:
    ucr, ppo_a, ppo_b, flat, copay = (int(n) for n in random.permutation(np.arange(20, 400))[:5])
    practice.numbers |= {"ucr": ucr, "ppo_a": ppo_a, "ppo_b": ppo_b, "flat": flat, "copay": copay}
    names = ("Office fees", "Network A", "Network B", "Set prices", "Own share")
    stamp = practice.start - timedelta(days=15)
    practice.table(
        "od.feesched",
        [
            {
                "FeeSchedNum": number,
                "Description": name,
                "FeeSchedType": int(number == copay),
                "ItemOrder": place,
                "IsHidden": 0,
                "IsGlobal": int(place == 0),
                "SecDateEntry": stamp,
                "SecDateTEdit": stamp,
            }
            for place, (number, name) in enumerate(
                zip((ucr, ppo_a, ppo_b, flat, copay), names, strict=True)
            )
        ],
    )
    shares = {ucr: 1.0, ppo_a: 0.72, ppo_b: 0.81, flat: 0.6, copay: 0.15}
    practice.table("work.shares", [{"feesched": n, "share": share} for n, share in shares.items()])
    practice.run("""
        create table od.fee as
        with lines as (
            select codes.codenum, shares.feesched, 0 as clinicnum, 0 as provnum,
                round(codes.cents * shares.share / 100) * 100 as cents
            from work.codes, work.shares
            where codes.benefit <> 'none'
            union all  -- one clinic has prices of its own, some of them left blank
            select codenum, {ucr}, {first_clinic}, 0,
                case when codenum % 7 = 0 then -100 else round(cents * 1.08 / 100) * 100 end
            from work.codes
            where benefit <> 'none' and codenum % 3 = 0
            union all
            select codenum, {ppo_a}, 0, {first_provider}, round(cents * 0.7 / 100) * 100
            from work.codes
            where benefit = 'major'
        )
        select
            row_number() over (order by feesched, codenum, clinicnum, provnum) as "FeeNum",
            cents / 100.0 as "Amount", feesched as "FeeSched", codenum as "CodeNum",
            clinicnum as "ClinicNum", provnum as "ProvNum",
            {start} - 15 as "SecDateEntry", cast({start} - 15 as timestamp) as "SecDateTEdit"
        from lines
    """)


def _plans(practice: Practice, random: np.random.Generator) -> None:
    carriers = min(400, 9 + practice.patients // 500)
    first = int(random.integers(3, 80))
    stamp = practice.start - timedelta(days=10)
    names = (
        "Blue Tooth Mutual",
        "Evergreen Dental",
        "Harbor Benefit",
        "Union Smile",
        "Pioneer Cover",
        "State Children's Plan",
        "Acorn Group",
    )
    practice.numbers |= {"first_carrier": first, "carriers": carriers}
    practice.table(
        "od.carrier",
        [
            {
                "CarrierNum": first + n,
                "CarrierName": names[n % len(names)],
                "ElectID": f"{60000 + n % 7}",
                "CarrierGroupName": practice.definition(46, n % 2),
                "NoSendElect": n % 3,
                "IsHidden": 0,
                "City": "Salem",
                "State": "OR",
                "SecDateEntry": stamp,
                "SecDateTEdit": stamp,
            }
            for n in range(carriers)
        ],
    )
    plans = max(14, practice.patients // 40)
    employers = max(5, plans // 3)
    practice.numbers |= {"plans": plans, "first_plan": int(random.integers(100, 300))}
    practice.table(
        "od.employer",
        [{"EmployerNum": n + 1, "EmpName": f"Employer {n + 1}"} for n in range(employers)],
    )
    practice.run(
        """
        create table od.insplan as
        with numbered as (
            select range as n, case
                when range % 10 in (1, 5) then '' when range % 10 = 7 then 'f'
                when range % 10 = 8 then 'c' else 'p' end as kind
            from range({plans})
        )
        select
            {first_plan} + n as "PlanNum", 'Group ' || n as "GroupName",
            cast(10000 + n * 7 as varchar) as "GroupNum", kind as "PlanType",
            case when kind = 'p' then if(n % 2 = 0, {ppo_a}, {ppo_b})
                when kind = 'f' then {flat} else 0 end as "FeeSched",
            if(kind = 'c', {copay}, 0) as "CopayFeeSched",
            {first_carrier} + n % {carriers} as "CarrierNum",
            1 + n % {employers} as "EmployerNum",
            if(n % 9 = 0, 7, 0) as "MonthRenew", n % 4 as "CobRule",
            {start} - 10 as "SecDateEntry", cast({start} - 10 as timestamp) as "SecDateTEdit"
        from numbered;
        create table od.covcat as
        select * from (values
            (1, 'All', -1, 0, 1), (2, 'Look and prevent', 100, 1, 12), (3, 'Basic', 80, 2, 4),
            (4, 'Major', 50, 3, 7), (5, 'X-rays', 100, 4, 13)
        ) as v("CovCatNum", "Description", "DefaultPercent", "CovOrder", "EbenefitCat");
        create table od.covspan as
        select * from (values
            (1, 1, 'D0000', 'D9999'), (2, 2, 'D0000', 'D0199'), (3, 2, 'D1000', 'D1999'),
            (4, 3, 'D2000', 'D2399'), (5, 3, 'D3000', 'D4999'), (6, 3, 'D7000', 'D7999'),
            (7, 4, 'D2700', 'D2999'), (8, 4, 'D5000', 'D6999'), (9, 5, 'D0200', 'D0399')
        ) as v("CovSpanNum", "CovCatNum", "FromCode", "ToCode");
        create table od.benefit as
        with rules as (
            select * from (values
                (1, 5, -1, 150000, 2, 1), (2, 1, 100, -100, 2, 0), (3, 1, 80, -100, 2, 0),
                (4, 1, 50, -100, 2, 0), (1, 2, -1, 5000, 2, 1)
            ) as v(covcat, kind, pct, cents, period, level)
        )
        select
            row_number() over (order by plan."PlanNum", rules.kind, rules.covcat) as "BenefitNum",
            plan."PlanNum", 0 as "PatPlanNum", rules.covcat as "CovCatNum",
            rules.kind as "BenefitType", rules.pct as "Percent",
            case when rules.kind = 5 then 1000.0 + 500 * (plan."PlanNum" % 3)
                else rules.cents / 100.0 end as "MonetaryAmt",
            rules.period as "TimePeriod", rules.level as "CoverageLevel",
            0 as "QuantityQualifier", 0 as "Quantity", 0 as "CodeNum", 0 as "CodeGroupNum",
            at_time({start} - 10, 3600) as "SecDateTEntry",
            at_time({start} - 10, 3600) as "SecDateTEdit"
        from od.insplan as plan, rules
        where plan."PlanType" <> 'c';
        create table od.discountplan as
        select 1 as "DiscountPlanNum", 'House plan' as "Description", {flat} as "FeeSchedNum",
            {adj_member} as "DefNum", 0 as "IsHidden", 2 as "ExamFreqLimit", 1000.0 as "AnnualMax"
    """,
        employers=employers,
    )


def _recall_types(practice: Practice, random: np.random.Generator) -> None:
    numbers = [int(n) for n in random.permutation(np.arange(1, 40))[:5]]
    types = (
        ("Cleaning", 393216, "D1110", ("D1110",)),
        ("Child cleaning", 393216, "D1120,D0120", ("D1120",)),
        ("Gum upkeep", 262144, "D4910", ("D4910", "D4341")),
        ("Bite x-rays", 16777216, "D0274", ("D0274",)),
        ("Wide x-ray", 83886080, "D0330", ("D0330", "D0210")),
    )
    practice.table(
        "od.recalltype",
        [
            {
                "RecallTypeNum": number,
                "Description": name,
                "DefaultInterval": interval,
                "Procedures": codes,
                "TimePattern": "/XXXX/",
            }
            for number, (name, interval, codes, _) in zip(numbers, types, strict=True)
        ],
    )
    practice.table(
        "work.recall_types",
        [
            {"recalltype": number, "code": code, "interval": interval}
            for number, (_, interval, _, triggers) in zip(numbers, types, strict=True)
            for code in triggers
        ],
    )
    practice.run("""
        create table od.recalltrigger as
        select row_number() over (order by recalltype, code) as "RecallTriggerNum",
            recalltype as "RecallTypeNum", codenum as "CodeNum"
        from work.recall_types
        join work.codes using (code)
    """)
    practice.numbers |= dict(
        zip(("rt_adult", "rt_child", "rt_perio", "rt_bite", "rt_wide"), numbers, strict=True)
    )


def _preferences(practice: Practice) -> None:
    numbers = practice.numbers
    values = {
        "PayPlansVersion": 2,
        "ReportsPPOwriteoffDefaultToProcDate": 0,
        "AgingProcLifo": 0,
        "BalancesDontSubtractIns": 0,
        "ClaimSnapshotEnabled": 1,
        "PrepaymentUnearnedType": numbers["unearned"],
        "TpUnearnedType": numbers["unearned_hidden"],
        "BadDebtAdjustmentTypes": numbers["adj_bad_debt"],
        "BrokenApptProcedure": 2,
        "RecallTypesShowingInList": f"{numbers['rt_adult']},{numbers['rt_perio']}",
        "AppointmentTimeIncrement": 10,
        "PayPlansBillInAdvanceDays": 10,
        "ReportPandIschedProdSubtractsWO": 0,
        "RandomPrimaryKeys": 0,
        "RigorousAccounting": 1,
        "DateLastAging": practice.as_of.isoformat(),
        "DataBaseVersion": "24.1.60.0",
        "RecallTypeSpecialProphy": numbers["rt_adult"],
        "RecallTypeSpecialChildProphy": numbers["rt_child"],
        "RecallTypeSpecialPerio": numbers["rt_perio"],
    }
    practice.table(
        "od.preference",
        [
            {"PrefNum": place + 1, "PrefName": name, "ValueString": str(value), "Comments": ""}
            for place, (name, value) in enumerate(values.items())
        ],
    )
