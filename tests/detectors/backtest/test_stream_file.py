"""A CSV of measurements, as people write them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from detectors.backtest.stream_file import StreamFileError, read_stream

NOON_S = 1396353600.0  # 2014-04-01 12:00:00 UTC


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "stream.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "2014-04-01 12:00:00",
        "2014-04-01T12:00:00Z",
        "2014-04-01T14:00:00+02:00",
        "2014-04-01 12:00:00.000000",
        " 2014-04-01 12:00 ",
        "1396353600",
        "1396353600.0",
        "1396353600000",
        "1396353600000000",
        "1396353600000000000",
    ],
)
def test_one_moment_in_many_writings(tmp_path: Path, text: str) -> None:
    read = read_stream(written(tmp_path, f"timestamp,value\n{text},1.5\n"))
    assert read.times_s.tolist() == [NOON_S]
    assert read.values.tolist() == [1.5]


def test_a_year_before_1970(tmp_path: Path) -> None:
    assert read_stream(written(tmp_path, "timestamp,value\n1969-12-31 23:59:59,1\n")).times_s.tolist() == [-1.0]


@pytest.mark.parametrize("text", ["", "nan", "NaN", " ", "null", "None", "N/A"])
def test_a_missing_value(tmp_path: Path, text: str) -> None:
    assert math.isnan(read_stream(written(tmp_path, f"timestamp,value\n1,{text}\n")).values[0])


def test_infinite_and_huge_values_are_numbers(tmp_path: Path) -> None:
    read = read_stream(written(tmp_path, "timestamp,value\n1,inf\n2,-1e308\n3,1e999\n"))
    assert read.values.tolist() == [math.inf, -1e308, math.inf]


def test_order_duplicates_and_gaps_are_kept(tmp_path: Path) -> None:
    read = read_stream(written(tmp_path, "timestamp,value\n30,1\n30,2\n10,3\n99999,4\n"))
    assert read.times_s.tolist() == [30.0, 30.0, 10.0, 99999.0]
    assert read.values.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_columns_go_by_name(tmp_path: Path) -> None:
    text = '\ufeffid, Value ,"timestamp",label\r\na,1.5,10,1\r\n\r\nb,2.5,20,0\r\n'
    read = read_stream(written(tmp_path, text))
    assert read.times_s.tolist() == [10.0, 20.0]
    assert read.values.tolist() == [1.5, 2.5]


def test_no_rows(tmp_path: Path) -> None:
    assert len(read_stream(written(tmp_path, "timestamp,value\n")).values) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "header = ''"),
        ("a,b\n1,2\n", "header = 'a,b'"),
        ("1396353600,1\n", "begin it with timestamp,value"),
        ("timestamp,value\n1,2\n3\n", "line 3 of .* has 1 fields; give 2"),
        ("timestamp,value\n1,2,3\n", "line 2 of .* has 3 fields; give 2"),
        ("timestamp,value\nyesterday,2\n", "line 2 of .*: timestamp = 'yesterday'; give ISO 8601"),
        ("timestamp,value\n2014-13-01 00:00:00,2\n", "timestamp = '2014-13-01 00:00:00'"),
        ("timestamp,value\n,2\n", "timestamp = ''"),
        ("timestamp,value\nnan,2\n", "timestamp = 'nan'"),
        ("timestamp,value\n1e300,2\n", "timestamp = '1e300'"),
        ("timestamp,value\n1,2\n2,high\n", "line 3 of .*: value = 'high'; give a number"),
        (b"timestamp,value\n1,\xff\n", "not UTF-8"),
        ('timestamp,value\n1,"' + "9" * 200_000 + "\n", "field larger than field limit"),
    ],
)
def test_one_line_names_what_is_wrong(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(StreamFileError, match=says) as caught:
        read_stream(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(StreamFileError, match="No such file"):
        read_stream(tmp_path / "none.csv")
    with pytest.raises(StreamFileError, match="Is a directory"):
        read_stream(tmp_path)
