"""Appointments, procedures, treatment plans and schedules of a made-up practice.

A visit has one outcome. Cleanings recur; at a check-up treatment is planned, and each planned
procedure has its own fate: done at a later visit, waiting, given up, referred out.
"""

from carehouse.demo.opendental_practice import Practice

OUTCOMES = ("DONE", "BROKEN", "MISSED", "CANCELLED", "CHARGED", "LATER", "DELETED", "STANDING",
            "BOOKED", "PLANNED")  # fmt: skip


def build_visits(practice: Practice) -> None:
    """Fill appointment, histappointment, procedurelog, treatplan, recall, schedule and the like."""
    practice.run(_WORKDAYS)
    practice.run(_VISITS, **{name: code for code, name in enumerate(OUTCOMES)})
    practice.run(_PROCEDURES)
    practice.run(_APPOINTMENTS)
    practice.run(_PLANS)
    practice.run(_SCHEDULES)
    practice.run(_RECALLS)


# dow: 0 is Sunday
_WORKDAYS = """
create table work.workdays as
select
    prov, day
from (select {first_provider} + range as prov, range as place from range({provider_count})) as p,
    range(0, {today} + 240) as d(day)
where
    dayofweek(on_day(day)) between 1 and 5
    and (dayofweek(on_day(day)) + place) % {shift} = 0
    and not (month(on_day(day)) = 12 and day(on_day(day)) > 23);
create table work.next_workday as
select
    prov, asked, min(day) over (partition by prov order by asked rows between current row
        and unbounded following) as day
from (
    select every.prov, every.asked, workdays.day
    from (select distinct prov, range as asked from work.workdays, range(0, {today} + 240)) as every
    left join work.workdays as workdays on every.prov = workdays.prov and every.asked = workdays.day
);
"""

