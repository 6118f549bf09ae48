# Python: memory over a quarter of a minute, then every test, fast and slow.
step "memory over a quarter of a minute"
python tests/soak/endurance.py --seconds 15
step "Python tests, fast and slow"
pytest -q -m "" --durations=10
