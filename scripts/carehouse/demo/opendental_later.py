"""The same made-up practice a day later: visits done, money in, and the past put right.

What a mirror has to survive: edits, back-dated edits, rows that vanish, two patients who were one,
a family with another head. Rows that change get the stamp of that day, as the server gives it.
"""

from carehouse.demo.opendental_practice import Practice
from carehouse.demo.opendental_rest import MERGED_TABLES, MERGES, age_accounts


def advance(practice: Practice, step: int) -> None:
    """Live the `step`-th day after the as-of day, and run the nightly aging at its end."""
    day = practice.today + step
    share = max(1, practice.patients // 300)
    values = {
        "day": f"on_day({day})",
        "stamp": f"at_time(on_day({day}), 43200)",
        "few": share,
        "some": share * 4,
        "k": 600 + step * 40,
    }
    for part in (_VISITS, _CLAIMS, _PAYMENTS, _EDITS, _DELETES):
        practice.run(part, **values)
    practice.run(MERGES, pairs_wanted=share, merge_day=values["day"])
    _stamp_merged(practice, values["stamp"])
    practice.run(_FAMILIES, **values)
    age_accounts(practice, day)


def _stamp_merged(practice: Practice, stamp: str) -> None:
    for table in MERGED_TABLES:
        for column in ("DateTStamp", "SecDateTEdit"):
            if column in practice.columns(table):
                practice.run(
                    f'update od.{table} set "{column}" = {stamp} '
                    'where "PatNum" in (select keeper from work.merges)'
                )


_VISITS = """
-- some come earlier than they were booked
create or replace table work.moved as
select "AptNum" as apt_id from od.appointment
where "AptStatus" = 1 and "AptDateTime" > at_time({day}, 86400)
    and "AptNum" in (select "AptNum" from od.procedurelog where "ProcStatus" = 1)
order by u("AptNum", {k} + 20), "AptNum"
limit {some};
update od.appointment set "AptDateTime" = at_time({day}, 50400), "DateTStamp" = {stamp}
where "AptNum" in (select apt_id from work.moved);

create or replace table work.seen as
select "AptNum" as apt_id, "PatNum" as pat_id, u("AptNum", {k}) < 0.85 as is_done
from od.appointment
where "AptStatus" = 1 and cast("AptDateTime" as date) = {day};

update od.appointment set
    "AptStatus" = if(seen.is_done, 2, 5), "Confirmed" = {confirm_in}, "DateTStamp" = {stamp}
from work.seen as seen where appointment."AptNum" = seen.apt_id;

insert into od.histappointment by name
select
    (select max("HistApptNum") from od.histappointment) + row_number() over (order by seen.apt_id)
        as "HistApptNum",
    1 as "HistUserNum", {stamp} as "HistDateTStamp", 1 as "HistApptAction", 0 as "ApptSource",
    seen.apt_id as "AptNum", seen.pat_id as "PatNum", if(seen.is_done, 2, 5) as "AptStatus",
    '/XXXXXXXX/' as "Pattern", appointment."ProvNum", appointment."ProvHyg",
    appointment."AptDateTime", appointment."ClinicNum", appointment."Op", {stamp} as "DateTStamp",
    appointment."SecDateTEntry", appointment."IsNewPatient"
from work.seen
join od.appointment as appointment on seen.apt_id = appointment."AptNum";

create or replace table work.finished as
select procs."ProcNum" as proc_id, procs."PatNum" as pat_id
from od.procedurelog as procs
join work.seen as seen on procs."AptNum" = seen.apt_id and seen.is_done
where procs."ProcStatus" = 1;

update od.procedurelog set
    "ProcStatus" = 2, "ProcDate" = {day}, "DateComplete" = {day}, "DateEntryC" = {day},
    "DateTStamp" = {stamp}, "Discount" = 0, "DiscountPlanAmt" = 0
where "ProcNum" in (select proc_id from work.finished);
delete from od.treatplanattach where "ProcNum" in (select proc_id from work.finished);
"""

_CLAIMS = """
-- what was done today goes on a claim; capitation is complete at once
create or replace table work.new_claims as
select
    lines."PatNum" as pat_id, lines."PlanNum" as plan_id, lines."InsSubNum" as inssub_id,
    procs."ClinicNum" as clinic, min(procs."ProvNum") as prov, min(patplan."Ordinal") as ordinal,
    (select max("ClaimNum") from od.claim) + row_number() over (
        order by lines."PatNum", lines."PlanNum", lines."InsSubNum", procs."ClinicNum"
    ) as claim_id
from od.claimproc as lines
join work.finished as finished on lines."ProcNum" = finished.proc_id
join od.procedurelog as procs using ("ProcNum")
join od.patplan as patplan
    on lines."PatNum" = patplan."PatNum" and lines."InsSubNum" = patplan."InsSubNum"
where lines."Status" = 6
group by lines."PatNum", lines."PlanNum", lines."InsSubNum", procs."ClinicNum";

update od.claimproc set
    "Status" = 0, "ClaimNum" = new_claims.claim_id, "ProcDate" = {day}, "DateCP" = {day},
    "InsPayEst" = if("InsEstTotalOverride" = -1, "InsEstTotal", "InsEstTotalOverride"),
    "WriteOff" = greatest(if("WriteOffEstOverride" = -1, "WriteOffEst", "WriteOffEstOverride"), 0),
    "SecDateTEdit" = {stamp}
from work.new_claims as new_claims, od.procedurelog as procs
where
    claimproc."Status" = 6
    and claimproc."ProcNum" = procs."ProcNum"
    and claimproc."ProcNum" in (select proc_id from work.finished)
    and claimproc."PatNum" = new_claims.pat_id
    and claimproc."PlanNum" = new_claims.plan_id
    and claimproc."InsSubNum" = new_claims.inssub_id
    and procs."ClinicNum" = new_claims.clinic;
update od.claimproc set
    "Status" = 7, "ProcDate" = {day}, "DateCP" = {day}, "SecDateTEdit" = {stamp},
    "WriteOff" = greatest("WriteOffEst", 0)
where "Status" = 8 and "ProcNum" in (select proc_id from work.finished);

insert into od.claim by name
select
    new_claims.claim_id as "ClaimNum", new_claims.pat_id as "PatNum", {day} as "DateService",
    {day} as "DateSent", {day} as "DateSentOrig", 'S' as "ClaimStatus",
    new_claims.plan_id as "PlanNum", new_claims.inssub_id as "InsSubNum",
    new_claims.prov as "ProvTreat", new_claims.prov as "ProvBill", new_claims.clinic as "ClinicNum",
    if(new_claims.ordinal = 1, 'P', 'S') as "ClaimType", 0 as "CorrectionType",
    round(sum(lines."FeeBilled"), 2) as "ClaimFee", round(sum(lines."InsPayEst"), 2) as "InsPayEst",
    0.0 as "InsPayAmt", round(sum(lines."WriteOff"), 2) as "WriteOff", 0 as "CustomTracking",
    {day} as "SecDateEntry", {stamp} as "SecDateTEdit", 1 as "SecUserNumEntry",
    'N' as "IsProsthesis"
from work.new_claims as new_claims
join od.claimproc as lines on new_claims.claim_id = lines."ClaimNum"
group by all;
insert into od.claimsnapshot by name
select
    (select max("ClaimSnapshotNum") from od.claimsnapshot) + row_number() over (
        order by lines."ClaimProcNum") as "ClaimSnapshotNum",
    lines."ProcNum", 'P' as "ClaimType", if(lines."WriteOff" = 0, -1, lines."WriteOff")
        as "Writeoff",
    lines."InsPayEst", lines."FeeBilled" as "Fee", {stamp} as "DateTEntry", lines."ClaimProcNum",
    0 as "SnapshotTrigger"
from od.claimproc as lines
where lines."ClaimNum" in (select claim_id from work.new_claims);

-- some that were waiting are paid, each with a check of its own
create or replace table work.answered as
select
    "ClaimNum" as claim_id, "ClinicNum" as clinic, "PlanNum" as plan_id,
    (select max("ClaimPaymentNum") from od.claimpayment) + row_number() over (order by "ClaimNum")
        as checknum
from od.claim
where "ClaimStatus" = 'S' and "ClaimType" in ('P', 'S') and "DateSent" < {day}
    and u("ClaimNum", {k} + 1) < 0.12;
update od.claimproc set
    "Status" = 1, "InsPayAmt" = "InsPayEst", "ClaimPaymentNum" = answered.checknum,
    "DateCP" = {day}, "DateEntry" = {day}, "DateSuppReceived" = {day}, "DateInsFinalized" = {day},
    "SecDateTEdit" = {stamp}, "PaymentRow" = 1
from work.answered as answered
where claimproc."ClaimNum" = answered.claim_id and claimproc."Status" = 0;
update od.claim set
    "ClaimStatus" = 'R', "DateReceived" = {day}, "InsPayAmt" = sums.paid, "SecDateTEdit" = {stamp}
from (
    select "ClaimNum" as claim_id, round(sum("InsPayAmt"), 2) as paid
    from od.claimproc group by "ClaimNum"
) as sums
where claim."ClaimNum" = sums.claim_id
    and claim."ClaimNum" in (select claim_id from work.answered);
insert into od.claimpayment by name
select
    answered.checknum as "ClaimPaymentNum", {day} as "CheckDate",
    round(sum(lines."InsPayAmt"), 2) as "CheckAmt",
    cast(answered.checknum as varchar) as "CheckNum",
    answered.clinic as "ClinicNum", carrier."CarrierName", {day} as "DateIssued", 0 as "IsPartial",
    {ins_eft} as "PayType", {day} as "SecDateEntry", {pay_group} as "PayGroup",
    1 as "SecUserNumEntry", {stamp} as "SecDateTEdit"
from work.answered as answered
join od.claimproc as lines on answered.checknum = lines."ClaimPaymentNum"
join od.insplan as plans on answered.plan_id = plans."PlanNum"
join od.carrier as carrier using ("CarrierNum")
group by answered.checknum, answered.clinic, carrier."CarrierName";
"""

_PAYMENTS = """
-- a round sum from families that owe, half of it on account, half at random on a procedure
create or replace table work.payers as
select
    "PatNum" as guarantor, 5000 as cents,
    (select max("PayNum") from od.payment) + row_number() over (order by "PatNum") as pay_id
from od.patient
where "BalTotal" > 60 and u("PatNum", {k} + 2) < 0.25;
insert into od.payment by name
select
    pay_id as "PayNum", {pay_check} as "PayType", {day} as "PayDate", money(cents) as "PayAmt",
    '' as "CheckNum", guarantor as "PatNum", 0 as "ClinicNum", {day} as "DateEntry",
    0 as "PaymentSource", 1 as "SecUserNumEntry", {stamp} as "SecDateTEdit"
from work.payers;
insert into od.paysplit by name
select
    (select max("SplitNum") from od.paysplit) + row_number() over (order by pay_id, part)
        as "SplitNum",
    money(cents // 2) as "SplitAmt", guarantor as "PatNum", pay_id as "PayNum",
    {first_provider} as "ProvNum", 0 as "PayPlanNum", {day} as "DatePay",
    if(part = 0, 0, coalesce(procs.proc_id, 0)) as "ProcNum", {day} as "DateEntry",
    0 as "UnearnedType", {first_clinic} as "ClinicNum", 0 as "AdjNum", 0 as "PayPlanChargeNum",
    0 as "PayPlanDebitType", 1 as "SecUserNumEntry", {stamp} as "SecDateTEdit"
from work.payers
cross join range(2) as parts(part)
left join (
    select "PatNum" as pat_id, max("ProcNum") as proc_id
    from od.procedurelog where "ProcStatus" = 2 group by "PatNum"
) as procs on guarantor = procs.pat_id;
"""

_EDITS = """
-- a fee put right, and one of months ago moved back a month with its claim lines
create or replace table work.edited as
select
    "ProcNum" as proc_id, row_number() over (order by u("ProcNum", {k} + 3), "ProcNum") as n
from od.procedurelog
where "ProcStatus" = 2 and "ProcFee" > 40 and "ProcDate" < {day} - 60
order by n
limit 2 * {some};
update od.procedurelog set "ProcFee" = "ProcFee" + 10, "DateTStamp" = {stamp}
where "ProcNum" in (select proc_id from work.edited where n <= {some});
update od.procedurelog set "ProcDate" = "ProcDate" - 31, "DateTStamp" = {stamp}
where "ProcNum" in (select proc_id from work.edited where n > {some});
update od.claimproc set "ProcDate" = "ProcDate" - 31, "SecDateTEdit" = {stamp}
where "ProcNum" in (select proc_id from work.edited where n > {some});

-- a payment of last month keyed with the wrong amount: its splits go and come again
create or replace table work.corrected as
select "PayNum" as pay_id, any_value("SplitNum") as split_id
from od.paysplit
where "DatePay" between {day} - 45 and {day} - 3 and "PayPlanNum" = 0 and "UnearnedType" = 0
    and "PayNum" in (select "PayNum" from od.payment where "PayAmt" > 30 and "PayType" <> 0)
group by "PayNum"
having count(*) = 1
order by u(pay_id, {k} + 4), pay_id
limit {some};
update od.payment set "PayAmt" = "PayAmt" - 5, "SecDateTEdit" = {stamp}
where "PayNum" in (select pay_id from work.corrected);
create or replace table work.again as
select * from od.paysplit where "SplitNum" in (select split_id from work.corrected);
delete from od.paysplit where "SplitNum" in (select split_id from work.corrected);
insert into od.paysplit by name
select
    * replace (
        (select max("SplitNum") from od.paysplit) + row_number() over (order by "SplitNum")
            as "SplitNum",
        round("SplitAmt" - 5, 2) as "SplitAmt", {stamp} as "SecDateTEdit"
    )
from work.again;

-- an adjustment dated back into a month that was closed
insert into od.adjustment by name
select
    (select max("AdjNum") from od.adjustment) + row_number() over (order by "PatNum") as "AdjNum",
    {day} - 100 as "AdjDate", -12.5 as "AdjAmt", "PatNum", {adj_cash} as "AdjType",
    "PriProv" as "ProvNum", {day} - 100 as "ProcDate", 0 as "ProcNum", {day} as "DateEntry",
    "ClinicNum", 1 as "SecUserNumEntry", {stamp} as "SecDateTEdit"
from od.patient
where "BalTotal" > 30
order by u("PatNum", {k} + 5), "PatNum"
limit {some};

update od.patient set "Address" = '1 New Road', "Zip" = '97999', "DateTStamp" = {stamp}
where "PatNum" in (
    select "PatNum" from od.patient where "PatStatus" = 0
    order by u("PatNum", {k} + 6), "PatNum" limit {some}
);
update od.patient set "PatStatus" = 2, "DateTStamp" = {stamp}
where "PatNum" in (
    select "PatNum" from od.patient where "PatStatus" = 0
    order by u("PatNum", {k} + 7), "PatNum" limit {few}
);
update od.fee set "Amount" = "Amount" + 3, "SecDateTEdit" = {stamp}
where "Amount" > 0 and u("FeeNum", {k} + 8) < 0.03;
update od.provider set "HourlyProdGoalAmt" = "HourlyProdGoalAmt" + 5, "DateTStamp" = {stamp}
where "ProvNum" = {first_provider};
update od.definition set "ItemName" = "ItemName" || ' *' where "DefNum" = {billing_2};
update od.recall set "DateDue" = {day} + 30, "DateTStamp" = {stamp}
where u("RecallNum", {k} + 9) < 0.01;
"""

_DELETES = """
-- payments with their splits, unless an adjustment or a plan hangs on them
create or replace table work.gone as
select "PayNum" as pay_id
from od.payment
where "PayDate" > {day} - 400 and "PayType" not in (0, {pay_refund})
    and "PayNum" not in (
        select "PayNum" from od.paysplit where "PayPlanNum" > 0 or "UnearnedType" > 0
    )
order by u("PayNum", {k} + 10), "PayNum"
limit {some};
delete from od.paysplit where "PayNum" in (select pay_id from work.gone);
delete from od.payment where "PayNum" in (select pay_id from work.gone);

delete from od.adjustment where "AdjNum" in (
    select "AdjNum" from od.adjustment
    where "AdjNum" not in (select "AdjNum" from od.paysplit)
    order by u("AdjNum", {k} + 11), "AdjNum" limit {some}
);

-- a claim that was not answered is taken back: its lines are estimates again
create or replace table work.taken_back as
select "ClaimNum" as claim_id from od.claim
where "ClaimStatus" in ('S', 'U', 'W') and "ClaimType" = 'P'
order by u("ClaimNum", {k} + 12), "ClaimNum"
limit {few};
delete from od.claimproc
where "ClaimNum" in (select claim_id from work.taken_back) and "ProcNum" = 0;
update od.claimproc set
    "Status" = 6, "ClaimNum" = 0, "InsPayEst" = 0, "WriteOff" = 0, "SecDateTEdit" = {stamp}
where "ClaimNum" in (select claim_id from work.taken_back) and "Status" = 0;
delete from od.claim where "ClaimNum" in (select claim_id from work.taken_back);

-- a booked visit is deleted; its history says so, its procedures wait again
create or replace table work.dropped as
select * from od.appointment
where "AptStatus" = 1 and "AptDateTime" > at_time({day}, 86400)
order by u("AptNum", {k} + 13), "AptNum"
limit {some};
insert into od.histappointment by name
select
    (select max("HistApptNum") from od.histappointment) + row_number() over (order by "AptNum")
        as "HistApptNum",
    1 as "HistUserNum", {stamp} as "HistDateTStamp", 4 as "HistApptAction", 0 as "ApptSource",
    "AptNum", "PatNum", "AptStatus", "Pattern", "ProvNum", "ProvHyg", "AptDateTime", "ClinicNum",
    "Op", {stamp} as "DateTStamp", "SecDateTEntry", "IsNewPatient"
from work.dropped;
update od.procedurelog set "AptNum" = 0, "DateTStamp" = {stamp}
where "AptNum" in (select "AptNum" from work.dropped) and "AptNum" > 0;
delete from od.appointment where "AptNum" in (select "AptNum" from work.dropped);

-- planned treatment is given up: the row stays, what hangs on it goes
create or replace table work.given_up as
select "ProcNum" as proc_id from od.procedurelog
where "ProcStatus" = 1 and "AptNum" = 0
order by u("ProcNum", {k} + 14), "ProcNum"
limit {some};
update od.procedurelog set "ProcStatus" = 6, "PlannedAptNum" = 0, "DateTStamp" = {stamp}
where "ProcNum" in (select proc_id from work.given_up);
delete from od.claimproc
where "ProcNum" in (select proc_id from work.given_up) and "Status" in (6, 8);
delete from od.treatplanattach where "ProcNum" in (select proc_id from work.given_up);

-- coverage ends: the row goes, and the estimates with it
create or replace table work.uncovered as
select "PatNum" as pat_id, "InsSubNum" as inssub_id, "PatPlanNum" as patplan_id
from od.patplan
where "Ordinal" = 1
    and "PatNum" not in (select "PatNum" from od.patplan where "Ordinal" = 2)
order by u("PatPlanNum", {k} + 15), "PatPlanNum"
limit {some};
delete from od.patplan where "PatPlanNum" in (select patplan_id from work.uncovered);
delete from od.claimproc where "Status" in (6, 8) and exists (
    select 1 from work.uncovered as gone
    where gone.pat_id = claimproc."PatNum" and gone.inssub_id = claimproc."InsSubNum"
);

delete from od.proctp where "TreatPlanNum" in (
    select "TreatPlanNum" from od.treatplan where "TPStatus" = 0
    order by u("TreatPlanNum", {k} + 16), "TreatPlanNum" limit {few}
);
delete from od.treatplan where "TreatPlanNum" in (
    select "TreatPlanNum" from od.treatplan where "TPStatus" = 0
    order by u("TreatPlanNum", {k} + 16), "TreatPlanNum" limit {few}
);
delete from od.recall where "RecallNum" in (
    select "RecallNum" from od.recall order by u("RecallNum", {k} + 17), "RecallNum" limit {some}
);
delete from od.scheduleop where "ScheduleNum" in (
    select "ScheduleNum" from od.schedule where "SchedDate" = {day} + 20
);
delete from od.schedule where "SchedDate" = {day} + 20;
"""

_FAMILIES = """
-- who was in a parent's family heads one
update od.patient set "Guarantor" = "PatNum", "DateTStamp" = {stamp}
where "PatNum" in (
    select "PatNum" from od.patient
    where "Guarantor" <> "PatNum" and "PatStatus" = 0
    order by u("PatNum", {k} + 18), "PatNum" limit {few}
);

-- and somebody new
insert into od.patient by name
select
    * replace (
        (select max("PatNum") from od.patient) + row_number() over (order by "PatNum")
            as "PatNum",
        (select max("PatNum") from od.patient) + row_number() over (order by "PatNum")
            as "Guarantor",
        "LName" || 'son' as "LName", {day} as "SecDateEntry", {stamp} as "DateTStamp",
        cast(null as date) as "DateFirstVisit", '' as "HasIns", 0 as "SuperFamily",
        0e0 as "Bal_0_30", 0e0 as "Bal_31_60", 0e0 as "Bal_61_90", 0e0 as "BalOver90",
        0e0 as "BalTotal", 0e0 as "InsEst"
    )
from od.patient
where "PatStatus" = 0
order by "PatNum"
limit {few};
"""
