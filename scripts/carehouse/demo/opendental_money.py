"""What patients owe and pay in a made-up practice: payments, plans, adjustments, refunds.

A payment is the sum of its splits; an income transfer moves money and sums to nothing.
"""

from carehouse.demo.opendental_practice import Practice


def build_money(practice: Practice) -> None:
    """Fill payment, paysplit, adjustment, payplan and what hangs on them."""
    practice.run(_PORTIONS)
    practice.run(_ADJUSTMENTS)
    practice.run(_PAY_PLANS)
    practice.run(_SPLITS)
    practice.run(_TABLES)


_PORTIONS = """
-- what is left for the patient of each completed procedure, as far as one can tell
create table work.portions as
with insured as (
    select
        procnum,
        sum(case when status = 0 then pays + writeoff else paid + writeoff end) as covered,
        count(*) as covered_lines
    from work.paid_lines
    where procnum > 0 and status in (0, 1, 7) and kind <> 10
    group by procnum
)
select
    procedures.procnum, procedures.patnum, procedures.day, procedures.prov, procedures.clinic,
    procedures.line_cents, procedures.w,
    cast(greatest(0, procedures.line_cents - coalesce(insured.covered, 0)) as bigint) as cents,
    insured.covered_lines is not null as is_insured
from work.procedures as procedures
left join insured using (procnum)
where procedures.status = 2 and procedures.line_cents > 0;

-- kind: 0 at the visit, 1 later, 2 half of it, 3 from a prepayment, 4 from a hidden one,
-- 5 by payment plan, 6 never
create table work.bills as
with sums as (
    select
        portions.patnum, portions.day, sum(portions.cents) as cents,
        row_number() over (order by portions.day, portions.patnum) as g,
        any_value(people.guarantor) as guarantor, any_value(people.n) as n
    from work.portions as portions
    join work.people as people using (patnum)
    where portions.cents > 0
    group by portions.patnum, portions.day
)
select
    patnum, day, cents, g, guarantor,
    case
        when cents > 40000 and u(g, 400) < 0.12 then 5
        when u(n, 401) < 0.04 then 6
        when u(g, 400) < 0.52 then 0 when u(g, 400) < 0.83 then 1 when u(g, 400) < 0.87 then 2
        when u(g, 400) < 0.91 then 3 when u(g, 400) < 0.945 then 4 when u(g, 400) < 0.97 then 6
        else 1
    end as kind,
    day + 18 + pick(g, 402, 70) as later_day
from sums;
"""

_ADJUSTMENTS = """
create table work.adjusted as
select
    procnum, patnum, prov, clinic, day + pick(w, 410, 8) as day,
    -cast(round(line_cents * if(u(w, 411) < 0.5, 0.05, 0.1)) as bigint) as cents,
    if(u(w, 411) < 0.5, {adj_cash}, {adj_senior}) as type, day as proc_day, w
from work.portions where u(w, 412) < 0.035
union all
select
    procnum, patnum, prov, clinic, day, cast(round(line_cents * 0.015) as bigint), {adj_tax}, day, w
from work.portions where u(w, 413) < 0.006
union all
select
    portions.procnum, portions.patnum, portions.prov, portions.clinic, portions.day,
    -cast(round(portions.line_cents * 0.2) as bigint), {adj_member}, portions.day, portions.w
from work.portions as portions
join od.discountplansub as members on portions.patnum = members."PatNum"
union all  -- given up: what nobody will pay
select
    portions.procnum, portions.patnum, portions.prov, portions.clinic, bills.day + 240,
    -portions.cents, {adj_bad_debt}, portions.day, portions.w
from work.portions as portions
join work.bills as bills using (patnum, day)
where bills.kind = 6 and u(bills.g, 414) < 0.5 and portions.cents > 0
union all  -- on the account, for no procedure; some by nobody
select
    0, patnum, if(u(g, 415) < 0.2, 0, {first_provider}), if(u(g, 416) < 0.3, 0, {first_clinic}),
    day + 95, cast(round(cents * 0.02) as bigint) + 100, if(u(g, 417) < 0.6, {adj_finance},
        {adj_late}), null, g
from work.bills where kind in (2, 6) and u(g, 418) < 0.4
union all
select
    0, patnum, prov, clinicnum, day + 1, 5000, {adj_broken}, null, v
from work.visits where outcome = 4
union all  -- dated ahead
select
    0, patnum, {first_provider}, {first_clinic}, {today} + 3, if(u(g, 423) < 0.1, -1500, 900),
    {adj_cash}, null, g
from work.bills where day > {today} - 60 and u(g, 423) < 0.2
union all  -- nothing, by mistake
select 0, patnum, {first_provider}, {first_clinic}, day, 0, {adj_late}, null, g
from work.bills where u(g, 419) < 0.001;

create table od.adjustment as
select
    row_number() over (order by day, patnum, procnum, type, w, cents) as "AdjNum",
    on_day(day) as "AdjDate", money(cents) as "AdjAmt", patnum as "PatNum", type as "AdjType",
    prov as "ProvNum", on_day(coalesce(proc_day, day)) as "ProcDate", procnum as "ProcNum",
    on_day(least(day + if(u(w, 420) < 0.1, 2, 0), {today})) as "DateEntry", clinic as "ClinicNum",
    1 + pick(w, 421, {users}) as "SecUserNumEntry",
    at_time(on_day(least(day, {today})), 30000 + pick(w, 422, 30000)) as "SecDateTEdit"
from work.adjusted
where day <= {today} + 4;
"""

