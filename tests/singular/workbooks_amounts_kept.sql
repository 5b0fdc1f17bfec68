{{ config(meta={'domains': ['care', 'quality']}) }}
{{ amounts_lost('workbooks', [(none, 'care__fact_program_expenses', 'amount')]) }}
