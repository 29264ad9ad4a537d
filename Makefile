# SPDX-License-Identifier: Apache-2.0
# The front door. `make demo` and `make check` each work as the first command on a bare Debian 12, as root.
.PHONY: demo check check-asan check-real real-chain lint bench accuracy sim-accuracy bench-predictor shipped-fit gpu-campaign install packages

demo: build-release
	build/release/slicewise plan examples/six-models.yaml

check: build-release
	@status=0; sh tools/format.sh || status=1; ctest --preset release || status=1; exit $$status

# The same tests under the address and undefined behaviour sanitizers: minutes.
check-asan: build-asan
	ctest --preset asan

# Against real parts, built once and kept in a cache folder; what cannot be had here is skipped, which is said.
check-real: build-release
	@sh tests/real/check_real.sh build/release/slicewise || [ $$? -eq 77 ]

# How well combinations of real engines are predicted that no fit has seen.
real-chain: build-release
	@server=$$(sh tests/real/build_llama_server.sh) && \
	python3 tests/real/chain_real_test.py build/release/slicewise $$server bench/results/real-chain.txt

lint: build-dev
	sh tools/lint.sh build/dev

bench: build-release
	cmake --build --preset release --target run-benchmarks sim-speed bench-predict-speed

sim-accuracy: build-release
	cmake --build --preset release --target sim-accuracy predictor-vs-sim

# The fit that is part of the library, made anew: hours of simulation.
shipped-fit: build-release
	cmake --build --preset release --target shipped-fit

# The fitted predictor on held-out mixes beside others' forms; half an hour of two cores. ARGS=--quick: a fifth of it, kept apart.
bench-predictor: build-release
	cmake --build --preset release --target predictor-bench$(if $(filter --quick,$(ARGS)),-quick)

accuracy: build-release
	cmake --build --preset release --target latency-accuracy step-accuracy

# Measure engines on this machine's GPU: make gpu-campaign OUT=DIR [BUDGET=SECONDS, with the build] [ARGS="--list ..."]
gpu-campaign:
	@test -n "$(OUT)" || { echo "OUT=DIR is missing: where the rows go" >&2; exit 1; }
	@started=$$(date +%s); sh bench/gpu/build_replay.sh && \
	bench/gpu/campaign $(OUT) --budget $(or $(BUDGET),480) --started $$started $(ARGS)

install: build-release
	cmake --install build/release $(if $(PREFIX),--prefix $(PREFIX))

build-%: packages
	@test -f build/$*/build.ninja || cmake --preset $*
	@cmake --build --preset $*

packages:
	@sh tools/packages.sh
