"""Athena's functions of text and bytes, each with DuckDB's text; those that start with athena_ are in Python."""

FORMAT, VARIABLES = "athena_format(_0, [{0}], [{1}])", "TUVRS"
TEXTS = {
    "codepoint(varchar): integer": "CASE WHEN length(_0) <> 1 THEN error('codepoint takes one character') "
    "ELSE unicode(_0) END",
    "concat_ws(varchar, array(varchar)): varchar": "array_to_string(list_filter(_1, lambda x: x IS NOT NULL), _0)",
    "concat_ws(varchar, varchar...): varchar": "concat_ws(_all)",
    **{
        f"format(varchar, {', '.join(VARIABLES[:count])}): varchar": FORMAT.format(
            ", ".join(f"CAST(_{number} AS VARCHAR)" for number in range(1, count + 1)),
            ", ".join(f"typeof(_{number})" for number in range(1, count + 1)),
        )
        for count in range(1, 6)
    },
    "uuid(): uuid": "uuid()",
    "regexp_position(varchar, varchar): integer": "CAST(athena_regexp_position(_0, _1, 1, 1) AS INTEGER)",
    "regexp_position(varchar, varchar, bigint): integer": "CAST(athena_regexp_position(_0, _1, _2, 1) AS INTEGER)",
    "regexp_position(varchar, varchar, bigint, bigint): integer": "CAST(athena_regexp_position(_0, _1, _2, _3) "
    "AS INTEGER)",
    "soundex(varchar): varchar": "athena_soundex(_0)",
    "format_number(bigint): varchar": "athena_short_number(CAST(_0 AS VARCHAR))",
    "format_number(double): varchar": "athena_short_number(CAST(_0 AS VARCHAR))",
    "translate(varchar, varchar, varchar): varchar": "translate(_0, _1, _2)",
    "levenshtein_distance(varchar, varchar): bigint": "athena_levenshtein(_0, _1)",
    "hamming_distance(varchar, varchar): bigint": "CASE WHEN _0 IS NULL OR _1 IS NULL THEN NULL "
    "WHEN length(_0) <> length(_1) "
    "THEN error('The input strings to hamming_distance function must have the same length') "
    "ELSE len(list_filter(list_zip(string_split(_0, ''), string_split(_1, '')), lambda p: p[1] <> p[2])) END",
    "normalize(varchar, varchar): varchar": "athena_normalize(_0, _1)",
    "luhn_check(varchar): boolean": "athena_luhn(_0)",
    "regexp_extract_all(varchar, varchar): array(varchar)": "athena_regexp_extract_all(_0, _1, 0)",
    "regexp_extract_all(varchar, varchar, bigint): array(varchar)": "athena_regexp_extract_all(_0, _1, _2)",
    "regexp_split(varchar, varchar): array(varchar)": "athena_regexp_split(_0, _1)",
    "regexp_count(varchar, varchar): bigint": "athena_regexp_count(_0, _1)",
    "split_part(varchar, varchar, bigint): varchar": "CAST(CASE WHEN _1 = '' THEN error('split_part: "
    "an empty delimiter is not supported by the embedded engine') WHEN _2 < 1 THEN "
    "error('split_part: the index must be greater than zero') "
    "ELSE list_extract(string_split(_0, _1), _2) END AS VARCHAR)",
    "url_encode(varchar): varchar": "athena_url_encode(_0)",
    "url_decode(varchar): varchar": "athena_url_decode(_0)",
    "url_extract_protocol(varchar): varchar": "athena_url_part(_0, 'protocol')",
    "url_extract_host(varchar): varchar": "athena_url_part(_0, 'host')",
    "url_extract_port(varchar): bigint": "CAST(athena_url_part(_0, 'port') AS BIGINT)",
    "url_extract_path(varchar): varchar": "athena_url_part(_0, 'path')",
    "url_extract_query(varchar): varchar": "athena_url_part(_0, 'query')",
    "url_extract_fragment(varchar): varchar": "athena_url_part(_0, 'fragment')",
    "url_extract_parameter(varchar, varchar): varchar": "athena_url_parameter(_0, _1)",
    "to_utf8(varchar): varbinary": "encode(_0)",
    "from_utf8(varbinary): varchar": "decode(_0)",
    "to_hex(varbinary): varchar": "hex(_0)",
    "from_hex(varchar): varbinary": "CASE WHEN NOT regexp_full_match(_0, '([0-9a-fA-F]{2})*') "
    "THEN error('from_hex: the text is no pairs of hexadecimal digits') ELSE unhex(_0) END",
    "to_base64(varbinary): varchar": "to_base64(_0)",
    "from_base64(varchar): varbinary": "CASE WHEN NOT regexp_full_match(_0, "
    "'([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?') "
    "THEN error('from_base64: the text is no base64') "
    "ELSE from_base64(rpad(_0, CAST((length(_0) + 3) // 4 * 4 AS INTEGER), '=')) END",
    "to_base64url(varbinary): varchar": "translate(to_base64(_0), '+/', '-_')",
    "to_base32(varbinary): varchar": "athena_base32(_0)",
    "md5(varbinary): varbinary": "unhex(md5(_0))",
    "sha1(varbinary): varbinary": "unhex(sha1(_0))",
    "sha256(varbinary): varbinary": "unhex(sha256(_0))",
    "sha512(varbinary): varbinary": "athena_sha512(_0)",
    "hmac_md5(varbinary, varbinary): varbinary": "athena_hmac(_0, _1, 'md5')",
    "hmac_sha1(varbinary, varbinary): varbinary": "athena_hmac(_0, _1, 'sha1')",
    "hmac_sha256(varbinary, varbinary): varbinary": "athena_hmac(_0, _1, 'sha256')",
    "hmac_sha512(varbinary, varbinary): varbinary": "athena_hmac(_0, _1, 'sha512')",
    "crc32(varbinary): bigint": "athena_crc32(_0)",
    "murmur3(varbinary): varbinary": "athena_murmur3(_0)",
    "xxhash64(varbinary): varbinary": "athena_xxhash64(_0)",
}
