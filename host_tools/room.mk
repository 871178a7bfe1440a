# The virtual rack, for people.

.PHONY: demo rack picture
demo: setup ## Play the main job on a virtual rack: a minute, no hardware
	@$(BIN)/racklet demo

rack: setup ## Run a virtual rack until Ctrl-C
	@$(BIN)/racklet rack

picture: setup ## Draw the README's picture anew, from the demo
	@$(BIN)/racklet demo --svg docs/images/demo.svg
