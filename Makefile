# The commands of this repository; `make help` lists them. Building is CMake's business
# (CMakePresets.json), and what each command does is in tools/.

PRESET ?= release
SECONDS ?= 600
FIRST ?= 0
COUNT ?= 5000

.PHONY: help demo test lint build check format fuzz fault agreement properties frameworks conformance cluster-test bench delivery server-bench image-bench sklearn-bench wheel clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || \
	 sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' $(MAKEFILE_LIST)

demo: ## Install what is missing, build, serve the FAQ and ask it (ARGS="[image|kubernetes] [--once]")
	@tools/demo.sh $(ARGS)

test: ## Build and run every test
	@tools/test.sh

lint: ## clang-format, and the checks of clang-tidy that look at the syntax alone
	@tools/install-packages.sh test
	@tools/check_format.sh
	@tools/check_tidy.sh --quick

build: ## Build (PRESET=release, dev, asan or tsan)
	@tools/install-packages.sh test
	@cmake --preset $(PRESET)
	@cmake --build build/$(PRESET)

check: ## clang-format, each header by itself, all of clang-tidy over every file
	@tools/install-packages.sh test
	@tools/check_format.sh
	@cmake --preset release
	@cmake --build build/release --target headers
	@tools/check_tidy.sh

format: ## Format every C++ file
	@tools/check_format.sh --fix

fuzz: ## Fuzz for long (SECONDS=600, all targets together)
	@tools/install-packages.sh test
	@cmake --preset asan
	@cmake --build build/asan --target $$(tools/fuzz.sh targets)
	@tools/fuzz.sh run $(SECONDS)

fault: ## Crashes, failing disks and lost power at every call, all kinds of each
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release --target fault_test server_fault_test
	@SOOTH_FAULT=all ctest --test-dir build/release --output-on-failure -V -R '^fault'

agreement: ## Compare with live scikit-learn of every release, LightGBM, Pillow and ONNX Runtime (makes venvs from PyPI)
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release
	@ctest --test-dir build/release --output-on-failure -V -R '^agreement' -E '^agreement_matrix$$'
	@ctest --test-dir build/release -C all-releases --output-on-failure -V -R '^agreement_matrix$$'

properties: ## Random pipelines against live scikit-learn (COUNT=5000, FIRST=0), written to docs/reference
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release --target agreement_probe
	@python3 -B tests/agreement/random_pipelines.py build/release/tests/agreement/agreement_probe \
	  build/release/agreement --first $(FIRST) --count $(COUNT) --write

frameworks: ## Register from real scikit-learn, TensorFlow, Keras and PyTorch (makes venvs from PyPI)
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release --target sooth
	@ctest --test-dir build/release -C frameworks --output-on-failure -V -R '^python_frameworks'

conformance: ## Clients, images, registries, containers and manifests by others' programs
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release --target sooth registry_conformance_test span_sender
	@python3 tests/conformance/run.py build/release $(ARGS)

cluster-test: ## Build and start a Kubernetes of two nodes, and run every test that needs one
	@tools/cluster_test.sh $(ARGS)

bench: ## Measure against Python and write bench/results
	@tools/install-packages.sh test
	@bench/run.sh $(ARGS)
	@[ -n "$(ARGS)" ] || bench/run.sh sklearn

delivery: ## Measure register, build and push, and write bench/results/delivery.md
	@tools/install-packages.sh test
	@bench/run.sh delivery $(ARGS)

server-bench: ## Measure the server beside others, and write bench/results/server.md
	@tools/install-packages.sh bench
	@bench/run.sh server $(ARGS)

image-bench: ## Measure networks of pictures beside Python, and write bench/results/image.md
	@tools/install-packages.sh test
	@bench/run.sh image $(ARGS)

sklearn-bench: ## Measure estimators beside scikit-learn and ONNX Runtime, and write bench/results/sklearn.md
	@tools/install-packages.sh test
	@bench/run.sh sklearn $(ARGS)

wheel: ## Build the Python wheel that carries the program, in build/wheel
	@tools/install-packages.sh test
	@cmake --preset release
	@cmake --build build/release --target sooth_wheel
	@python3 -B tools/make_wheel.py build/release/wheel/bin/sooth build/wheel

clean: ## Remove everything that was built
	@rm -rf build
