-- Fails with each family whose aging is not its ledger.
with ledger as (

    select * from {{ ref('dental__fact_ledger') }}
    where is_on_account

),

aging as (

    select * from {{ ref('dental__accounts_receivable_aging') }}

),

families as (

    select
        guarantor_id,
        sum(amount) as balance,
        sum(
            case
                when transaction_date is null or transaction_date <= {{ as_of() }} then amount
                else 0
            end
        ) as balance_to_date
    from ledger
    group by guarantor_id

)

select
    coalesce(families.guarantor_id, aging.guarantor_id) as guarantor_id,
    families.balance,
    aging.balance_total,
    families.balance_to_date
from families
full outer join aging on families.guarantor_id = aging.guarantor_id
where
    families.balance is distinct from aging.balance_total
    or families.balance_to_date is distinct from aging.balance_to_date
    or families.balance_to_date is distinct from
    aging.balance_0_30 + aging.balance_31_60 + aging.balance_61_90 + aging.balance_over_90
    - aging.unapplied_credit
    or least(
        aging.balance_0_30, aging.balance_31_60, aging.balance_61_90, aging.balance_over_90,
        aging.unapplied_credit
    ) < 0
