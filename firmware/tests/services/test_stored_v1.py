# runs on: cpython, micropython
"""What version 1 of the firmware stored, byte for byte, must be read by every later one.

If a test in this file fails, do not change the test: units in the field hold such bytes. They
were made with another CBOR library and zlib's CRC-32.
"""

import unittest

from racklet_base.services.eventlog import EventLog
from racklet_bmc.services.settings import Settings
from racklet_bmc.services.store import Store
from racklet_wire import cbor
from service_fakes import PAGE, RamFlash
from tests.fakes.fake_clock import FakeClock

SETTINGS_HEADER = "524b53540700000001001c00722b15de503bc24a"
SETTINGS_BODY = "a269736574746c655f6d7318c86c746f6e5f64656c61795f6d73181e"
LOG_PAGE = "010000001da600010101021904d204060548000000000000000066726561736f6e0266f8d722"
STORE_PAGE = (
    "0100000022a266656e6572677985031a004c4b401a003d09001930d41913886677616e746564f5eced2f01"
)


def flash_with(*pieces: "tuple[int, str]") -> RamFlash:
    flash = RamFlash(4)
    for offset, content in pieces:
        data = bytes.fromhex(content)
        flash.data[offset : offset + len(data)] = data
    return flash


class Version1(unittest.TestCase):
    def test_settings(self) -> None:
        settings = Settings(flash_with((0, SETTINGS_HEADER), (PAGE, SETTINGS_BODY)))
        self.assertEqual(settings.get("settle_ms"), 200)
        self.assertEqual(settings.get("ton_delay_ms"), 30)
        self.assertEqual((settings.damaged, settings.refused), (False, []))

    def test_event_log(self) -> None:
        log = EventLog(flash_with((0, LOG_PAGE)), FakeClock())
        self.assertEqual((log.first, log.last, log.generation), (1, 1, 2))
        record = cbor.decode(log.read(1))
        self.assertEqual(record, {0: 1, 1: 1, 2: 1234, 4: 6, 5: bytes(8), "reason": 2})

    def test_totals(self) -> None:
        store = Store(flash_with((0, STORE_PAGE)))
        self.assertEqual(store.values["energy"], [3, 5_000_000, 4_000_000, 12_500, 5_000])
        self.assertEqual(store.values["wanted"], True)


if __name__ == "__main__":
    unittest.main()
