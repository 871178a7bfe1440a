"""Inrush, hot-plug and short circuit in ngspice; agreement with racklet_plant.

usage: python -m spice.run     (in pcb/; needs ngspice and the racklet package)

Component values come from the committed netlist, the plant's figures from the plant itself: a
difference between the two, or a peak over a rating, is a finding and exit 1.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from calc.figures import Figure, Values, load
from racklet_plant import efuse, power, standby, supply

VIN = 20.0
SLOT_L = 1e-6  # H, supply to slot, a rack's wiring
SOURCE_R = supply.SOURCE_UOHM * 1e-6 + power.CONTACT_UOHM * 1e-6
SLEW_S_PER_V_F = 20.8e3  # TI SLVSE94 8.3.2
TRIP_DELAY = 1e-6  # s, fast trip of the TPS2663, unverified
SHORT_R = 10e-3


def measure(
    title: str, circuit: str, stop: float, step: float, wanted: dict[str, str]
) -> dict[str, float]:
    """Run one transient analysis; `wanted` maps a name to a `.measure` expression."""
    lines = [title, circuit.strip(), f".tran {step:g} {stop:g} 0 {step:g} uic"]
    lines += [f".measure tran {name} {what}" for name, what in wanted.items()]
    with tempfile.TemporaryDirectory() as folder:
        deck = Path(folder) / "deck.cir"
        deck.write_text("\n".join([*lines, ".end", ""]))
        done = subprocess.run(
            ["ngspice", "-b", str(deck)], capture_output=True, text=True, check=False
        )
    found = dict(re.findall(r"^(\w+)\s*=\s*([-+.\deE]+)", done.stdout, re.M))
    missing = [name for name in wanted if name not in found]
    if missing:
        raise RuntimeError(
            f"ngspice gave no {', '.join(missing)}:\n{done.stdout[-1500:]}{done.stderr}"
        )
    return {name: float(found[name]) for name in wanted}


def near(name: str, value: float, plant: float, unit: str, share: float) -> Figure:
    return Figure(f"{name}: SPICE {value:.4g}, plant {plant:.4g} {unit}, apart",
                  abs(value / plant - 1), "max", share, "", 0.0, "racklet_plant")  # fmt: skip


def inrush(v: Values) -> list[Figure]:
    """The eFuse as a source that slews its output into what is behind it."""
    slew = 1 / (SLEW_S_PER_V_F * v.c("C203"))
    ramp = VIN / slew
    behind = {ref: v.c(ref) for ref in ("C204", "C301", "C302", "C304")}
    caps = "\n".join(
        f"{ref} out esr_{ref} {c:g} ic=0\nR{ref} esr_{ref} 0 20m" for ref, c in behind.items()
    )
    m = measure(
        "inrush",
        f"V1 in 0 PWL(0 0 1m 0 {1e-3 + ramp:g} {VIN} 1 {VIN})\nR1 in out 31m\n{caps}\nR2 out 0 10k",
        ramp + 3e-3,
        2e-6,
        {
            "peak": "MAX par('-i(V1)')",
            "at": f"WHEN v(out)={0.9 * VIN} RISE=1",
            "start": f"WHEN v(out)={0.1 * VIN} RISE=1",
        },
    )
    measured = 0.8 * VIN / (m["at"] - m["start"])
    return [
        near("slew of the eFuse (V/ms)", measured / 1e3, efuse.SLEW_UV_PER_NS, "V/ms", 0.03),
        near("inrush (A)", m["peak"], efuse.SLEW_UV_PER_NS * 1e3 * efuse.OUT_FARAD, "A", 0.12),
        Figure("inrush under the limit", m["peak"], "max", efuse.LIMIT_UA * 1e-6, "A", 0.5, "18/R"),
    ]


def hot_plug(v: Values) -> list[Figure]:
    """20 V with a microhenry of wiring onto clamp, damper and hold-up, contact closes at 10 us."""
    m = measure(
        "hot plug",
        f"""V1 src 0 {VIN}