_VISITS = """
-- kind 1 cleaning, 2 problem, 3 treatment; a visit's own number is the seed of its draws
create table work.cleanings as
with asked as (
    select
        people.patnum, people.n, turns.k,
        people.first_day + turns.k * if(people.is_perio, 95, 188)
            + if(turns.k = 0, 0, pick(people.n * 64 + turns.k, 100, 45)) as day,
        if(turns.k > 0 and people.clinic_place % 2 = 0 and u(people.n, 101) < 0.1,
            people.dentist, people.hygienist) as prov,
        people.dentist, people.clinicnum, people.birthdate, people.is_perio, people.last_day
    from work.people as people, range(0, 24) as turns(k)
    where people.has_visits
)
select
    asked.patnum, asked.k, asked.n * 64 + asked.k as v, next_workday.day, asked.prov,
    asked.dentist, asked.clinicnum, asked.is_perio,
    on_day(next_workday.day) - asked.birthdate < 14 * 365 as is_child
from asked
join work.next_workday as next_workday
    on asked.prov = next_workday.prov and asked.day = next_workday.asked
where
    asked.day <= least(asked.last_day, {today} + 170)
    and (asked.k = 0 or u(asked.n * 64 + asked.k, 102) > 0.09);

create table work.problems as
with asked as (
    select people.*, years.k,
        people.first_day + 20 + years.k * 365 + pick(people.n * 64 + years.k, 110, 365) as day
    from work.people as people, range(0, 5) as years(k)
    where people.has_visits and u(people.n * 64 + years.k, 111) < 0.13
)
select
    asked.patnum, asked.k, asked.n * 64 + asked.k + 30 as v, next_workday.day,
    asked.dentist as prov, asked.dentist, asked.clinicnum
from asked
join work.next_workday as next_workday
    on asked.dentist = next_workday.prov and asked.day = next_workday.asked
where asked.day <= least(asked.last_day, {today} + 3);

create table work.checked as
select
    *,
    case
        when day > {today} then if(u(v, 103) < 0.6, {BOOKED}, -1)
        when u(v, 103) < 0.845 then {DONE} when u(v, 103) < 0.875 then {BROKEN}
        when u(v, 103) < 0.90 then {MISSED} when u(v, 103) < 0.92 then {CANCELLED}
        when u(v, 103) < 0.935 then {CHARGED} when u(v, 103) < 0.955 then {LATER}
        when u(v, 103) < 0.99 then {DELETED} else {STANDING}
    end as outcome
from (
    select patnum, v, k, 1 as kind, day, prov, dentist, clinicnum, is_perio, is_child
    from work.cleanings
    union all by name
    select patnum, v, k, 2 as kind, day, prov, dentist, clinicnum, false as is_perio,
        false as is_child
    from work.problems
);
delete from work.checked where outcome = -1;

-- one treatment visit follows a check-up that planned any
create table work.planned as
with counted as (
    select
        *,
        case when u(v, 120) < 0.34 then 0 when u(v, 120) < 0.55 then 1 when u(v, 120) < 0.75 then 2
            when u(v, 120) < 0.90 then 3 else 4 end as planned_count,
        4 + days_exp(v, 121, 38) as delay
    from work.checked
    where outcome = {DONE}
),
lines as (
    select *, unnest(range(planned_count)) as slot
    from counted
)
select
    lines.patnum, lines.v, lines.slot, lines.day as plan_day, lines.delay, lines.dentist,
    lines.clinicnum, treatments.code, v * 8 + slot as w, u(lines.v * 8 + lines.slot, 122) as fate
from lines
join work.treatments as treatments
    on u(lines.v * 8 + lines.slot, 123) >= treatments.low
    and u(lines.v * 8 + lines.slot, 123) < treatments.high;

create table work.treatment_visits as
with asked as (
    select
        patnum, v, dentist, clinicnum, any_value(plan_day) as plan_day,
        any_value(plan_day) + any_value(delay) as day
    from work.planned
    where fate < 0.52
    group by patnum, v, dentist, clinicnum
)
select
    asked.patnum, asked.v + 1000000000 as v, asked.v as from_v, 3 as kind, asked.plan_day,
    next_workday.day, asked.dentist as prov, asked.dentist, asked.clinicnum,
    case
        when next_workday.day > {today}
            then case when u(asked.v, 124) < 0.7 then {BOOKED} else {PLANNED} end
        when u(asked.v, 124) < 0.90 then {DONE} when u(asked.v, 124) < 0.92 then {BROKEN}
        when u(asked.v, 124) < 0.935 then {MISSED} when u(asked.v, 124) < 0.945 then {CANCELLED}
        when u(asked.v, 124) < 0.955 then {CHARGED} when u(asked.v, 124) < 0.975 then {LATER}
        when u(asked.v, 124) < 0.99 then {DELETED} else {STANDING}
    end as outcome
from asked
join work.next_workday as next_workday
    on asked.dentist = next_workday.prov
    and least(asked.day, {today} + 160) = next_workday.asked;

create table work.visits as
with every as (
    select patnum, v, kind, k, day, prov, dentist, clinicnum, outcome, is_perio, is_child,
        day - 20 - pick(v, 130, 160) as booked_day
    from work.checked
    union all by name
    select patnum, v, kind, 0 as k, day, prov, dentist, clinicnum, outcome, false as is_perio,
        false as is_child, plan_day as booked_day
    from work.treatment_visits
)
select
    *, row_number() over (order by booked_day, patnum, v) as aptnum,
    28800 + 900 * pick(v, 131, 34) as seconds
from every;
"""

