"""What the networks make of it."""

from __future__ import annotations

import cv2
import torch

from bench.goldens.reading import Finding, Goldens, near, of_pictures
from livetalk.engines.musetalk import networks
from livetalk.engines.musetalk.boxes import FACE_PX

LATENTS = 2e-3
"""what the manifest allows"""


@torch.inference_mode()
def check_vae(goldens: Goldens, name: str) -> list[Finding]:
    """A crop to latents and back."""
    arrays = goldens.read(name)
    size = (FACE_PX, FACE_PX)
    resized = cv2.resize(arrays["crop_bgr"], size, interpolation=cv2.INTER_LANCZOS4)
    picture = torch.from_numpy(resized[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
    latents = networks.encode_face(goldens.vae, picture)
    found = [
        near("resized", resized, arrays["resized_bgr"], 1),
        near("latents", latents.numpy(), arrays["latents_mode"], LATENTS),
        near("latents, sampled", latents.numpy(), arrays["latents_sample"], 2 * LATENTS),
    ]
    if "roundtrip_bgr" in arrays:
        found += of_pictures(
            "decoded", networks.decode_face(goldens.vae, latents[:, 4:])[0], arrays["roundtrip_bgr"], 2
        )
    return found


@torch.inference_mode()
def check_unet(goldens: Goldens, name: str) -> list[Finding]:
    """Latents and tokens to latents and faces."""
    arrays = goldens.read(name)
    tokens = torch.from_numpy(arrays["audio_raw"])
    unet = goldens.unet("v10" if name.startswith("unet_v10") else "v15")
    latents = networks.predict(
        unet, torch.from_numpy(arrays["latents_in"]), tokens + networks.positions(tokens.shape[-1])
    )
    faces = networks.decode_face(goldens.vae, latents).numpy()
    found = [near("latents", latents.numpy(), arrays["latents_out"], LATENTS)]
    found += of_pictures("face", faces[0], arrays["frame0_bgr"], 3)
    means = faces.reshape(len(faces), -1, 3).mean(axis=1)
    return [*found, near("means", means, arrays["frames_mean"], 0.1)]
