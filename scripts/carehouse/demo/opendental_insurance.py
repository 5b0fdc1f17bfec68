"""Claims of a made-up practice: estimates, claims, checks, and what went wrong with them.

A check is the sum of its claim lines. All amounts are whole cents until they are written.
"""

from carehouse.demo.opendental_practice import Practice


def build_insurance(practice: Practice) -> None:
    """Fill claim, claimproc, claimpayment, claimsnapshot, claimtracking."""
    practice.run(_ESTIMATES)
    practice.run(_CLAIMS)
    practice.run(_LINES)
    practice.run(_CHECKS)
    practice.run(_TABLES)


_ESTIMATES = """
-- one row per procedure and plan: what the plan should pay and what the office writes off
create table work.estimates as
with first as (
    select
        procedures.procnum, procedures.patnum, procedures.status, procedures.day, procedures.prov,
        procedures.clinic, procedures.line_cents, procedures.code, procedures.plan_day,
        procedures.benefit, coverage.ordinal, coverage.plannum, coverage.inssubnum,
        coverage.plantype, coverage.carriernum, procedures.procnum * 4 + coverage.ordinal as q,
        case when coverage.plantype in ('p', 'f')
            then cast(round(procedures.line_cents * coverage.allowed_percent / 100) as bigint)
            else procedures.line_cents end as allowed,
        case procedures.benefit when 'prevent' then 100 when 'basic' then 80 else 50 end as percent
    from work.procedures as procedures
    join work.coverage as coverage using (patnum)
    where procedures.status in (1, 2, 8) and procedures.benefit <> 'none'
),
primary_share as (
    select
        *,
        greatest(0, cast(round(allowed * percent / 100) as bigint)
            - if(u(q, 300) < 0.06, 5000, 0)) as share,
        line_cents - allowed as reduction
    from first
)
select
    primary_share.*,
    case
        when primary_share.plantype = 'c' then 0
        when primary_share.ordinal = 1 then primary_share.share
        else cast(round(greatest(0, primary_share.allowed - coalesce(other.share, 0)) * 0.6)
            as bigint)
    end as pays,
    case
        when primary_share.plantype = 'c'
            then primary_share.line_cents - cast(round(primary_share.line_cents * 0.15) as bigint)
        when primary_share.plantype in ('p', 'f') and primary_share.ordinal = 1
            then primary_share.reduction
        else 0
    end as writes_off
from primary_share
left join (
    select procnum, share from primary_share where ordinal = 1 and plantype <> 'c'
) as other on if(primary_share.ordinal = 2, primary_share.procnum, -1) = other.procnum;
"""

_CLAIMS = """
-- one claim per patient, day, clinic and plan
create table work.claims as
with billed as (
    select
        estimates.*,
        u(q, 301) < 0.025 as is_unbilled
    from work.estimates as estimates
    where status = 2 and plantype <> 'c'
),
grouped as (
    select
        patnum, day, clinic, ordinal, plannum, inssubnum, carriernum,
        any_value(prov order by procnum) as prov
    from billed
    where not is_unbilled
    group by patnum, day, clinic, ordinal, plannum, inssubnum, carriernum
),
numbered as (
    select *, row_number() over (order by day, patnum, clinic, ordinal, plannum) as c
    from grouped
),
dated as (
    select
        *,
        u(c, 302) as fate,
        day + pick(c, 303, 4) as asked_day,
        9 + days_exp(c, 304, 13) as wait
    from numbered
),
answered as (
    select
        dated.*,
        case when dated.ordinal > 1 then coalesce(main.asked_day + main.wait, dated.day) + 2
            else dated.asked_day end as sent_day,
        case when main.fate < 0.045 then true else false end as waits_forever
    from dated
    left join (select * from dated where ordinal = 1) as main
        on
            if(dated.ordinal > 1, dated.patnum, -1) = main.patnum
            and dated.day = main.day
            and dated.clinic = main.clinic
)
select
    *,
    sent_day + wait as received_day,
    case
        when waits_forever or (ordinal > 1 and sent_day > {today}) then 'H'
        when fate < 0.008 then 'U'
        when fate < 0.011 then 'I'
        when sent_day > {today} or fate < 0.014 then 'W'
        when fate < 0.045 or sent_day + wait > {today} then 'S'
        else 'R'
    end as state
from answered;
"""

