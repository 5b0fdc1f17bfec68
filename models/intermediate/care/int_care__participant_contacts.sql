-- grain: one row per participant with a contact by the day computed as of; copies not counted
with interventions as (

    select * from {{ ref('int_care__interventions') }}
    where not is_duplicate and participant_id is not null and interaction_date <= {{ as_of() }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by participant_id, case when growth_level is null then 0 else 1 end
            order by interaction_date asc, _source_file asc, _source_sheet asc, _source_row asc
        ) as rank_from_first,
        row_number() over (
            partition by participant_id, case when growth_level is null then 0 else 1 end
            order by interaction_date desc, _source_file desc, _source_sheet desc, _source_row desc
        ) as rank_from_latest
    from interventions

),

summed as (

    select
        participant_id,
        min(interaction_date) as first_contact_date,
        max(interaction_date) as last_contact_date,
        count(*) as intervention_count,
        cast(
            count(*) * 30.4375 / greatest(
                {{ dbt.datediff('min(interaction_date)', 'max(interaction_date)', 'day') }} + 1,
                30.4375
            ) as decimal(8, 2)
        ) as contacts_per_month,
        max(case when rank_from_first = 1 then growth_level end) as first_growth_level,
        max(case when rank_from_latest = 1 then growth_level end) as latest_growth_level,
        case
            when count(growth_level) > 1
                then
                    max(case when rank_from_latest = 1 then growth_level end)
                    - max(case when rank_from_first = 1 then growth_level end)
        end as growth_change,
        greatest(
            {{ dbt.datediff(
                'min(case when growth_level is not null then interaction_date end)',
                'max(case when growth_level is not null then interaction_date end)', 'day'
            ) }}, 30.4375
        ) as growth_days
    from ranked
    group by participant_id

),

final as (

    select
        participant_id,
        first_contact_date,
        last_contact_date,
        intervention_count,
        contacts_per_month,
        first_growth_level,
        latest_growth_level,
        growth_change,
        cast(growth_change * 30.4375 / growth_days as decimal(8, 4)) as growth_per_month
    from summed

)

select * from final