_PAY_PLANS = """
create table work.plans_sold as
select
    row_number() over (order by bills.day, bills.patnum) as payplannum, bills.patnum, bills.day,
    bills.cents, bills.g,
    -- now and then somebody of another family signs
    if(u(bills.g, 430) < 0.06, {first_patient} + 1 + pick(bills.g, 431, 30), bills.guarantor)
        as guarantor,
    4 + pick(bills.g, 432, 3) * 4 as terms, u(bills.g, 433) < 0.45 as is_dynamic,
    if(u(bills.g, 434) < 0.3, 6, 0) as apr
from work.bills as bills
where bills.kind = 5;

create table od.payplan as
select
    payplannum as "PayPlanNum", patnum as "PatNum", guarantor as "Guarantor",
    on_day(day) as "PayPlanDate", cast(apr as double) as "APR", 0 as "PlanNum",
    if(is_dynamic, 0.0, money(cents)) as "CompletedAmt", 0 as "InsSubNum", 3 as "ChargeFrequency",
    0 as "PaySchedule", terms as "NumberOfPayments", money(cents // terms) as "PayAmt",
    0e0 as "DownPayment", if(day + terms * 30 + 30 < {today}, 1, 0) as "IsClosed",
    {plan_category} as "PlanCategory", cast(is_dynamic as integer) as "IsDynamic",
    on_day(day + 30) as "DatePayPlanStart", cast(is_dynamic as integer) as "IsLocked",
    if(is_dynamic, 1, 0) as "DynamicPayPlanTPOption"
from work.plans_sold;

-- an insurance plan: what a plan will pay, kept off the patient's account
create table work.insurance_plans as
select
    (select count(*) from work.plans_sold) + row_number() over (order by claimprocnum)
        as payplannum,
    claimprocnum, patnum, plannum, inssubnum, money_day, paid, prov, clinic, procnum
from work.paid_lines
where kind = 1 and status = 1 and paid > 0 and u(claimprocnum, 435) < 0.002;
insert into od.payplan by name
select
    payplannum as "PayPlanNum", patnum as "PatNum", 0 as "Guarantor",
    on_day(money_day - 5) as "PayPlanDate", 0e0 as "APR", plannum as "PlanNum",
    money(paid) as "CompletedAmt", inssubnum as "InsSubNum", 0 as "IsDynamic", 0 as "IsClosed"
from work.insurance_plans;
update od.claimproc set "PayPlanNum" = plans.payplannum
from work.insurance_plans as plans where claimproc."ClaimProcNum" = plans.claimprocnum;

create table work.plan_charges as
-- type 0 due, 1 treatment moved onto the plan
select
    plans.payplannum, plans.guarantor, plans.patnum, plans.day as charge_day,
    portions.cents as principal, 0 as interest, portions.prov, portions.clinic, 1 as type,
    portions.procnum, 0 as term, 0 as link, 0 as fkey
from work.plans_sold as plans
join work.portions as portions on plans.patnum = portions.patnum and plans.day = portions.day
where not plans.is_dynamic and portions.cents > 0
union all
select
    plans.payplannum, plans.guarantor, plans.patnum, plans.day + 30 * (1 + terms.term),
    plans.cents // plans.terms
        + if(terms.term = plans.terms - 1, plans.cents % plans.terms, 0),
    cast(round(plans.cents // plans.terms * plans.apr / 1200.0 * (plans.terms - terms.term))
        as bigint),
    first.prov, first.clinic, 0, 0, terms.term,
    if(plans.is_dynamic, 2, 0), if(plans.is_dynamic, first.procnum, 0)
from work.plans_sold as plans
join range(0, 12) as terms(term) on terms.term < plans.terms
join (
    select patnum, day, any_value(prov order by procnum) as prov,
        any_value(clinic order by procnum) as clinic, min(procnum) as procnum
    from work.portions where cents > 0 group by patnum, day
) as first on plans.patnum = first.patnum and plans.day = first.day
where not plans.is_dynamic or plans.day + 30 * (1 + terms.term) <= {today}
union all
select payplannum, 0, patnum, money_day - 5, paid, 0, prov, clinic, 1, procnum, 0, 0, 0
from work.insurance_plans
union all
select payplannum, 0, patnum, money_day - 5, paid, 0, prov, clinic, 0, 0, 0, 0, 0
from work.insurance_plans;

create table work.plan_lines as
select
    *, row_number() over (order by charge_day, payplannum, type, procnum, term) as payplanchargenum
from work.plan_charges;

create table od.payplancharge as
select
    payplanchargenum as "PayPlanChargeNum", payplannum as "PayPlanNum", guarantor as "Guarantor",
    patnum as "PatNum", on_day(charge_day) as "ChargeDate", money(principal) as "Principal",
    money(interest) as "Interest", prov as "ProvNum", clinic as "ClinicNum", type as "ChargeType",
    procnum as "ProcNum", link as "LinkType", fkey as "FKey",
    at_time(on_day(least(charge_day, {today})), 3600) as "SecDateTEntry",
    at_time(on_day(least(charge_day, {today})), 3600) as "SecDateTEdit"
from work.plan_lines;

create table od.payplanlink as
select
    row_number() over (order by plans.payplannum, portions.procnum) as "PayPlanLinkNum",
    plans.payplannum as "PayPlanNum", 2 as "LinkType", portions.procnum as "FKey",
    -- 0 is the whole of it, which is plain only where nothing else touches the procedure
    if(portions.is_insured or portions.procnum in (select "ProcNum" from od.adjustment)
        or u(portions.w, 436) < 0.5, money(portions.cents), 0.0) as "AmountOverride",
    at_time(on_day(plans.day), 50000) as "SecDateTEntry"
from work.plans_sold as plans
join work.portions as portions on plans.patnum = portions.patnum and plans.day = portions.day
where plans.is_dynamic and portions.cents > 0;
"""