_LINES = """
create table work.claim_lines as
-- kind: 1 the claim's own line, 2 a second payment, 3 paid by total, 4 of a corrected claim,
-- 5 an estimate, 6 capitation, 7 pre-authorization, 8 benefit used elsewhere, 9 history,
-- 10 transfer, 11 capitation claim
with claimed as (
    select
        estimates.*, claims.c, claims.state, claims.sent_day, claims.received_day, claims.fate
    from work.estimates as estimates
    join work.claims as claims using (patnum, day, clinic, ordinal, plannum, inssubnum)
    where estimates.status = 2 and estimates.plantype <> 'c' and u(estimates.q, 301) >= 0.025
),
paid as (
    select
        *,
        case
            when state <> 'R' then 0
            when fate < 0.06 or u(q, 310) < 0.03 then 0
            when u(q, 310) < 0.90 then pays
            when u(q, 310) < 0.97 then cast(round(pays * 0.8) as bigint)
            else least(cast(round(pays * 1.06) as bigint), line_cents - writes_off)
        end as paid,
        case
            when state = 'R' and (fate < 0.06 or u(q, 310) < 0.03) then 0
            when state = 'R' and u(q, 311) < 0.05 then cast(round(writes_off * 0.9) as bigint)
            else writes_off
        end as actual
    from claimed
)
select
    1 as kind, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, c,
    if(state = 'R', 1, 0) as status, line_cents, pays, paid, actual as writeoff,
    writes_off as writeoff_est, day, if(state = 'R', received_day, day) as money_day, q, plantype,
    false as is_transfer
from paid
union all  -- more money later, or some of it back
select
    2, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, c, 4, line_cents, 0,
    if(u(q, 312) < 0.2, -cast(round(paid * 0.25) as bigint),
        cast(round((line_cents - writes_off - paid) * 0.4) as bigint)),
    if(u(q, 313) < 0.2, 500, 0), 0, day, received_day + 15 + pick(q, 314, 30), q, plantype, false
from paid
where state = 'R' and u(c, 315) < 0.04 and received_day + 45 < {today}
union all  -- and once more
select
    2, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, c, 4, line_cents, 0,
    300, 0, 0, day, received_day + 60 + pick(q, 316, 30), q, plantype, false
from paid
where state = 'R' and u(c, 315) < 0.008 and received_day + 90 < {today}
union all  -- entered by total, for no procedure
select
    3, 0, patnum, any_value(prov order by procnum), clinic, plannum, inssubnum, ordinal, carriernum,
    c, 1, 0, 0, 1500 + 100 * pick(c, 317, 40), if(u(c, 318) < 0.2, 700, 0), 0,
    any_value(day), any_value(received_day), c * 4, any_value(plantype), false
from paid
where state = 'R' and u(c, 319) < 0.02
group by patnum, clinic, plannum, inssubnum, ordinal, carriernum, c
union all  -- moved between providers of one claim: nets to nothing
select
    10, procnum, patnum, prov + if(side = 1, 0, 1), clinic, plannum, inssubnum, ordinal, carriernum,
    c, 4, line_cents, 0, side * 1000, 0, 0, day, received_day + 3, q, plantype, true
from paid, (values (1), (-1)) as sides(side)
where state = 'R' and u(q, 320) < 0.003 and received_day + 5 < {today}
union all  -- a denied claim sent again, corrected
select
    4, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, c,
    if(received_day + 40 <= {today}, 1, 0), line_cents, pays,
    if(received_day + 40 <= {today}, pays, 0), writes_off, writes_off, day,
    if(received_day + 40 <= {today}, received_day + 40, day), q, plantype, false
from paid
where state = 'R' and fate < 0.06
union all  -- plans' estimates of what is planned, and of what was done and never billed
select
    5, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, 0, 6, line_cents,
    pays, 0, 0, writes_off, day, least(day, {today}), q, plantype, false
from work.estimates
where plantype <> 'c' and (status in (1, 8) or u(q, 301) < 0.025)
union all
select
    6, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum, 0,
    if(status = 2, 7, 8), line_cents, 0, 0, if(status = 2, writes_off, 0), writes_off, day,
    least(day, {today}), q, plantype, false
from work.estimates
where plantype = 'c'
union all  -- a capitation plan that pays a claim too
select
    11, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum,
    1000000000 + q, 5, line_cents, 0, 2000, 0, 0, day, day + 12, q, plantype, false
from work.estimates
where plantype = 'c' and status = 2 and u(q, 321) < 0.02 and day + 12 <= {today}
union all
select
    7, procnum, patnum, prov, clinic, plannum, inssubnum, ordinal, carriernum,
    2000000000 + q, 2, line_cents, pays, 0, 0, writes_off, plan_day, plan_day, q, plantype, false
from work.estimates
where plantype <> 'c' and ordinal = 1 and code in ('D2740', 'D6010', 'D5213', 'D8080')
    and u(q, 322) < 0.35
union all
select
    8, 0, patnum, 0, 0, plannum, inssubnum, ordinal, carriernum, 0, 3, 0, 0, 20000, 0, 0, 400, 400,
    inssubnum * 4, plantype, false
from work.coverage
where ordinal = 1 and u(patnum, 323) < 0.012
union all
select
    9, procedures.procnum, procedures.patnum, 0, 0, coverage.plannum, coverage.inssubnum, 1,
    coverage.carriernum, 0, 9, 0, 0, 0, 0, 0, procedures.day - 100, procedures.day, 0,
    coverage.plantype, false
from work.procedures as procedures
join work.coverage as coverage using (patnum)
where procedures.status = 4 and coverage.ordinal = 1;

-- money that was received and is on no check yet waits; the rest is on a check a week
create table work.paid_lines as
select
    *,
    row_number() over (order by money_day, patnum, kind, procnum, ordinal, c, q, paid)
        as claimprocnum,
    carriernum * 1000 + clinic as payer,
    money_day + (7 - money_day % 7) % 7 as check_day,
    status in (1, 4, 5) and kind <> 10 and money_day + (7 - money_day % 7) % 7 <= {today}
        and u(c, 324) > 0.004 as is_final
from work.claim_lines;
"""