_PROCEDURES = """
create table work.lines as
-- what a cleaning or problem visit does; booked ones wait as planned treatment
select patnum, v, 0 as slot, v * 8 as w, aptnum, if(is_child, 'D1120', if(is_perio, 'D4910',
    'D1110')) as code, prov, clinicnum, day, outcome, kind, day as plan_day
from work.visits where kind = 1 and outcome in (0, 7, 8)
union all
select patnum, v, 1, v * 8 + 1, aptnum, if(k = 0, 'D0150', 'D0120'),
    if(u(v, 140) < 0.7, dentist, prov), clinicnum, day, outcome, kind, day
from work.visits where kind = 1 and outcome in (0, 7, 8) and u(v, 141) < 0.92
union all
select patnum, v, 2, v * 8 + 2, aptnum, if(k = 0, if(u(v, 142) < 0.5, 'D0210', 'D0330'), 'D0274'),
    prov, clinicnum, day, outcome, kind, day
from work.visits where kind = 1 and outcome = 0 and k % 2 = 0 and u(v, 143) < 0.85
union all
select patnum, v, 3, v * 8 + 3, aptnum, 'D1206', prov, clinicnum, day, outcome, kind, day
from work.visits where kind = 1 and outcome = 0 and u(v, 144) < if(is_child, 0.8, 0.15)
union all
select patnum, v, 4 + seal, v * 8 + 4 + seal, aptnum, 'D1351', prov, clinicnum, day, outcome, kind,
    day
from work.visits, range(2) as seals(seal)
where kind = 1 and outcome = 0 and is_child and u(v, 145) < 0.2
union all
select patnum, v, slot, v * 8 + slot, aptnum, code, dentist, clinicnum, day, outcome, kind, day
from work.visits, (values (0, 'D0140', 1.0), (1, 'D0220', 0.8), (2, 'D7140', 0.25),
    (3, 'D9110', 0.3)) as parts(slot, code, share)
where kind = 2 and outcome = 0 and u(v * 8 + slot, 146) < share;

create table work.drafts as
with treated as (
    select
        planned.patnum, planned.w, planned.code, planned.plan_day, planned.fate,
        planned.clinicnum,
        if(planned.code in ('D4341') and u(planned.w, 150) < 0.6, planned.dentist + 1,
            planned.dentist) as prov,
        visits.aptnum, visits.day, visits.outcome,
        planned.plan_day + 120 + pick(planned.w, 151, 300) as late_day
    from work.planned as planned
    left join work.visits as visits
        on if(planned.fate < 0.52, planned.v + 1000000000, -1) = visits.v
),
every as (
    select
        patnum, w, code, prov, clinicnum, plan_day,
        case
            when outcome = 0 then 2
            when fate < 0.69 then 1 when fate < 0.925 then 6
            when fate < 0.955 then 5 when fate < 0.96 then 8
            when late_day <= {today} then 2 else 1
        end as status,
        case when outcome = 0 then day when fate >= 0.96 and late_day <= {today} then late_day
            else plan_day end as day,
        if(outcome in (0, 8), aptnum, 0) as aptnum,
        if(outcome = 9, aptnum, 0) as plannedaptnum,
        plan_day as entered, 3 as kind
    from treated
    union all by name
    select
        patnum, w + 1000000000000 as w, code, prov, clinicnum, plan_day,
        if(outcome = 0, 2, 1) as status, day, aptnum, 0 as plannedaptnum,
        if(outcome = 0, day, least(day, {today}) - 14) as entered, kind
    from work.lines
    union all by name  -- the codes of a missed or cancelled visit are completed at no charge
    select
        patnum, v + 2000000000000 as w, if(outcome = 2, 'D9986', 'D9987') as code,
        prov, clinicnum, day as plan_day, 2 as status, day, aptnum, 0 as plannedaptnum,
        day as entered, 4 as kind
    from work.visits where outcome in (2, 3)
    union all by name  -- what was there before, conditions, group notes, office codes
    select
        people.patnum, people.n * 8 + slot + 3000000000000 as w, code, people.dentist as prov,
        people.clinicnum, people.first_day as plan_day, parts.status, people.first_day as day,
        0 as aptnum, 0 as plannedaptnum, people.first_day as entered, 5 as kind
    from work.people as people, (values
        (0, 'OLD01', 3, 0.8), (1, 'OLD01', 3, 0.3), (2, 'OLD01', 4, 0.12), (3, 'MISS1', 7, 0.7),
        (4, 'MISS1', 7, 0.2), (5, '~GRP~', 3, 0.1), (6, 'N4118', 2, 0.25), (7, 'Z0001', 2, 0.04)
    ) as parts(slot, code, status, share)
    where people.has_visits and people.first_day <= {today}
        and u(people.n * 8 + slot, 152) < share
)
select
    every.*, codes.codenum, codes.benefit, codes.label, codes.area,
    row_number() over (order by every.entered, every.patnum, every.w) as procnum,
    case
        when codes.benefit = 'none' then 0
        else cast(round(codes.cents * (1 + 0.03 * floor(every.plan_day / 365.0))
            * (0.94 + 0.04 * (every.clinicnum % 4)) / 100) as bigint) * 100
            + if(u(every.w, 153) < 0.03, 35, 0)
    end as fee_cents,
    case
        when every.code = 'D9223' then 2 + pick(every.w, 154, 3)
        when u(every.w, 155) < 0.0006 then 0 when u(every.w, 155) < 0.004 then 2 else 1
    end as unitqty,
    if(u(every.w, 156) < 0.002, 1, 0) as baseunits
from every
join work.codes as codes using (code);

create table work.procedures as
select
    *, fee_cents * (unitqty + baseunits) as line_cents,
    case when kind < 4 and u(w, 157) < 0.015 then 0 else clinicnum end as clinic
from work.drafts;

create table od.procedurelog as
select
    procnum as "ProcNum", patnum as "PatNum", aptnum as "AptNum",
    case when status = 1 and u(w, 160) < 0.1 then null else on_day(day) end as "ProcDate",
    money(fee_cents) as "ProcFee",
    if(area = 1, substr('MODBL', cast(1 + pick(w, 161, 4) as integer), 2), '') as "Surf",
    if(area in (1, 2), cast(1 + pick(w, 162, 32) as varchar), '') as "ToothNum",
    if(area = 7, '2,3,4,5', '') as "ToothRange",
    case when status in (1, 8) then if(u(w, 163) < 0.5, {priority_1}, {priority_2}) else 0 end
        as "Priority",
    status as "ProcStatus", prov as "ProvNum", if(kind = 3, {dx_1}, 0) as "Dx",
    plannedaptnum as "PlannedAptNum", clinic as "ClinicNum", codenum as "CodeNum",
    unitqty as "UnitQty", baseunits as "BaseUnits",
    case when kind = 3 then on_day(plan_day) when u(w, 164) < 0.5 and status = 2 then on_day(day)
        when status = 1 then on_day(entered) end as "DateTP",
    if(status = 2, on_day(day), on_day(entered)) as "DateEntryC",
    if(status = 2 and day > 300, on_day(day), null) as "DateComplete",
    at_time(on_day(entered), 30000 + pick(w, 165, 25000)) as "SecDateEntry",
    at_time(on_day(least(greatest(day, entered + if(status = 6, 40, 0)), {today})),
        30000 + pick(w, 166, 25000)) as "DateTStamp",
    case when status = 1 and aptnum > 0 and u(w, 167) < 0.06
        then money(round(fee_cents * 0.1)) else 0.0 end as "Discount",
    case when status = 1 and aptnum > 0 and u(w, 168) < 0.03
        then money(round(fee_cents * 0.15)) else 0.0 end as "DiscountPlanAmt",
    if(u(w, 169) < 0.001, 1, 0) as "Urgency",
    1 + pick(w, 170, {users}) as "SecUserNumEntry",
    '00:00:00' as "ProcTime", '00:00:00' as "ProcTimeEnd", 9 as "IcdVersion",
    if(code in ('D2740', 'D2750', 'D5110', 'D5213'), 'I', '') as "Prosthesis",
    0 as "PlaceService"
from work.procedures;
"""

