# The boards. Sources are text; KiCad 9 judges them. Board files are committed and proved equal
# to a rebuild; gerbers, PDF, STEP and pictures are built into build/pcb/.

PCB_PY := PYTHONPATH=pcb $(BIN)/python
PCB_BOARDS := bmc_rp2040_r1

.PHONY: pcb-kicad
pcb-kicad:
	@pcb/kicad.sh >/dev/null

.PHONY: pcb-mechanical
pcb-mechanical: setup ## Write outline, holes and connectors of the boards as JSON for the enclosure
	@$(PCB_PY) -m racklet_pcb.mechanical

.PHONY: pcb-schematic
pcb-schematic: setup pcb-kicad ## Write the schematics of both boards and let KiCad check them
	@$(PCB_PY) -m racklet_pcb.own_symbols
	@$(PCB_PY) -m racklet_pcb.own_footprints
	@set -e; for b in $(PCB_BOARDS); do \
	  $(PCB_PY) -m racklet_pcb.generate $$b; \
	  $(PCB_PY) -m racklet_pcb.judge $$b pcb/$$b --schematic; done

.PHONY: pcb-bom
pcb-bom: setup pcb-kicad ## Write bills of materials, cost and the list of what is unverified
	@$(PCB_PY) -m racklet_pcb.bom
