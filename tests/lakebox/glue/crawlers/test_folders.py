"""What a crawl makes of small folders: tables, columns and partitions, by Glue's documentation and public crawls."""

import re
from typing import Any

import pytest
from crawl_sandbox import CrawlSandbox, json_lines, orc_file, parquet, zipped

A = [{"id": 1, "name": "x"}]
B = [{"city": "Dublin", "country": "Ireland"}]
CSV = "id,name,price\n1,ann,2.5\n2,bob,3\n"
COMBINE = '{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}'
LEVEL_2 = '{"Version":1.0,"Grouping":{"TableLevelConfiguration":2}}'

Case = tuple[dict[str, bytes | str], dict[str, Any], list[str]]
CASES: dict[str, Case] = {
    # --- partitions, by Glue's documentation
    "named partitions": (
        {f"sales/year=2019/month={month}/day={day}/f.json": json_lines(A) for month in ("Jan", "Feb") for day in "12"},
        {"path": "sales"},
        ["sales(id int, name string) json [year/month/day: 2019/Feb/1, 2019/Feb/2, 2019/Jan/1, 2019/Jan/2]"],
    ),
    "unnamed partitions": (
        {f"folder1/{path}/file.txt": CSV for path in ("table1/p1", "table1/p2", "table2/p4", "table2/p5")},
        {"path": "folder1/"},
        [
            "folder1(id bigint, name string, price double) csv"
            " [partition_0/partition_1: table1/p1, table1/p2, table2/p4, table2/p5]"
        ],
    ),
    "two targets": (
        {f"folder1/{path}/file.txt": CSV for path in ("table1/p1", "table1/p2", "table2/p4")},
        {"paths": ["folder1/table1/", "folder1/table2"]},
        [
            "table1(id bigint, name string, price double) csv [partition_0: p1, p2]",
            "table2(id bigint, name string, price double) csv [partition_0: p4]",
        ],
    ),
    "two apps of one schema": (
        {f"Sales/year=2010/month=feb/day={day}/{app}.csv": CSV for day in (1, 2) for app in ("iOS", "Android")},
        {"path": "Sales"},
        ["sales(id bigint, name string, price double) csv [year/month/day: 2010/feb/1, 2010/feb/2]"],
    ),
    "different schemas below a folder": (
        {"table1/year=2017/data1.json": '{"A": 1, "B": 2}', "table1/year=2018/data2.json": '{"C": 3, "D": 4}'},
        {"path": "table1/"},
        ["year_2017(a int, b int) json", "year_2018(c int, d int) json"],
    ),
    "combined schemas": (
        {"table1/year=2017/data1.json": '{"A": 1, "B": 2}', "table1/year=2018/data2.json": '{"C": 3, "D": 4}'},
        {"path": "table1/", "Configuration": COMBINE},
        ["table1(a int, b int, c int, d int) json [year: 2017, 2018]"],
    ),
    "eight of ten files alike": (
        {f"f/{n}.json": json_lines(A if n < 8 else B) for n in range(10)},
        {"path": "f"},
        ["f(id int, name string, city string, country string) json"],
    ),
    "seven of ten files alike": (
        {f"f/{n}.json": json_lines(A if n < 7 else B) for n in range(10)},
        {"path": "f"},
        [f"{n}_json(id int, name string) json" for n in range(7)]
        + [f"{n}_json(city string, country string) json" for n in range(7, 10)],
    ),
    "tables in folders of a bucket": (
        {"orders/a.parquet": parquet(A), "places/b.parquet": parquet(B)},
        {"path": ""},
        ["orders(id bigint, name string) parquet", "places(city string, country string) parquet"],
    ),
    "a table level": (
        {f"{folder}/{day}/a.json": json_lines(A) for folder in ("clicks", "views") for day in ("01", "02")},
        {"path": "", "Configuration": LEVEL_2},
        [
            "clicks(id int, name string) json [partition_0: 01, 02]",
            "views(id int, name string) json [partition_0: 01, 02]",
        ],
    ),
    "a large table beside a small one": (
        {f"db/orders/{day}/x.json": json_lines(A) for day in "1234567"} | {"db/places/1/x.json": json_lines(B)},
        {"path": "db"},
        [
            "orders(id int, name string) json [partition_0: 1, 2, 3, 4, 5, 6, 7]",
            "places(city string, country string) json [partition_0: 1]",
        ],
    ),
    "tables below several databases": (
        {f"{db}/{name}/x.json": json_lines(rows) for db in ("x", "y") for name, rows in (("a", A), ("b", B))},
        {"path": "", "bucket": "twice"},
        [
            "a(id int, name string) json",
            "a_HASH(id int, name string) json",
            "b(city string, country string) json",
            "b_HASH(city string, country string) json",
        ],
    ),
    "one odd folder of many": (
        {f"d/day={day}/x.json": json_lines(A) for day in range(8)} | {"d/day=7/y.json": json_lines(B)},
        {"path": "d"},
        ["d(id int, name string, city string, country string) json [day: 0, 1, 2, 3, 4, 5, 6, 7]"],
    ),
    "other formats below a folder": (
        {"d/a/x.json": json_lines(A), "d/b/x.csv": CSV},
        {"path": "d"},
        ["a(id int, name string) json", "b(id bigint, name string, price double) csv"],
    ),
    "plain and gzipped": (
        {"d/a/x.json": json_lines(A), "d/b/x.json.gz": zipped(json_lines(A))},
        {"path": "d"},
        ["a(id int, name string) json", "b(id int, name string) json"],
    ),
    "partitions at different depths": (
        {"d/2019/01/x.json": json_lines(A), "d/2020/x.json": json_lines(A)},
        {"path": "d"},
        ["2019(id int, name string) json [partition_0: 01]", "2020(id int, name string) json"],
    ),
    "mixed names of a level": (
        {"d/year=1/x.json": json_lines(A), "d/region=eu/x.json": json_lines(A)},
        {"path": "d"},
        ["region_eu(id int, name string) json", "year_1(id int, name string) json"],
    ),
    "partition values are unescaped": (
        {"d/at=2020-01-01 00%3A00/x.parquet": parquet(A), "d/at=__HIVE_DEFAULT_PARTITION__/x.parquet": parquet(A)},
        {"path": "d"},
        ["d(id bigint, name string) parquet [at: 2020-01-01 00:00, __HIVE_DEFAULT_PARTITION__]"],
    ),
    "a key that is a column": (
        {"d/name=x/a.parquet": parquet(A), "d/name=y/a.parquet": parquet(A)},
        {"path": "d"},
        ["d(id bigint) parquet [name: x, y]"],
    ),
    "a key that is a CSV column": (
        {"d/name=x/a.csv": CSV, "d/name=y/a.csv": CSV},
        {"path": "d"},
        ["d(id bigint, name string, price double) csv [partition_0: x, y]"],
    ),
    "a new column in a later file": (
        {"d/1.parquet": parquet(A), "d/2.parquet": parquet([{"id": 1, "name": "x", "age": 3}])},
        {"path": "d"},
        ["d(id bigint, name string, age bigint) parquet"],
    ),
    "a type that differs": (
        {"d/1.json": '{"id": 1, "v": 2}', "d/2.json": '{"id": 5000000000, "v": "x"}'},
        {"path": "d"},
        ["d(id bigint, v string) json"],
    ),
    "a key that comes twice": (
        {"d/k=1/k=2/x.parquet": parquet(A)},
        {"path": "d"},
        ["d(id bigint, name string) parquet [k/partition_1: 1/2]"],
    ),
    # --- names
    "one file": ({"d/My File.csv": CSV}, {"path": "d/My File.csv"}, [
        "my_file_csv(id bigint, name string, price double) csv"
    ]),
    "a whole bucket": ({"x.csv": CSV}, {"path": "", "bucket": "my-bucket"}, [
        "my_bucket(id bigint, name string, price double) csv"
    ]),
    "a prefix": ({"d/x.csv": CSV}, {"path": "d", "TablePrefix": "Raw-"}, [
        "raw_d(id bigint, name string, price double) csv"
    ]),
    "odd names": (
        {"Über uns/2020 (neu)/a b+c%.csv": CSV, "Über uns/2021/é.csv": CSV},
        {"path": "Über uns"},
        ["_ber_uns(id bigint, name string, price double) csv [partition_0: 2020 (neu), 2021]"],
    ),
    # --- CSV
    "a header is found": ({"d/x.csv": CSV}, {"path": "d"}, ["d(id bigint, name string, price double) csv"]),
    "strings alone": ({"d/x.csv": "a,b\nc,d\ne,f\n"}, {"path": "d"}, ["d(col0 string, col1 string) csv"]),
    "numbers have no header": ({"d/x.csv": "1,2\n3,4.5\n"}, {"path": "d"}, ["d(col0 bigint, col1 double) csv"]),
    "a header with a number": ({"d/x.csv": "id,2019\n1,2\n"}, {"path": "d"}, ["d(col0 string, col1 bigint) csv"]),
    "a long header": ({"d/x.csv": f"{'n' * 150},b\n1,2\n"}, {"path": "d"}, ["d(col0 string, col1 string) csv"]),
    "a trailing delimiter": ({"d/x.csv": "id,name,\n1,a,\n2,b,\n"}, {"path": "d"}, [
        "d(id bigint, name string, col2 string) csv"
    ]),
    "pipes": ({"d/x.txt": "id|t\n1|a,b\n2|c,d\n"}, {"path": "d"}, ["d(id bigint, t string) csv"]),
    "tabs": ({"d/x.tsv": "id\tt\n1\ta\n2\tb\n"}, {"path": "d"}, ["d(id bigint, t string) csv"]),
    "semicolons": ({"d/x.csv": "id;t\n1;1,5\n2;2,5\n"}, {"path": "d"}, ["d(id bigint, t string) csv"]),
    "control-A": ({"d/x": "id\x01t\n1\x01a\n"}, {"path": "d"}, ["d(id bigint, t string) csv"]),
    "quotes": ({"d/x.csv": 'id,name\n1,"Doe, Jane"\n2,"x ""y"""\n'}, {"path": "d"}, ["d(id bigint, name string) csv"]),
    "booleans and empty values": ({"d/x.csv": "id,ok,no\n1,true,\n,False,\n"}, {"path": "d"}, [
        "d(id bigint, ok boolean, no string) csv"
    ]),
    "dates are strings": ({"d/x.csv": "id,at\n1,2020-01-01\n"}, {"path": "d"}, ["d(id bigint, at string) csv"]),
    "a byte-order mark": ({"d/x.csv": "\ufeff" + CSV}, {"path": "d"}, ["d(id bigint, name string, price double) csv"]),
    "Windows line ends": ({"d/x.csv": CSV.replace("\n", "\r\n")}, {"path": "d"}, [
        "d(id bigint, name string, price double) csv"
    ]),
    "one column is no CSV": ({"d/x.csv": "id\n1\n2\n"}, {"path": "d"}, []),
    "gzipped CSV": ({"d/x.csv.gz": zipped(CSV)}, {"path": "d"}, ["d(id bigint, name string, price double) csv"]),
    # --- JSON
    "nested JSON": (
        {"d/x.json": '{"a": {"b": 1, "c": ["x"]}, "d": [{"e": 1.5}], "f": null, "g": [], "h": {}, "i": true}'},
        {"path": "d"},
        [
            "d(a struct<b:int,c:array<string>>, d array<struct<e:double>>, f string, g array<string>, h string,"
            " i boolean) json"
        ],
    ),
    "records with other fields": (
        {"d/x.json": '{"a": 1}\n{"a": 2.5, "b": {"x": 1}}\n{"b": {"y": "z"}}\n'},
        {"path": "d"},
        ["d(a double, b struct<x:int,y:string>) json"],
    ),
    "pretty-printed objects": ({"d/x.json": '{\n  "a": 1\n}\n{\n  "a": 2\n}\n'}, {"path": "d"}, ["d(a int) json"]),
    "an array": ({"d/x.json": '[{"a": 1}, {"a": 2}]'}, {"path": "d"}, ["d(array array<struct<a:int>>) json"]),
    "a broken line": ({"d/x.json": '{"a": 1}\n{"a": \n{"a": 3, "b": 1}\n'}, {"path": "d"}, ["d(a int, b int) json"]),
    "fields that no type can name": ({"d/x.json": '{"a": {"b:c": 1}, "d e": 1}'}, {"path": "d"}, [
        "d(a string, d e int) json"
    ]),
    # --- ORC, and what else lies about
    "ORC": ({"d/x.orc": orc_file(A)}, {"path": "d"}, ["d(id bigint, name string) orc"]),
    "Parquet without a suffix": ({"d/part-0": parquet(A)}, {"path": "d"}, ["d(id bigint, name string) parquet"]),
    "nothing": ({"other/x.csv": CSV}, {"path": "d"}, []),
    "what readers don't see": (
        {"d/x.parquet": parquet(A), "d/_SUCCESS": "", "d/.x.crc": "c", "d/_tmp/0/y.parquet": parquet(B), "d/e": ""},
        {"path": "d"},
        ["d(id bigint, name string) parquet"],
    ),
    "one broken file": (
        {"d/1.parquet": parquet(A), "d/2.parquet": parquet(A)[:-5], "d/3.parquet": parquet(A)},
        {"path": "d"},
        ["d(id bigint, name string) parquet"],
    ),
    "a Delta table": ({"d/_delta_log/0.json": "{}", "d/x.parquet": parquet(A)}, {"path": "d"}, []),
    # --- exclude patterns
    "excluded folders": (
        {"d/departments/market.json": json_lines(A), "d/employees/hr.json": json_lines(B)},
        {"path": "d", "exclusions": ["departments/**"]},
        ["d(city string, country string) json [partition_0: employees]"],
    ),
    "excluded names": (
        {"d/a.json": json_lines(A), "d/b.csv": CSV, "d/c.avro": CSV, "d/e/f.csv": CSV},
        {"path": "d", "exclusions": ["**.{csv,avro}"]},
        ["d(id int, name string) json"],
    ),
    "the first week alone": (
        {f"d/2015/{month}/{day}/x.csv": CSV for month in ("01", "02", "11") for day in ("01", "07", "08", "19")},
        {"path": "d", "exclusions": ["2015/01/{[!0],0[8-9]}**", "2015/0[2-9]/**", "2015/1[0-2]/**"]},
        [
            "d(id bigint, name string, price double) csv"
            " [partition_0/partition_1/partition_2: 2015/01/01, 2015/01/07]"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_folder_becomes_these_tables(shared: CrawlSandbox, name: str) -> None:
    files, options, tables = CASES[name]
    case = f"case-{list(CASES).index(name)}"
    bucket = options.get("bucket", case)
    shared.put(bucket, files)
    paths = options.get("paths") or [options["path"]]
    targets = [{"Path": f"s3://{bucket}/{path}", "Exclusions": options.get("exclusions", [])} for path in paths]
    more = {name: value for name, value in options.items() if name[0].isupper()}
    shared.define(case, Targets={"S3Targets": targets}, **more)
    assert shared.run(case)["Status"] == "SUCCEEDED"
    assert [re.sub("_[0-9a-f]{32}", "_HASH", text) for text in shared.described(case)] == tables
    assert shared.run(case)["Status"] == "SUCCEEDED"
    metrics = shared.glue.get_crawler_metrics(CrawlerNameList=[case])["CrawlerMetricsList"][0]
    assert [metrics[f"Tables{word}"] for word in ("Created", "Updated", "Deleted")] == [0, 0, 0]
