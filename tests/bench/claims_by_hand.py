"""What somebody would write by hand to get the claims marts from the generated CSV files, once.

Typed on the way in; no lineage, no drift, no refusal, no tests, no history of earlier runs.
`$folder` stands for the folder of exports. Not a .sql file, which dbt would take for a test.
"""

SQL = """
create table claim_rows as
select
    claim_id, member_id, provider_id, diagnosis, claim_date::timestamp as claim_at,
    amount::decimal(12, 2) as amount, paid_amt::decimal(12, 2) as paid_amount, status,
    adjudicated_date::timestamp as adjudicated_at, ingestion_ts::timestamp as ingested_at
from read_csv('$folder/**/claims.csv', union_by_name = true, types = {
    'claim_date': 'timestamp', 'amount': 'decimal(12, 2)', 'paid_amt': 'decimal(12, 2)',
    'adjudicated_date': 'timestamp', 'ingestion_ts': 'timestamp'
});

create table member_rows as
select *, regexp_extract(filename, '([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{4})?)/', 1) as export
from read_csv('$folder/**/members.csv', filename = true, union_by_name = true);

create table provider_rows as
select *, regexp_extract(filename, '([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{4})?)/', 1) as export
from read_csv('$folder/**/providers.csv', filename = true, union_by_name = true);

create table exports as
select
    export,
    case when length(export) = 10 then export::timestamp
        else strptime(export, '%Y-%m-%dT%H%M') end as moment,
    row_number() over (order by export) as number
from (select distinct export from member_rows);

create table dim_members as
with runs as (
    select
        r.*, e.number,
        e.number - row_number() over (
            partition by member_id, name, gender, location, birth_date, coverage_start, coverage_end
            order by e.number
        ) as run
    from member_rows as r join exports as e using (export)
),
merged as (
    select member_id, name, gender, location, birth_date, coverage_start, coverage_end, run,
        min(number) as since, max(number) + 1 as until
    from runs group by all
)
select
    m.* exclude (since, until, run), md5(m.member_id || m.since) as member_key,
    case when row_number() over (partition by m.member_id order by since) = 1
        then timestamp '1900-01-01' else s.moment end as valid_from,
    coalesce(u.moment, timestamp '9999-12-31') as valid_to
from merged as m
join exports as s on m.since = s.number
left join exports as u on m.until = u.number;

create table dim_providers as
with runs as (
    select
        r.*, e.number,
        e.number - row_number() over (
            partition by provider_id, name, specialty, city order by e.number
        ) as run
    from provider_rows as r join exports as e using (export)
),
merged as (
    select provider_id, name, specialty, city, run, min(number) as since, max(number) + 1 as until
    from runs group by all
)
select
    m.* exclude (since, until, run), md5(m.provider_id || m.since) as provider_key,
    case when row_number() over (partition by m.provider_id order by since) = 1
        then timestamp '1900-01-01' else s.moment end as valid_from,
    coalesce(u.moment, timestamp '9999-12-31') as valid_to
from merged as m
join exports as s on m.since = s.number
left join exports as u on m.until = u.number;

create table fact_claims as
with newest as (
    select * from claim_rows
    qualify row_number() over (
        partition by claim_id order by ingested_at desc, adjudicated_at desc nulls last
    ) = 1
)
select
    n.*, n.claim_at::date as claim_date, m.member_key, p.provider_key, p.specialty,
    split_part(m.location, ', ', 2) as state, left(n.diagnosis, 1) as chapter,
    left(n.diagnosis, 3) as category,
    (year(n.claim_at) - year(m.birth_date)) // 18 as age_band,
    n.paid_amount / nullif(n.amount, 0) as reimbursement_ratio,
    datediff('day', n.claim_at, n.adjudicated_at) as turnaround_days,
    n.amount >= 50000 as is_high_value,
    case when n.amount < 1000 then 'low' when n.amount < 50000 then 'middle' else 'high' end
        as claim_value_bucket
from newest as n
left join dim_members as m
    on n.member_id = m.member_id and n.claim_at >= m.valid_from and n.claim_at < m.valid_to
left join dim_providers as p
    on n.provider_id = p.provider_id and n.claim_at >= p.valid_from and n.claim_at < p.valid_to;

create table claim_status_history as
select
    claim_id, status, ingested_at as status_from,
    lead(ingested_at) over (partition by claim_id order by ingested_at) as status_to
from (
    select distinct on (claim_id, ingested_at) claim_id, status, ingested_at,
    from claim_rows order by claim_id, ingested_at
)
qualify status is distinct from lag(status) over (partition by claim_id order by ingested_at);

create table member_claims_daily as
select
    member_id, claim_date, count(*) as claim_count, sum(amount) as amount,
    sum(paid_amount) as paid_amount,
    sum(case when status in ('DENIED', 'REJECTED') then 1 else 0 end) as denied_count
from fact_claims group by all;

create table spans as
select
    member_id, coverage_start as span_from,
    coalesce(coverage_end, date '9999-12-30') + 1 as span_to
from dim_members
qualify row_number() over (partition by member_id order by valid_from desc) = 1;

create table member_months as
with bounds as (
    select date_trunc('month', min(claim_date))::date as since, max(ingested_at)::date as until
    from fact_claims
),
months as (
    select unnest(generate_series(since::timestamp, until, interval 1 month))::date as month, until
    from bounds
)
select member_id, month,
    least(span_to, (month + interval 1 month)::date, until + 1)
        - greatest(span_from, month) as covered_days
from spans join months
    on span_from < month + interval 1 month and span_to > month and span_from <= until;

create table pmpm_monthly as
with covered as (select month, count(*) as member_months from member_months group by month),
claimed as (
    select date_trunc('month', claim_date)::date as month, count(*) as claim_count,
        sum(amount) as amount, sum(paid_amount) as paid_amount
    from fact_claims group by all
)
select *, amount / member_months as pmpm_amount, paid_amount / member_months as pmpm_paid_amount
from covered full join claimed using (month);

create table kpis as
with long as (
    from fact_claims select 'all' as dimension, 'all' as value, *
    union all by name
    from fact_claims
    select 'month' as dimension, date_trunc('month', claim_date)::varchar as value, *
    union all by name from fact_claims select 'chapter' as dimension, chapter as value, *
    union all by name from fact_claims select 'specialty' as dimension, specialty as value, *
    union all by name from fact_claims select 'state' as dimension, state as value, *
    union all by name from fact_claims select 'age' as dimension, age_band::varchar as value, *
    union all by name from fact_claims select 'provider' as dimension, provider_id as value, *
)
select
    dimension, value, count(*) as claim_count, sum(amount) as amount,
    sum(paid_amount) as paid_amount, count_if(status = 'PENDING') as open_count,
    count_if(status in ('DENIED', 'REJECTED')) as denied_count,
    quantile_disc(turnaround_days, 0.5) as median_days,
    quantile_disc(turnaround_days, 0.9) as p90_days
from long group by all;

create table development as
select
    date_trunc('month', claim_date)::date as claim_month,
    datediff('month', claim_at, coalesce(adjudicated_at, ingested_at)) as lag_month,
    count_if(status <> 'PENDING') as decided_count, sum(paid_amount) as paid_amount
from fact_claims group by all;

create table claim_review_flags as
with logged as (
    select claim_id, specialty, category, amount, ln(amount::double) as log_amount
    from fact_claims where amount > 0
),
middles as (
    select specialty, category, count(*) as peers, median(log_amount) as middle
    from logged group by all
),
spreads as (
    select l.specialty, l.category, m.peers, m.middle, median(abs(l.log_amount - m.middle)) as mad
    from logged as l join middles as m using (specialty, category) group by all
),
days as (select provider_id, claim_date, count(*) as n from fact_claims group by all),
usual as (select provider_id, median(n) as n from days group by all),
rounders as (
    select provider_id from fact_claims group by provider_id
    having count_if(amount % 1000 = 0) >= 10 and count_if(amount % 1000 = 0) >= 0.2 * count(*)
)
select claim_id, 'paid_over_claimed' as rule_code from fact_claims where paid_amount > amount
union all
select claim_id, 'denied_but_paid' from fact_claims
where status in ('DENIED', 'REJECTED') and paid_amount > 0
union all
select claim_id, 'adjudicated_before_claim' from fact_claims
where adjudicated_at::date < claim_date
union all
select claim_id, 'unknown_member' from fact_claims anti join dim_members using (member_id)
union all
select claim_id, 'unknown_provider' from fact_claims anti join dim_providers using (provider_id)
union all
select f.claim_id, 'outside_coverage' from fact_claims as f
join spans as s on f.member_id = s.member_id
    and (f.claim_date < s.span_from or f.claim_date >= s.span_to)
union all
select distinct b.claim_id,
    case when a.claim_date = b.claim_date and a.amount = b.amount then 'exact' else 'near' end
    || '_duplicate'
from fact_claims as a join fact_claims as b
    on a.member_id = b.member_id and a.provider_id = b.provider_id and a.category = b.category
    and (a.claim_at, a.ingested_at, a.claim_id) < (b.claim_at, b.ingested_at, b.claim_id)
    and b.claim_date <= a.claim_date + 3 and abs(a.amount - b.amount) <= 0.05 * a.amount
union all
select l.claim_id, 'amount_outlier' from logged as l join spreads as s using (specialty, category)
where s.peers >= 30 and s.mad > 0 and abs(0.6745 * (l.log_amount - s.middle) / s.mad) >= 6
union all
select f.claim_id, 'impossible_day' from fact_claims as f
join days as d using (provider_id, claim_date) join usual as u using (provider_id)
where d.n >= 60 and d.n > 5 * u.n
union all
select f.claim_id, 'round_amounts' from fact_claims as f join rounders using (provider_id)
where f.amount % 1000 = 0;

create table provider_performance as
select k.*, p.specialty, p.name, r.flags
from kpis as k
left join (
    select * from dim_providers
    qualify row_number() over (partition by provider_id order by valid_from desc) = 1
) as p on k.value = p.provider_id
left join (
    select provider_id, count(distinct claim_id) as flags
    from claim_review_flags join fact_claims using (claim_id) group by all
) as r on k.value = r.provider_id
where k.dimension = 'provider';
"""
