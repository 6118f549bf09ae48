# The source distribution, and a wheel that is built from it alone, on a machine that has nothing else.
step "the source distribution"
python -c 'import sys; from scikit_build_core.build import build_sdist as build; build(sys.argv[1])' \
  "$work/sdist" >"$work/log" || {
  cat "$work/log"
  exit 1
}
bytes=$(stat -c %s "$work"/sdist/edgebin-*.tar.gz)
echo "$bytes bytes, expected less than 5000000"
((bytes < 5000000))
mkdir "$work/unpacked"
tar -xzf "$work"/sdist/edgebin-*.tar.gz -C "$work/unpacked" --strip-components 1

step "the wheel on a bare machine"
CCACHE_BASEDIR="$work/unpacked" pip wheel --quiet --no-deps --wheel-dir "$work/wheel" "$work/unpacked"
python wheels/hardening.py "$work"/wheel/edgebin-*.whl
python3 -m venv "$work/bare"
"$work/bare/bin/pip" install --quiet "$work"/wheel/edgebin-*.whl
EDGEBIN_BARE_PYTHON="$work/bare/bin/python" pytest -q -n 0 -m "" tests/bare
