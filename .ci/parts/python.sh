# Python: memory over half a minute, then every test, fast and slow, with the full number of
# examples.
step "memory over half a minute"
python tests/soak/endurance.py --seconds 30
step "Python tests, fast and slow"
EDGEBIN_EXAMPLES=20 pytest -q -m "" --durations=10
