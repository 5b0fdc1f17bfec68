"""The patients of a made-up practice: families, addresses, coverage, where they came from."""

import numpy as np
import pyarrow as pa
from faker import Faker

from carehouse.demo.opendental_practice import Practice

POOL = 400


def build_people(practice: Practice) -> None:
    """Fill patient, its satellites, and the coverage tables; `work.people` has what visits need."""
    _name_pools(practice)
    random = np.random.default_rng([practice.seed, 43])
    practice.numbers["first_patient"] = int(random.integers(100, 9000))
    practice.run(_PEOPLE)
    practice.run(_COVERAGE)
    practice.run(_REFERRALS)
    practice.run(_SATELLITES)


def _name_pools(practice: Practice) -> None:
    faker = Faker("en_US")
    faker.seed_instance(practice.seed)
    makers = {
        "women": faker.first_name_female,
        "men": faker.first_name_male,
        "last": faker.last_name,
        "streets": faker.street_name,
        "cities": faker.city,
    }
    columns = {"i": pa.array(range(POOL))}
    for name, make in makers.items():
        columns[name] = pa.array([make() for _ in range(POOL)])
    practice.connection.register("rows_", pa.table(columns))
    practice.connection.execute("create table work.names as select * from rows_")
    practice.connection.unregister("rows_")


_PEOPLE = """
create table work.people as
with families as (
    select
        range as fid,
        case
            when u(range, 1) < 0.40 then 1 when u(range, 1) < 0.62 then 2
            when u(range, 1) < 0.78 then 3 when u(range, 1) < 0.93 then 4 else 5
        end as size
    from range(cast(ceil({patients} / 2.27) as bigint))
),
members as (
    select fid, size, unnest(range(size)) as member
    from families
),
numbered as (
    select
        *, row_number() over (order by fid, member) as n
    from members
),
dated as (
    select
        *,
        {first_patient} + n as patnum,
        {first_patient} + n - member as guarantor,
        if(u(n, 2) < 0.45, pick(n, 3, 183), pick(n, 3, {today} - 10)) as first_day,
        u(n, 4) as fate,
        fid % {clinics} as clinic_place
    from numbered
),
lived as (
    select
        *,
        first_day + if(member = 0 and size > 1, 400, 0) + days_exp(n, 5, 2600) as last_day
    from dated
)
select
    *,
    case
        when fate < 0.04 and member = 0 and size > 1 then 1
        when fate < 0.06 then 6
        when fate < 0.07 then 4
        when fate < 0.085 and last_day < {today} - 30 then 5
        when last_day < {today} - 540 and fate < 0.60 then 2
        when last_day < {today} - 540 and fate < 0.85 then 3
        else 0
    end as status,
    {first_provider} + (clinic_place * {pairs} + pick(fid, 6, {pairs})) * 2 as dentist,
    {first_provider} + (clinic_place * {pairs} + pick(fid, 7, {pairs})) * 2 + 1 as hygienist,
    {first_clinic} + clinic_place as clinicnum,
    case
        when member < 2 then {start} - cast(20 * 365 + pick(n, 8, 55 * 365) as integer)
        else {start} + cast(600 - pick(n, 8, 17 * 365) as integer)
    end as birthdate,
    member < 2 and u(n, 9) < 0.22 as is_perio,
    status in (0, 2, 3, 5) as has_visits
from lived
order by patnum;

create table od.patient as
select
    people.patnum as "PatNum",
    family.last as "LName",
    if(u(people.n, 10) < 0.5, first_names.women, first_names.men) as "FName",
    if(u(people.n, 11) < 0.3, chr(cast(65 + pick(people.n, 12, 26) as integer)), '') as "MiddleI",
    people.status as "PatStatus",
    case when u(people.n, 13) < 0.02 then 2 when u(people.n, 10) < 0.5 then 1 else 0 end
        as "Gender",
    case when people.member > 1 then 2 when people.size > 1 then 1 else pick(people.n, 14, 5) end
        as "Position",
    if(u(people.n, 15) < 0.012, null, people.birthdate) as "Birthdate",
    (1 + pick(people.fid, 16, 9800)) || ' ' || family.streets as "Address",
    family.cities as "City",
    'OR' as "State",
    '97' || lpad(cast(pick(people.fid, 17, 400) as varchar), 3, '0') as "Zip",
    '(503)555-' || lpad(cast(pick(people.fid, 18, 10000) as varchar), 4, '0') as "HmPhone",
    '(971)555-' || lpad(cast(pick(people.n, 19, 10000) as varchar), 4, '0') as "WirelessPhone",
    if(u(people.n, 20) < 0.6, 'patient' || people.patnum || '@example.org', '') as "Email",
    people.guarantor as "Guarantor",
    people.dentist as "PriProv",
    if(u(people.n, 21) < 0.2, 0, people.hygienist) as "SecProv",
    case when u(people.fid, 22) < 0.9 then {billing_1} when u(people.fid, 22) < 0.96
        then {billing_2} else {billing_3} end as "BillingType",
    case when u(people.fid, 23) < 0.02 then 0 else people.clinicnum end as "ClinicNum",
    if(people.has_visits and people.first_day < {today}, on_day(people.first_day), null)
        as "DateFirstVisit",
    if(people.status = 5, at_time(on_day(people.last_day), 0), null) as "DateTimeDeceased",
    pick(people.n, 24, 9) as "PreferRecallMethod",
    pick(people.n, 25, 9) as "PreferConfirmMethod",
    pick(people.n, 26, 3) as "TxtMsgOk",
    if(people.fid % 40 = 7, people.guarantor, 0) as "SuperFamily",
    if(u(people.n, 27) < 0.1, 'Spanish', '') as "Language",
    on_day(greatest(people.first_day - 7, 0)) as "SecDateEntry",
    at_time(on_day(greatest(people.first_day - 7, 0)), 30000 + pick(people.n, 28, 20000))
        as "DateTStamp",
    1 + pick(people.n, 29, {users}) as "SecUserNumEntry",
    0e0 as "EstBalance", 0e0 as "Bal_0_30", 0e0 as "Bal_31_60", 0e0 as "Bal_61_90",
    0e0 as "BalOver90", 0e0 as "InsEst", 0e0 as "BalTotal", 0e0 as "PayPlanDue",
    '' as "HasIns"
from work.people as people
join work.names as family on family.i = pick(people.fid, 30, 400)
join work.names as first_names on first_names.i = pick(people.n, 31, 400);
"""

