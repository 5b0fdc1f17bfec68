with scans as (

    select * from {{ source('raw', 'scan_log') }}

),

final as (

    select
        cast(max(scanned_at) as date) as as_of_date,
        max(scanned_at) as extracted_at
    from scans

)

select * from final
