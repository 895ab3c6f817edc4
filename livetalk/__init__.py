"""A real-time talking avatar: text or sound in, a face that speaks out."""

import os

__version__ = "0.1.0"

# onnxruntime reports its use to its makers, from 1.29 on also on Linux, unless it is told before it begins;
# what is made here is nobody else's business
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
