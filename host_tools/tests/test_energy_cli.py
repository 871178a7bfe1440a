"""`racklet energy`: now, since when, cost and CO2, a record, and curves out of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from racklet import energylog
from racklet.energylog import COLUMNS, EnergyLog, Row, runs
from racklet.errors import FileProblem
from racklet_wire import blocks, cbor, events, power

START = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_config(monkeypatch, tmp_path):
    """The config file of whoever runs the tests says nothing here."""
    monkeypatch.setattr("racklet.tariff.config_path", lambda: tmp_path / "config.toml")


@pytest.fixture
def unit(bus):
    """In slot 2, switched on; its first epoch began 0.4 s after boot 7 with 2 kJ on the clock."""
    bmc = bus.insert(2)
    bmc.power(state=power.ON)
    began = {
        events.SEQUENCE: 12,
        events.GENERATION: 7,
        events.UPTIME_MS: 400,
        events.KIND: events.ENERGY_EPOCH,
        "epoch": 1,
        "in_uj": 2_000_000_000,
        "out_uj": 1_000_000_000,
    }
    bmc.began = began
    bmc.blocks["LOG_STATUS"] = dict.fromkeys(blocks.fields("LOG_STATUS"), 0) | {
        "first": 1,
        "last": 20,
        "boot_first": 11,
    }

    def write(name, data):
        bmc._power_command(name, data)
        if name == "LOG_SELECT":
            sequence, offset = (int(value) for value in blocks.unpack(name, data).values())
            record = cbor.encode(bmc.began) if sequence == 12 else b""
            shown = {"sequence": sequence, "offset": offset, "size": len(record)}
            bmc.blocks["LOG_WINDOW"] = shown | {"data": record[offset : offset + 24]}

    bmc.on_write = write
    return bmc


def row_of(out, slot):
    (line,) = [line.split() for line in out.splitlines() if line.startswith(f"{slot} ")]
    return line


def test_now_and_since_the_epoch_began(run, unit):
    code, out, _ = run("energy", "2")
    assert code == 0
    assert "energy on virtual:/fake" in out
    # 4.75 W in, 3.06 W out, 0.45 W the BMC's before the rail went up, the rest is lost
    assert row_of(out, 2)[:9] == ["2", "4.75", "3.06", "1.24", "0.45", "5200.0", "J", "2600.0", "J"]


def test_with_the_rail_off_the_input_is_the_bmc_alone(run, unit):
    unit.power(state=power.OFF)
    unit.blocks["TELEMETRY"] |= {"pin_mw": 410, "pout_mw": 0}
    assert row_of(run("energy", "2")[1], 2)[1:5] == ["0.41", "0.00", "0.00", "0.41"]


def test_a_lost_sensor_leaves_its_power_unknown(run, unit):
    unit.blocks["TELEMETRY"]["pin_mw"] = blocks.UNKNOWN
    assert row_of(run("energy", "2")[1], 2)[1:5] == ["-", "3.06", "-", "-"]


def test_json_carries_uncertainty_and_the_total(run, unit):
    asked = datetime.now(UTC)
    document = json.loads(run("energy", "--json", "--tariff", "0.36", "--co2", "400")[1])
    assert [row["slot"] for row in document["slots"]] == [1, 2, 3, 4, 5]
    absent, row = document["slots"][:2]
    assert set(absent) == set(row)
    assert {value for name, value in absent.items() if name != "slot"} == {None}
    assert (row["energy_uj"], row["energy_in_uj"], row["epoch"]) == (
        3_600_000_000,
        7_200_000_000,
        1,
    )
    assert row["epoch_energy_in_uj"] == 5_200_000_000
    assert row["energy_uncertainty_uj"] == 51_857_498
    assert row["cost"] == pytest.approx(5.2e3 / 3.6e6 * 0.36)
    assert (row["currency"], row["co2_g"]) == ("EUR", pytest.approx(5.2e3 / 3.6e6 * 400))
    since = datetime.fromisoformat(row["since"])  # 0.6 s before the block was taken
    assert asked - timedelta(seconds=1.7) < since < datetime.now(UTC)


def test_since_when_in_an_earlier_boot_is_known_by_its_date_only(run, unit):
    unit.began[events.GENERATION] = 6
    assert "unknown" in row_of(run("energy", "2")[1], 2)
    unit.began[events.UNIX_MS] = int(START.timestamp() * 1000)
    row = json.loads(run("energy", "2", "--json")[1])["slots"][0]
    assert row["since"] == "2026-11-25T12:00:00+00:00"


def test_an_epoch_whose_record_is_gone_is_unknown_not_zero(run, unit):
    unit.began["epoch"] = 9
    row = json.loads(run("energy", "2", "--json", "--tariff", "1")[1])["slots"][0]
    assert (row["since"], row["epoch_energy_in_uj"], row["cost"]) == (None, None, None)
    assert row["energy_uj"] == 3_600_000_000


def test_prices_come_from_the_config_file_and_options_win(run, unit, tmp_path):
    assert "EUR" not in run("energy")[1]
    (tmp_path / "config.toml").write_text(
        '[energy]\ntariff_per_kwh = 25\ncurrency = "JPY"\nco2_g_per_kwh = 450\n'
    )
    out = run("energy")[1]
    assert "JPY" in out
    assert row_of(out, 2)[-2:] == ["0.0361", "0.7"]
    assert row_of(run("energy", "--tariff", "50")[1], 2)[-2] == "0.0722"
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[energy]\ntarif = 1\n", "unknown tarif"),
        ("[energy]\ntariff_per_kwh = true\n", "True is no tariff_per_kwh"),
        ('[energy]\ncurrency = "dollars"\n', "'dollars' is no currency"),
        ("energy = 3\n", "[energy] is no table"),
        ("[energy\n", "cannot read"),
    ],
)
def test_a_config_file_that_makes_no_sense_is_named(run, unit, tmp_path, text, says):
    (tmp_path / "config.toml").write_text(text)
    code, _, err = run("energy")
    assert code == 2
    assert says in err
    assert "config.toml" in err


# --- a record ---------------------------------------------------------------------------


def rows_of(*totals, slot=2, epoch=1, step_s=10):
    """Rows of a unit that was looked at every `step_s`; None is an absence."""
    return [
        Row(START + timedelta(seconds=n * step_s), slot)
        if total is None
        else Row(
            START + timedelta(seconds=n * step_s),
            slot,
            epoch,
            1000 * n * step_s,
            total,
            total // 2,
            5,
            4,
        )
        for n, total in enumerate(totals)
    ]


def test_recording_adds_rows_and_goes_on(run, unit, tmp_path):
    path = tmp_path / "energy.csv"
    assert run("energy", "1-2", "--record", str(path), "--looks", "2")[0] == 0
    code, out, _ = run("energy", "2", "--record", str(path), "--looks", "1", "--json")
    assert (code, json.loads(out)["looks"]) == (0, 1)
    lines = path.read_text().splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert [line.split(",")[1] for line in lines[1:]] == ["1", "2", "1", "2", "2"]
    assert lines[1].endswith(",1,,,,,,")
    assert lines[2].split(",")[2:] == ["1", "1000", "7200000000", "3600000000", "4750", "3062"]


def test_a_record_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "energy.csv"
    rows = rows_of(0, 50_000_000, None, 90_000_000)
    log = EnergyLog(path)
    log.add(rows)
    log.close()
    assert energylog.read(path) == rows


def test_spans_end_at_gaps_and_at_a_new_epoch():
    rows = rows_of(0, 50_000_000, None, 90_000_000, 100_000_000)
    rows += [
        Row(START + timedelta(seconds=60), 2, 2, 500, 1_000, 0, 0, 0),
        Row(START + timedelta(seconds=70), 2, 2, 10_500, 20_001_000, 0, 0, 0),
    ]
    found = runs(rows, 2)
    assert [[span.in_uj for span in run] for run in found] == [
        [50_000_000],
        [10_000_000],
        [20_000_000],
    ]
    assert [run[0].in_w for run in found] == [5, 1, 2]


def test_a_reset_of_the_bmc_ends_nothing():
    rows = rows_of(0, 50_000_000)
    rows.append(Row(START + timedelta(seconds=20), 2, 1, 300, 100_000_000, 0, 0, 0))
    ((first, second),) = runs(rows, 2)
    assert (first.in_w, second.in_w) == (5, 5)


def test_sums_of_a_record(run, tmp_path):
    path = tmp_path / "energy.csv"
    log = EnergyLog(path)
    log.add(rows_of(*(n * 50_000_000 for n in range(361))))
    log.close()
    code, out, _ = run("energy", "--from", str(path), "--tariff", "0.36")
    assert code == 0
    assert row_of(out, 2) == [
        "2", "60", "min", "0", "18.00", "kJ", "9000.0", "J", "5.00", "5.00", "0.0018"
    ]  # fmt: skip
    sums = json.loads(run("energy", "2", "--from", str(path), "--json")[1])["slots"][0]
    assert (sums["observed_ms"], sums["mean_in_mw"]) == (3_600_000, 5_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n", "is no record of energy"),
        (f"{','.join(COLUMNS)}\n2026-11-25T12:00:00Z,2,1\n", "line 2"),
        (f"{','.join(COLUMNS)}\n2026-11-25T12:00:00Z,2,1,x,1,1,1,1\n", "line 2"),
        (f"{','.join(COLUMNS)}\n", "holds no two looks"),
        ("\xff", "cannot read"),
    ],
)
def test_a_file_that_is_no_record_is_refused(run, tmp_path, text, says):
    path = tmp_path / "energy.csv"
    path.write_bytes(text.encode("latin-1"))
    code, _, err = run("energy", "--from", str(path))
    assert code in (1, 2)
    assert says in err


def test_a_file_of_something_else_is_not_written_to(run, unit, tmp_path):
    path = tmp_path / "letters.txt"
    path.write_text("dear reader\n")
    code, _, err = run("energy", "--record", str(path), "--looks", "1")
    assert (code, path.read_text()) == (2, "dear reader\n")
    assert "is no record of energy" in err
    with pytest.raises(FileProblem):
        EnergyLog(tmp_path / "nowhere" / "energy.csv")


def test_only_a_record_can_be_drawn(run, unit):
    code, _, err = run("energy", "--plot")
    assert code == 2
    assert "--record FILE.csv, then --from it" in err


def test_a_record_is_drawn_in_the_terminal(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "energy.csv"
    log = EnergyLog(path)
    log.add(rows_of(0, 50_000_000, 100_000_000, None, None, None, 500_000_000, 520_000_000))
    log.add(rows_of(*(n * 30_000_000 for n in range(8)), slot=4))
    log.close()
    code, out, _ = run("energy", "--from", str(path), "--plot")
    assert code == 0
    assert "slot 2, W (2.00 to 5.00)" in out
    assert "slot 4, W (3.00 to 3.00)" in out
    assert "s from 2026-11-25" in out
    assert max(map(len, out.splitlines())) <= 80
    monkeypatch.setenv("LC_ALL", "C")
    assert run("energy", "--from", str(path), "--plot")[1].isascii()


def test_a_gap_is_not_drawn_over(tmp_path):
    from racklet.cli.energy_record import _curves

    rows = rows_of(0, 50_000_000, 100_000_000, None, 500_000_000, 520_000_000)
    (curve,), label = _curves({2: runs(rows, 2)})
    assert [piece[1] for piece in curve.pieces] == [[5, 5, 5, 5], [2, 2]]
    assert [piece[0][-1] for piece in curve.pieces] == [20, 50]
    assert label.startswith("s from ")
    both = {2: runs(rows, 2), 4: runs(rows_of(0, 1, 2, slot=4), 4)}
    assert {(curve.xs[0], curve.xs[-1]) for curve in _curves(both)[0]} == {(0, 50)}


def test_a_record_as_a_drawing(run, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "energy.csv"
    log = EnergyLog(path)
    log.add(rows_of(0, 50_000_000, None, 90_000_000, 100_000_000))
    log.close()
    code, _, err = run("energy", "--from", str(path), "--svg", str(tmp_path / "energy.svg"))
    assert code == 0
    assert (tmp_path / "energy.svg").read_text().startswith("<?xml")
    assert "wrote" in err
    assert run("energy", "--from", str(path), "--png", str(tmp_path / "energy.jpg"))[0] == 2