_SPLITS = """
create table work.splits as
-- way: 0 payment, 1 prepayment, 2 hidden prepayment, 3 transfer, 4 refund, 5 on a payment plan,
-- 6 of an adjustment
with paid as (
    select
        portions.*, bills.g, bills.guarantor, bills.kind,
        if(bills.kind in (1, 2), bills.later_day, bills.day) as pay_day,
        if(bills.kind = 2, portions.cents // 2, portions.cents) as amount
    from work.portions as portions
    join work.bills as bills using (patnum, day)
    where portions.cents > 0
)
select
    0 as way, guarantor, pay_day as day, patnum, amount as cents, procnum, prov, clinic,
    0 as unearned, 0 as adjnum, 0 as payplannum, 0 as payplanchargenum, 0 as debit, g as grp,
    1 as ord
from paid
where kind in (0, 1, 2) and u(g, 440) >= 0.06 and amount > 0
union all  -- on account, for no procedure
select
    0, guarantor, pay_day, patnum, sum(amount), 0, any_value(prov order by procnum),
    any_value(clinic order by procnum), 0, 0, 0, 0, 0, g, 2
from paid
where kind in (0, 1, 2) and u(g, 440) < 0.06
group by guarantor, pay_day, patnum, g
union all  -- too much, left as a prepayment
select
    0, guarantor, if(kind = 1, later_day, day), patnum, 2000, 0, 0, if(u(g, 441) < 0.5, 0,
        {first_clinic}), {unearned}, 0, 0, 0, 0, g, 3
from work.bills where kind in (0, 1) and u(g, 442) < 0.02
union all  -- a check dated ahead
select
    0, guarantor, {today} + 2, patnum, 1000, 0, {first_provider}, {first_clinic}, 0, 0, 0, 0, 0, g,
    12
from work.bills where day > {today} - 60 and kind in (1, 2) and u(g, 449) < 0.2
union all  -- paid ahead, then moved to the procedures
select
    if(kind = 3, 1, 2), guarantor, day - 12, patnum, cents, 0, 0, {first_clinic},
    if(kind = 3, {unearned}, {unearned_hidden}), 0, 0, 0, 0, g, 4
from work.bills where kind in (3, 4) and day > 12
union all
select
    3, guarantor, day, patnum, -cents, 0, 0, {first_clinic},
    if(kind = 3, {unearned}, {unearned_hidden}), 0, 0, 0, 0, g, 5
from work.bills where kind in (3, 4) and day > 12 and u(g, 443) < 0.9
union all
select 3, guarantor, day, patnum, cents, procnum, prov, clinic, 0, 0, 0, 0, 0, g, 6
from paid where kind in (3, 4) and day > 12 and u(g, 443) < 0.9
union all  -- money given back
select
    4, guarantor, day + 40, patnum, -2000, 0, 0, {first_clinic}, {unearned}, 0, 0, 0, 0, g, 7
from work.bills where kind = 0 and u(g, 442) < 0.006
union all
select
    4, guarantor, pay_day + 25, patnum, -amount, procnum, prov, clinic, 0, 0, 0, 0, 0, g, 8
from paid where kind = 0 and u(w, 444) < 0.003 and amount > 0
union all  -- the principal and the interest of a plan's charge
select
    5, plans.guarantor, lines.charge_day + pick(lines.payplanchargenum, 445, 6), plans.guarantor,
    parts.cents, 0, lines.prov, lines.clinic, 0, 0, lines.payplannum, lines.payplanchargenum,
    parts.debit, lines.payplanchargenum, 9
from work.plan_lines as lines
join work.plans_sold as plans using (payplannum)
cross join lateral (values (lines.principal, 1), (lines.interest, 2)) as parts(cents, debit)
where lines.type = 0 and parts.cents > 0 and u(lines.payplanchargenum, 446) < 0.88
union all  -- paid ahead into a plan, not yet placed
select
    5, guarantor, day + 3, guarantor, 5000, 0, 0, {first_clinic}, {unearned_plan}, 0, payplannum, 0,
    0, g, 10
from work.plans_sold where u(g, 447) < 0.05
union all
select
    6, people.guarantor, cast(adjustment."AdjDate" - {start} as bigint) + 20, adjustment."PatNum",
    cast(round(adjustment."AdjAmt" * 100) as bigint), adjustment."ProcNum", adjustment."ProvNum",
    adjustment."ClinicNum", 0, adjustment."AdjNum", 0, 0, 0, adjustment."AdjNum", 11
from od.adjustment as adjustment
join work.people as people on adjustment."PatNum" = people.patnum
where adjustment."AdjAmt" > 0 and u(adjustment."AdjNum", 448) < 0.5;

create table work.payments as
select
    way, guarantor, day, if(way = 0, 0, grp) as grp, sum(cents) as cents,
    row_number() over (order by day, guarantor, way, if(way = 0, 0, grp)) as paynum
from work.splits
where day between 0 and {today} + if(way = 0, 2, 0)
group by way, guarantor, day, if(way = 0, 0, grp);
"""

