"""Which weights there are: their places below the models' folder, where each comes from, how it is known.

Only what drawing a mouth needs, and what understands speech; sizes and sums are of the revisions named here.
"""

from __future__ import annotations

from collections.abc import Mapping

from livetalk.errors import ModelError
from livetalk.models.face_finders import FACE
from livetalk.models.recognisers import RECOGNISERS
from livetalk.models.sets import File, ModelSet, Need, Source

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "sd-vae": ("sd-vae-ft-mse",),
    "whisper": ("whisper-tiny",),
}
"""folders by the names that they have elsewhere"""

_MUSETALK = ("TMElyralab/MuseTalk", "3ef28bc5cff08c90ad8178a25f1b570cd800170f")
_VAE = ("stabilityai/sd-vae-ft-mse", "31f26fdeee1355a5c34592e401dd41e45d25a493")
_WHISPER = ("openai/whisper-tiny", "169d4a4341b33bc18d8881c4b69c2e104e1cc0af")
_TAESD = ("madebyollin/taesd", "614f76814bbe30edbe2e627ace1c2234c81a2c0e")

_SHARED = (
    Need(
        (
            File(
                "sd-vae/config.json",
                Source(*_VAE, "config.json"),
                547,
                "92d3dfb746fca211a2c9e019e285f8597412211728dce3c5bcf4eda0f2d62e7e",
            ),
        )
    ),
    Need(
        (
            File(
                "sd-vae/diffusion_pytorch_model.safetensors",
                Source(*_VAE, "diffusion_pytorch_model.safetensors"),
                334_643_276,
                "a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815",
            ),
            File(
                "sd-vae/diffusion_pytorch_model.bin",
                Source(*_VAE, "diffusion_pytorch_model.bin"),
                334_707_217,
                "1b4889b6b1d4ce7ae320a02dedaeff1780ad77d415ea0d744b476155c6377ddc",
            ),
            File("sd-vae/decoder.safetensors"),
        )
    ),
    Need(
        (
            File("whisper/encoder.safetensors"),
            File(
                "whisper/model.safetensors",
                Source(*_WHISPER, "model.safetensors"),
                151_061_672,
                "7ebd0e69e78190ffe1438491fa05cc1f5c1aa3a4c4db3bc1723adbb551ea2395",
            ),
            File(
                "whisper/pytorch_model.bin",
                Source(*_WHISPER, "pytorch_model.bin"),
                151_095_027,
                "9607f98a2b22d9e229ae43c52ecea79dcede9e0c5cfae67e8da6eda86d8aac1d",
            ),
        )
    ),
)

_V15 = ModelSet(
    "musetalk",
    "MuseTalk 1.5",
    (
        Need(
            (
                File(
                    "musetalkV15/musetalk.json",
                    Source(*_MUSETALK, "musetalkV15/musetalk.json"),
                    748,
                    "5b6923aee04d71692e0e9846c471e0a4ea07a4f686d39545e472bd4ba17e1b47",
                ),
            )
        ),
        Need(
            (
                File("musetalkV15/unet.safetensors"),
                File(
                    "musetalkV15/unet.pth",
                    Source(*_MUSETALK, "musetalkV15/unet.pth"),
                    3_400_074_924,
                    "7ebf6c98c181e20838e4c0054e96e944ac60d5d692cc01db42839fe11b787007",
                ),
                File("musetalkV15/unet.bin"),
            )
        ),
    ),
    _SHARED,
)

_V10 = ModelSet(
    "musetalk-v10",
    "MuseTalk 1.0",
    (
        Need((File("musetalk/musetalk.json", Source(*_MUSETALK, "musetalk/musetalk.json"), 748),)),
        Need(
            (
                File("musetalk/pytorch_model.safetensors"),
                File("musetalk/pytorch_model.pth"),
                File(
                    "musetalk/pytorch_model.bin",
                    Source(*_MUSETALK, "musetalk/pytorch_model.bin"),
                    3_400_076_549,
                ),
            )
        ),
    ),
    _SHARED,
)

_TINY = ModelSet(
    "taesd",
    "TAESD, a small decoder for MuseTalk",
    (
        Need(
            (
                File(
                    "taesd/config.json",
                    Source(*_TAESD, "config.json"),
                    597,
                    "3ebefd1aa96ac474cc6430fe6ea81febccf7ee82461715691ee9315c884adeef",
                ),
            )
        ),
        Need(
            (
                File(
                    "taesd/diffusion_pytorch_model.safetensors",
                    Source(*_TAESD, "diffusion_pytorch_model.safetensors"),
                    9_793_292,
                    "db169d69145ec4ff064e49d99c95fa05d3eb04ee453de35824a6d0f325513549",
                ),
            )
        ),
    ),
    (),
)

SETS: dict[str, ModelSet] = {each.name: each for each in (_V15, _V10, _TINY, FACE, *RECOGNISERS)}
"""by name; the first is what is meant when none is named"""


def model_set(name: str) -> ModelSet:
    """The set of that name.

    Raises:
        ModelError: there is none; lists those there are.
    """
    if name not in SETS:
        raise ModelError(f"unknown models {name!r}; there are: {', '.join(SETS)}")
    return SETS[name]


__all__ = ["OTHER_NAMES", "SETS", "File", "ModelSet", "Need", "Source", "model_set"]
