"""How far an avatar is, all steps together: by how long each of them usually takes."""

from __future__ import annotations

from livetalk.creation.job import Job
from livetalk.creation.watch import STEPS, Step

WEIGHTS: dict[Step, float] = {
    "fetch": 0,
    "convert": 3,
    "find": 4,
    "cut": 6,
    "animate": 2,
    "steady": 0.2,
    "loop": 0.2,
    "encode": 3,
    "prepare": 1,
}
"""measured on a CPU, of clips; a photo's body is made in animate, and a GPU's latents take longer"""


def progress(job: Job) -> float:
    """0 to 1; 1 only for what is done."""
    if job.state == "done" or job.step is None:
        return float(job.state == "done")
    weights = WEIGHTS if job.cuts else {**WEIGHTS, "cut": 0}
    before = sum(weights[step] for step in STEPS[: STEPS.index(job.step)])
    return (before + job.share * weights[job.step]) / sum(weights.values())


__all__ = ["progress"]
