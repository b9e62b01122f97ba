# Each needs Python 3.11 or later and nothing else: they set up .venv themselves.

.PHONY: test quick older demo site wheel bench campaign campaign-fails pretrained
ready := .venv/ready
older_only := ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2
measured := .venv/bin/pytest -c benchmarks/speed/pytest.ini --benchmark-json
each_core := -n logical --dist loadfile --no-loadscope-reorder

test: $(ready)
	.venv/bin/pytest $(each_core)

quick: $(ready)
	.venv/bin/pytest $(each_core) -m 'not slow'

# What computes, as it does on a processor that has nothing newer than AVX2.
older: $(ready)
	$(older_only) .venv/bin/pytest $(each_core) tests/networks tests/models tests/segmenting tests/judging tests/learning

demo: $(ready)
	rm -rf demo
	.venv/bin/morula demo --out demo

# The pages of docs as a site, in build/site/index.html. Its stories train anew: six minutes of one core.
site: $(ready)
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[site]'
	.venv/bin/python -m sphinx --fail-on-warning --keep-going --nitpicky docs build/site

# What people get who install Morula: the wheel in build/wheel, used in an environment that has nothing else. `cd build`,
# so that it is not this folder that is used. The demo is the one of `morula demo`, with six seconds to learn.
wheel: $(ready)
	rm -rf build
	.venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .
	.venv/bin/python -m venv build/empty
	build/empty/bin/python -m pip install --quiet --no-compile --constraint constraints.txt build/wheel/morula-*.whl
	cd build && empty/bin/morula --version && empty/bin/python -m morula --help >/dev/null
	cd build && empty/bin/morula info gastruloid >/dev/null
	cd build && empty/bin/python -c 'import morula; print(morula.demo("demo", minutes=0.1).scores.foreground_iou)'
	rm -rf build/empty build/demo

# About forty minutes, on a machine that does nothing else: first with all that its processor has, then with AVX2 alone,
# which changes nothing about memory.
bench: $(ready)
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'
	$(measured) docs/benchmarks.json benchmarks/speed
	$(older_only) $(measured) docs/benchmarks-avx2.json -k 'not peak' benchmarks/speed
	.venv/bin/python benchmarks/speed/page.py docs/benchmarks.json docs/benchmarks-avx2.json docs/benchmarks.md

# An hour or two: what docs/promises.md promises is attacked, and docs/reliability.md written. It needs Linux and strace.
campaign: $(ready)
	OMP_NUM_THREADS=1 .venv/bin/python -m campaign

# Whether it fails, as it must, where a safeguard is taken out.
campaign-fails: $(ready)
	OMP_NUM_THREADS=1 .venv/bin/python -m campaign.weakened

# The model that comes with Morula and what trainings begin with, from nothing: about three hours on two cores. Begun again,
# it goes on.
pretrained: $(ready)
	.venv/bin/python pretraining/start.py
	.venv/bin/python pretraining/gastruloid.py

# Made once, and again when a requirement changes. bioimageio.core asks for a bioimageio.spec that fails with pydantic 2.14,
# and computes with a newer one; without it, a test of packages is skipped.
$(ready): pyproject.toml constraints.txt
	@set -e; \
	for python in python3.13 python3.12 python3.11 python3 python; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Morula needs Python 3.11 or later, and none was found. Install one from your system or python.org." >&2; exit 1; \
	fi; \
	if ! $$found -m venv .venv; then \
	    echo "$$found cannot make .venv. On Debian and Ubuntu, install the package python3-venv first." >&2; exit 1; \
	fi; \
	echo "Setting up .venv: a few minutes the first time."; \
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'; \
	.venv/bin/python -m pip install --quiet --no-deps --constraint constraints.txt bioimageio.core; \
	touch $(ready)
