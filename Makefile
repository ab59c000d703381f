# What a newcomer needs: `make demo`, `make test`. Everything else is for those who change the code.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The binary is built for the processor that it runs on; PORTABLE=1 builds for any x86-64.
ifeq ($(PORTABLE),1)
  TUNING :=
  BUILD := .build-portable
else
  TUNING := -Xcc -march=native
  BUILD := .build-native
endif
SWIFT_BUILD := swift build -c release --scratch-path $(BUILD) $(TUNING)
PARETORANK := $(BUILD)/release/paretorank
PACKAGES := libpq-dev libdnnl-dev postgresql gnuplot-nox pkg-config
# Reports are opened in a browser by their tests; this one goes down to the width of a telephone. Certificates for
# a server with TLS are made by openssl, units are looked at by systemd-analyze, which needs no running systemd.
TEST_PACKAGES := chromium-headless-shell openssl systemd faketime
# Who only uses the command needs no browser.
build example docs bench: TEST_PACKAGES :=

.PHONY: help setup build demo test soak address sanitize example lint format docs bench clean

help: ## shows this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: ## installs the system packages that are missing
	@missing=""; \
	for package in $(PACKAGES) $(TEST_PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing$$missing: PostgreSQL's client library and server, oneDNN for the products, gnuplot for plots, what the tests look with."; \
	  as_root=""; if [ "$$(id -u)" != 0 ]; then as_root=sudo; echo "(with sudo, because only root may install packages)"; fi; \
	  $$as_root apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

build: setup ## builds the command, optimised for this machine (PORTABLE=1: for any x86-64)
	@$(SWIFT_BUILD) --product paretorank

demo: build ## trains, evaluates and scores on a simulated shop in a private PostgreSQL
	@PARETORANK=$(PARETORANK) bash fixtures/demo/run

test: setup ## runs all tests, the database's with a real server
	@swift build --build-tests
	@swift test --skip-build

soak: setup ## breaks NIGHTS nightly runs, 200 unless said otherwise, each in another way and moment
	@swift build --build-tests
	@SOAK_NIGHTS=$(or $(NIGHTS),200) swift test --skip-build --filter NightlyFaultTests

address: setup ## runs the library's tests under the address sanitizer
	@swift build --build-tests --sanitize=address --scratch-path .build-address
	@ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --sanitize=address --scratch-path .build-address --skip CommandTests

sanitize: setup ## runs the engine's tests under the thread sanitizer
	@swift build --build-tests --sanitize=thread --scratch-path .build-sanitized
	@swift test --skip-build --sanitize=thread --scratch-path .build-sanitized --filter 'TrainingTests|WorkersTests|NetworksTests|ColumnFilesTests'

example: setup ## builds the example of a combiner of one's own, from outside the package
	@swift build --package-path fixtures/own-combiner

lint: ## checks the layout of the code and the repository's rules
	@swift format lint --strict --recursive Package.swift Sources Tests fixtures
	@bash fixtures/lint/check

format: ## lays the code out
	@swift format --in-place --recursive Package.swift Sources Tests fixtures

docs: setup ## builds the documentation; a dead link is an error
	@swift package generate-documentation --target ParetoRank --warnings-as-errors

bench: setup ## measures speed, beside PyTorch where .venv has it; ARGUMENTS="training --quick"
	@$(SWIFT_BUILD) --product paretorank-bench
	@$(BUILD)/release/paretorank-bench --built-with "-c release $(TUNING)" $(ARGUMENTS)

clean: ## removes what was built
	@rm -rf .build .build-native .build-portable .build-address .build-sanitized fixtures/own-combiner/.build
