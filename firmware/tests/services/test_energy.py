# runs on: cpython, micropython
"""Energy that is neither lost nor invented: wraps, sensor resets, restarts, power cuts."""

import unittest

from racklet_bmc.services.calibration import Calibration
from racklet_bmc.services.energy import SAVE_MS, SAVE_UJ, Energy
from racklet_bmc.services.settings import Settings
from racklet_bmc.services.store import Store
from service_fakes import PAGE, SECTOR, FakeMonitor, PowerCut, RamFlash
from tests.fakes.fake_clock import FakeClock

LIMITS = {"iin_max_ma": 3_020, "vin_max_mv": 21_960, "iout_max_ma": 5_500, "vout_max_mv": 5_400}


class World:
    """Two monitors that count what flows, and a BMC that comes and goes."""

    def __init__(self, sectors: int = 3) -> None:
        self.clock = FakeClock()
        self.output, self.input = FakeMonitor(), FakeMonitor()
        self.output.energy_num, self.output.energy_den = 800, 1
        self.input.energy_num, self.input.energy_den = 400, 1
        self.flash = RamFlash(sectors)
        self.calibrations = None

    def boot(self) -> Energy:
        self.energy = Energy(
            self.clock,
            Store(self.flash),
            output=self.output,
            input_=self.input,
            limits=LIMITS,
            calibrations=self.calibrations,
        )
        return self.energy

    def flow(self, ms: int, out_mw: int, in_mw: int) -> None:
        """Power for a time, read once at its end."""
        self.clock.now_ms += ms
        for monitor, milliwatts in ((self.output, out_mw), (self.input, in_mw)):
            if monitor.is_configured:
                counts = milliwatts * ms * monitor.energy_den // monitor.energy_num
                monitor.energy = (monitor.energy + counts) % monitor.energy_modulus
        self.energy.step()


