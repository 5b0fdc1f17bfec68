{#- Every staged table: the tombstones in its mirror. Add a line with the model. -#}
with counted as (

    {% for table in [
        'patient', 'patientlink', 'provider', 'clinic', 'operatory', 'userod', 'employee', 'referral',
        'refattach', 'appointment', 'histappointment', 'appointmenttype', 'schedule', 'scheduleop',
        'recall', 'recalltype', 'recalltrigger', 'procedurelog', 'procedurecode', 'codegroup',
        'procmultivisit', 'treatplan', 'treatplanattach', 'proctp', 'fee', 'feesched', 'carrier',
        'insplan', 'inssub', 'patplan', 'benefit', 'covcat', 'covspan', 'discountplan',
        'discountplansub', 'claim', 'claimproc', 'claimpayment', 'claimsnapshot', 'claimtracking',
        'payment', 'paysplit', 'payplan', 'payplancharge', 'payplanlink', 'adjustment', 'statement',
        'definition', 'commlog', 'preference'
    ] %}
        select
            '{{ table }}' as object,
            count(*) as row_count,
            sum(case when _deleted_at is not null then 1 else 0 end) as deleted_count
        from {{ source('raw_opendental', table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        object,
        cast(row_count as bigint) as row_count,
        cast(coalesce(deleted_count, 0) as bigint) as deleted_count
    from counted

)

select * from final
