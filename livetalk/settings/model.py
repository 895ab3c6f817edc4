"""Every setting, by the name that flags (--max-sessions) and environment (LIVETALK_MAX_SESSIONS) use."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from livetalk.settings.conversation import ConversationSettings
from livetalk.settings.kinds import PREFIX
from livetalk.settings.serving import ServingSettings

SECRETS = ("token", "turn_secret", "tts_key", "llm_key", "stt_key", "realtime_key")
"""taken from the environment alone, where neither `ps` nor a file that is passed around shows them"""
MAY_BE_NONE = ("video_size", "output_size", "udp_ports", "label_font", "recordings_dir", "llm_temperature")


class Settings(ConversationSettings, ServingSettings):
    """All of them; what is unknown is refused."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    @field_validator(*SECRETS)
    @classmethod
    def _check_not_blank(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            name = f"{PREFIX}{info.field_name}".upper()
            raise ValueError(f"{name} is blank: set it to a secret, or do not set it")
        return value

    @field_validator(*MAY_BE_NONE, mode="before")
    @classmethod
    def _read_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() in ("none", "") else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values handed in win over the environment's; `load` hands in what may."""
        return (init_settings, env_settings)


__all__ = ["PREFIX", "SECRETS", "Settings"]
