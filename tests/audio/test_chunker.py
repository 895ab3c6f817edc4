import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.audio.chunker import Chunker
from livetalk.types import CHUNK_SAMPLES


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_no_sample_is_lost_or_moved_however_the_stream_is_cut(sizes: list[int]) -> None:
    pcm = np.arange(1, sum(sizes) + 1).astype(np.int16)
    chunker = Chunker()
    chunks = [chunk for piece in np.split(pcm, np.cumsum(sizes)[:-1]) for chunk in chunker.push(piece)]
    assert len(chunks) == len(pcm) // CHUNK_SAMPLES, "no whole chunk waits"
    chunks += chunker.flush()
    assert all(chunk.shape == (CHUNK_SAMPLES,) and chunk.dtype == np.int16 for chunk in chunks)
    stream = np.concatenate([*chunks, np.zeros(0, np.int16)])
    np.testing.assert_array_equal(stream[: len(pcm)], pcm)
    assert not stream[len(pcm) :].any()
    assert len(stream) - len(pcm) < CHUNK_SAMPLES


def test_a_chunk_comes_as_soon_as_it_is_whole() -> None:
    chunker = Chunker()
    assert list(chunker.push(np.ones(CHUNK_SAMPLES - 1, np.int16))) == []
    assert len(list(chunker.push(np.ones(1, np.int16)))) == 1


def test_chunks_are_read_only_and_keep_their_samples_when_the_source_changes() -> None:
    source = np.ones(CHUNK_SAMPLES, np.int16)
    (chunk,) = Chunker().push(source)
    source[:] = 7
    assert (chunk == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        chunk[0] = 2


def test_a_flush_with_nothing_left_gives_nothing() -> None:
    chunker = Chunker()
    list(chunker.push(np.ones(CHUNK_SAMPLES, np.int16)))
    assert list(chunker.flush()) == []
