from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livetalk.render.plan import plan


@given(pictures=st.integers(0, 300), batch=st.integers(1, 32), first_pose=st.integers(0, 50))
def test_every_picture_is_in_one_batch_in_order_and_all_batches_but_the_last_are_full(
    pictures: int, batch: int, first_pose: int
) -> None:
    batches = [*plan(pictures, batch, first_pose)]
    assert [pose for poses in batches for pose in poses] == [*range(first_pose, first_pose + pictures)]
    assert all(len(poses) == batch for poses in batches[:-1])
    assert all(0 < len(poses) <= batch for poses in batches[-1:])
