{#- What DuckDB has of its own and Postgres has not, as functions in its schema `carehouse`, made anew
    at the start of each build: casts that give null, RE2 patterns, written dates, likeness of texts.
    None of them raises, so that none needs a subtransaction for each value, and queries that call
    them still run in parallel. Trap: a session keeps 32 compiled expressions, and a query with more
    compiles them anew for each row; so the common forms are told without any. -#}
{% macro create_engine_functions() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'generate') -%}
        {{ adapter.dispatch('create_engine_functions')() }}
    {%- endif -%}
{% endmacro %}

{% macro default__create_engine_functions() %}{% endmacro %}

{% macro postgres__create_engine_functions() %}
    {#- one at a time: two builds that replace a function at the same moment fail else -#}
    {%- do run_query(
        "select pg_advisory_lock(7283); create schema if not exists carehouse;"
        ~ postgres_cast_functions() ~ postgres_pattern_functions()
        ~ postgres_moment_functions() ~ postgres_zone_function() ~ postgres_likeness_function()
        ~ "select pg_advisory_unlock(7283)"
    ) -%}
{% endmacro %}

{% macro postgres_cast_functions() %}
create or replace function carehouse.to_numeric(text text, digits integer, scale integer) returns numeric
language plpgsql immutable strict parallel safe as $body$
declare
    number numeric;
    signs text := translate(text, '0123456789', '');
begin
    if (signs in ('', '.') and length(text) between length(signs) + 1 and 30)
        or (signs in ('-', '-.') and text like '-%' and length(text) between length(signs) + 1 and 30) then
        number := round(cast(text as numeric), scale);
        return case when abs(number) < power(cast(10 as numeric), digits - scale) then number end;
    end if;
    if text !~ '^\s*[+-]?([0-9]+(_[0-9]+)*[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?\s*$' then
        return null;
    end if;
    number := round(cast(replace(text, '_', '') as numeric), scale);
    return case when abs(number) < power(cast(10 as numeric), digits - scale) then number end;
end
$body$;

create or replace function carehouse.to_whole(text text, lowest numeric, highest numeric) returns numeric
language plpgsql immutable strict parallel safe as $body$
declare
    number numeric := carehouse.to_numeric(text, 40, 0);
begin
    return case when number between lowest and highest then number end;
end
$body$;

create or replace function carehouse.to_double(text text) returns double precision
language plpgsql immutable strict parallel safe as $body$
declare
    plain text := lower(btrim(text, e' \t\n\r'));
begin
    if plain in ('nan', 'inf', '-inf', 'infinity', '-infinity') then
        return cast(plain as double precision);
    end if;
    if plain !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]{1,2})?$' then
        return null;
    end if;
    return cast(plain as double precision);
end
$body$;

create or replace function carehouse.to_boolean(text text) returns boolean
language sql immutable strict parallel safe as $body$
    select case
        when lower(text) in ('true', 't', 'yes', 'y', '1') then true
        when lower(text) in ('false', 'f', 'no', 'n', '0') then false
    end
$body$;

create or replace function carehouse.day_of(year integer, month integer, day integer) returns date
language plpgsql immutable strict parallel safe as $body$
begin
    if year not between 1 and 200000 or month not between 1 and 12 or day not between 1 and 31 then
        return null;
    end if;
    if day > 28 and day > extract(
        day from make_date(year, month, 1) + interval '1 month' - interval '1 day'
    ) then
        return null;
    end if;
    return make_date(year, month, day);
end
$body$;

create or replace function carehouse.to_date(text text) returns date
language plpgsql immutable strict parallel safe as $body$
declare
    part text[];
begin
    if text like '____-__-__' and translate(text, '0123456789', '') = '--' then
        return carehouse.day_of(
            cast(left(text, 4) as integer), cast(substr(text, 6, 2) as integer),
            cast(right(text, 2) as integer)
        );
    end if;
    part := regexp_match(text, '^\s*([0-9]{1,6})([-/\\ ])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])');
    if part is null then
        return case when lower(btrim(text)) in ('infinity', '-infinity', 'epoch')
            then cast(btrim(text) as date) end;
    end if;
    return carehouse.day_of(
        cast(part[1] as integer), cast(part[3] as integer), cast(part[4] as integer)
    );
end
$body$;

create or replace function carehouse.to_time(text text) returns time
language plpgsql immutable strict parallel safe as $body$
declare
    part text[] := regexp_match(
        text, '^\s*([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})([.][0-9]*)?)?(?:[+-][0-9]{2}(?::?[0-9]{2})?)?\s*$'
    );
    hour integer := cast(part[1] as integer);
    minute integer := cast(part[2] as integer);
    second integer := cast(coalesce(part[3], '0') as integer);
