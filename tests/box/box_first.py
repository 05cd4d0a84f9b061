"""This file proves the first installation, offline, and that a second one finds nothing to do."""

from __future__ import annotations

import resource
import time

from machine import must, run, show, well

INSTALL = "/media/release/provisioning/install"


def children_cpu_s() -> float:
    """Processor seconds of all programs started so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def scenario_install_offline() -> str:
    """No network, no question: from a bare Debian to a house that answers, all rooms well."""
    assert "default" not in must("ip", "route")
    must(INSTALL)
    waited_s = well()
    return f"well {waited_s:.1f} s after the installer ended"


def scenario_second_run() -> str:
    """Nothing is changed, no room is restarted, and it takes less than two seconds."""
    before = [show(f"hien-{room}", "MainPID") for room in ("web", "devices", "sync")]
    began_s, cpu_before_s = time.monotonic(), children_cpu_s()
    said = must(INSTALL)
    took_s, cpu_s = time.monotonic() - began_s, children_cpu_s() - cpu_before_s
    assert said.strip().endswith("nothing to do: all is as it should be."), said
    assert before == [show(f"hien-{room}", "MainPID") for room in ("web", "devices", "sync")]
    # By the processor's clock: how busy the machine under the container is, is not asked.
    assert cpu_s < 2, cpu_s
    return f"{took_s:.2f} s, {cpu_s:.2f} s of the processor"


def scenario_no_unit_failed() -> None:
    """Whatever a container can start has started."""
    failed = run("systemctl", "--failed", "--plain", "--no-legend").stdout.split("\n")
    # Of the machine, not of the house: what needs hardware that a container has not.
    container = ("fake-hwclock", "zram", "udev", "apt-daily", "cloud-", "e2scrub", "dpkg-db", "ssh")
    left = [line for line in failed if line.strip() and not any(c in line for c in container)]
    assert not left, left
