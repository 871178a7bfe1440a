# runs on: cpython, micropython
"""A transfer of an image through its registers."""

from racklet_base.handlers.images import offset_of
from tests.handlers.case import Case


class Images(Case):
    def test_a_transfer(self):
        stream = bytes(range(256)) * 3 + b"end"
        generation = self.bench.log.generation
        self.bmc.write_block(
            "IMAGE_BEGIN",
            component=0,
            flags=0,
            envelope_size=100,
            size=len(stream),
            transfer_id=5,
            generation=generation,
        )
        for number in range((len(stream) + 29) // 30):
            data = stream[number * 30 : number * 30 + 30]
            self.bmc.write_block("IMAGE_CHUNK", number=number, data=data)
        status = self.bmc.block("IMAGE_STATUS")
        self.assertEqual(status["received"], len(stream))
        self.assertEqual(self.bmc.images.data, stream)
        self.assertEqual(status["minimum_sequence"], 5)
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation)
        self.assertEqual(self.bmc.images.commands, [(1, 5)])

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