_TABLES = """
create table od.payment as
select
    paynum as "PayNum",
    case way when 3 then 0 when 4 then {pay_refund} else case
        when u(paynum, 450) < 0.5 then {pay_card} when u(paynum, 450) < 0.8 then {pay_check}
        when u(paynum, 450) < 0.9 then {pay_cash} else {pay_online} end
    end as "PayType",
    on_day(day) as "PayDate", money(cents) as "PayAmt",
    if(u(paynum, 450) between 0.5 and 0.8, cast(1000 + pick(paynum, 451, 9000) as varchar), '')
        as "CheckNum",
    guarantor as "PatNum", if(u(paynum, 452) < 0.5, 0, {first_clinic}) as "ClinicNum",
    on_day(least(day + if(u(paynum, 453) < 0.03 and day < {today} - 3, 3, 0), {today}))
        as "DateEntry",
    if(u(paynum, 450) >= 0.9, 13, 0) as "PaymentSource",
    1 + pick(paynum, 454, {users}) as "SecUserNumEntry",
    at_time(on_day(least(day, {today})), 33000 + pick(paynum, 455, 28000)) as "SecDateTEdit"
from work.payments;

create table od.paysplit as
select
    row_number() over (order by payments.paynum, splits.ord, splits.patnum, splits.procnum,
        splits.adjnum, splits.payplanchargenum, splits.debit, splits.grp) as "SplitNum",
    money(splits.cents) as "SplitAmt", splits.patnum as "PatNum", payments.paynum as "PayNum",
    splits.prov as "ProvNum", splits.payplannum as "PayPlanNum",
    on_day(splits.day) as "DatePay", splits.procnum as "ProcNum",
    on_day(least(splits.day + if(u(payments.paynum, 453) < 0.03 and splits.day < {today} - 3, 3,
        0), {today})) as "DateEntry",
    splits.unearned as "UnearnedType", splits.clinic as "ClinicNum", splits.adjnum as "AdjNum",
    splits.payplanchargenum as "PayPlanChargeNum", splits.debit as "PayPlanDebitType",
    1 + pick(payments.paynum, 454, {users}) as "SecUserNumEntry",
    at_time(on_day(least(splits.day, {today})), 33000 + pick(payments.paynum, 455, 28000))
        as "SecDateTEdit"
from work.splits as splits
join work.payments as payments
    on
        splits.way = payments.way
        and splits.guarantor = payments.guarantor
        and splits.day = payments.day
        and if(splits.way = 0, 0, splits.grp) = payments.grp;

create table od.deposit as
select
    row_number() over (order by "PayDate") as "DepositNum", "PayDate" as "DateDeposit",
    round(sum("PayAmt"), 2) as "Amount", 'till' as "Memo"
from od.payment
where month("PayDate") = 3 and "PayType" = {pay_check}
group by "PayDate";
"""
