"""What a unit uses now and has used since its epoch began: joules, loss, cost, CO2."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from racklet_wire import power

from racklet import uncertainty
from racklet.bmc import Bmc
from racklet.eventlog import EpochStart
from racklet.records import Energy, Telemetry
from racklet.tariff import Tariff


@dataclass(frozen=True)
class EnergyUse:
    """None is unknown; all of it for a slot without a unit.

    `epoch_*` and what follows from them count from `since`; `energy_*` is the total over all
    epochs. `loss_mw` is the regulator's, `bmc_mw` the BMC's own.
    """

    energy_uj: int | None = None
    energy_in_uj: int | None = None
    energy_uncertainty_uj: int | None = None
    energy_in_uncertainty_uj: int | None = None
    epoch: int | None = None
    since: datetime | None = None
    epoch_energy_uj: int | None = None
    epoch_energy_in_uj: int | None = None
    pin_mw: int | None = None
    pout_mw: int | None = None
    loss_mw: int | None = None
    bmc_mw: int | None = None
    cost: float | None = None
    currency: str | None = None
    co2_g: float | None = None

    @classmethod
    def of(cls, bmc: Bmc, prices: Tariff, now: datetime) -> Self:
        """Ask a unit."""
        energy, telemetry = bmc.energy(), bmc.telemetry()
        start = bmc.epoch_start(energy)
        off = uncertainty.of_energy(energy, bmc.calibrations())
        bmc_mw, loss_mw = _split(bmc, telemetry)
        in_uj = None if start is None else energy.in_uj - start.in_uj
        cost = None if in_uj is None else prices.cost(in_uj)
        return cls(
            energy_uj=energy.out_uj,
            energy_in_uj=energy.in_uj,
            energy_uncertainty_uj=off["out_uncertainty_uj"],
            energy_in_uncertainty_uj=off["in_uncertainty_uj"],
            epoch=energy.epoch,
            since=_since(start, energy, now),
            epoch_energy_uj=None if start is None else energy.out_uj - start.out_uj,
            epoch_energy_in_uj=in_uj,
            pin_mw=telemetry.pin_mw,
            pout_mw=telemetry.pout_mw,
            loss_mw=loss_mw,
            bmc_mw=bmc_mw,
            cost=cost,
            currency=None if cost is None else prices.currency,
            co2_g=None if in_uj is None else prices.co2_g(in_uj),
        )

    def document(self) -> dict[str, Any]:
        """As `--json` shows it."""
        since = None if self.since is None else self.since.isoformat(timespec="seconds")
        return asdict(self) | {"since": since}


def _split(bmc: Bmc, telemetry: Telemetry) -> tuple[int | None, int | None]:
    """What the BMC takes and what the regulator loses, as differences of what is measured.

    With the rail off the input is the BMC alone. With it on the BMC is taken to draw what it
    drew before the rail went up, and the rest of the difference is the regulator's.
    """
    pin_mw, pout_mw = telemetry.pin_mw, telemetry.pout_mw
    state = bmc.power_state().state
    if pin_mw is None or pout_mw is None or state not in (power.OFF, power.ON):
        return None, None
    if state == power.OFF:
        return pin_mw, 0
    bmc_mw = next((on.own_mw for on in bmc.power_ons()), None)
    return bmc_mw, None if bmc_mw is None else pin_mw - pout_mw - bmc_mw


def _since(start: EpochStart | None, energy: Energy, now: datetime) -> datetime | None:
    """When the epoch began; None in an earlier boot whose date nobody told the BMC."""
    if start is None:
        return None
    if start.unix_ms is not None:
        return datetime.fromtimestamp(start.unix_ms / 1000, UTC)
    if start.generation != energy.generation:
        return None
    return now - timedelta(milliseconds=energy.taken_ms - start.uptime_ms)
