with settings as (

    select * from {{ ref('opendental_settings') }}

),

preferences as (

    select * from {{ ref('stg_opendental__preferences') }}

),

chosen as (

    select
        settings.setting_name,
        coalesce(preferences.value_text, settings.default_value) as value_text
    from settings
    left join preferences on settings.preference_name = preferences.preference_name

),

final as (

    select
        cast(
            max(case when setting_name = 'payment_plan_version' then value_text end) as integer
        ) as payment_plan_version,
        cast(
            max(case when setting_name = 'write_off_mode' then value_text end) as integer
        ) as write_off_mode,
        max(case when setting_name = 'does_scheduled_subtract_write_offs' then value_text end) = '1'
            as does_scheduled_subtract_write_offs,
        cast(
            max(case when setting_name = 'payment_plan_advance_days' then value_text end) as integer
        ) as payment_plan_advance_days,
        {{ try_to(
            "max(case when setting_name = 'last_aging_date' then value_text end)", 'date'
        ) }} as last_aging_date
    from chosen

)

select * from final
