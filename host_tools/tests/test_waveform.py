"""Captures of the waveform recorder: put together from windows, drawn and written."""

import csv
import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.cli import main, options
from racklet.errors import BadReply, Busy, Refused
from racklet.plot import Curve, picture, terminal
from racklet.waveform import WaveformReader, WaveformStatus, assemble
from racklet_wire import blocks, waveform

SCALES = {"vout_scale": 6600, "vin_scale": 28050, "efuse_scale": 7885}
ARMED = {
    "state": waveform.ARMED,
    "cause": 0,
    "reason": 0,
    "missed": 0,
    "frames": 0,
    "before": 0,
    "frame_us": 250,
    **SCALES,
    "number": 0,
    "generation": 7,
    "triggered_ms": 0,
}


class Recorder:
    """The recorder of a FakeBmc: `samples` are what it keeps, or will keep at the next trigger."""

    def __init__(self, bmc, samples):
        self.bmc = bmc
        self.samples = samples
        self.interferes = []  # what happens at each of the next selects
        bmc.blocks["WAVEFORM_STATUS"] = dict(ARMED)
        bmc.on_write = self.write
        self.show(0)

    @property
    def status(self):
        return self.bmc.blocks["WAVEFORM_STATUS"]

    def keep(self, cause=waveform.COMMAND, reason=0):
        self.status.update(
            state=waveform.KEPT,
            cause=cause,
            reason=reason,
            number=self.status["number"] + 1,
            frames=len(self.samples) // 3,
            before=len(self.samples) // 3 * 2 // 5 & ~1,
            triggered_ms=12_345,
        )
        self.show(0)

    def show(self, first):
        end = min(first + waveform.WINDOW, self.status["frames"])
        piece = self.samples[3 * first : 3 * end]
        self.bmc.blocks["WAVEFORM_WINDOW"] = {
            "first": first,
            "number": self.status["number"] & 0xFFFF,
            "count": max(end - first, 0),
            "data": waveform.pack(piece),
        }

    def write(self, name, data):
        assert name == "WAVEFORM_SELECT"
        fields = blocks.unpack(name, data)
        if self.interferes and self.interferes.pop(0)(fields):
            return
        if fields["command"] == waveform.SELECT:
            self.show(fields["first"])
        elif fields["command"] == waveform.TRIGGER and self.status["cause"] != waveform.FAULT:
            self.keep()
        elif fields["command"] == waveform.ARM and fields["number"] == self.status["number"]:
            self.status.update(ARMED, number=fields["number"])
            self.show(0)


def ramp(frames):
    return [(7 * k) % 4096 for k in range(3 * frames)]


@pytest.fixture
def recorder(bus):
    return Recorder(bus.insert(1), ramp(320))


@pytest.fixture
def bmc(bus, recorder, clock):
    return Bmc(bus, 1, clock)


class Table(Target):
    """A target that is nothing but the blocks of a FakeBmc: quick enough for many examples."""

    def __init__(self, fake):
        self.address = 0x11
        self._fake = fake

    def query(self, code):
        return 0xBC

    def block(self, name):
        return blocks.unpack(name, blocks.pack(name, **self._fake.blocks[name]))

    def write_fields(self, name, patience=None, **fields):
        self._fake.on_write(name, blocks.pack(name, **fields))


class Blocks:
    def __init__(self):
        self.blocks = {}


# --- reading ---------------------------------------------------------------------------


def test_nothing_is_kept(bmc):
    assert bmc.waveform() is None


def test_a_capture_in_its_units(bmc, recorder):
    recorder.keep(waveform.POWER_ON)
    capture = bmc.waveform()
    assert capture.status.cause_text == "power on"
    raw = recorder.samples
    assert capture.samples["vout_mv"][5] == round(raw[15] * 6600 / 4095)
    assert capture.samples["vin_mv"][319] == round(raw[958] * 28050 / 4095)
    assert capture.samples["efuse_ma"][0] == round(raw[2] * 7885 / 4095)
    assert capture.times_us[capture.status.before] == 0
    assert capture.times_us[0] == -250 * capture.status.before
    assert list(capture.delay_us.values()) == [0, 83, 166]


def test_a_bmc_without_a_recorder(bus, clock):
    bus.insert(3)
    with pytest.raises(Refused, match="has no waveform recorder") as refused:
        Bmc(bus, 3, clock).waveform()
    assert refused.value.code == "unsupported"


