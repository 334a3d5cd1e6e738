# Every task is one command, the same at a desk and in CI. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
GO ?= go
PKGS ?= ./...
# Tests that this machine cannot run name themselves there.
LEFT_OUT := $(CURDIR)/tests-left-out
# The race detector needs a C compiler.
RACE := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null && echo -race)

.PHONY: help
help: ## List the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Run everything on this machine: Postgres, sandbox gateway, demo shop, webhookd
	$(GO) run ./cmd/demo $(ARGS)

.PHONY: test
test: tools ## Run all tests, with the race detector, on a real Postgres and in a real browser
	@[ -n "$(RACE)" ] || echo "NOTE: no C compiler (gcc or clang), so the tests run without the race detector"
	@rm -f $(LEFT_OUT)
	@status=0; TESTS_LEFT_OUT=$(LEFT_OUT) $(GO) test $(RACE) -shuffle=on -timeout=15m $(PKGS) || status=$$?; \
	  if [ -s $(LEFT_OUT) ]; then echo "NOTE: $$(wc -l < $(LEFT_OUT)) tests were LEFT OUT:"; cat $(LEFT_OUT); fi; exit $$status

.PHONY: pooler
pooler: tools ## Run the tests of all that uses the database through a PgBouncer in transaction mode
	PGTEST_POOLER=transaction $(GO) test $(RACE) -timeout=15m ./internal/store ./internal/feed ./internal/poller \
	  ./internal/operation ./internal/handler
	PGTEST_POOLER=transaction $(GO) test $(RACE) -timeout=15m -run=Promise ./cmd/webhookd

.PHONY: tools
tools: ## Install Chromium, Python, Node.js and PgBouncer, which the tests drive, where they are missing
	@scripts/install-tools

.PHONY: check
check: vet fmt lint ## Run vet, the format check and the linter

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: fmt
fmt: ## Fail if a file is not gofmt-ed
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not gofmt-ed:"; echo "$$bad"; exit 1; fi

.PHONY: lint
lint: ## Run the linter (pinned in tools.mod; its first build takes two minutes)
	$(GO) tool -modfile=tools.mod golangci-lint run ./...

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (20s)
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    echo "$$p $$f"; $(GO) test -run='^$$' -fuzz="^$$f$$" -fuzztime=$${FUZZTIME:-20s} -fuzzminimizetime=20x $$p; \
	  done; done

.PHONY: model
model: ## Run SCHEDULES (100000) random histories of the store against a model in memory, on 4 databases at a time
	$(GO) test -timeout=3h -run='^TestModel$$' -v ./internal/store \
	  -args -model.streams=4 -rapid.checks=$$(($${SCHEDULES:-100000} / 4))

.PHONY: bench
bench: ## Measure what the service does on this machine and what it costs; ARGS=-help says what can be chosen
	$(GO) run ./cmd/bench $(ARGS)

.PHONY: chaos
chaos: ## Break the world around the service, ROUNDS (20) times from SEED on, by the faults ONLY names
	$(GO) run ./cmd/chaos $(RACE) -rounds=$(or $(ROUNDS),20) -seed=$(or $(SEED),0) -only=$(ONLY) $(ARGS)

.PHONY: week
week: ## Play a week of a shop with ORDERS (1000000) orders, and draw it into docs/
	$(GO) test ./internal/week -run='^TestWeek$$' -count=1 -timeout=3h -v -args \
	  -orders=$(or $(ORDERS),1000000) -dir=/var/tmp -out=$(CURDIR)/docs

.PHONY: build
build: ## Build the service into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o bin/webhookd ./cmd/webhookd

.PHONY: sdkcheck
sdkcheck: ## Hold the sandbox against official SDKs: PHP_SDK=folder RUBY_SDK=folder, one or both
	@[ -n "$(PHP_SDK)$(RUBY_SDK)" ] || { echo "sdkcheck: name a checkout: PHP_SDK=folder or RUBY_SDK=folder" >&2; exit 2; }
	@$(if $(PHP_SDK),internal/sandbox/sdkcheck/run.sh php "$(PHP_SDK)")
	@$(if $(RUBY_SDK),internal/sandbox/sdkcheck/run.sh ruby "$(RUBY_SDK)")
