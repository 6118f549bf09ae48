# The source distribution, from which the package of all parts was installed; and a wheel of it on a
# machine that has nothing else.
step "the source distribution"
bytes=$(stat -c %s "$work"/sdist/edgebin-*.tar.gz)
echo "$bytes bytes, expected less than 5000000"
((bytes < 5000000))

step "the wheel on a bare machine"
pip wheel --quiet --no-deps --config-settings build-dir="$work/package" \
  --wheel-dir "$work/wheel" "$work/sources"
python wheels/hardening.py "$work"/wheel/edgebin-*.whl
python3 -m venv "$work/bare"
"$work/bare/bin/pip" install --quiet "$work"/wheel/edgebin-*.whl
EDGEBIN_BARE_PYTHON="$work/bare/bin/python" pytest -q -n 0 -m "" tests/bare