_APPOINTMENTS = """
create table od.appointment as
select
    aptnum as "AptNum", patnum as "PatNum",
    case outcome when 0 then 2 when 1 then 5 when 2 then 5 when 3 then if(u(v, 180) < 0.5, 5, 3)
        when 4 then 5 when 5 then 3 when 9 then 6 else 1 end as "AptStatus",
    repeat('/', 1) || repeat('X', cast(case kind when 1 then 8 + pick(v, 181, 5)
        when 2 then 5 else 8 + pick(v, 181, 12) end as integer)) || '/' as "Pattern",
    case when outcome = 0 then {confirm_in} when u(v, 182) < 0.6 then {confirm_yes}
        else {confirm_none} end as "Confirmed",
    case when outcome in (3, 5) and "AptStatus" = 3 then 0 else prov - {first_provider} + 11 end
        as "Op",
    if(kind = 1, dentist, prov) as "ProvNum", if(kind = 1, prov, 0) as "ProvHyg",
    if(kind = 1 and u(v, 183) < 0.6, 1, 0) as "IsHygiene",
    if(outcome = 9, null, at_time(on_day(day), seconds)) as "AptDateTime",
    if(outcome in (5, 9), {unsched_1}, 0) as "UnschedStatus",
    if(kind = 1 and k = 0, 1, 0) as "IsNewPatient",
    clinicnum as "ClinicNum",
    at_time(on_day(least(day, {today})), seconds + 3600) as "DateTStamp",
    if(outcome = 0 and u(v, 184) < 0.8, at_time(on_day(day), seconds - 300), null)
        as "DateTimeArrived",
    if(outcome = 0 and u(v, 184) < 0.8, at_time(on_day(day), seconds + 120 + pick(v, 185, 900)),
        null) as "DateTimeSeated",
    if(outcome = 0 and u(v, 184) < 0.8, at_time(on_day(day), seconds + 2400 + pick(v, 186, 1800)),
        null) as "DateTimeDismissed",
    at_time(on_day(greatest(booked_day, -200)), 36000 + pick(v, 187, 20000)) as "SecDateTEntry",
    1 + pick(v, 188, {users}) as "SecUserNumEntry",
    if(u(v, 189) < 0.01, 1, 0) as "Priority",
    'visit' as "ProcDescript"
from work.visits
where outcome <> 6;

insert into od.appointment by name  -- a note on the schedule
select
    (select max("AptNum") from od.appointment) + range + 1 as "AptNum",
    {first_patient} + 1 + range as "PatNum", 7 + range % 2 as "AptStatus", '/X/' as "Pattern",
    0 as "Confirmed", 11 as "Op", {first_provider} as "ProvNum", 0 as "ProvHyg", 0 as "IsHygiene",
    at_time(on_day({today} - range * 9), 43200) as "AptDateTime", 0 as "UnschedStatus",
    0 as "IsNewPatient", {first_clinic} as "ClinicNum",
    at_time(on_day({today} - range * 9), 40000) as "DateTStamp",
    at_time(on_day({today} - range * 9), 40000) as "SecDateTEntry", 1 as "SecUserNumEntry",
    0 as "Priority", '' as "ProcDescript"
from range(6);

create table work.appointment_events as
-- made, moved once by some, and how it ended when that was written down
select v, aptnum, 0 as action, booked_day as event_day,
    36000 + pick(v, 187, 20000) as event_seconds,
    1 as status, day + if(u(v, 190) < 0.12, 9, 0) as stood_day
from work.visits
union all
select v, aptnum, 1, greatest(booked_day, day - 6), 41000 + pick(v, 191, 9000), 1, day
from work.visits where u(v, 190) < 0.12
union all
select v, aptnum, case outcome when 2 then 2 when 3 then 3 when 6 then 4 else 1 end,
    if(outcome = 6, day - 2, day), seconds + 3000,
    case outcome when 0 then 2 when 5 then 3 when 6 then 1 else 5 end, day
from work.visits where outcome in (0, 1, 2, 3, 4, 5, 6) and day <= {today};

create table od.histappointment as
select
    row_number() over (order by events.event_day, events.event_seconds, events.aptnum,
        events.action) as "HistApptNum",
    1 + pick(events.v, 192, {users}) as "HistUserNum",
    at_time(on_day(events.event_day), events.event_seconds) as "HistDateTStamp",
    events.action as "HistApptAction", 0 as "ApptSource", visits.aptnum as "AptNum",
    visits.patnum as "PatNum", events.status as "AptStatus", '/XXXXXXXX/' as "Pattern",
    if(visits.kind = 1, visits.dentist, visits.prov) as "ProvNum",
    if(visits.kind = 1, visits.prov, 0) as "ProvHyg",
    at_time(on_day(events.stood_day), visits.seconds) as "AptDateTime",
    visits.clinicnum as "ClinicNum", visits.prov - {first_provider} + 11 as "Op",
    at_time(on_day(events.event_day), events.event_seconds) as "DateTStamp",
    at_time(on_day(visits.booked_day), 36000) as "SecDateTEntry",
    if(visits.kind = 1 and visits.k = 0, 1, 0) as "IsNewPatient"
from work.appointment_events as events
join work.visits as visits using (aptnum)
where events.event_day <= {today};

create table od.entrylog as
select
    row_number() over (order by aptnum) as "EntryLogNum", 1 + pick(v, 188, {users}) as "UserNum",
    0 as "FKeyType", aptnum as "FKey", if(u(v, 193) < 0.08, 7, 0) as "LogSource",
    at_time(on_day(booked_day), 36000 + pick(v, 187, 20000)) as "EntryDateTime"
from work.visits;

create table od.appointmenttype as
select 1 as "AppointmentTypeNum", 'Cleaning' as "AppointmentTypeName", 0 as "ItemOrder",
    '/XXXXXXXX/' as "Pattern", 'D1110,D0120' as "CodeStr";
"""

