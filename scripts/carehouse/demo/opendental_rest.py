"""Messages, statements, notes, logs, merges and the family balances of a made-up practice."""

from carehouse.demo.opendental_practice import Practice


def build_rest(practice: Practice) -> None:
    """Fill what is left, then merge a few patients and run the nightly aging."""
    practice.run(_REST)
    practice.run(
        MERGES,
        pairs_wanted=max(2, practice.patients // 250),
        merge_day=f"on_day({practice.today} - 90)",
    )
    age_accounts(practice, practice.today)


def age_accounts(practice: Practice, day: int) -> None:
    """Write each family's balances on its guarantor, as the program's nightly run does.

    Payment plans of version 2: debits to the charge's guarantor, credits to the plan's patient.
    """
    practice.run(_AGING, day=day)


_REST = """
create table od.commlog as
with messages as (
    select "PatNum" as patnum, "DateDue" + 10 as day, {comm_recall} as type, 1 as mode, 1 as way
    from od.recall
    where "DateDue" + 10 <= on_day({today}) and u("RecallNum", 500) < 0.6
    union all
    select "PatNum", "DateDue" - 20, {comm_recall}, 5, 1
    from od.recall
    where "DateDue" - 20 <= on_day({today}) and u("RecallNum", 501) < 0.4
    union all
    select patnum, on_day(day - 2), {comm_appt}, 5, 1
    from work.visits where day - 2 <= {today} and u(v, 502) < 0.3
    union all
    select patnum, on_day(day), {comm_fin}, 3, 2
    from work.bills where kind in (2, 6) and u(g, 503) < 0.4
)
select
    row_number() over (order by day, patnum, type, mode) as "CommlogNum", patnum as "PatNum",
    at_time(day, 36000 + patnum % 20000) as "CommDateTime", type as "CommType",
    mode as "Mode_", way as "SentOrReceived", 1 + pick(patnum, 504, {users}) as "UserNum",
    0 as "ReferralNum", 0 as "CommSource", at_time(day, 36000 + patnum % 20000) as "DateTEntry",
    at_time(day, 36000 + patnum % 20000) as "DateTStamp", 'a made-up note' as "Note"
from messages;
insert into od.commlog by name  -- about a referral, not a patient
select (select max("CommlogNum") + 1 from od.commlog) as "CommlogNum", 0 as "PatNum",
    3 as "ReferralNum", at_time(on_day({today} - 5), 36000) as "CommDateTime",
    {comm_misc} as "CommType", 3 as "Mode_", at_time(on_day({today} - 5), 36000) as "DateTStamp";

create table od.procnote as
select
    row_number() over (order by day, procnum, part) as "ProcNoteNum", patnum as "PatNum",
    procnum as "ProcNum", at_time(on_day(day), 50000 + part * 900) as "EntryDateTime",
    1 as "UserNum", 'a made-up note' as "Note"
from work.procedures, (values (0, 0.3), (1, 0.04)) as parts(part, share)
where status = 2 and u(w * 2 + part, 510) < share;

create table od.statement as
select
    row_number() over (order by later_day, patnum) as "StatementNum", guarantor as "PatNum",
    on_day(later_day) as "DateSent", on_day(later_day - 45) as "DateRangeFrom",
    pick(g, 511, 4) as "Mode_", if(u(g, 512) < 0.05, 0, 1) as "IsSent",
    1 as "IsBalValid", money(cents) as "BalTotal", 0e0 as "InsEst", 'NotSet' as "StatementType",
    at_time(on_day(later_day), 40000) as "DateTStamp"
from work.bills
where kind in (1, 2, 5, 6) and later_day <= {today};

create table od.statementprod as
select row_number() over (order by "StatementNum") as "StatementProdNum", "StatementNum",
    0 as "FKey", 0 as "ProdType"
from od.statement where "StatementNum" % 40 = 1;

create table od.securitylog as
select
    row_number() over (order by day, v) as "SecurityLogNum", 25 as "PermType",
    1 + pick(v, 188, {users}) as "UserNum", at_time(on_day(booked_day), 36000) as "LogDateTime",
    'booked' as "LogText", patnum as "PatNum", aptnum as "FKey", 0 as "LogSource"
from work.visits where u(v, 513) < 0.2;

create table od.procmultivisit as
select
    row_number() over (order by procnum) as "ProcMultiVisitNum",
    row_number() over (order by procnum) as "GroupProcMultiVisitNum", procnum as "ProcNum",
    status as "ProcStatus", 0 as "IsInProcess", patnum as "PatNum",
    at_time(on_day(day), 50000) as "SecDateTEntry", at_time(on_day(day), 50000) as "SecDateTEdit"
from work.procedures where code = 'D2740' and status = 2 and u(w, 514) < 0.05;

-- the same person twice: the archived loser keeps its row, all else moves
create table od.patientlink as
select 1 as "PatientLinkNum", 0 as "PatNumFrom", 0 as "PatNumTo", 0 as "LinkType",
    at_time({start}, 0) as "DateTimeLink"
where false;
"""

MERGED_TABLES = (
    "appointment", "histappointment", "procedurelog", "procnote", "treatplan", "proctp", "disease",
    "medicationpat", "discountplansub", "claim", "claimproc", "paysplit", "payment", "adjustment",
    "commlog", "refattach", "recall", "statement", "securitylog", "payplan", "payplancharge",
    "patientrace", "procmultivisit",
)  # fmt: skip

MERGES = (
    """
create or replace table work.merges as
select
    loser.patnum as loser, keeper.patnum as keeper,
    row_number() over (order by loser.patnum) as n
from work.people as loser
join work.people as keeper on loser.fid = keeper.fid and keeper.member = 0 and loser.member > 0
where
    loser.status = 0 and keeper.status = 0
    and loser.patnum not in (select "PatNum" from od.patplan)
    and loser.patnum not in (select "PatNumFrom" from od.patientlink)
    and keeper.patnum not in (select "PatNumFrom" from od.patientlink)
qualify row_number() over (partition by loser.fid order by loser.patnum) = 1
order by u(loser.patnum, 520), loser.patnum
limit {pairs_wanted};
insert into od.patientlink by name
select (select coalesce(max("PatientLinkNum"), 0) from od.patientlink) + n as "PatientLinkNum",
    loser as "PatNumFrom", keeper as "PatNumTo", 1 as "LinkType",
    at_time({merge_day}, 40000) as "DateTimeLink"
from work.merges order by n;
update od.patient set "PatStatus" = 3, "DateTStamp" = at_time({merge_day}, 40000)
where "PatNum" in (select loser from work.merges);
update od.inssub set "Subscriber" = merges.keeper
from work.merges as merges where "Subscriber" = merges.loser;
"""
    + "\n".join(
        f'update od.{name} set "PatNum" = merges.keeper '
        f'from work.merges as merges where "PatNum" = merges.loser;'
        for name in MERGED_TABLES
    )
    + "\n".join(
        f'update od.{name} set "Guarantor" = merges.keeper '
        f'from work.merges as merges where "Guarantor" = merges.loser;'
        for name in ("payplan", "payplancharge")
    )
)

_AGING = """
create or replace table work.account as
with hidden as (
    select "DefNum" from od.definition where "Category" = 29 and "ItemValue" <> ''
),
lines as (
    select procs."PatNum" as patnum, procs."ProcDate" as day,
        cast(round(procs."ProcFee" * 100) as bigint) * (procs."UnitQty" + procs."BaseUnits")
            as cents, 0 as est, 0 as est_wo
    from od.procedurelog as procs where procs."ProcStatus" = 2 and procs."ProcFee" <> 0
    union all
    select
        lines."PatNum", lines."DateCP",
        case when lines."Status" = 0 then 0 else
            -if(lines."PayPlanNum" = 0, cast(round(lines."InsPayAmt" * 100) as bigint), 0)
            - cast(round(lines."WriteOff" * 100) as bigint) end,
        if(lines."Status" = 0, cast(round(lines."InsPayEst" * 100) as bigint), 0),
        if(lines."Status" = 0, cast(round(lines."WriteOff" * 100) as bigint), 0)
    from od.claimproc as lines
    left join od.procedurelog as procs on lines."ProcNum" = procs."ProcNum"
    where lines."Status" in (0, 1, 4, 5, 7)
        and (lines."ProcNum" = 0 or procs."ProcStatus" = 2)
    union all
    select "PatNum", "AdjDate", cast(round("AdjAmt" * 100) as bigint), 0, 0 from od.adjustment
    union all
    select "PatNum", "DatePay", -cast(round("SplitAmt" * 100) as bigint), 0, 0 from od.paysplit
    where "UnearnedType" not in (select "DefNum" from hidden)
    union all
    select if(charges."ChargeType" = 0, charges."Guarantor", charges."PatNum"),
        charges."ChargeDate",
        case
            when charges."ChargeType" = 1 then -cast(round(charges."Principal" * 100) as bigint)
            when plans."PlanNum" > 0 then 0
            else cast(round((charges."Principal" + charges."Interest") * 100) as bigint)
        end, 0, 0
    from od.payplancharge as charges
    join od.payplan as plans using ("PayPlanNum")
    where charges."ChargeDate" <= on_day({day})
    union all
    select procs."PatNum", cast(links."SecDateTEntry" as date),
        -if(links."AmountOverride" = 0, cast(round(procs."ProcFee" * 100) as bigint)
            * (procs."UnitQty" + procs."BaseUnits"),
            cast(round(links."AmountOverride" * 100) as bigint)), 0, 0
    from od.payplanlink as links
    join od.procedurelog as procs on links."FKey" = procs."ProcNum" and procs."ProcStatus" = 2
    where links."LinkType" = 2
),
sums as (
    select
        patient."Guarantor" as guarantor,
        sum(lines.cents) as total,
        sum(case when lines.cents > 0 and lines.day between on_day({day}) - 30 and on_day({day})
            then lines.cents else 0 end) as b0,
        sum(case when lines.cents > 0 and lines.day >= on_day({day}) - 60
            and lines.day < on_day({day}) - 30 then lines.cents else 0 end) as b30,
        sum(case when lines.cents > 0 and lines.day >= on_day({day}) - 90
            and lines.day < on_day({day}) - 60 then lines.cents else 0 end) as b60,
        sum(case when lines.cents > 0 and lines.day < on_day({day}) - 90 then lines.cents else 0
            end) as b90,
        -sum(case when lines.cents < 0 and lines.day <= on_day({day}) then lines.cents else 0 end)
            as credits,
        sum(lines.est) as est, sum(lines.est_wo) as est_wo
    from lines
    join od.patient as patient on lines.patnum = patient."PatNum"
    group by patient."Guarantor"
)
select
    guarantor, total, est, est_wo,
    greatest(b90 - credits, 0) as left_90,
    greatest(b60 - greatest(credits - b90, 0), 0) as left_60,
    greatest(b30 - greatest(credits - b90 - b60, 0), 0) as left_30,
    greatest(b0 - greatest(credits - b90 - b60 - b30, 0), 0) as left_0
from sums;

update od.patient set
    "Bal_0_30" = money(coalesce(account.left_0, 0)),
    "Bal_31_60" = money(coalesce(account.left_30, 0)),
    "Bal_61_90" = money(coalesce(account.left_60, 0)),
    "BalOver90" = money(coalesce(account.left_90, 0)),
    "BalTotal" = money(coalesce(account.total, 0)),
    "InsEst" = money(coalesce(account.est + account.est_wo, 0)),
    "DateTStamp" = at_time(on_day({day}), 14400)
from (
    select patient."PatNum" as owner, found.*
    from od.patient as patient
    left join work.account as found on patient."PatNum" = found.guarantor
) as account
where "PatNum" = account.owner and (
    "Bal_0_30" <> money(coalesce(account.left_0, 0))
    or "Bal_31_60" <> money(coalesce(account.left_30, 0))
    or "Bal_61_90" <> money(coalesce(account.left_60, 0))
    or "BalOver90" <> money(coalesce(account.left_90, 0))
    or "BalTotal" <> money(coalesce(account.total, 0))
    or "InsEst" <> money(coalesce(account.est + account.est_wo, 0))
);
update od.preference set "ValueString" = cast(on_day({day}) as varchar)
where "PrefName" = 'DateLastAging';
"""
