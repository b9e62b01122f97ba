# `make test` and `make demo` need Python 3.11 or later and nothing else: they set up .venv themselves.

.PHONY: test demo
ready := .venv/ready

test: $(ready)
	.venv/bin/pytest

demo: $(ready)
	rm -rf demo
	.venv/bin/morula demo --out demo

# Made once, and again when a requirement changes.
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
	touch $(ready)
