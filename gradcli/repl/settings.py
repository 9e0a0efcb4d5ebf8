"""What a person can set: from the defaults, config.toml, the command line or `:set`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gradcli.errors import FileError, GradcliError, UsageError
from gradcli.lang.limits import Limits
from gradcli.lang.nearest import closest

ON_OFF = ("on", "off")
DIGITS = ("auto", *(str(n) for n in range(1, 18)))


class Setting(NamedTuple):
    """What may be chosen, the first by default."""

    choices: tuple[str, ...]
    help: str


SETTINGS = {
    "dtype": Setting(("float64", "float32", "complex128"), "of tensors that are made of numbers"),
    "digits": Setting(DIGITS, "shown of a number; auto: as many as read back the same"),
    "retain_graph": Setting(("off", "on"), "what backward() does when it is not told"),
    "create_graph": Setting(("off", "on"), "what backward() does when it is not told"),
    "check": Setting(("off", "on"), "prove every result that records a graph"),
    "strict": Setting(("off", "on"), "make errors of nan, infinities and kinks"),
    "color": Setting(("auto", "always", "never"), "when to colour"),
    "keys": Setting(("emacs", "vi"), "how the line is edited"),
}


class Choice(NamedTuple):
    """A value, and who chose it."""

    value: str
    source: str


class Settings:
    """The values in force; `limits` among them."""

    def __init__(self) -> None:
        self.chosen = {
            name: Choice(setting.choices[0], "default") for name, setting in SETTINGS.items()
        }
        self.limits = Limits()
        self.limit_sources: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self.chosen[name].value

    def is_on(self, name: str) -> bool:
        return self[name] == "on"

    @property
    def digits(self) -> int | None:
        return None if self["digits"] == "auto" else int(self["digits"])

    def change(self, name: str, value: str, source: str) -> None:
        if name not in SETTINGS:
            hint = closest(name, SETTINGS) or "the settings are " + ", ".join(SETTINGS)
            raise UsageError(f"there is no setting '{name}'", hint=hint)
        choices = SETTINGS[name].choices
        if value not in choices:
            listed = "auto or 1 to 17" if name == "digits" else " or ".join(choices)
            raise UsageError(f"{name} is {listed}, not '{value}'")
        self.chosen[name] = Choice(value, source)

    def limit(self, text: str, source: str) -> None:
        """`steps=1e8`; `off` and `on` for all."""
        if text in ON_OFF:
            self.limits = Limits() if text == "on" else self.limits.trusted()
            self.limit_sources = {} if text == "on" else dict.fromkeys(Limits._fields, source)
            return
        self.limits = self.limits.setting(text)
        self.limit_sources[text.partition("=")[0].strip()] = source

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Every setting, and every limit that is not the default: name, value, source."""
        for name, choice in self.chosen.items():
            yield name, choice.value, choice.source
        for name, default in Limits()._asdict().items():
            value = getattr(self.limits, name)
            if value != default:
                shown = f"{value:,}" if value < 10**15 else "off"
                yield f"limits.{name}", shown, self.limit_sources.get(name, ":limits")


def read_config(settings: Settings, text: str, source: str) -> None:
    """Take what config.toml says; the first thing that is wrong with it is an error."""
    import tomllib  # noqa: PLC0415  # slow to import, and not everybody has a file

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{source}: {str(error)[:1].lower()}{str(error)[1:]}") from None
    try:
        limits = table.pop("limits", {})
        for name, value in table.items():
            settings.change(name, word(value), source)
        if not isinstance(limits, dict):
            raise UsageError("limits is a table: [limits], then lines such as steps = 1e8")
        for name, value in limits.items():
            settings.limit(f"{name}={value}", source)
    except GradcliError as error:
        raise FileError(f"{source}: {error.message}", hint=error.hint) from None


def word(value: Any) -> str:
    """A value of TOML as `:set` would say it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