_PLANS = """
create table work.plans as
-- the live plan of whoever has treatment waiting, its alternative, and saved copies
select patnum, 1 as status, min(plan_day) as day, 0 as v
from work.procedures where status = 1 and kind = 3 group by patnum
union all
select patnum, 2, min(plan_day), 0
from work.procedures where status = 8 and kind = 3 group by patnum
union all
select patnum, 0, any_value(plan_day), v
from work.planned where u(v, 200) < 0.4 group by patnum, v;

create table od.treatplan as
select
    row_number() over (order by day, patnum, status, v) as "TreatPlanNum", patnum as "PatNum",
    on_day(day) as "DateTP", 'Plan' as "Heading", status as "TPStatus",
    if(status = 0 and u(v, 201) < 0.6, at_time(on_day(day), 50000), null) as "DateTSigned",
    1 + pick(patnum, 202, {users}) as "UserNumPresenter", on_day(day) as "SecDateEntry",
    1 + pick(patnum, 203, {users}) as "SecUserNumEntry", if(u(patnum, 204) < 0.05, 1, 0)
        as "TPType",
    at_time(on_day(day), 50000) as "SecDateTEdit", v
from work.plans;

create table od.treatplanattach as
select
    row_number() over (order by procedures.procnum) as "TreatPlanAttachNum",
    treatplan."TreatPlanNum", procedures.procnum as "ProcNum", {priority_1} as "Priority"
from work.procedures as procedures
join od.treatplan as treatplan
    on procedures.patnum = treatplan."PatNum"
    and treatplan."TPStatus" = if(procedures.status = 1, 1, 2)
where procedures.status in (1, 8) and procedures.kind = 3;

create table od.proctp as
select
    row_number() over (order by treatplan."TreatPlanNum", procedures.procnum) as "ProcTPNum",
    treatplan."TreatPlanNum", procedures.patnum as "PatNum", procedures.procnum as "ProcNumOrig",
    planned.slot as "ItemOrder", {priority_1} as "Priority", procedures.code as "ProcCode",
    procedures.label as "Descript", money(procedures.line_cents) as "FeeAmt",
    money(round(procedures.line_cents * 0.5)) as "PriInsAmt", 0e0 as "SecInsAmt",
    money(procedures.line_cents - round(procedures.line_cents * 0.5)) as "PatAmt",
    0e0 as "Discount", procedures.prov as "ProvNum", on_day(procedures.plan_day) as "DateTP",
    procedures.clinicnum as "ClinicNum", on_day(procedures.plan_day) as "SecDateEntry",
    -1e0 as "FeeAllowed", at_time(on_day(procedures.plan_day), 50000) as "SecDateTEdit"
from work.planned as planned
join work.procedures as procedures on planned.w = procedures.w and procedures.kind = 3
join od.treatplan as treatplan on planned.v = treatplan.v and treatplan."TPStatus" = 0;
"""

