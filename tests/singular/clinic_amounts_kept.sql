{{ config(meta={'domains': ['clinic', 'quality']}) }}
{{ amounts_lost('clinic', [(none, 'clinic__fact_payments', 'amount')]) }}
