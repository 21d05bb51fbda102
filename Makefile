# Each target is a thin line over a Python command. `make PYTHON=python3.12 run` chooses another Python.
PYTHON ?= python3
VENV := .venv/bin
DATA ?= ../shared/data/displays
A ?= static/model/compact/6
B ?= runs/versions/baseline/1
EPOCHS ?= 20
ARGS ?=

.PHONY: run test train bench compare vendor package lock format environment

run: ## the page at http://127.0.0.1:5000
	@$(PYTHON) scripts/environment.py web
	@$(VENV)/flask --app backend serve

environment: ## everything that training and tests need, in .venv
	@$(PYTHON) scripts/environment.py web train dev

test: environment ## every check, and the tests in a real browser; ARGS=--full: the long ones too, and on both databases
	@$(VENV)/python -m scripts.check $(ARGS)

train: ## a folder: make train DATA=folder ARGS="--name first"; the panel's samples: make train MODEL=name EPOCHS=20
	@$(PYTHON) scripts/environment.py web train $(if $(MODEL),dev)
ifdef CHANGES
	@$(VENV)/flask --app backend neural_pre_training $(ARGS) $(MODEL) $(EPOCHS) "$(CHANGES)"
else ifdef MODEL
	@$(VENV)/flask --app backend neural_training $(ARGS) $(MODEL) $(EPOCHS)
else
	@$(VENV)/python -m training.train $(DATA) $(ARGS)
endif

bench: environment ## what the panel reaches, as a table; ARGS=--full with the sizes of the targets
	@$(VENV)/python -m scripts.bench $(ARGS)

compare: environment ## two versions side by side: accuracy, bytes, time in the browser
	@$(VENV)/python -m training.compare $(A) $(B) $(DATA) $(ARGS)

vendor: ## build frontend/vendor and backend/admin_static/vendor anew from the npm packages
	@$(PYTHON) scripts/environment.py web dev
	@$(VENV)/python -m scripts.node run vendor
	@$(VENV)/python -m scripts.offline

package: ## the reader as an npm package: dist/meter-reader-<version>.tgz
	@$(PYTHON) scripts/environment.py web dev
	@$(VENV)/python -m scripts.package $(ARGS)

lock: ## resolve the requirements anew; ARGS=--upgrade for newer versions
	@$(PYTHON) scripts/environment.py web dev
	@$(VENV)/python scripts/lock.py $(ARGS)

format: ## put Python and JavaScript into the common form
	@$(PYTHON) scripts/environment.py web dev
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format .
	@$(VENV)/python -m scripts.node run format
	@$(VENV)/python -m scripts.offline
