from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import HIDDEN
from livetalk.creation.bench import bench_in
from livetalk.creation.job import Job, Wanted
from livetalk.creation.jobs import MOST_WAITING, Jobs
from livetalk.creation.making import NewAction, Places
from livetalk.creation.progress import progress
from livetalk.errors import Conflict, NotFound, TooManyRequests
from tests.clips import Colours, grey, mira, write_clip, write_photo

LIMIT_S = 60


class Workplace:
    """Jobs, what they told, and a way to wait for it."""

    def __init__(self, jobs: Jobs, avatars: Path) -> None:
        self.jobs = jobs
        self.avatars = avatars
        self.told: list[Job] = []
        self._changed = threading.Condition()
        jobs.listen(self._hear)

    def submit(
        self, avatar_id: str, frames: list[Colours], recipe: Recipe | None = None, action: str = ""
    ) -> Job:
        """Have an avatar, or an action of it, made of a clip, or of one photo."""
        with ExitStack() as room:
            bench = room.enter_context(bench_in(self.avatars))
            if len(frames) == 1:
                source = write_photo(bench / "photo.png", frames[0])
            else:
                source = write_clip(bench / "clip.mp4", frames)
            added = NewAction(action, sound=False) if action else None
            return self.jobs.submit(Wanted(avatar_id, recipe or Recipe(), added), source, bench, room)

    def until(self, job: Job, wanted: Callable[[Job], bool]) -> Job:
        """Wait for a job to be as wanted."""
        with self._changed:
            assert self._changed.wait_for(lambda: wanted(self.jobs.find(job.id)), LIMIT_S)
        return self.jobs.find(job.id)

    def over(self, job: Job) -> Job:
        """Wait for its end."""
        return self.until(job, lambda job: job.over)

    def _hear(self, job: Job) -> None:
        with self._changed:
            self.told.append(job)
            self._changed.notify_all()


@pytest.fixture
def place(tmp_path: Path, face_models: Path) -> Iterator[Workplace]:
    avatars = tmp_path / "avatars"
    jobs = Jobs(Places(avatars, face_models, "cpu"))
    jobs.start()
    try:
        yield Workplace(jobs, avatars)
    finally:
        jobs.stop()
    assert not list(avatars.glob(f"{HIDDEN}*")), "something was left of a job"


def test_a_job_is_followed_to_its_end(place: Workplace) -> None:
    job = place.submit("anna", list(mira(20)))
    assert place.over(job).state == "done"
    assert (place.avatars / "anna" / "avatar.json").is_file()
    told = [each for each in place.told if each.id == job.id]
    far = [progress(each) for each in told]
    assert far == sorted(far)
    assert (far[0], far[-1]) == (0, 1)
    assert len(far) > 10


@pytest.mark.parametrize("frames", [1, 20])
def test_progress_goes_forward_while_somebody_is_cut_out(place: Workplace, frames: int) -> None:
    recipe = Recipe(cut_out="person", seconds=1)
    assert place.over(place.submit("anna", list(mira(frames)), recipe)).state == "done"
    assert place.over(place.submit("anna", list(mira(20)), recipe, "nod")).state == "done"
    for action in ("", "nod"):
        told = [each for each in place.told if each.action == action]
        far = [progress(each) for each in told]
        assert far == sorted(far)
        cutting = [progress(each) for each in told if each.step == "cut"]
        assert len(cutting) == 1 or cutting[-1] - cutting[0] > 0.2, "a photo is one picture"


def test_a_job_that_fails_says_why(place: Workplace) -> None:
    over = place.over(place.submit("anna", [grey(80)]))
    assert over.state == "failed"
    assert "no face was found" in over.error
    assert over.ended is not None


def test_a_doubt_is_told_with_its_picture(place: Workplace) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = two[:, 512:] = mira(1)[0]
    over = place.over(place.submit("anna", [two]))
    assert over.state == "done"
    assert [each.kind for each in over.noted] == ["several"]
    assert over.noted[0].picture.startswith(b"\xff\xd8\xff")


def test_jobs_are_done_one_after_the_other(place: Workplace) -> None:
    jobs = [place.submit(name, [mira(1)[0]]) for name in ("anna", "bob", "eve")]
    for job in jobs:
        place.over(job)
    order = [job.avatar_id for job in place.told if job.over]
    assert order == ["anna", "bob", "eve"]


def test_a_job_that_runs_can_be_cancelled(place: Workplace) -> None:
    job = place.submit("anna", [*mira(25)] * 8)
    place.until(job, lambda job: job.step == "find")
    place.jobs.cancel(job.id)
    assert place.over(job).state == "cancelled"
    assert not (place.avatars / "anna").exists()


def test_a_job_that_waits_can_be_cancelled(place: Workplace) -> None:
    first = place.submit("anna", [*mira(25)] * 4)
    second = place.submit("bob", [mira(1)[0]])
    assert place.jobs.cancel(second.id).state == "cancelled"
    assert place.over(first).state == "done"
    assert not (place.avatars / "bob").exists()


def test_a_job_that_is_over_stays_as_it_is(place: Workplace) -> None:
    job = place.over(place.submit("anna", [mira(1)[0]]))
    assert place.jobs.cancel(job.id) == job


def test_a_name_that_is_being_made_is_taken(place: Workplace) -> None:
    first = place.submit("anna", [*mira(25)] * 4)
    with pytest.raises(Conflict, match="being made"):
        place.submit("anna", [mira(1)[0]])
    assert not place.jobs.is_free("anna")
    place.jobs.cancel(first.id)
    place.over(first)
    assert place.jobs.is_free("anna")


def test_more_than_a_few_jobs_do_not_wait(place: Workplace) -> None:
    first = place.submit("first", [*mira(25)] * 8)
    rest = [place.submit(f"next-{number}", [mira(1)[0]]) for number in range(MOST_WAITING)]
    with pytest.raises(TooManyRequests, match="try again when one is done"):
        place.submit("more", [mira(1)[0]])
    for job in (first, *rest):
        place.jobs.cancel(job.id)


def test_a_job_that_nobody_gave_is_not_found(place: Workplace) -> None:
    with pytest.raises(NotFound):
        place.jobs.find("0" * 32)
    with pytest.raises(NotFound):
        place.jobs.cancel("0" * 32)


def test_the_latest_job_is_listed_first(place: Workplace) -> None:
    jobs = [place.over(place.submit(name, [mira(1)[0]])) for name in ("anna", "bob")]
    assert [job.id for job in place.jobs.all()] == [jobs[1].id, jobs[0].id]


def test_a_server_that_stops_ends_its_jobs(tmp_path: Path, face_models: Path) -> None:
    jobs = Jobs(Places(tmp_path / "avatars", face_models, "cpu"))
    jobs.start()
    place = Workplace(jobs, tmp_path / "avatars")
    running, waiting = place.submit("anna", [*mira(25)] * 8), place.submit("bob", [mira(1)[0]])
    place.until(running, lambda job: job.step == "find")
    jobs.stop()
    assert [jobs.find(job.id).state for job in (running, waiting)] == ["cancelled", "cancelled"]
    assert not list((tmp_path / "avatars").iterdir())


def test_a_fault_of_ours_fails_one_job_and_not_those_behind_it(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Path:
        raise RuntimeError("a fault in /srv/avatars")

    with monkeypatch.context() as patched:
        patched.setattr("livetalk.creation.jobs.make", broken)
        over = place.over(place.submit("anna", [mira(1)[0]]))
    assert (over.state, "/srv" in over.error, "log" in over.error) == ("failed", False, True)
    assert place.over(place.submit("anna", [mira(1)[0]])).state == "done"
