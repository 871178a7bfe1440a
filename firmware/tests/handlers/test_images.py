# runs on: cpython, micropython
"""A transfer of an image through its registers."""

from racklet_base.handlers.images import offset_of
from racklet_wire import events
from tests.handlers.case import Case


class Images(Case):
    def begin(self, size):
        self.bmc.write_block(
            "IMAGE_BEGIN",
            component=0,
            flags=0,
            envelope_size=100,
            size=size,
            transfer_id=5,
            generation=self.bench.log.generation,
        )

    def test_a_transfer(self):
        stream = bytes(range(256)) * 3 + b"end"
        generation = self.bench.log.generation
        self.begin(len(stream))
        for number in range((len(stream) + 29) // 30):
            data = stream[number * 30 : number * 30 + 30]
            self.bmc.write_block("IMAGE_CHUNK", number=number, data=data)
        progress = {"state": 1, "received": len(stream)}
        self.assertEqual(self.bmc.block("IMAGE_PROGRESS"), progress)
        self.bmc.dispatcher.refresh()
        status = self.bmc.block("IMAGE_STATUS")
        self.assertEqual(status["received"], len(stream))
        self.assertEqual(self.bmc.images.data, stream)
        self.assertEqual(status["minimum_sequence"], 5)
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation)
        self.assertEqual(self.bmc.images.commands, [(1, 5)])

    def test_between_chunks_everything_is_shown_when_it_is_due_and_no_more_often(self):
        self.begin(3_000)
        rounds = []
        self.bmc.dispatcher._on_round = lambda: rounds.append(self.bench.clock.ms())
        for number in range(60):
            self.bench.clock.now_ms += 10
            self.bmc.write_block("IMAGE_CHUNK", number=number, data=bytes(30))
            self.bmc.dispatcher.step()  # a chunk that was taken as it came wakes it for nothing
            received = self.bmc.block("IMAGE_PROGRESS")["received"]
            self.assertEqual(received, 30 * (number + 1))
        self.assertEqual(len(rounds), 2)
        self.bmc.dispatcher.step()  # something else woke it
        self.assertEqual(len(rounds), 3)

    def test_any_other_write_is_shown_at_once_between_chunks(self):
        self.begin(3_000)
        self.bmc.write_block("IMAGE_CHUNK", number=0, data=bytes(30))
        before = self.bmc.block("LOG_STATUS")["last"]
        self.bmc.write_block("LOG_NOTE", kind=events.CHAOS, size=2, text=b"hi")
        self.assertEqual(self.bmc.block("LOG_STATUS")["last"], before + 1)

    def test_what_the_service_refuses_shows_with_its_reason(self):
        self.bmc.images.answer = 13
        generation = self.bench.log.generation
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation)
        self.assertEqual(self.bmc.block("IMAGE_STATUS")["reason"], 13)
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation + 1)
        self.assertEqual(self.bmc.block("IMAGE_STATUS")["reason"], 17)
        self.assertEqual(len(self.bmc.images.commands), 1)

    def test_chunk_numbers_wrap(self):
        for index in (0, 1, 65_535, 65_536, 65_537, 200_000):
            for near in (index - 2, index, index + 3):
                self.assertEqual(offset_of(index & 0xFFFF, max(0, near) * 30), index * 30)
