-- grain: one row per model and column that has a part in it, as the feature mart's yml states it
with final as (

    {{ feature_definitions() }}

)

select * from final
