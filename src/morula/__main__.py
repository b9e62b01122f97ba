"""`python -m morula` is the `morula` command, where that is not on the path."""

from morula.cli import main

if __name__ == "__main__":
    main()