L1 src a {SLOT_L:g} ic=0
R1 a b {SOURCE_R:g}
S1 b bus ctl 0 sw
V2 ctl 0 PWL(0 0 10u 0 10.1u 1 1 1)
.model sw SW(Ron=1m Roff=10Meg Vt=0.5 Vh=0.1)
C1 bus 0 {v.c("C202"):g} ic=0
C2 bus d {v.c("C201"):g} ic=0
R2 d 0 {v.r("R201"):g}
.model tvs D(Is=1n N=1 BV=25.7 IBV=1m RS=0.3)
D1 0 bus tvs
.model body D(Is=1n N=1.2 RS=10m)
D3 bus vin body
R4 vin tap {v.r("R213"):g}
R3 tap e {v.r("R401"):g}
.model schottky D(Is=1u N=1 RS=50m)
D2 e hold schottky
C3 hold 0 {v.c("C401"):g} ic=0""",
        8e-3,
        2e-7,
        {
            "peak": "MAX v(bus)",
            "hold": f"MAX par('(v(tap)-v(e))/{v.r('R401')}')",
            "t63": f"WHEN v(hold)={0.632 * (VIN - 1.0)} RISE=1",
        },
    )
    tau = (m["t63"] - 10e-6) * 1e3
    return [
        Figure("peak of the busbar at insertion", m["peak"], "max", 38.0, "V", 0.1,
               "LMR51450 38 V, AP63203 35 V behind 4.7 R"),
        Figure("hold-up charge peak", m["hold"], "max", 6.6, "A", 0.1, "12 contacts, 1 ms"),
        near("hold-up time constant (ms)", tau, standby.SERIES_OHM * standby.HOLD_FARAD / 0.8 * 1e3,
             "ms", 0.10),
    ]  # fmt: skip


def short_circuit(v: Values) -> list[Figure]:
    """The rail behind the eFuse is shorted at 20 V; the fast trip opens a microsecond after the
    current passed twice the limit. What flows meanwhile comes from the board's own capacitors."""
    limit = 18e3 / v.r("R205")
    m = measure(
        "short",
        f"""V1 src 0 {VIN}
L1 src a {SLOT_L:g} ic=0
R1 a in {SOURCE_R:g}
C1 in d {v.c("C201"):g} ic={VIN}
R2 d 0 {v.r("R201"):g}
C2 in 0 {v.c("C202"):g} ic={VIN}
Vs in x 0
B1 x y V=V(gate)>0.5 ? 31m*I(Vs) : 1e6*I(Vs)
L2 y out 20n ic=0
S1 out 0 ctl 0 sw
V2 ctl 0 PWL(0 0 10u 0 10.05u 1 1 1)
.model sw SW(Ron={SHORT_R:g} Roff=10Meg Vt=0.5 Vh=0.1)
R3 out 0 1k
* trip: latch that charges once the current was over twice the limit, delayed by RC
B2 trip 0 V=I(Vs)>{2 * limit:g} ? 1 : 0
D1 trip hold dd
.model dd D(Is=1e-9 N=0.1 RS=1)
C3 hold 0 1n ic=0
R4 hold late 1k
C4 late 0 {TRIP_DELAY / 0.7 / 1e3:g} ic=0
B3 gate 0 V=V(late)>0.45 ? 0 : 1""",
        60e-6,
        5e-9,
        {
            "peak": "MAX i(Vs)",
            "over": f"WHEN i(Vs)={2 * limit:g} RISE=1",
            "open": "WHEN i(Vs)=0.1 FALL=1",
            "i2t": "INTEG par('i(Vs)*i(Vs)') FROM=0 TO=60u",
        },
    )
    dark = (m["open"] - m["over"]) * 1e6
    return [
        Figure("time from twice the limit to open", dark, "max", 10.0, "us", 0.2,
               "plant: the breaker opens at once"),
        Figure("let-through under the slot fuse's melting", m["i2t"], "max", 5.0, "A2s", 0.9,
               "0451005 melting I2t, unverified"),
        near("eFuse limit (A)", limit, efuse.LIMIT_UA * 1e-6, "A", 0.01),
    ]  # fmt: skip


def main() -> int:
    v = Values(load("bmc_rp2040_r1"))
    rows = inrush(v) + hot_plug(v) + short_circuit(v)
    for f in rows:
        print(f"{'ok  ' if f.ok else 'FAIL'} {f.name}: {f.value:.4g} {f.unit} (limit {f.limit:g})")
    return int(not all(f.ok for f in rows))


if __name__ == "__main__":
    sys.exit(main())
