{{ config(meta={'domains': ['claims', 'quality']}) }}
{{ amounts_lost('claims', [(none, 'claims__fact_claims', 'amount')]) }}
