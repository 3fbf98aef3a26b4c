"""`python -m policies`: evaluates what `python checks.py plan` has left in build/plans."""

import sys
from pathlib import Path

from policies.cases import CASES
from policies.evaluation import problems, read

PLANS = Path(__file__).parents[1] / "build" / "plans"


def main() -> int:
    """Evaluate, and say what is wrong."""
    plans = read(PLANS)
    found = list(problems(plans, CASES))
    for problem in found:
        print(problem)
    print(f"{len(plans.policies)} policies and {len(CASES)} requests evaluated, {len(found)} of them wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
