# Everything runs in .venv, which `make` sets up by itself; only Python (3.11 to 3.13) and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := $(VENV)/.demo
# of the environment that `make test` needs, or of the smaller one that is enough for the demo
FOR_DEMO := $(if $(wildcard $(READY)),$(READY),$(DEMO))

# many tests start archc as a process, which would compile its own code each time
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test check docs pictures notebook golden schema test-tools test-thorough mutants bench gpu-kit zoo clean

setup: $(READY)

# $(1) is the extra that is installed
define INSTALL
@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "archcompile needs Python 3.11 to 3.13, this is %d.%d: make PYTHON=python3.12 …" % v)'
@echo "installing archcompile with its extra '$(1)' into $(VENV): some minutes, most of them for TensorFlow"
@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(1)]'
@touch $@
endef

$(READY): pyproject.toml
	$(call INSTALL,dev)

$(DEMO): pyproject.toml
	$(call INSTALL,demo)

# The main job: compile, draw, train a little on real handwritten digits that need no download.
demo: $(FOR_DEMO)
	$(BIN)/archc build specs/resnet_v1_20.yaml
	$(BIN)/archc graph specs/resnet_v1_20.yaml -o build/resnet_v1_20/figure.svg
	$(BIN)/archc train specs/resnet_v1_20.yaml --recipe digits

test: check
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'not keras and not tools and not thorough'
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'keras and not thorough'

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

# The docs as a site in site/, where a link that leads nowhere is an error; `mkdocs serve` shows it with its search.
docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The pictures of the README, with a training of a minute or two; needs Chromium.
pictures: $(READY)
	$(BIN)/python -m docs.pictures

# The notebook's outputs, with a training of a minute; a test fails where they are stale.
notebook: $(READY)
	$(BIN)/python docs/run_notebook.py

golden: $(READY)
	$(BIN)/python tests/golden/regenerate.py

# What is made from the op classes; tests fail where it is stale.
schema: $(READY)
	for k in spec library recipe experiment; do $(BIN)/archc schema --kind $$k > specs/schema/$$k.schema.json || exit 1; done
	$(BIN)/python docs/generate.py

# Tests with tools from npm, Neovim and Chromium; they fail where these are missing. Emacs is used where it is there.
test-tools: $(READY)
	npm install --prefix tests/tools --no-package-lock --no-audit --no-fund --silent
	npm install --prefix editors/vscode --no-package-lock --no-audit --no-fund --silent
	ARCHC_TOOLS=$${ARCHC_TOOLS-1} $(BIN)/python -m pytest -q -m tools

# What is too long for every run: the whole zoo against keras.applications, numbers included.
test-thorough: $(READY)
	$(BIN)/python -m pytest -q -m thorough

# One comparison, operator or number changed at a time: do the tests notice? Hours; COUNT=20 for a first look.
mutants: $(READY)
	$(BIN)/python -m tests.mutants.run --count $${COUNT-200} --seed $${SEED-0}

# Speeds, beside plain Keras, and PyTorch where the extra `bench` is installed. A quarter of an hour, on a quiet machine.
bench: $(READY)
	$(BIN)/python benchmarks/compile.py
	$(BIN)/python benchmarks/editor.py
	$(BIN)/python benchmarks/training.py

# What a machine with a GPU and no network needs for benchmarks/gpu.py: build/gpu-kit.tar.xz, at most 35 MB.
gpu-kit: $(READY)
	$(BIN)/python benchmarks/gpu_kit.py

# Everything that ships, compiled and costed without TensorFlow.
zoo: $(READY)
	$(BIN)/python benchmarks/zoo.py

clean:
	rm -rf build dist site .pytest_cache .mypy_cache .ruff_cache
