"""What finds faces and people: networks of MediaPipe (Apache 2.0), out of its wheel on the package index."""

from __future__ import annotations

from livetalk.models.sets import File, ModelSet, Need, Packed, Wheel

_WHEEL = Wheel(
    "mediapipe",
    "0.10.14",
    "a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4",
    "manylinux_2_17_x86_64",
    "311",
)


def _need(folder: str, name: str, size: int, sha256: str) -> Need:
    member = f"mediapipe/modules/{folder}/{name}"
    return Need((File(f"face/{name}", Packed(_WHEEL, member), size, sha256),))


FACE = ModelSet(
    "face",
    "MediaPipe's face detection, face mesh and selfie segmentation",
    (
        _need(
            "face_detection",
            "face_detection_full_range_sparse.tflite",
            676_746,
            "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        ),
        _need(
            "face_landmark",
            "face_landmark.tflite",
            1_242_398,
            "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        ),
        _need(
            "selfie_segmentation",
            "selfie_segmentation.tflite",
            249_505,
            "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        ),
    ),
    (),
)

__all__ = ["FACE"]
