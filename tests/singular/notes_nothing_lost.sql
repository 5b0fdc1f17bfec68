{{ config(meta={'domains': ['care', 'quality']}) }}
{{ rows_lost('notes', ['blocks'], row='block_number') }}