def test_a_trigger_is_read_as_soon_as_it_is_complete(bmc, recorder, clock):
    def slow(fields):
        if fields["command"] == waveform.TRIGGER:
            recorder.status.update(state=waveform.TRIGGERED, number=1)
            recorder.show(0)
            recorder.status["number"] = 0
            clock.after(0.05, recorder.keep)
        return True

    recorder.interferes = [slow]
    assert bmc.waveform(trigger=True).status.number == 1


def test_a_trigger_is_refused_while_a_fault_is_kept(bmc, recorder):
    recorder.keep(waveform.FAULT, 2)
    with pytest.raises(Refused, match=r"keeps capture 1 of a fault \(short circuit\)"):
        bmc.waveform(trigger=True)
    bmc.arm_waveform(1)
    assert bmc.waveform(trigger=True).status.number == 2


def test_arming_drops_no_capture_that_was_not_read(bmc, recorder):
    recorder.keep()
    recorder.keep()
    with pytest.raises(Refused, match="capture 1 is gone: the recorder holds capture 2"):
        bmc.arm_waveform(1)
    assert bmc.waveform().status.number == 2


def test_a_capture_that_is_replaced_again_and_again(bmc, recorder):
    recorder.keep()

    def replace(fields):
        recorder.keep()

    recorder.interferes = [replace] * 1000
    with pytest.raises(Busy, match="again and again"):
        bmc.waveform()


def test_a_client_that_moves_the_window_for_ever(bmc, recorder):
    recorder.keep()
    recorder.interferes = [lambda fields: True] * 1000
    recorder.show(6)
    with pytest.raises(Busy, match="another client reads the waveform"):
        bmc.waveform()


def test_a_capture_that_never_ends(bmc, recorder):
    recorder.status["state"] = waveform.TRIGGERED
    with pytest.raises(BadReply, match="does not come to its end"):
        bmc.waveform()


FRAMES = st.integers(0, 40).map(lambda half: 2 * half)