_COVERAGE = """
create table od.inssub as
with held as (
    select
        people.fid, people.size, slots.ordinal, people.guarantor, people.clinic_place,
        {first_plan} + if(slots.ordinal = 1, pick(people.fid, 50, {plans}),
            (pick(people.fid, 50, {plans}) + 1 + pick(people.fid, 51, {plans} - 1)) % {plans})
            as plannum
    from work.people as people, (values (1), (2)) as slots(ordinal)
    where
        people.member = 0
        and u(people.fid, 52) < if(slots.ordinal = 1, 0.74, 0.13)
)
select
    row_number() over (order by fid, ordinal) as "InsSubNum",
    plannum as "PlanNum",
    guarantor + if(ordinal = 2 and size > 1, 1, 0) as "Subscriber",
    if(u(fid, 53) < 0.3, null, {start} - cast(pick(fid, 54, 900) as integer)) as "DateEffective",
    if(u(fid, 55) < 0.04, on_day({today} - pick(fid, 56, 700)), null) as "DateTerm",
    if(u(fid, 57) < 0.05, 0, 1) as "AssignBen",
    1 as "ReleaseInfo",
    'S' || (100000000 + pick(fid, 58, 800000000)) as "SubscriberID",
    {start} - 5 as "SecDateEntry",
    at_time({start} - 5, 40000) as "SecDateTEdit",
    fid, ordinal
from held;

create table od.patplan as
select
    row_number() over (order by people.patnum, inssub.ordinal) as "PatPlanNum",
    people.patnum as "PatNum",
    row_number() over (partition by people.patnum order by inssub.ordinal) as "Ordinal",
    if(people.patnum = inssub."Subscriber", 0, if(people.member < 2, 1, 2)) as "Relationship",
    inssub."InsSubNum",
    if(u(people.n, 60) < 0.01, 1, 0) as "IsPending",
    -1e0 as "OrthoAutoFeeBilledOverride",
    at_time(on_day(greatest(people.first_day - 7, 0)), 36000) as "SecDateTEntry",
    at_time(on_day(greatest(people.first_day - 7, 0)), 36000) as "SecDateTEdit"
from work.people as people
join od.inssub as inssub using (fid)
where u(people.n, 61 + inssub.ordinal) < 0.95;

create table work.coverage as
select
    patplan."PatNum" as patnum, patplan."Ordinal" as ordinal, inssub."InsSubNum" as inssubnum,
    inssub."PlanNum" as plannum, plans."PlanType" as plantype, plans."CarrierNum" as carriernum,
    case plans."PlanType"
        when 'p' then if(plans."FeeSched" = {ppo_a}, 72, 81) when 'f' then 60 else 100
    end as allowed_percent
from od.patplan as patplan
join od.inssub as inssub using ("InsSubNum")
join od.insplan as plans using ("PlanNum");

update od.patient set "HasIns" = 'I' where "PatNum" in (select patnum from work.coverage);

create table od.discountplansub as
select
    row_number() over (order by patnum) as "DiscountSubNum", 1 as "DiscountPlanNum",
    patnum as "PatNum", on_day(first_day) as "DateEffective", cast(null as date) as "DateTerm"
from work.people
where patnum not in (select patnum from work.coverage) and u(n, 64) < 0.15 and has_visits;
"""

