"""What a page plays: the sound that arrives, by WebRTC's own statistics."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.e2e.house import WAIT_MS

LOUD = 0.01
"""audioLevel of WebRTC's statistics: 0 is silence, 1 full scale"""

KEEP_CONNECTIONS = """
window.connections = [];
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
"""to be run before the page's own scripts"""
STATISTICS = """
async () => {
  const found = {};
  for (const connection of window.connections.filter((each) => each.connectionState === "connected")) {
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "inbound-rtp") found[each.kind] = each;
    }
  }
  return { video: found.video ?? null, audio: found.audio ?? null, at: performance.now() };
}
"""


async def audio_level(page: Any) -> float:
    """How loud it is just now."""
    statistics = await page.evaluate(STATISTICS)
    return float((statistics["audio"] or {}).get("audioLevel", 0.0))


async def until_level(page: Any, loud: bool) -> None:
    """Wait for sound, or for silence."""

    async def reached() -> None:
        while (await audio_level(page) > LOUD) != loud:
            await asyncio.sleep(0.02)

    await asyncio.wait_for(reached(), WAIT_MS / 1000)


__all__ = ["KEEP_CONNECTIONS", "STATISTICS", "audio_level", "until_level"]
