"""What stands in deploy/ works: every metric that is asked for exists, every configuration is accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rmn_service.cli.app import run

DEPLOY = Path(__file__).parents[2] / "deploy"
METRIC = re.compile(r"\brmn_[a-z_]+")


def expressions() -> dict[str, str]:
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    found = {
        f"{panel['title']}/{target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }
    rules = (DEPLOY / "prometheus-alerts.yml").read_text()
    names = re.findall(r"- alert: (\w+)\n\s+expr: (.+)", rules)
    assert len(names) == rules.count("- alert:")
    return found | dict(names)


@pytest.fixture
def exported(node: Any) -> dict[str, set[str]]:
    """Every metric that a node exports, with its label names, also of those that nothing was counted of yet."""
    registry = node.service.metrics._registry
    names: dict[str, set[str]] = {}
    for collector in list(registry._collector_to_names):
        for name in registry._collector_to_names[collector]:
            names[name] = set(collector._labelnames)
    return names


def test_every_metric_of_the_dashboard_and_the_alerts_exists(exported: dict[str, set[str]]) -> None:
    asked = expressions()
    assert len(asked) > 20
    for where, expression in asked.items():
        for metric in METRIC.findall(expression):
            assert metric in exported, f"{where}: no metric {metric}"


def test_every_label_that_is_grouped_by_exists(exported: dict[str, set[str]]) -> None:
    for where, expression in expressions().items():
        labels = {
            label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")
        } - {"instance", "le"}
        of_metrics = set().union(*(exported[metric] for metric in METRIC.findall(expression)))
        assert labels <= of_metrics, f"{where}: {labels - of_metrics}"


def test_every_metric_that_calls_for_an_alarm_has_one() -> None:
    """The metrics whose own help says so."""
    source = (DEPLOY.parent / "rmn_service/metrics.py").read_text()
    alarming = set(re.findall(r'"(rmn_[a-z_]+)",\s*"[^"]*alarm', source)) - {"rmn_ticks_missed"}
    assert alarming
    asked = " ".join(expressions()[name] for name in expressions() if name.startswith("Rmn"))
    assert {name for name in alarming if name not in asked} == set()


@pytest.mark.parametrize("example", sorted(path.name for path in DEPLOY.glob("*.toml")))
def test_every_example_configuration_is_accepted(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "check", str(DEPLOY / example), "--json"]) == 0, capsys.readouterr().err
    said = json.loads(capsys.readouterr().out)
    assert len(said["chains"]) == 2
    assert said["config"]["posture"] in {"observe", "withhold"}, "an example never acts before somebody says so"


def test_the_unit_starts_commands_that_exist_and_hands_over_what_the_example_reads() -> None:
    unit = (DEPLOY / "rmn.service").read_text()
    commands = re.findall(r"^ExecStart\w*=/opt/rmn/bin/(rmn .+)$", unit, re.MULTILINE)
    assert commands == ["rmn config check /etc/rmn/node.toml", "rmn run --config /etc/rmn/node.toml"]
    handed = set(re.findall(r"^LoadCredential=([\w-]+):", unit, re.MULTILINE))
    read = set(re.findall(r"/run/credentials/rmn\.service/([\w-]+)", (DEPLOY / "node.toml").read_text()))
    assert read == handed
    assert "RestartPreventExitStatus=2" in unit
