# The boards. Sources are text; KiCad 9 judges them. Board files are committed and proved equal
# to a rebuild; gerbers, PDF, STEP and pictures are built into build/pcb/.

PCB_PY := PYTHONPATH=pcb $(BIN)/python

.PHONY: pcb-mechanical
pcb-mechanical: setup ## Write outline, holes and connectors of the boards as JSON for the enclosure
	@$(PCB_PY) -m racklet_pcb.mechanical