begin
    if part is null or hour > 24 or minute > 59 or second > 59
        or (hour = 24 and (minute > 0 or second > 0)) then
        return null;
    end if;
    return cast(
        lpad(part[1], 2, '0') || ':' || lpad(part[2], 2, '0') || ':' || lpad(coalesce(part[3], '0'), 2, '0')
        || case when length(part[4]) > 1 then left(part[4], 7) else '' end as time
    );
end
$body$;

create or replace function carehouse.to_moment(text text, is_universal boolean) returns timestamp
language plpgsql immutable strict parallel safe as $body$
/* The wall clock of a moment's text, or its universal time where it states an offset. */
declare
    part text[];
    day date;
    clock time;
    shift text;
begin
    if text like '____-__-__ __:__:__'
        and translate(text, '0123456789', '') = '-- ::'
        and substr(text, 12, 2) < '24' and substr(text, 15, 2) < '60' and right(text, 2) < '60' then
        return carehouse.to_date(left(text, 10)) + cast(right(text, 8) as time);
    end if;
    part := regexp_match(
        text,
        '^\s*([0-9]{1,6}[-/\\ ][0-9]{1,2}[-/\\ ][0-9]{1,2})'
        || '(?:(?:T|\s)\s*([0-9]{1,2}:[0-9]{1,2}(?::[0-9]{0,2}(?:[.][0-9]*)?)?)(Z| UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?(\s*)$'
    );
    if part is null then
        return case when lower(btrim(text)) in ('infinity', '-infinity', 'epoch')
            then cast(btrim(text) as timestamp) end;
    end if;
    day := carehouse.to_date(part[1]);
    clock := carehouse.to_time(rtrim(coalesce(part[2], '00:00'), ':.'));
    shift := replace(part[3], ':', '');
    if day is null or clock is null
        or (part[2] !~ ':.*:' and shift is not null)
        or (coalesce(part[2], '') !~ ':.*:' and part[4] <> '') then
        return null;
    end if;
    if is_universal and shift ~ '^[+-]' then
        return day + clock - cast(left(shift, 1) || '1' as integer) * make_interval(
            hours => cast(substr(shift, 2, 2) as integer),
            mins => cast(coalesce(nullif(substr(shift, 4, 2), ''), '0') as integer)
        );
    end if;
    return day + clock;
end
$body$;
{% endmacro %}

