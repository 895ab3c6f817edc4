"""What every stream and file says of itself: that it is synthetic."""

from __future__ import annotations

import uuid

import livetalk

NOTE = (
    f"Synthetic media: livetalk {livetalk.__version__} made these pictures and moved the lips to this sound."
)
"""the comment of a container"""
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's digital source type of pictures whose parts a trained model made"""
_XMP_BOX = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
"""XMP specification, part 3, storage in MPEG-4 files"""
_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{NOTE}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_box() -> bytes:
    """A box at the end of an MP4 that says it in XMP."""
    body = b"uuid" + _XMP_BOX.bytes + _XMP.encode()
    return (len(body) + 4).to_bytes(4, "big") + body


__all__ = ["NOTE", "SOURCE_TYPE", "xmp_box"]
