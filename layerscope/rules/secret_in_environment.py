"""A23: a secret in the image's environment."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.credentials import names_secret
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    environment = evidence.image.config.runtime.get("Env")
    for variable in environment if isinstance(environment, list) else ():
        name, _, value = str(variable).partition("=")
        if names_secret(name, value):
            yield Claim(
                title=f"a secret in the variable {name}",
                fix=f"Drop {name} from ENV and give it when the container runs (--env-file, or the "
                "orchestrator's secrets). Replace the secret; whoever can inspect the image has it.",
            )


RULE = Rule(
    id="secret-in-environment",
    title="A secret in the environment",
    family="secrets",
    help="""ENV is part of the image's configuration: whoever can inspect the image reads it, and so does
every process in the container. Give secrets when the container runs.""",
    detect=_detect,
    priority=Priority.SECRET,
)
