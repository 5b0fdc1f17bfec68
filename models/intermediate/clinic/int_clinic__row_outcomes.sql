-- grain: one row per row of a drop: what became of it
with appointment_copies as (

    select * from {{ ref('stg_clinic__appointments') }}

),

appointment_checks as (

    select * from {{ ref('int_clinic__appointment_checks') }}

),

patient_copies as (

    select * from {{ ref('stg_clinic__patients') }}

),

patient_checks as (

    select * from {{ ref('int_clinic__patient_checks') }}

),

payment_copies as (

    select * from {{ ref('stg_clinic__payments') }}

),

payment_checks as (

    select * from {{ ref('int_clinic__payment_checks') }}

),

physios as (

    select * from {{ ref('stg_clinic__physios') }}

),

availability as (

    select * from {{ ref('int_clinic__availability_checks') }}

),

judged as (

    select
        'appointment' as kind,
        copies._source_file,
        copies._source_row,
        copies._drop_day,
        copies._load_id,
        copies.is_known,
        copies.copy_rank = 1 as is_newest,
        checks.set_aside_reason,
        checks.rejection_reason
    from appointment_copies as copies
    left join appointment_checks as checks
        on copies._source_file = checks._source_file and copies._source_row = checks._source_row
    union all
    select
        'patient' as kind,
        copies._source_file,
        copies._source_row,
        copies._drop_day,
        copies._load_id,
        copies.is_known,
        copies.copy_rank = 1 as is_newest,
        cast(null as {{ dbt.type_string() }}) as set_aside_reason,
        checks.rejection_reason
    from patient_copies as copies
    left join patient_checks as checks
        on copies._source_file = checks._source_file and copies._source_row = checks._source_row
    union all
    select
        'payment' as kind,
        copies._source_file,
        copies._source_row,
        copies._drop_day,
        copies._load_id,
        copies.is_known,
        copies.copy_rank = 1 as is_newest,
        cast(null as {{ dbt.type_string() }}) as set_aside_reason,
        checks.rejection_reason
    from payment_copies as copies
    left join payment_checks as checks
        on copies._source_file = checks._source_file and copies._source_row = checks._source_row
    union all
    select
        'physiotherapist' as kind,
        _source_file,
        _source_row,
        _drop_day,
        _load_id,
        is_known,
        copy_rank = 1 as is_newest,
        cast(null as {{ dbt.type_string() }}) as set_aside_reason,
        case when physio_id is null then 'physio_id is missing' end as rejection_reason
    from physios
    union all
    select
        'availability' as kind,
        _source_file,
        _source_row,
        _drop_day,
        _load_id,
        is_known,
        not is_superseded as is_newest,
        case when is_gone then 'no longer in the drop of its day' end as set_aside_reason,
        rejection_reason
    from availability

),

final as (

    select
        _source_file,
        _source_row,
        _drop_day,
        case
            when not is_known or not is_newest or set_aside_reason is not null then 'set aside'
            when rejection_reason is not null then 'rejected'
            else 'kept'
        end as outcome,
        case
            when not is_known then 'not known yet on the as-of day'
            when not is_newest then 'superseded by a later copy'
            else coalesce(set_aside_reason, rejection_reason, kind)
        end as reason,
        _load_id
    from judged

)

select * from final