{#- What to_local and to_utc say of a text; `zone` is the clinic's. -#}
{% macro postgres_zone_function() %}
create or replace function carehouse.moment_in(text text, zone text, is_universal boolean) returns timestamp
language plpgsql stable strict parallel safe as $body$
declare
    full_time text := text;
    moment timestamp;
begin
    if left(text, 2) not in ('19', '20', '21') then
        return null;
    end if;
    if text like '____-__-__T__:__:__' or text like '____-__-__ __:__:__' then
        moment := carehouse.to_moment(overlay(text placing ' ' from 11), false);
        if moment is not null then
            return case when is_universal then timezone('UTC', timezone(zone, moment)) else moment end;
        end if;
    end if;
    full_time := {{ full_time('text') }};
    if {{ has_offset('text') }} then
        moment := carehouse.to_moment(full_time, true);
        return case when is_universal then moment else timezone(zone, timezone('UTC', moment)) end;
    end if;
    if {{ is_iso_date('text') }} then
        moment := carehouse.to_moment(full_time, false);
        return case when is_universal then timezone('UTC', timezone(zone, moment)) else moment end;
    end if;
    return null;
end
$body$;
{% endmacro %}

{#- RE2 as DuckDB reads it, in Postgres' own expressions: `.` meets no line break, \b is \y, (?i) holds
    from where it stands to the end of its group, \p{L} and its like are ranges, \d \s \w are ASCII. -#}
{% macro postgres_pattern_functions() %}
create or replace function carehouse.letters(class text) returns text
language sql immutable strict parallel safe as $body$
    select {{ postgres_letters() }}
$body$;

create or replace function carehouse.pattern(re2 text, is_whole boolean default false) returns text
language plpgsql immutable strict parallel safe as $body$
declare
    made text := '';
    place integer := 1;
    one text;
    escaped text;
    class text[];
    in_class boolean := false;
    is_folded boolean := false;
    meets_lines boolean := false;
    folded boolean[] := '{}';
    lines boolean[] := '{}';
begin
    while place <= length(re2) loop
        one := substr(re2, place, 1);
        if one = '\' then
            escaped := substr(re2, place + 1, 1);
            place := place + 2;
            if escaped = 'p' then
                class := regexp_match(substr(re2, place), '^\{?([A-Za-z]+)\}?');
                place := place + case when substr(re2, place, 1) = '{' then length(class[1]) + 2 else 1 end;
                made := made || case when in_class then carehouse.letters(class[1])
                    else '[' || carehouse.letters(class[1]) || ']' end;
            elsif escaped = 'x' then
                class := regexp_match(substr(re2, place), '^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))');
                place := place + case when class[1] is null then 2 else length(class[1]) + 2 end;
                made := made || '\u' || lpad(coalesce(class[1], class[2]), 4, '0');
            elsif escaped = 'b' and not in_class then
                made := made || '\y';
            elsif escaped in ('d', 's', 'w') then
                class[1] := case escaped when 'd' then '0-9' when 's' then ' \t\n\f\r' else '0-9A-Za-z_' end;
                made := made || case when in_class then class[1] else '[' || class[1] || ']' end;
            elsif escaped in ('D', 'S', 'W') then
                made := made || case escaped when 'D' then '[^0-9]' when 'S' then '[^ \t\n\f\r]' else '[^0-9A-Za-z_]' end;
            else
                made := made || '\' || escaped;
            end if;
            continue;
        end if;
        if in_class then
            if one = ']' then
                in_class := false;
                made := made || one;
            elsif one = '[' and substr(re2, place + 1, 1) = ':' then
                class := regexp_match(substr(re2, place), '^\[:[a-z]+:\]');
                made := made || class[1];
                place := place + length(class[1]);
                continue;
            elsif one = '[' then
                made := made || '\[';
            elsif is_folded and substr(re2, place, 3) ~ '^[A-Za-z]-[A-Za-z]$' then
                made := made || lower(substr(re2, place, 3)) || upper(substr(re2, place, 3));
                place := place + 3;
                continue;
            elsif is_folded and lower(one) <> upper(one) then
                made := made || lower(one) || upper(one);
            else
                made := made || one;
            end if;
        elsif one = '[' then
            in_class := true;
            made := made || one;
            if substr(re2, place + 1, 1) = '^' then
                place := place + 1;
                made := made || '^';
            end if;
            if substr(re2, place + 1, 1) = ']' then
                place := place + 1;
                made := made || '\]';
            end if;
        elsif one = '.' then
            made := made || case when meets_lines then '.' else '[^\n]' end;
        elsif substr(re2, place, 4) = '(?i)' then
            is_folded := true;
            place := place + 4;
            continue;
        elsif one = '(' then
            folded := folded || is_folded;
            lines := lines || meets_lines;
            if substr(re2, place, 4) = '(?s:' then
                meets_lines := true;
                made := made || '(?:';
                place := place + 4;
                continue;
            end if;
            made := made || one;
        elsif one = ')' then
            is_folded := folded[cardinality(folded)];
            meets_lines := lines[cardinality(lines)];
            folded := trim_array(folded, 1);
            lines := trim_array(lines, 1);
            made := made || one;
        elsif is_folded and lower(one) <> upper(one) then
            made := made || '[' || lower(one) || upper(one) || ']';
        else
            made := made || one;
        end if;
        place := place + 1;
    end loop;
    return case when is_whole then '(' || made || ')' else made end;
end
$body$;
{% endmacro %}

{#- The moments that macro moment_text knows, in the same forms. -#}
{% macro postgres_moment_functions() %}
create or replace function carehouse.month_of(word text, is_long boolean) returns integer
language sql immutable strict parallel safe as $body$
    select cast(case
        when is_long then array_position(
            array['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september',
                'october', 'november', 'december'], lower(word))
        else array_position(
            array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
            lower(word))
    end as integer)
$body$;

create or replace function carehouse.written_moment(text text, date_order text) returns text
language plpgsql immutable parallel safe as $body$
declare
    part text[];
    clock text[];
    day date;
    at time;
    hour integer;
    rest text;
begin
    if text is null then
        return null;
    end if;
    part := regexp_match(text, '^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})?$');
    if part is not null then
        day := carehouse.day_of(cast(part[1] as integer), cast(part[2] as integer), cast(part[3] as integer));
        at := carehouse.to_time(part[4] || ':' || part[5] || ':' || coalesce(part[6], '00'));
    else
        /* the day up to the first time of it */
        clock := coalesce(
            regexp_match(
                text,
                '^([^:]*[^: ]) ([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})([.][0-9]{1,6})?)?( ?[AaPp][Mm])?$'
            ),
            regexp_match(text, '^([^:]*[^: ]):([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})$')
        );
        rest := coalesce(clock[1], text);
        part := regexp_match(rest, '^([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{1,4})$');
        if part is not null then
            day := case when date_order = 'mdy'
                then carehouse.day_of(cast(part[4] as integer), cast(part[1] as integer), cast(part[3] as integer))
                else carehouse.day_of(cast(part[4] as integer), cast(part[3] as integer), cast(part[1] as integer))
            end;
            if day is null and length(part[4]) < 3 then
                day := carehouse.day_of(cast(part[1] as integer), cast(part[3] as integer), cast(part[4] as integer));
            end if;
        elsif rest ~ '^[0-9]{4}' then
            part := coalesce(
                regexp_match(rest, '^([0-9]{4})()([0-9]{2})([0-9]{2})$'),
                regexp_match(rest, '^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})$')
            );
            day := carehouse.day_of(cast(part[1] as integer), cast(part[3] as integer), cast(part[4] as integer));
        elsif rest ~ '^[0-9]' then
            part := regexp_match(rest, '^([0-9]{1,2})(-|[.]? |)([A-Za-z]+)(-| |)([0-9]{1,4})$');
            if part is not null and (part[2] = part[4] or (part[2] = '. ' and part[4] = ' ')) then
                day := carehouse.day_of(cast(part[5] as integer), coalesce(
                    carehouse.month_of(part[3], false),
                    case when part[2] <> '' then carehouse.month_of(part[3], true) end
                ), cast(part[1] as integer));
            end if;
        else
            part := regexp_match(
                rest,
                '^(?:(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday) )?'
                || '(?:([a-z]+)([.]?) ([0-9]{1,2})|([0-9]{1,2}) ([a-z]+)) ([0-9]{1,4})$', 'i'
            );
            if part is not null and (part[1] is null or (part[3] = '' or part[3] is null))
                and (part[1] is not null or part[5] is null) then
                day := carehouse.day_of(cast(part[7] as integer), coalesce(
                    case when part[1] is null or length(part[1]) = 3
                        then carehouse.month_of(coalesce(part[2], part[6]), false) end,
                    case when (part[1] is null or length(part[1]) > 3) and coalesce(part[3], '') = ''
                        then carehouse.month_of(coalesce(part[2], part[6]), true) end
                ), cast(coalesce(part[4], part[5]) as integer));
            end if;
        end if;
        hour := cast(clock[2] as integer);
        if clock is null then
            at := time '00:00';
        elsif clock[6] is not null and (
            hour not between 1 and 12 or clock[5] is not null or (clock[4] is not null and clock[6] !~ '^ ')
        ) then
            at := null;
        elsif hour > 23 then
            at := null;
        else
            if clock[6] is not null then
                hour := mod(hour, 12) + case when lower(clock[6]) like '%pm' then 12 else 0 end;
            end if;
            at := carehouse.to_time(hour || ':' || clock[3] || ':' || coalesce(clock[4], '00'));
        end if;
    end if;
    return to_char(day + at, 'YYYY-MM-DD HH24:MI:SS');
end
$body$;
{% endmacro %}

{% macro postgres_likeness_function() %}
create or replace function carehouse.likeness(first text, second text) returns double precision
language plpgsql immutable strict parallel safe as $body$
/* Jaro-Winkler as DuckDB has it: of bytes, with the bonus for the first four from 0.7 on. */
declare
    one bytea := convert_to(first, 'UTF8');
    other bytea := convert_to(second, 'UTF8');
    first_length integer := length(one);
    second_length integer := length(other);
    reach integer := greatest(greatest(length(one), length(other)) / 2 - 1, 0);
    taken boolean[] := array_fill(false, array[greatest(length(other), 1)]);
    matched integer[] := '{}';
    answered integer[] := '{}';
    swaps integer := 0;
    same integer := 0;
    likeness double precision;
begin
    for i in 0..first_length - 1 loop
        for j in greatest(0, i - reach)..least(second_length - 1, i + reach) loop
            if not taken[j + 1] and get_byte(one, i) = get_byte(other, j) then
                taken[j + 1] := true;
                matched := matched || get_byte(one, i);
                exit;
            end if;
        end loop;
    end loop;
    if cardinality(matched) = 0 then
        return 0;
    end if;
    for j in 0..second_length - 1 loop
        if taken[j + 1] then
            answered := answered || get_byte(other, j);
        end if;
    end loop;
    for i in 1..cardinality(matched) loop
        swaps := swaps + case when matched[i] <> answered[i] then 1 else 0 end;
    end loop;
    likeness := (
        cast(cardinality(matched) as double precision) / first_length
        + cast(cardinality(matched) as double precision) / second_length
        + cast(cardinality(matched) - swaps / 2 as double precision) / cardinality(matched)
    ) / 3;
    while same < least(4, first_length, second_length)
        and get_byte(one, same) = get_byte(other, same) loop
        same := same + 1;
    end loop;
    return case when likeness > 0.7 then likeness + same * 0.1 * (1 - likeness) else likeness end;
end
$body$;
{% endmacro %}
