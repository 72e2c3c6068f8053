"""`python -m lakebox` is the `lakebox` command."""

from lakebox.cli import main

if __name__ == "__main__":
    main()
