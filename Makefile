# What a newcomer types. On Debian 12+ and Ubuntu 24.04+ with the .NET 10 SDK, git and make, each target
# installs what it needs (scripts/setup.sh); elsewhere it says what to install.
.DEFAULT_GOAL := help
.PHONY: help setup setup-all build demo test test-rest test-all soak bench format-check clean

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

help:           ## Show this list
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

setup:          ## Install the programs of PostgreSQL and RabbitMQ, and libmongoc where missing; start nothing
	@scripts/setup.sh core

setup-all:
	@scripts/setup.sh all

build:          ## Build everything, Release; warnings are errors
	dotnet build Quality.sln -c Release

demo: setup     ## Run the whole harness on embedded servers; the report is in artifacts/report
	dotnet build quality/Quality.csproj -c Release -v quiet
	quality/bin/Release/net10.0/quality demo

test: setup     ## Run the core suites
	scripts/test.sh core

test-rest: setup-all
	scripts/test.sh rest

test-all: test test-rest ## Run the core suites, then foreign clients, the browser and long runs

bench:          ## Measure speed and memory against their goals (about 5 minutes); BENCH=--quick for a look
	@scripts/setup.sh bench
	dotnet run -c Release --project tests/Benchmarks -- end-to-end $(BENCH)

soak: setup     ## Run the long campaigns: every place where a sync can be cut off, init on any collection
	scripts/test.sh soak

format-check:   ## Fail where dotnet format would change something
	dotnet format Quality.sln --verify-no-changes

clean:          ## Remove what was built, reported and kept
	@find . -path ./.git -prune -o \( -name bin -o -name obj -o -name TestResults \) -type d -prune -exec rm -rf {} +
	rm -rf artifacts .quality
