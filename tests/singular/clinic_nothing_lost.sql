{{ config(meta={'domains': ['clinic', 'quality']}) }}
{{ rows_lost('clinic', ['appointments', 'patients', 'payments', 'physios', 'availability']) }}
