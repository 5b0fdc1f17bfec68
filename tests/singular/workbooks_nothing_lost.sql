{{ config(meta={'domains': ['care', 'quality']}) }}
{{ rows_lost('workbooks', ['cells'], ['sheets'], sheet='_source_sheet') }}
