"""Runs the reporter's grouping on labelled questions, with the reporter's Python. Its commands:

- `measure FOLDER`: groups the held-back half of each language by itself, as a site's first questions, and prints the
  score of topics and of wordings, and how long grouping all of them at once took;
- `means FOLDER FILE`: writes the means that the reporter centres on (`reporter/topics/vectors.py`) from the other half;
- `directions FOLDER FILE`: writes the directions that it damps, from the other half, the same in all languages.

A file holds one language. A block of lines is one meaning in several wordings; every second block is held back.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import fmean
from typing import Any

from reporter.topics.encoder import sentence_encoder
from reporter.topics.sorting import sort_questions
from reporter.topics.text import tidied

np: Any = import_module("numpy")  # of the reporter's environment, which mypy does not see here

_DIRECTIONS = 32

Labelled = list[tuple[str, int]]


def main() -> None:
    """Take the command from the command line and print its result as JSON."""
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., Any]] = {"measure": measure, "means": write_means, "directions": write_directions}
    print(json.dumps(commands[command](*map(Path, arguments))))


def measure(folder: Path) -> dict[str, Any]:
    """Return precision, recall and the share alone, each the mean over the languages; and seconds for all at once."""
    encoder = sentence_encoder()
    if encoder is None:
        sys.exit("the sentence encoder cannot be loaded")
    languages = {path.stem: _half(path, held_back=True) for path in sorted(folder.glob("*.txt"))}
    topics, wordings = [], []
    for labelled in languages.values():
        places = sort_questions([(question, 1) for question, _ in labelled], encoder).places
        labels = [label for _, label in labelled]
        topics.append(score([topic for topic, _ in places], labels))
        wordings.append(score([wording for _, wording in places], labels))
    every = [(question, 1) for labelled in languages.values() for question, _ in labelled]
    begun = time.perf_counter()
    sort_questions(every, encoder)
    return {
        "topics": _mean(topics),
        "wordings": _mean(wordings),
        "seconds": time.perf_counter() - begun,
        "questions": len(every),
        "languages": len(languages),
    }


def write_means(folder: Path, file: Path) -> dict[str, int]:
    """Write the means of questions in languages that the encoder knows, and in languages that it does not."""
    means = [_mean_vector(folder.glob("*.txt")), _mean_vector((folder / "foreign").glob("*.txt"))]
    np.save(file, np.stack(means).astype(np.float32))
    return {"bytes": file.stat().st_size}


def write_directions(folder: Path, file: Path) -> dict[str, int]:
    """Write the directions in which wordings of one meaning differ most, each as long as it is damped.

    A direction with the variance v is damped to sqrt(a / (v + a)), where a is half the mean variance, relative to
    those that are not kept.
    """
    labelled = [pair for path in sorted(folder.glob("*.txt")) for pair in _half(path, held_back=False)]
    encoder = sentence_encoder()
    if encoder is None:
        sys.exit("the sentence encoder cannot be loaded")
    vectors = encoder.encode([tidied(question) for question, _ in labelled]).astype(np.float64)
    labels = np.array([label for _, label in labelled])
    within = np.mean([np.cov(vectors[labels == label].T) for label in sorted(set(labels.tolist()))], axis=0)
    variances, directions = np.linalg.eigh(within)
    floor = variances.mean() / 2
    damping = np.sqrt(floor / (variances[::-1] + floor))
    others = damping[_DIRECTIONS:].mean()
    kept = np.sqrt(1 - damping[:_DIRECTIONS] / others)[:, None] * directions.T[::-1][:_DIRECTIONS]
    np.save(file, kept.astype(np.float16))
    return {"bytes": file.stat().st_size}


def score(groups: Sequence[str], labels: Sequence[int]) -> tuple[float, float, float]:
    """Return pairwise precision and recall, and the share of questions that are alone in their group."""
    right, together, alike = (
        sum(times * (times - 1) // 2 for times in counts.values())
        for counts in (Counter(zip(groups, labels, strict=True)), Counter(groups), Counter(labels))
    )
    sizes = Counter(groups)
    alone = sum(sizes[group] == 1 for group in groups) / len(groups)
    return right / together if together else 1.0, right / alike, alone


def _mean(scores: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    return dict(zip(("precision", "recall", "alone"), map(fmean, zip(*scores, strict=True)), strict=True))


def _mean_vector(paths: Iterable[Path]) -> Any:
    encoder = sentence_encoder()
    if encoder is None:
        sys.exit("the sentence encoder cannot be loaded")
    halves = [_half(path, held_back=False) for path in sorted(paths)]
    return np.mean(
        [encoder.encode([tidied(question) for question, _ in half]).mean(axis=0) for half in halves if half], axis=0
    )


def _half(path: Path, *, held_back: bool) -> Labelled:
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    chosen = [(label, block) for label, block in enumerate(blocks) if (label % 2 == 1) is held_back]
    return [(question, label) for label, block in chosen for question in block.split("\n")]


if __name__ == "__main__":
    main()
