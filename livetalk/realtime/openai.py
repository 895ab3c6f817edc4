"""Any server that speaks OpenAI's Realtime API over a WebSocket."""

from __future__ import annotations

from livetalk.errors import SettingsError
from livetalk.protocols import RealtimeOptions, RealtimeSide
from livetalk.realtime.connection import Connection, Outbox
from livetalk.realtime.conversation import Conversation
from livetalk.remote.calls import Calls
from livetalk.remote.openai import keyed_client
from livetalk.remote.toolbox import Toolbox

DEFAULT_MODEL = "gpt-realtime-2.1"


class OpenAIRealtime:
    """A connection for each session. `realtime_options` are further fields of the API's session, as
    `{"audio": {"output": {"speed": 1.1}}}`; they win over what is set otherwise.
    """

    def __init__(self, options: RealtimeOptions) -> None:
        """Make one; it connects with the first session.

        Raises:
            SettingsError: there is a URL, but no model; or two tools have one name.
        """
        if options.url and not options.model:
            raise SettingsError(f"realtime_url is {options.url}: name its model as realtime_model")
        Toolbox(options.tools)  # each conversation has its own
        self._options = options
        self._calls = Calls("realtime-openai")

    def load(self) -> None:
        """Make the client; nothing is sent.

        Raises:
            SettingsError: the URL is none.
            ProviderError: the key is missing.
        """
        options, settings = self._options, ("realtime_url", "LIVETALK_REALTIME_KEY")
        self._client = keyed_client("the speech model", options.url, options.key, settings)
        self._calls.at_end(self._client.close)
        self._calls.start()

    def open(self, side: RealtimeSide) -> Conversation:
        """Begin a session's conversation; it connects by itself."""
        conversation = Conversation(self._calls, self._options, side, self._connection)
        conversation.start()
        return conversation

    def close(self) -> None:
        """Disconnect what is left."""
        self._calls.stop()

    def _connection(self, outbox: Outbox) -> Connection:
        return Connection(self._client, self._options.model or DEFAULT_MODEL, outbox)


__all__ = ["OpenAIRealtime"]