_REFERRALS = """
create table od.referral as
select
    range + 1 as "ReferralNum",
    if(range % 3 = 0, 'Advert ' || range, names.last) as "LName",
    if(range % 3 = 0, '', names.men) as "FName",
    if(range % 3 = 0, 1, 0) as "NotPerson",
    if(range % 3 = 1, 1, 0) as "IsDoctor",
    if(range % 3 = 2, {first_patient} + 1 + range, 0) as "PatNum",
    if(range = 29, 1, 0) as "IsHidden",
    at_time({start} - 3, 0) as "DateTStamp"
from range(30)
join work.names as names on names.i = range;

create table od.refattach as
with given as (
    select patnum, first_day, n, 1 as kind, 1 + pick(n, 70, 30) as referral, 1 as item
    from work.people where u(n, 71) < 0.62 and has_visits
    union all
    select patnum, first_day + 60, n, 0, 2 + 3 * pick(n, 72, 9), 2
    from work.people where u(n, 73) < 0.05 and has_visits
    union all
    select patnum, first_day + 5, n, 1, 1 + pick(n, 74, 30), 3
    from work.people where u(n, 75) < 0.03 and has_visits
    union all  -- a referral that is no longer there
    select patnum, first_day, n, 1, 999, 1
    from work.people where n = 17
)
select
    row_number() over (order by first_day, patnum, item) as "RefAttachNum",
    referral as "ReferralNum", patnum as "PatNum", item as "ItemOrder",
    on_day(first_day) as "RefDate", kind as "RefType",
    if(kind = 0, pick(n, 76, 6), 0) as "RefToStatus",
    at_time(on_day(first_day), 32000) as "DateTStamp"
from given;
"""

_SATELLITES = """
create table od.patientrace as
select row_number() over (order by patnum) as "PatientRaceNum", patnum as "PatNum", -1 as "Race",
    case when u(n, 80) < 0.7 then '2106-3' when u(n, 80) < 0.9 then '2135-2' else 'ASKU-RACE' end
        as "CdcrecCode"
from work.people where u(n, 81) < 0.5;

create table od.diseasedef as
select range + 1 as "DiseaseDefNum", 'Problem ' || (range + 1) as "DiseaseName",
    range as "ItemOrder", 0 as "IsHidden", at_time({start} - 9, 0) as "DateTStamp"
from range(8);

create table od.disease as
select row_number() over (order by patnum) as "DiseaseNum", patnum as "PatNum",
    1 + pick(n, 82, 8) as "DiseaseDefNum", pick(n, 83, 3) as "ProbStatus",
    if(u(n, 84) < 0.5, on_day(first_day), null) as "DateStart", cast(null as date) as "DateStop",
    at_time(on_day(first_day), 33000) as "DateTStamp"
from work.people where u(n, 85) < 0.25 and has_visits;

create table od.medicationpat as
select row_number() over (order by patnum) as "MedicationPatNum", patnum as "PatNum",
    pick(n, 86, 40) as "MedicationNum", on_day(first_day) as "DateStart",
    if(u(n, 87) < 0.4, on_day(first_day + 200), null) as "DateStop",
    at_time(on_day(first_day), 33500) as "DateTStamp"
from work.people where u(n, 88) < 0.3 and has_visits;

create table od.zipcode as
select row_number() over (order by zip) as "ZipCodeNum", zip as "ZipCodeDigits",
    any_value(city order by city) as "City", 'OR' as "State", 0 as "IsFrequent"
from (select "Zip" as zip, "City" as city from od.patient)
group by zip;
"""
