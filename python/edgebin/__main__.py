"""`python -m edgebin`: the same as the command `edgebin`."""

from edgebin.cli.start import main

if __name__ == "__main__":
    main()