_SCHEDULES = """
create table work.blocks as
select day, prov, 1 as kind, 0 as status, 28800 as starts, 43200 as stops, 0 as blockout,
    0 as clinic
from work.workdays where day <= {today} + 120
union all
select day, prov, 1, 0, 46800, 61200, 0, 0 from work.workdays where day <= {today} + 120
union all
select day, prov, 2, 0, 43200, 46800, {blockout_1}, 0
from work.workdays where day <= {today} + 120 and day % 5 = 0
union all
select day, 0, 0, 2, 0, 0, 0, 0
from range(0, {today} + 120) as days(day)
where month(on_day(day)) = 12 and day(on_day(day)) = 25;

create table od.schedule as
select
    row_number() over (order by day, kind, prov, starts) as "ScheduleNum",
    on_day(day) as "SchedDate",
    cast(time '00:00:00' + to_seconds(starts) as varchar) as "StartTime",
    cast(time '00:00:00' + to_seconds(stops) as varchar) as "StopTime",
    kind as "SchedType", if(kind = 2, 0, prov) as "ProvNum", blockout as "BlockoutType",
    status as "Status", clinic as "ClinicNum", 0 as "EmployeeNum", prov,
    at_time(on_day(greatest(day - 60, -60)), 36000) as "DateTStamp"
from work.blocks;

create table od.scheduleop as
select
    row_number() over (order by "ScheduleNum") as "ScheduleOpNum", "ScheduleNum",
    prov - {first_provider} + 11 as "OperatoryNum"
from od.schedule
where "SchedType" = 2 or ("SchedType" = 1 and prov % 4 = 1);
insert into od.scheduleop  -- its block is gone
select max("ScheduleOpNum") + 1, max("ScheduleNum") + 1000, 11 from od.scheduleop;
"""