_CHECKS = """
create table work.checks as
select
    payer, check_day, any_value(carriernum) as carriernum, any_value(clinic) as clinic,
    sum(paid) as cents,
    row_number() over (order by check_day, payer) as claimpaymentnum
from work.paid_lines
where is_final
group by payer, check_day;

create table od.claimpayment as
select
    checks.claimpaymentnum as "ClaimPaymentNum", on_day(checks.check_day) as "CheckDate",
    money(checks.cents + if(u(checks.claimpaymentnum, 330) < 0.01, 12345, 0)) as "CheckAmt",
    cast(20000 + checks.claimpaymentnum as varchar) as "CheckNum", checks.clinic as "ClinicNum",
    carrier."CarrierName", on_day(checks.check_day - 2) as "DateIssued",
    if(u(checks.claimpaymentnum, 330) < 0.01, 1, 0) as "IsPartial",
    if(u(checks.claimpaymentnum, 331) < 0.5, {ins_check}, {ins_eft}) as "PayType",
    on_day(checks.check_day) as "SecDateEntry", {pay_group} as "PayGroup",
    1 as "SecUserNumEntry", at_time(on_day(checks.check_day), 61000) as "SecDateTEdit"
from work.checks as checks
join od.carrier as carrier on checks.carriernum = carrier."CarrierNum";

-- the claims' own numbers, in the order they were made
create table work.claim_numbers as
with every as (
    select c, 0 as part, day from work.claims
    union all
    select distinct c, 1, money_day from work.paid_lines where kind = 4
    union all
    select distinct c, 0, day from work.paid_lines where kind in (7, 11)
)
select c, part, row_number() over (order by day, c, part) as claimnum
from every;
"""