class Totals(unittest.TestCase):
    def setUp(self) -> None:
        self.world = World()
        self.energy = self.world.boot()

    def test_first_start_opens_epoch_1_at_zero(self) -> None:
        self.assertEqual(self.energy.snapshot(), (1, 0, 0, 0))
        self.assertTrue(self.world.output.is_configured)
        self.assertEqual(self.world.output.limits, (5_500, 5_400))

    def test_adds_up(self) -> None:
        for _ in range(10):
            self.world.flow(1_000, 4_000, 5_000)
        self.assertEqual(self.energy.snapshot(), (1, 50_000_000, 40_000_000, 10_000))

    def test_counter_wraps(self) -> None:
        self.world.output.energy = (1 << 40) - 5
        self.energy.step()
        before = self.energy.out_uj
        self.world.flow(1_000, 8_000, 0)
        self.assertEqual(self.energy.out_uj - before, 8_000_000)

    def test_fractions_of_a_count_are_kept(self) -> None:
        world = World()
        world.output.energy_num, world.output.energy_den = 100, 3
        energy = world.boot()
        for counts in range(1, 31):
            world.output.energy = counts
            energy.step()
        self.assertEqual(energy.out_uj, 1_000)

    def test_calibration_scales_what_is_counted_from_then_on(self) -> None:
        world = World()
        settings = Settings(RamFlash(2))
        world.calibrations = (Calibration(settings, "in"), Calibration(settings, "out"))
        energy = world.boot()
        world.flow(10_000, 4_000, 5_000)
        settings.set("vout_gain_ppm", 1_000)
        settings.set("iout_gain_ppm", -3_000)
        world.flow(10_000, 4_000, 5_000)
        self.assertEqual(energy.in_uj, 100_000_000)
        self.assertEqual(energy.out_uj, 40_000_000 + 40_000_000 * 1_001 * 997 // 1_000_000)

    def test_silent_sensor_is_caught_up(self) -> None:
        self.world.flow(1_000, 4_000, 5_000)
        self.world.output.silent = True
        for _ in range(5):
            self.world.flow(1_000, 4_000, 5_000)
        self.assertEqual(self.energy.out_uj, 4_000_000)
        self.world.output.silent = False
        self.world.flow(1_000, 4_000, 5_000)
        self.assertEqual((self.energy.epoch, self.energy.out_uj), (1, 28_000_000))

    def test_sensor_that_lost_its_power_opens_an_epoch(self) -> None:
        self.world.flow(10_000, 4_000, 5_000)
        self.world.output.lose_power()
        self.world.flow(1_000, 4_000, 5_000)  # not counted: the sensor was not configured
        self.assertEqual((self.energy.epoch, self.energy.out_uj), (2, 40_000_000))
        self.assertEqual(self.energy.gaps, 1)
        self.world.flow(1_000, 4_000, 5_000)
        self.assertEqual(self.energy.out_uj, 44_000_000)
        self.assertEqual(self.energy.in_uj, 60_000_000)

    def test_wrong_chip_is_not_configured(self) -> None:
        world = World()
        world.output.right = False
        energy = world.boot()
        world.flow(1_000, 4_000, 5_000)
        self.assertFalse(world.output.is_configured)
        self.assertEqual((energy.out_uj, energy.in_uj), (0, 5_000_000))

    def test_what_is_not_believed_is_not_counted(self) -> None:
        """The wrong chip, or an impossible voltage: no energy meanwhile, and a new epoch after."""
        for spoil, mend in (
            (("right", False), ("right", True)),
            (("bus_mv", 60_000), ("bus_mv", 5_100)),
        ):
            world = World()
            energy = world.boot()
            world.flow(1_000, 4_000, 5_000)
            setattr(world.output, *spoil)
            for _ in range(5):
                world.flow(1_000, 4_000, 5_000)
            self.assertEqual(energy.snapshot()[:3], (1, 30_000_000, 4_000_000))
            setattr(world.output, *mend)
            world.flow(1_000, 4_000, 5_000)
            world.flow(1_000, 4_000, 5_000)
            self.assertEqual(energy.snapshot()[:3], (2, 40_000_000, 8_000_000))

    def test_sensor_that_comes_late(self) -> None:
        world = World()
        world.output.silent = True
        energy = world.boot()
        world.flow(1_000, 4_000, 5_000)
        world.output.silent = False
        world.flow(1_000, 4_000, 5_000)
        world.flow(1_000, 4_000, 5_000)
        self.assertEqual(energy.out_uj, 4_000_000)


class Restarts(unittest.TestCase):
    def test_reset_of_the_bmc_loses_nothing(self) -> None:
        world = World()
        world.boot()
        for reset in range(5):
            world.flow(10_000, 4_000, 5_000)
            world.output.energy += 1_000  # while the BMC is down
            energy = world.boot()
            self.assertEqual(energy.epoch, 1)
            self.assertEqual(energy.out_uj, (reset + 1) * (40_000_000 + 800_000))
            self.assertEqual(energy.in_uj, (reset + 1) * 50_000_000)

    def test_what_was_saved_before_a_reset_is_not_counted_again(self) -> None:
        """The register's reading is saved with the total, and the difference is what counts."""
        world = World()
        energy = world.boot()
        for reset in range(3):
            world.flow(10_000, 4_000, 5_000)
            energy.save()
            world.flow(2_000, 4_000, 5_000)
            energy = world.boot()
            self.assertEqual(energy.epoch, 1)
            self.assertEqual(energy.out_uj, (reset + 1) * 48_000_000)
            self.assertEqual(energy.in_uj, (reset + 1) * 60_000_000)

    def test_power_cut_opens_an_epoch_and_keeps_what_was_saved(self) -> None:
        world = World()
        energy = world.boot()
        world.flow(10_000, 4_000, 5_000)
        energy.save()
        world.flow(10_000, 4_000, 5_000)
        world.output.lose_power()
        world.input.lose_power()
        energy = world.boot()
        self.assertEqual(energy.snapshot()[:3], (2, 50_000_000, 40_000_000))

    def test_at_most_60_s_or_1_kj_are_lost(self) -> None:
        for milliwatts in (100, 4_000, 25_000):
            world = World(16)
            energy = world.boot()
            for _ in range(600):
                world.flow(500, milliwatts, milliwatts + 1_000)
                saved = Store(world.flash.copy()).values["energy"]
                lost_in, lost_out = energy.in_uj - saved[1], energy.out_uj - saved[2]
                bound = min(1_000_000_000, (milliwatts + 1_000) * 60_000)
                self.assertLess(lost_in, bound + (milliwatts + 1_000) * 500)
                self.assertLess(lost_out, bound + milliwatts * 500)

    def test_flash_lasts_ten_years_at_full_load(self) -> None:
        milliwatts = 28_000  # 25 W out at 90 %
        seconds = min(SAVE_MS // 1000, SAVE_UJ // (milliwatts * 1000))
        erases = 10 * 365 * 86_400 // seconds * PAGE // (16 * SECTOR)
        self.assertLess(erases, 40_000)  # W25Q16JV: 100,000
        world = World(16)
        world.boot()
        world.energy.save()
        operations = world.flash.operations
        for _ in range(600):
            world.flow(1_000, 25_000, milliwatts)
        self.assertLessEqual(world.flash.operations - operations, 600 // seconds + 2)

    def test_cut_at_every_operation_never_invents_or_goes_back(self) -> None:
        for cut_at in range(45):
            for permille in (0, 500, 990):
                world = World()
                world.flash.cut_at, world.flash.permille = cut_at, permille
                truth = saved = 0
                try:
                    world.boot()
                    for _ in range(40):
                        world.flow(5_000, 4_000, 5_000)
                        truth += 20_000_000
                        world.energy.save()
                        saved = world.energy.out_uj
                except PowerCut:
                    pass
                world.output.lose_power()
                world.input.lose_power()
                energy = world.boot()
                self.assertLessEqual(saved, energy.out_uj)
                self.assertLessEqual(energy.out_uj, truth + 20_000_000)
                before = energy.out_uj
                world.flow(1_000, 4_000, 5_000)
                self.assertEqual(energy.out_uj, before + 4_000_000)

    def test_reset_between_epoch_and_start_of_the_sensor(self) -> None:
        """A counter reading is never paired with totals of another life of the sensor."""
        world = World()
        energy = world.boot()
        world.flow(10_000, 4_000, 5_000)
        energy.save()
        world.output.lose_power()
        world.input.lose_power()
        for cut_at in range(6):
            world.flash.cut_at = world.flash.operations + cut_at
            try:
                energy = world.boot()
            except PowerCut:
                pass
            world.flash.cut_at = None
            energy = world.boot()
            self.assertEqual((energy.in_uj, energy.out_uj), (50_000_000, 40_000_000))


class PmbusAccumulators(unittest.TestCase):
    def test_watts_times_samples(self) -> None:
        world = World()
        energy = world.boot()
        for _ in range(10):
            world.flow(1_000, 4_000, 15_000)
        self.assertEqual(energy.ein(), (1_500, 0, 100))  # 15 W in 100 samples
        self.assertEqual(energy.eout(), (400, 0, 100))

    def test_roll_over(self) -> None:
        world = World()
        energy = world.boot()
        previous, total = energy.ein(), 0
        for _ in range(400):
            world.flow(250_000, 0, 15_000)
            now = energy.ein()
            step = (now[1] * 32_768 + now[0] - previous[1] * 32_768 - previous[0]) % (1 << 23)
            samples = (now[2] - previous[2]) % (1 << 24)
            self.assertEqual(step, samples * 15)
            total += step
            previous = now
        self.assertEqual(total, energy.in_uj // 100_000)

    def test_a_gap_adds_no_samples(self) -> None:
        world = World()
        energy = world.boot()
        world.flow(1_000, 4_000, 15_000)
        world.output.lose_power()
        world.flow(60_000, 4_000, 15_000)
        world.flow(1_000, 4_000, 15_000)
        self.assertEqual(energy.eout(), (80, 0, 20))

    def test_restart_shows_as_samples_going_back(self) -> None:
        world = World()
        world.boot()
        world.flow(10_000, 4_000, 15_000)
        self.assertEqual(world.boot().ein()[2], 0)


if __name__ == "__main__":
    unittest.main()
