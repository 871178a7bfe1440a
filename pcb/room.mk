# The boards. Sources are text; KiCad 9 judges them. Board files are committed and proved equal
# to a rebuild; gerbers, PDF, STEP and pictures are built into build/pcb/.

PCB_PY := PYTHONPATH=pcb $(BIN)/python
PCB_BOARDS := bmc_rp2040_r1 backplane_r1
HEAVY += pcb-check pcb-mutations

.PHONY: pcb-kicad
pcb-kicad:
	@pcb/kicad.sh >/dev/null

.PHONY: pcb-mechanical pcb-calc pcb-bom
pcb-mechanical: setup ## Write outline, holes and connectors of the boards as JSON for the enclosure
	@$(PCB_PY) -m racklet_pcb.mechanical

pcb-calc: setup ## Write the table of design calculations; fails where a margin is broken
	@$(PCB_PY) -m calc.report

pcb-bom: setup pcb-kicad ## Write bills of materials, cost and the list of what is unverified
	@$(PCB_PY) -m racklet_pcb.bom

.PHONY: pcb-spice
pcb-spice: setup pcb-kicad ## Simulate inrush, hot-plug and short circuit; compare with the plant
	@$(PCB_PY) -m spice.run

.PHONY: pcb pcb-schematic pcb-check pcb-mutations
pcb-schematic: setup pcb-kicad ## Write the schematics and let KiCad check them
	@set -e; for b in $(PCB_BOARDS); do $(PCB_PY) -m racklet_pcb.make schematic $$b; done

pcb: setup pcb-kicad pcb-schematic pcb-mechanical pcb-calc ## Build boards and release folders in build/pcb/
	@set -e; for b in $(PCB_BOARDS); do $(PCB_PY) -m racklet_pcb.make board $$b; done
	@$(PCB_PY) -m racklet_pcb.copper_page
	@$(PCB_PY) -m racklet_pcb.bom
	@set -e; for b in $(PCB_BOARDS); do $(PCB_PY) -m racklet_pcb.make release $$b; done

pcb-mutations: setup pcb-kicad ## Break the board in one place at a time: every check must find it
	@set -e; for b in $(PCB_BOARDS); do $(PCB_PY) -m racklet_pcb.mutations $$b; done

pcb-check: setup pcb-kicad ## Rebuild both boards and prove the committed files equal and free of findings
	@$(PCB_PY) -m racklet_pcb.mechanical --check
	@$(PCB_PY) -m calc.report --check
	@$(PCB_PY) -m racklet_pcb.bom --check
	@$(PCB_PY) -m racklet_pcb.copper_page --check
	@$(PCB_PY) -m spice.run
	@set -e; for b in $(PCB_BOARDS); do $(PCB_PY) -m racklet_pcb.make check $$b; done