_TABLES = """
create table od.claimproc as
select
    lines.claimprocnum as "ClaimProcNum", lines.procnum as "ProcNum",
    coalesce(numbers.claimnum, 0) as "ClaimNum", lines.patnum as "PatNum", lines.prov as "ProvNum",
    money(lines.line_cents) as "FeeBilled", money(if(lines.kind = 5, 0, lines.pays)) as "InsPayEst",
    if(lines.kind = 1 and u(lines.q, 340) < 0.06, 50.0, 0.0) as "DedApplied",
    lines.status as "Status", money(lines.paid) as "InsPayAmt",
    if(lines.paid = 0 and lines.status = 1, 'not covered', '') as "Remarks",
    coalesce(checks.claimpaymentnum, 0) as "ClaimPaymentNum", lines.plannum as "PlanNum",
    case
        when lines.is_final then on_day(lines.check_day)
        when lines.kind = 5 and u(lines.q, 341) < 0.3 then null
        else on_day(lines.money_day)
    end as "DateCP",
    money(lines.writeoff) as "WriteOff", -1e0 as "AllowedOverride", -1 as "PercentOverride",
    case when lines.plantype = 'c' then -1 when lines.kind = 1 then 80 else -1 end as "Percentage",
    if(lines.plantype = 'c', money(lines.line_cents - lines.writeoff_est), -1.0) as "CopayAmt",
    -1e0 as "CopayOverride", -1e0 as "PaidOtherIns", -1e0 as "PaidOtherInsOverride",
    -1e0 as "DedEst",
    -1e0 as "DedEstOverride",
    if(lines.kind = 5 and u(lines.q, 342) < 0.05, 1, 0) as "NoBillIns",
    money(lines.pays) as "BaseEst", money(lines.pays) as "InsEstTotal",
    if(lines.kind = 5 and u(lines.q, 343) < 0.04, money(round(lines.pays * 0.9)), -1.0)
        as "InsEstTotalOverride",
    if(lines.plantype in ('p', 'f', 'c'), money(lines.writeoff_est), -1.0) as "WriteOffEst",
    if(lines.kind in (5, 6) and u(lines.q, 344) < 0.03, money(round(lines.writeoff_est * 0.5)),
        -1.0)
        as "WriteOffEstOverride",
    on_day(lines.day) as "ProcDate",
    if(lines.status in (1, 4, 5), on_day(lines.money_day), on_day(least(lines.day, {today})))
        as "DateEntry",
    if(lines.status in (1, 4, 5), on_day(lines.money_day), null) as "DateSuppReceived",
    if(lines.is_final, on_day(lines.check_day), null) as "DateInsFinalized",
    if(numbers.claimnum is null, 0, 1 + lines.procnum % 8) as "LineNumber",
    lines.clinic as "ClinicNum", lines.inssubnum as "InsSubNum",
    if(lines.kind = 2, 2, if(lines.status in (1, 4), 1, 0)) as "PaymentRow",
    0 as "PayPlanNum", cast(lines.is_transfer as integer) as "IsTransfer",
    0 as "IsOverpay", if(lines.paid = 0 and lines.status = 1, 'CO-45', '') as "ClaimAdjReasonCodes",
    on_day(least(lines.day, {today})) as "SecDateEntry",
    at_time(on_day(least(greatest(lines.money_day, lines.day, if(lines.is_final, lines.check_day,
        0)), {today})), 30000 + pick(lines.claimprocnum, 345, 30000)) as "SecDateTEdit",
    1 + pick(lines.c, 346, {users}) as "SecUserNumEntry"
from work.paid_lines as lines
left join work.checks as checks
    on if(lines.is_final, lines.payer, -1) = checks.payer and lines.check_day = checks.check_day
left join work.claim_numbers as numbers
    on if(lines.kind = 5, -1, lines.c) = numbers.c and if(lines.kind = 4, 1, 0) = numbers.part;

-- a completed procedure that was set back to planned after its claim was paid
create table work.set_back as
select procnum from work.paid_lines
where kind = 1 and status = 1 and u(procnum, 347) < 0.0015 and ordinal = 1;
update od.procedurelog set "ProcStatus" = 1, "AptNum" = 0
where "ProcNum" in (select procnum from work.set_back);
update work.procedures set status = 1
where procnum in (select procnum from work.set_back);
update od.claimproc set "Status" = 8, "WriteOff" = 0
where "Status" = 7 and "ProcNum" in (select procnum from work.set_back);

create table od.claim as
with sums as (
    select
        "ClaimNum", sum("FeeBilled") as fee, sum("InsPayEst") as est, sum("InsPayAmt") as paid,
        sum("WriteOff") as writeoff
    from od.claimproc where "ClaimNum" > 0 group by "ClaimNum"
),
heads as (
    select
        numbers.claimnum, claims.patnum, claims.day, claims.sent_day, claims.received_day,
        if(numbers.part = 1, if(claims.received_day + 40 <= {today}, 'R', 'S'), claims.state)
            as state,
        if(claims.ordinal = 1, 'P', 'S') as kind, claims.plannum, claims.inssubnum, claims.prov,
        claims.clinic, numbers.part
    from work.claim_numbers as numbers
    join work.claims as claims using (c)
    union all
    select
        numbers.claimnum, lines.patnum, lines.day, lines.day, lines.money_day,
        if(lines.kind = 11 or u(lines.q, 348) < 0.7, 'R', 'S'),
        if(lines.kind = 7, 'PreAuth', 'Cap'), lines.plannum, lines.inssubnum, lines.prov,
        lines.clinic, 0
    from work.claim_numbers as numbers
    join work.paid_lines as lines using (c)
    where lines.kind in (7, 11)
)
select
    heads.claimnum as "ClaimNum", heads.patnum as "PatNum", on_day(heads.day) as "DateService",
    case when heads.state in ('S', 'R') or (heads.state = 'W' and heads.sent_day <= {today})
        then on_day(heads.sent_day + if(heads.part = 1, heads.received_day - heads.sent_day, 0))
        end as "DateSent",
    case when heads.state in ('S', 'R') then on_day(heads.sent_day) end as "DateSentOrig",
    heads.state as "ClaimStatus",
    case when heads.state = 'R' then on_day(heads.received_day + 40 * heads.part) end
        as "DateReceived",
    heads.plannum as "PlanNum", heads.inssubnum as "InsSubNum", heads.prov as "ProvTreat",
    heads.prov as "ProvBill", heads.clinic as "ClinicNum", heads.kind as "ClaimType",
    heads.part as "CorrectionType", coalesce(sums.fee, 0) as "ClaimFee",
    coalesce(sums.est, 0) as "InsPayEst", coalesce(sums.paid, 0) as "InsPayAmt",
    coalesce(sums.writeoff, 0) as "WriteOff",
    if(u(heads.claimnum, 349) < 0.03, {tracking_1}, 0) as "CustomTracking",
    on_day(least(heads.day, {today})) as "SecDateEntry",
    at_time(on_day(least(greatest(heads.day, heads.received_day), {today})), 61500)
        as "SecDateTEdit",
    1 + pick(heads.claimnum, 350, {users}) as "SecUserNumEntry", 'N' as "IsProsthesis"
from heads
left join sums on heads.claimnum = sums."ClaimNum";
update od.claim set "ClaimFee" = round("ClaimFee", 2), "InsPayEst" = round("InsPayEst", 2),
    "InsPayAmt" = round("InsPayAmt", 2), "WriteOff" = round("WriteOff", 2);

create table od.claimsnapshot as
select
    row_number() over (order by lines.day, lines.claimprocnum) as "ClaimSnapshotNum",
    lines.procnum as "ProcNum", if(lines.ordinal = 1, 'P', 'S') as "ClaimType",
    if(lines.writeoff_est = 0, -1.0, money(lines.writeoff_est)) as "Writeoff",
    money(lines.pays) as "InsPayEst", money(lines.line_cents) as "Fee",
    at_time(on_day(lines.day), 64000) as "DateTEntry", lines.claimprocnum as "ClaimProcNum",
    0 as "SnapshotTrigger"
from work.paid_lines as lines
where lines.kind = 1 and u(lines.q, 351) < 0.96;

create table od.claimtracking as
select
    row_number() over (order by day, c) as "ClaimTrackingNum", claimnum as "ClaimNum",
    'StatusHistory' as "TrackingType", 1 as "UserNum",
    at_time(on_day(least(day + 21, {today})), 50000) as "DateTimeEntry",
    if(u(c, 352) < 0.5, {tracking_1}, {tracking_2}) as "TrackingDefNum"
from work.claims
join work.claim_numbers using (c)
where part = 0 and u(c, 353) < 0.05;

create table od.insbluebook as
select
    row_number() over (order by lines.claimprocnum) as "InsBlueBookNum",
    procedures.codenum as "ProcCodeNum", lines.carriernum as "CarrierNum",
    lines.plannum as "PlanNum", money(lines.paid) as "InsPayAmt", -1e0 as "AllowedOverride",
    at_time(on_day(lines.money_day), 50000) as "DateTEntry", lines.procnum as "ProcNum",
    on_day(lines.day) as "ProcDate", 'P' as "ClaimType", 0 as "ClaimNum"
from work.paid_lines as lines
join work.procedures as procedures using (procnum)
where lines.kind = 1 and lines.status = 1 and lines.plantype = '' and u(lines.q, 354) < 0.3;

insert into od.claimproc by name  -- an estimate whose procedure is not there
select
    (select max("ClaimProcNum") + 1 from od.claimproc) as "ClaimProcNum", 999999999 as "ProcNum",
    0 as "ClaimNum", patnum as "PatNum", 0 as "ProvNum", 6 as "Status", plannum as "PlanNum",
    inssubnum as "InsSubNum", 10.0 as "InsEstTotal", {start} as "ProcDate", -1e0 as "WriteOffEst",
    -1e0 as "WriteOffEstOverride", -1e0 as "InsEstTotalOverride",
    at_time({start}, 60000) as "SecDateTEdit"
from work.coverage order by patnum limit 1;
"""
