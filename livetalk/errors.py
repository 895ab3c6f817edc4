"""Everything that livetalk raises on purpose.

LivetalkError
 ├─ SettingsError            a setting is unknown or out of range
 ├─ PluginError              a plugin is unknown, or its package is missing
 ├─ ModelError               weights are missing, truncated or foreign
 ├─ AvatarError              an avatar bundle is missing or damaged
 │   └─ UnfitAvatar          it is whole, but not made for the engine that is loaded
 ├─ Cancelled                what was being made is not wanted any more
 ├─ ProviderError            a voice, language model or recogniser failed
 ├─ ToolError                a language model's tool could not do what it was asked
 ├─ EngineError              an engine gave what it must not
 ├─ EncoderError             a video encoder cannot be opened, or failed
 ├─ OutputError              an output cannot start: a package, a device or a server is missing
 ├─ RenderError              a recording cannot be read, or a clip not written
 ├─ MarkError                a file in which a watermark is looked for cannot be read
 ├─ StageError               a stage could not be stopped in time, or was stopped already
 └─ RequestError             a caller asked for something we refuse; carries an HTTP status
     ├─ InvalidRequest       400  malformed, or not what the route takes
     ├─ Unauthorized         401  no token, or a wrong one
     ├─ Forbidden            403  foreign Host or Origin
     ├─ NotFound             404  no such session, avatar, recording or job
     ├─ TooSlow              408  an upload hardly comes
     ├─ Conflict             409  not as things are now
     ├─ PreconditionFailed   412  an If-Match of something that is over
     ├─ TooLarge             413  too many bytes, seconds or characters
     ├─ UnsupportedMedia     415  not a content type or a sound that we read
     ├─ Unprocessable        422  understood, and not offered here
     ├─ PreconditionRequired 428  no If-Match where one is needed
     ├─ TooManyRequests      429  the session's queue is full
     ├─ Unavailable          503  no free session, or nothing configured to do it
     ├─ TimedOut             504  not done within the time that a caller waits
     └─ OutOfRoom            507  no more can be kept on disk
"""

from __future__ import annotations


class LivetalkError(Exception):
    """Base of all errors of this package; the message says what to do."""


class SettingsError(LivetalkError):
    """A setting is unknown or out of range."""


class PluginError(LivetalkError):
    """A plugin is unknown, or the package it needs is not installed."""


class ModelError(LivetalkError):
    """Weights are missing, truncated or of another kind."""


class AvatarError(LivetalkError):
    """An avatar bundle is missing or damaged."""


class UnfitAvatar(AvatarError):
    """An avatar that the engine cannot show; the message holds no path."""


class Cancelled(LivetalkError):
    """It was stopped by who had asked for it."""


class ProviderError(LivetalkError):
    """A voice, language model or recogniser failed."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
        """whether the same call may work a moment later"""


class ToolError(LivetalkError):
    """A tool could not do what a language model asked for; the model is told so."""


class EngineError(LivetalkError):
    """An engine did not answer as its protocol demands."""


class EncoderError(LivetalkError):
    """A video encoder cannot be opened, or failed on a picture."""


class OutputError(LivetalkError):
    """An output cannot start, or cannot go on; the message says what it needs."""


class RenderError(LivetalkError):
    """A recording cannot be read, or what becomes of it cannot be written."""


class MarkError(LivetalkError):
    """A file in which a watermark is to be looked for cannot be read."""


class StageError(LivetalkError):
    """A stage did not end when it was told to, or was stopped already."""


class RequestError(LivetalkError):
    """A caller asked for something that is refused."""

    status = 400
    retry_after_s: int | None = None


class InvalidRequest(RequestError):
    """Malformed, or not what the route takes."""


class Unauthorized(RequestError):
    """No bearer token, or a wrong one."""

    status = 401


class Forbidden(RequestError):
    """A foreign Host or Origin."""

    status = 403


class NotFound(RequestError):
    """No session, avatar, recording or job has this id."""

    status = 404


class TooSlow(RequestError):
    """An upload hardly comes."""

    status = 408


class Conflict(RequestError):
    """It cannot be done as things are now; the message says what to do first."""

    status = 409


class PreconditionFailed(RequestError):
    """An If-Match that names something that is over."""

    status = 412


class TooLarge(RequestError):
    """Too many bytes, seconds or characters."""

    status = 413


class UnsupportedMedia(RequestError):
    """Not a content type, or not a sound, that is read here."""

    status = 415


class Unprocessable(RequestError):
    """Understood, and not offered here."""

    status = 422


class PreconditionRequired(RequestError):
    """No If-Match where one is needed."""

    status = 428


class TooManyRequests(RequestError):
    """More is waiting than the session may hold."""

    status = 429
    retry_after_s = 1


class Unavailable(RequestError):
    """Nothing is free, or nothing is configured, to do it."""

    status = 503

    def __init__(self, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TimedOut(RequestError):
    """It goes on, but not within the time that a caller waits."""

    status = 504


class OutOfRoom(RequestError):
    """No more can be kept on disk."""

    status = 507
