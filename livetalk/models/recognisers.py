"""Whisper networks for recognising speech, as converted to CTranslate2's format for faster-whisper.

Each is a folder below `whisper/`, and whole files of one's own conversion serve as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from livetalk.models.sets import File, ModelSet, Need, Source

_PUBLISHED = {
    "tiny": ("Systran/faster-whisper-tiny", "d90ca5fe260221311c53c58e660288d3deb8d356"),
    "base": ("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
    "small": ("Systran/faster-whisper-small", "536b0662742c02347bc0e980a01041f333bce120"),
    "medium": ("Systran/faster-whisper-medium", "08e178d48790749d25932bbc082711ddcfdfbc4f"),
    "large-v3": ("Systran/faster-whisper-large-v3", "edaa852ec7e145841d8ffdb056a99866b5f0a478"),
    "large-v3-turbo": (
        "dropbox-dash/faster-whisper-large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
    ),
}
"""model -> repository and revision"""

_Files = Mapping[str, tuple[int, str]]
"""name -> bytes, SHA-256"""

_WORDS: _Files = {
    "tokenizer.json": (2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    "vocabulary.txt": (459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
}
_WORDS_V3: _Files = {
    "preprocessor_config.json": (340, "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711"),
    "tokenizer.json": (2_480_617, "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"),
    "vocabulary.json": (1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"),
}

_FILES: Mapping[str, _Files] = {
    "tiny": {
        "config.json": (2_249, "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8"),
        "model.bin": (75_538_270, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
        **_WORDS,
    },
    "base": {
        "config.json": (2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        "model.bin": (145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
        **_WORDS,
    },
    "small": {
        "config.json": (2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
        "model.bin": (483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
        **_WORDS,
    },
    "medium": {
        "config.json": (2_257, "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807"),
        "model.bin": (1_527_906_378, "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"),
        **_WORDS,
    },
    "large-v3": {
        "config.json": (2_394, "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9"),
        "model.bin": (3_087_284_237, "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1"),
        **_WORDS_V3,
    },
    "large-v3-turbo": {
        "config.json": (2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
        "model.bin": (1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
        **_WORDS_V3,
        "tokenizer.json": (2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"),
    },
}
"""model -> its files, at the revision above"""

OTHER_FORM = {"vocabulary.txt": "vocabulary.json", "vocabulary.json": "vocabulary.txt"}
"""newer converters write the one where older ones wrote the other; both are read"""


def _need(model: str, name: str, size: int, sha256: str) -> Need:
    file = File(f"whisper/{model}/{name}", Source(*_PUBLISHED[model], name), size, sha256)
    if name not in OTHER_FORM:
        return Need((file,))
    return Need((file, File(f"whisper/{model}/{OTHER_FORM[name]}")))


RECOGNISERS = tuple(
    ModelSet(
        f"whisper-{model}",
        f"Whisper {model}, for recognising speech",
        tuple(_need(model, name, size, sha256) for name, (size, sha256) in files.items()),
        (),
    )
    for model, files in _FILES.items()
)

__all__ = ["RECOGNISERS"]
