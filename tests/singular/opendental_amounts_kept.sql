{{ config(meta={'domains': ['dental', 'quality']}) }}
{{ amounts_lost('opendental', [
    ('paysplit', 'dental__fact_payment_splits', 'split_amount'),
    ('adjustment', 'dental__fact_adjustments', 'adjustment_amount'),
]) }}
