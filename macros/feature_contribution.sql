{#- What a feature adds to the log odds, as one expression over its column; null and never seen have terms
    of their own. Looking values up by joins takes a million rows several times as long. -#}
{% macro feature_contribution(column, terms) -%}
    {%- set amounts = terms | map(attribute='contribution') | unique | list -%}
    {{ return(amounts[0] if amounts | length == 1 else adapter.dispatch('feature_contribution')(column, terms)) }}
{%- endmacro %}

{#- A tree of comparisons over the bins; categories one by one, the most frequent first. -#}
{% macro default__feature_contribution(column, terms) -%}
    {%- set bins = terms | selectattr('kind', 'equalto', 'bin') | list -%}
    case
        when {{ column.name }} is null then {{ contribution_of('missing', terms) }}
        {%- for term in terms if term.kind == 'category' %}
        when {{ column.name }} = '{{ dbt.escape_single_quotes(term.category) }}' then {{ term.contribution }}
        {%- endfor %}
        else {{ tree_of_bins(column.name, bins) if bins else contribution_of('unseen', terms) }}
    end
{%- endmacro %}

{#- Here an array has a place for each value between the first bound and the last, in whole numbers or
    thousandths, and below and above stand the first and last bin: a tree takes three times as long. -#}
{% macro duckdb__feature_contribution(column, terms) -%}
    {%- set bins = terms | selectattr('kind', 'equalto', 'bin') | list -%}
    {%- set steps = {'bigint': 1, 'decimal(9,3)': 1000}[column.data_type] -%}
    {%- set places = bin_places(bins, steps) if steps and bins | length > 2 else [] -%}
    {%- if not places -%}
        {{ return(default__feature_contribution(column, terms)) }}
    {%- endif -%}
    {%- set lowest, highest = places[0].value, places[-1].value -%}
    {%- if steps == 1 -%}
        {%- set value, from, to = column.name, lowest, highest -%}
    {%- else -%}
        {%- set value = 'cast(' ~ column.name ~ ' * 1000 as integer)' -%}
        {%- set from, to = '%.3f' | format(lowest / 1000), '%.3f' | format(highest / 1000) -%}
    {%- endif -%}
    case
        when {{ column.name }} >= {{ from }} and {{ column.name }} <= {{ to }}
            then list_extract(
                [{{ places | map(attribute='contribution') | join(', ') }}],
                {{ value }} + ({{ 1 - lowest }})
            )
        when {{ column.name }} is null then {{ contribution_of('missing', terms) }}
        when {{ column.name }} < {{ from }} then {{ bins[0].contribution }}
        else {{ bins[-1].contribution }}
    end
{%- endmacro %}

{#- The contribution of each value from the first bound to the last, in steps of so many to one; none
    where there are more than a thousand. -#}
{% macro bin_places(bins, steps) -%}
    {%- set first = (bins[0].upper | float * steps) | round(0, 'floor') | int -%}
    {%- set last = (bins[-2].upper | float * steps) | round(0, 'ceil') | int -%}
    {%- set found = [] -%}
    {%- set place = namespace(bin=0) -%}
    {%- for value in range(first, last + 1) if last - first < 1000 -%}
        {#- a bin without a value is passed over -#}
        {%- for bin in bins[place.bin:-1] if value / steps >= bin.upper | float -%}
            {%- set place.bin = place.bin + 1 -%}
        {%- endfor -%}
        {%- do found.append({'value': value, 'contribution': bins[place.bin].contribution}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- What a value adds that is not known, or was never seen. -#}
{% macro contribution_of(kind, terms) -%}
    {{ return((terms | selectattr('kind', 'equalto', kind) | map(attribute='contribution') | list + ['0e0'])[0]) }}
{%- endmacro %}

{#- Comparisons that find a value's bin, each with half of the training rows on either side, so that
    most values are found after two or three. -#}
{% macro tree_of_bins(column, bins) -%}
    {%- if bins | length == 1 -%}
        {{ bins[0].contribution }}
    {%- else -%}
        {%- set half = bins | sum(attribute='train_rows') / 2 -%}
        {%- set place = namespace(rows=0, split=1, off=none) -%}
        {%- for bin in bins[:-1] -%}
            {%- set place.rows = place.rows + bin.train_rows -%}
            {%- if place.off is none or (place.rows - half) | abs < place.off -%}
                {%- set place.off = (place.rows - half) | abs -%}
                {%- set place.split = loop.index -%}
            {%- endif -%}
        {%- endfor -%}
        case when {{ column }} < {{ bins[place.split - 1].upper }} then {{ tree_of_bins(column, bins[:place.split]) }} else {{ tree_of_bins(column, bins[place.split:]) }} end
    {%- endif -%}
{%- endmacro %}

{#- The terms of a model's current fit: a list by feature, bins in order, categories by their rows; the
    numbers as SQL that reads back as the same double. Empty while dbt parses and where nothing is built. -#}
{% macro current_terms(model) -%}
    {%- set found = {} -%}
    {%- if execute and load_relation(ref('int_ml__current_terms')) -%}
        {%- set text = dbt.type_string() -%}
        {%- set asked -%}
            select
                feature,
                kind,
                cast(upper as {{ text }}) as upper_text,
                category,
                cast(contribution as {{ text }}) as contribution_text,
                coalesce(train_rows, 0) as train_rows
            from {{ ref('int_ml__current_terms') }}
            where kind <> 'intercept' and model_name = '{{ model }}'
            order by
                feature asc nulls last,
                kind asc nulls last,
                lower asc nulls first,
                train_rows desc nulls last,
                category asc nulls last
        {%- endset -%}
        {%- for row in run_query(asked).rows -%}
            {%- set terms = found.setdefault(row[0], []) -%}
            {%- set term = {
                'kind': row[1], 'upper': double_literal(row[2]), 'category': row[3],
                'contribution': double_literal(row[4]), 'train_rows': row[5] | int
            } -%}
            {#- neighbours that add the same are one bin -#}
            {%- set last = terms[-1] if terms else {} -%}
            {%- if 'bin' == term.kind == last.kind and term.contribution == last.contribution -%}
                {%- do last.update({
                    'upper': term.upper, 'train_rows': last.train_rows + term.train_rows
                }) -%}
            {%- else -%}
                {%- do terms.append(term) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#- A number's text as a literal that is a double and no decimal. -#}
{% macro double_literal(text) -%}
    {{ return(text if text is none or 'e' in text | lower else text ~ 'e0') }}
{%- endmacro %}