@settings(deadline=None)  # the machine may be busy
@given(frames=FRAMES, seed=st.randoms(use_true_random=False), trouble=st.lists(st.booleans()))
def test_windows_make_the_capture_whatever_comes_between(frames, seed, trouble):
    """Other clients move the window, or replace the capture: never a mixture."""
    fake = Blocks()
    recorder = Recorder(fake, [seed.randrange(4096) for _ in range(3 * frames)])
    recorder.keep()

    def interfere(replaces):
        def happen(fields):
            if replaces:
                recorder.samples = [seed.randrange(4096) for _ in range(3 * frames)]
                recorder.keep()

        return happen

    recorder.interferes = [interfere(replaces) for replaces in trouble[:3]]
    clock = type("Clock", (), {"monotonic": lambda _: 0.0, "sleep": lambda _, s: None})()
    try:
        capture = WaveformReader(Table(fake), clock).read()
    except Busy:
        assert sum(trouble[:3]) == 3
        return
    assert capture is not None
    assert capture.status.number == recorder.status["number"]
    for k, scale in enumerate(SCALES.values()):
        mine = tuple((2 * n * scale + 4095) // (2 * 4095) for n in recorder.samples[k::3])
        assert list(capture.samples.values())[k] == mine


@given(frames=st.integers(0, 50), data=st.binary(max_size=400))
def test_bytes_that_do_not_fit_are_refused(frames, data):
    status = WaveformStatus.of({**ARMED, "frames": frames})
    if len(data) * 2 == frames * 9:
        assert len(assemble(status, data).samples["vin_mv"]) == frames
    else:
        with pytest.raises(BadReply, match="capture"):
            assemble(status, data)


# --- the command ----------------------------------------------------------------------------


@pytest.fixture
def run(bus, clock, recorder, monkeypatch, capsys):
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    monkeypatch.setenv("RACKLET_SLOTS", "5")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words):
        code = main(["waveform", *words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


def test_it_is_drawn_within_80_columns_and_without_colour(run, recorder):
    recorder.keep(waveform.FAULT, 2)
    code, out, _ = run("1")
    assert code == 0
    assert out.startswith("slot 1, capture 1: short circuit, 12.345 s after boot 7 (virtual:/fake)")
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out
    assert all(name in out for name in ("rail, V", "input, V", "eFuse, A", "ms from the trigger"))


def test_an_ascii_locale_gets_ascii(run, recorder, monkeypatch):
    recorder.keep()
    monkeypatch.setenv("LC_ALL", "C")
    _, out, _ = run("1")
    assert out.isascii()
    assert out.count("*") > 100


def test_nothing_recorded_is_an_answer_of_no(run):
    code, out, err = run("1")
    assert (code, out) == (1, "")
    assert "keeps no waveform" in err and "--trigger" in err


def test_json_has_every_sample_and_its_time(run, recorder):
    recorder.keep()
    code, out, _ = run("1", "--json")
    [row] = json.loads(out)["slots"]
    shown = row["waveform"]
    assert (code, row["slot"], shown["cause"], shown["frame_us"]) == (0, 1, "command", 250)
    lengths = {len(shown[name]) for name in ("time_us", "vout_mv", "vin_mv", "efuse_ma")}
    assert lengths == {320}
    assert shown["time_us"][shown["frames_before"]] == 0
    # Of the greatest sample: 4.3 % of it, 68 mV, and the last digit.
    most = max(shown["vin_mv"])
    assert shown["vin_uncertainty_mv"] == pytest.approx(most * 0.043 + 68 + 1, abs=1)
    assert shown["vout_uncertainty_mv"] > 16 and shown["efuse_uncertainty_ma"] > 19


def test_a_table_a_picture_and_a_drawing(run, recorder, tmp_path):
    recorder.keep()
    table, png, svg = tmp_path / "w.csv", tmp_path / "w.png", tmp_path / "w.svg"
    code, _, err = run("1", "--csv", str(table), "--png", str(png), "--svg", str(svg))
    assert code == 0
    assert err.count("wrote ") == 3
    rows = list(csv.DictReader(table.open()))
    assert len(rows) == 320
    assert rows[0]["time_us"] == "-32000"
    assert int(rows[10]["vin_mv"]) == round(recorder.samples[31] * 28050 / 4095)
    assert png.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert png.stat().st_size > 10_000
    assert ET.fromstring(svg.read_text()).tag.endswith("svg")


def test_arm_lets_a_fault_go(run, recorder):
    recorder.keep(waveform.FAULT, 2)
    assert run("1", "--arm")[0] == 0
    assert recorder.status["state"] == waveform.ARMED


def test_a_refused_trigger_says_how_to_go_on(run, recorder):
    recorder.keep(waveform.FAULT, 2)
    code, _, err = run("1", "--trigger")
    assert code == 1
    assert "--arm" in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("1-2",), "is not one slot"),
        (("1", "--png", "x.svg"), "does not end in .png"),
        (("1", "--svg", "x.png"), "does not end in .svg"),
        (("1", "--csv", "/nowhere/x.csv"), "cannot write"),
        (("1", "--png", "/nowhere/x.png"), "cannot write"),
    ],
)
def test_wrong_usage_is_said_and_lets_nothing_go(run, recorder, words, complaint):
    recorder.keep(waveform.FAULT, 2)
    code, _, err = run(*words, "--arm")
    assert code == 2
    assert complaint in err
    assert recorder.status["state"] == waveform.KEPT


def test_without_matplotlib_pictures_say_what_to_install(run, recorder, monkeypatch, tmp_path):
    recorder.keep()
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, _, err = run("1", "--png", str(tmp_path / "w.png"))
    assert code == 2
    assert "pip install 'racklet[plot]'" in err
    assert run("1")[0] == 0


def test_an_empty_slot(run):
    code, _, err = run("4")
    assert code == 3
    assert "slot 4 does not answer" in err


# --- drawing ---------------------------------------------------------------------------------


@given(
    ys=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50),
    width=st.integers(0, 200),
    ascii_only=st.booleans(),
)
def test_any_curve_is_drawn(ys, width, ascii_only):
    curve = Curve("x", "V", list(range(len(ys))), ys)
    text = terminal.draw([curve, curve], "ms", width=width, ascii_only=ascii_only)
    assert max(map(len, text.splitlines())) <= max(width, terminal.LEAST_WIDTH, len(curve.title))
    assert not ascii_only or text.isascii()


def test_the_same_curves_make_the_same_file(tmp_path):
    curve = Curve("x", "V", [0.0, 1.0], [0.0, 5.0])
    for kind in ("png", "svg"):
        files = [tmp_path / f"{n}.{kind}" for n in "ab"]
        for file in files:
            picture.save([curve], "ms", "title", file)
        assert files[0].read_bytes() == files[1].read_bytes()
