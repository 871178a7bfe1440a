# What is frozen into the UF2. `make image-check` compares the built image with this list.
# Left out on purpose: MicroPython's own `_boot.py` (ours mounts a part of the storage only),
# and drivers that no board here needs (dht, ds18x20, neopixel, onewire).
freeze("$(PORT_DIR)/modules", "rp2.py")
include("$(MPY_DIR)/extmod/asyncio")

freeze(".", ("boot.py", "main.py"))
freeze_mpy("../build/firmware", "application_names.mpy")  # host_tools/racklet_uf2/names.py
freeze("../boards/rp2")
freeze("$(BOARD_DIR)", "board.py")
package("racklet_wire")
package("racklet_base")