_RECALLS = """
create table work.last_done as
select procedures.patnum, types.recalltype, max(procedures.day) as day
from work.procedures as procedures
join work.recall_types as types using (code)
where procedures.status = 2
group by procedures.patnum, types.recalltype;

create table od.recall as
with due as (
    select
        last_done.*,
        intervals."DefaultInterval" as packed,
        last_done.day + case when intervals."DefaultInterval" >= 16777216
            then 365 * (intervals."DefaultInterval" // 16777216)
            else cast(30.44 * (intervals."DefaultInterval" // 65536) as integer) end as due_day,
        next.day as next_day
    from work.last_done as last_done
    join od.recalltype as intervals on last_done.recalltype = intervals."RecallTypeNum"
    left join (
        select patnum, min(day) as day from work.visits
        where outcome = 8 and kind = 1 group by patnum
    ) as next on last_done.patnum = next.patnum
)
select
    row_number() over (order by patnum, recalltype) as "RecallNum", patnum as "PatNum",
    on_day(due_day) as "DateDueCalc",
    if(u(patnum, 210) < 0.05, on_day(due_day + 14), on_day(due_day)) as "DateDue",
    on_day(day) as "DatePrevious", packed as "RecallInterval",
    if(u(patnum, 211) < 0.1, {unsched_2}, 0) as "RecallStatus",
    if(u(patnum, 212) < 0.03, 1, 0) as "IsDisabled", recalltype as "RecallTypeNum",
    if(next_day is null, null, on_day(next_day)) as "DateScheduled",
    if(u(patnum, 213) < 0.02, on_day({today} + 30), null) as "DisableUntilDate",
    if(u(patnum, 214) < 0.01, 100.0, 0.0) as "DisableUntilBalance",
    if(u(patnum, 215) < 0.02, 1, 0) as "Priority",
    at_time(on_day(day), 60000) as "DateTStamp"
from due;
insert into od.recall by name  -- never been here: no date is due
select
    (select max("RecallNum") from od.recall) + row_number() over (order by patnum) as "RecallNum",
    patnum as "PatNum", 393216 as "RecallInterval", 0 as "RecallStatus", 0 as "IsDisabled",
    {rt_adult} as "RecallTypeNum", 0e0 as "DisableUntilBalance", 0 as "Priority",
    at_time({start}, 0) as "DateTStamp"
from work.people where status = 6;
"""
