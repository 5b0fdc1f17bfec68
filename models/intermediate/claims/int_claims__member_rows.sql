-- grain: one row per row of a members file, in each export that had it
with staged as (

    select * from {{ ref('stg_claims__members') }}

),

member_log as (

    select * from {{ ref('int_claims__member_log') }}

),

files as (

    select * from {{ ref('int_claims__people_files') }}

),

said as (

    select
        staged.member_id,
        staged.member_name,
        staged.gender_text,
        staged.location_text,
        staged.stated_age,
        staged.birth_date,
        staged.coverage_start_date,
        staged.coverage_end_date,
        staged._source_file,
        staged._source_row,
        staged._load_id,
        files.dated_at as exported_at,
        files.feed
    from staged
    inner join files on staged._source_file = files._source_file
    where files.dated_at is not null
    union all
    select
        member_log.member_id,
        member_log.member_name,
        member_log.gender_text,
        member_log.location_text,
        member_log.stated_age,
        member_log.birth_date,
        member_log.coverage_start_date,
        member_log.coverage_end_date,
        member_log._source_file,
        member_log._source_row,
        member_log._load_id,
        member_log._extracted_at as exported_at,
        files.feed
    from member_log
    inner join files on member_log._source_file = files._source_file

),

genders as (

    {{ alias_lines('gender_aliases', ['gender']) }}

),

dated as (

    select
        *,
        {{ tidy_text(text_part('location_text', ',', 1)) }} as city,
        upper({{ tidy_text(text_part('location_text', ',', 2)) }}) as state_code
    from said

),

final as (

    select
        dated.member_id,
        dated.member_name,
        coalesce(genders.gender, dated.gender_text) as gender,
        dated.city,
        dated.state_code,
        extract(year from dated.birth_date) as stated_birth_year,
        case
            when dated.stated_age between 0 and 130
                then extract(year from dated.exported_at) - dated.stated_age
        end as derived_birth_year,
        dated.coverage_start_date,
        dated.coverage_end_date,
        dated.exported_at,
        dated.feed,
        {{ surrogate_key([
            'dated.member_name', 'coalesce(genders.gender, dated.gender_text)', 'dated.city',
            'dated.state_code', 'dated.birth_date', 'dated.coverage_start_date',
            'dated.coverage_end_date'
        ]) }} as content_hash,
        dated._source_file,
        dated._source_row,
        dated._load_id
    from dated
    left join genders on dated.gender_text = genders.label
    where dated.member_id is not null

)

select * from final
