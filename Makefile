# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# `make help` lists the targets. Everything that is made lies in build/; nothing needs root.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ROOT := $(CURDIR)
BUILD := $(ROOT)/build
VENV := $(BUILD)/venv
export PATH := $(VENV)/bin:$(PATH)
export ANSIBLE_HOME := $(BUILD)/ansible
export PIP_DISABLE_PIP_VERSION_CHECK := 1

collection_version := $(shell sed -n 's/^version: //p' galaxy.yml)
payload_version := $(shell sed -n 's/^RELEASE = "\(.*\)"/\1/p' server_core/release.py)
tarball := build/protect-licensing-$(collection_version).tar.gz
wheel := build/dist/protect_licensing-$(payload_version)-py3-none-any.whl
role_wheel := roles/license_server/files/$(notdir $(wheel))

files_under = $(shell find $(wildcard $(1)) -type f -not -path '*/__pycache__/*' -not -name '*.whl' 2>/dev/null)
payload_sources := $(call files_under,server_core/src) server_core/pyproject.toml server_core/release.py
collection_sources := $(call files_under,plugins roles playbooks meta docs changelogs LICENSES) galaxy.yml $(wildcard README.md)

.PHONY: help venv requirements messages build collection wheelhouse demo demo-down test test-windows lint bench endurance screenshots clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

venv: build/venv/.ready ## the development environment in build/venv, everything pinned

build/venv/.ready: requirements/dev.txt server_core/pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or later is needed. Name one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' \
	  || { echo 'Python has no venv module here. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'venv: build/venv from requirements/dev.txt'
	@"$$("$(PYTHON)" -c 'import sys; print(sys._base_executable)')" -m venv build/venv
	@pip install -qq --no-compile -r requirements/dev.txt
	@pip install -qq --no-deps --no-build-isolation --editable server_core
	@mkdir -p build/tree/ansible_collections/protect
	@ln -sfn "$(ROOT)" build/tree/ansible_collections/protect/licensing
	@touch $@

requirements: ## pin requirements/dev.txt anew from requirements/dev.in
	@"$(PYTHON)" -m venv --clear build/pins
	@build/pins/bin/pip install -qq --no-compile -r requirements/dev.in
	@{ sed '/^#/!d' requirements/dev.txt; build/pins/bin/pip freeze; } > build/dev.txt
	@mv build/dev.txt requirements/dev.txt
	@rm -r build/pins

messages: build/venv/.ready ## bring the translations of the web pages up to their sources
	@python tests/tools/messages.py

build: $(tarball) ## the payload wheel and the collection's tarball

$(wheel): build/venv/.ready $(payload_sources)
	@echo 'build: $@'
	@pip wheel -qq --no-deps --no-build-isolation --wheel-dir build/dist ./server_core
	@touch $@

$(role_wheel): $(wheel)
	@mkdir -p $(@D)
	@rm -f $(@D)/protect_licensing-*.whl
	@cp $< $@

$(tarball): $(role_wheel) $(collection_sources)
	@echo 'build: $@'
	@ansible-galaxy collection build --force --output-path build . >/dev/null

collection: build/collections/.ready ## the collection, installed from its tarball into build/collections

build/collections/.ready: $(tarball)
	@ansible-galaxy collection install --force --offline --no-deps -p build/collections $< >/dev/null 2>&1 \
	  || ansible-galaxy collection install --force --offline --no-deps -p build/collections $<
	@touch $@

wheelhouse: build/.wheelhouse ## the payload's dependencies in one file, for hosts without internet

build/.wheelhouse: server_core/pyproject.toml requirements/dev.txt | build/collections/.ready
	@echo 'build: build/wheelhouse-$(payload_version).tar.gz'
	@rm -f build/wheelhouse-*.tar.gz
	@PIP_CONSTRAINT=requirements/dev.txt ANSIBLE_COLLECTIONS_PATH=build/collections ansible-playbook playbooks/wheelhouse.yml \
	  -e wheelhouse_dest=$(BUILD)/wheelhouse-$(payload_version).tar.gz >build/wheelhouse.log \
	  || { cat build/wheelhouse.log; exit 1; }
	@touch $@

demo: build/collections/.ready build/.wheelhouse ## a working fleet on this computer, and its story
	@python demo/run.py up

demo-down: ## stop what the demo left running
	@if [ -d build/demo ]; then "$(PYTHON)" demo/run.py down; fi

lint: build/venv/.ready build/collections/.ready ## every gate; make lint GATES="ruff reuse" runs only these
	@python tests/tools/lint.py $(GATES)

test: build/venv/.ready build/collections/.ready build/.wheelhouse ## every test; as root also those on a fleet of systemd hosts
	@if [ "$$(id -u)" = 0 ]; then tests/tools/install_lab_tools; fi
	@mkdir -p build/coverage
	@pytest --numprocesses 2 --no-loadscope-reorder --cov --cov-config=pyproject.toml --cov-report=term $(TESTS)

test-windows: build/venv/.ready ## all tests of the payload by the Windows build of Python, as root
	@tests/tools/install_lab_tools
	@python -m tests.lab.windows.payload_tests

bench: build/venv/.ready build/collections/.ready build/.wheelhouse ## measure; results go to benchmarks/results
	@python -m benchmarks $(BENCHMARKS)

endurance: build/venv/.ready ## servers killed 200 times, activations interrupted everywhere, a million attacks; ENDURANCE="--help" tells more
	@python -m tests.endurance $(ENDURANCE)

screenshots: build/venv/.ready ## pictures of the server's pages; the best go to docs/images
	@tests/tools/install_lab_tools
	@python -m tests.screenshots

clean: ## remove everything that was made
	@$(MAKE) demo-down
	@rm -rf build roles/license_server/files/*.whl
