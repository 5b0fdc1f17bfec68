-- grain: one row per row of a members file, in each export that had it
with staged as (

    select * from {{ ref('stg_claims__members') }}

),

member_log as (

    select * from {{ ref('int_claims__member_log') }}

),

files as (

    select * from {{ ref('int_claims__files') }}

),

said as (

    select
        staged.member_id,
        staged.member_name,
        staged.gender_text,
        staged.location_text,
        staged.city_text,
        staged.state_text,
        staged.stated_age,
        staged.birth_date,
        staged.coverage_start_date,
        staged.coverage_end_date,
        staged.payer,
        staged.plan_name,
        staged.changed_at,
        staged.is_age_too_large,
        staged._source_file,
        staged._source_row,
        staged._load_id,
        files.dated_at as exported_at,
        files.series,
        files.feed
    from staged
    inner join files on staged._source_file = files._source_file
    where
        files.dated_at is not null
        and {{ is_known(['files.dated_at'], landed='staged._extracted_at') }}
    union all
    select
        member_log.member_id,
        member_log.member_name,
        member_log.gender_text,
        member_log.location_text,
        member_log.city_text,
        member_log.state_text,
        member_log.stated_age,
        member_log.birth_date,
        member_log.coverage_start_date,
        member_log.coverage_end_date,
        member_log.payer,
        member_log.plan_name,
        member_log.changed_at,
        member_log.is_age_too_large,
        member_log._source_file,
        member_log._source_row,
        member_log._load_id,
        member_log._extracted_at as exported_at,
        files.series,
        files.feed
    from member_log
    inner join files on member_log._source_file = files._source_file
    where {{ is_known(['member_log._extracted_at']) }}

),

genders as (

    {{ alias_lines('gender_aliases', ['gender']) }}

),

states as (

    select * from {{ ref('us_states') }}

),

told as (

    select * from said
    where member_id is not null and not coalesce(is_age_too_large, false)

),

texts as (

    select
        location_text,
        city_text,
        state_text
    from told
    group by location_text, city_text, state_text

),

-- The last part is the state when it looks like one: a street is none, a postal code may follow.
labelled as (

    select
        *,
        upper({{ tidy_text(
            'coalesce(state_text, ' ~ regex_extract('location_text', '^.*,([^,]*)$', 1) ~ ')'
        ) }}) as state_label,
        {{ tidy_text(
            'coalesce(city_text, ' ~ regex_extract('location_text', '^(?:.*,)?([^,]+),[^,]*$', 1)
            ~ ', location_text)'
        ) }} as city
    from texts

),

places as (

    select
        labelled.location_text,
        labelled.city_text,
        labelled.state_text,
        labelled.city,
        coalesce(
            {{ regex_extract(
                'labelled.state_label', '^([A-Z]{2,3})(?: +[0-9]{5}(?:-[0-9]{4})?)?$', 1
            ) }},
            states.state_code
        ) as state_code
    from labelled
    left join states on labelled.state_label = upper(states.state_name)

),

coded as (

    select
        told.*,
        places.city,
        places.state_code
    from told
    inner join places
        on
            told.location_text is not distinct from places.location_text
            and told.city_text is not distinct from places.city_text
            and told.state_text is not distinct from places.state_text

),

final as (

    select
        coded.member_id,
        coded.member_name,
        coalesce(genders.gender, coded.gender_text) as gender,
        coded.birth_date,
        coded.city,
        coded.state_code,
        extract(year from coded.birth_date) as stated_birth_year,
        case
            when coded.stated_age between 0 and 130
                then extract(year from coded.exported_at) - coded.stated_age
        end as derived_birth_year,
        coded.coverage_start_date,
        coded.coverage_end_date,
        coded.payer,
        coded.plan_name,
        coded.exported_at,
        coalesce(coded.changed_at, coded.exported_at) as said_at,
        coded.series,
        coded.feed,
        {{ surrogate_key([
            'coded.member_name', 'coalesce(genders.gender, coded.gender_text)', 'coded.city',
            'coded.state_code', 'coded.birth_date', 'coded.coverage_start_date',
            'coded.coverage_end_date', 'coded.payer', 'coded.plan_name'
        ]) }} as content_hash,
        coded._source_file,
        coded._source_row,
        coded._load_id
    from coded
    left join genders on coded.gender_text = genders.label

)

select * from final
