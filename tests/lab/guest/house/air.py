"""This file is the air of one machine: radios of the house, of a telephone, of a router.

mac80211_hwsim: the real mac80211, cfg80211, wpa_supplicant and NetworkManager, and frames instead
of waves. The telephone and the router live in network namespaces of their own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from house import wait
from machine import must, run

BUSYBOX = "/lab/busybox"
ROUTER, ROUTER_NET = "Nhà văn hóa 5G", "192.168.77"
ROUTER_KEY = "12345678abc"
RUN = Path("/run/lab-air")


def radios() -> None:
    """wlan0 stays the house's; wlan1 goes to the telephone, wlan2 to the router."""
    RUN.mkdir(exist_ok=True)
    must("modprobe", "mac80211_hwsim", "radios=3")
    wait(lambda: Path("/sys/class/net/wlan2").exists(), 60, "three radios")
    for number, place in ((1, "phone"), (2, "router")):
        must("ip", "netns", "add", place)
        phy = Path(f"/sys/class/net/wlan{number}/phy80211/name").read_text().strip()
        must("iw", "phy", phy, "set", "netns", "name", place)
        within(place, "ip", "link", "set", "lo", "up")


def within(place: str, *words: str) -> str:
    return must("ip", "netns", "exec", place, *words)


def start(place: str, name: str, *words: str) -> subprocess.Popen[bytes]:
    """A program that stays, in `place`; its words are in RUN."""
    with (RUN / name).open("wb") as said:
        return subprocess.Popen(
            ["ip", "netns", "exec", place, *words],
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )


def phone_joins(ssid: str, key: str) -> float:
    """The seconds until the telephone is let in (WPA2)."""
    return _joins("phone", "wlan1", f'ssid="{ssid}"\npsk="{key}"\nscan_ssid=1')


def phone_leaves() -> None:
    run("pkill", "-f", f"{RUN}/phone.conf")


def phone_asks_for_an_address() -> str:
    """By DHCP; the address."""
    script = RUN / "udhcpc"
    script.write_text(
        f"#!{BUSYBOX} sh\n"
        f"[ \"$1\" = bound ] || exit 0\n{BUSYBOX} ip addr flush dev $interface\n"
        f"{BUSYBOX} ip addr add $ip/$mask dev $interface\n"
        f"[ -z \"$router\" ] || {BUSYBOX} ip route add default via ${{router%% *}}\n"
        f"echo \"$ip $router $dns\" >{RUN}/lease\n"
    )  # fmt: skip
    script.chmod(0o755)
    within("phone", BUSYBOX, "udhcpc", "-i", "wlan1", "-n", "-q", "-t", "10", "-s", str(script))
    return (RUN / "lease").read_text().split()[0]


def router_on() -> None:
    """Another access point with a known name and key, which gives addresses."""
    conf = RUN / "router.conf"
    ssid = ROUTER.encode().hex()
    conf.write_text(
        "ctrl_interface=/run/lab-air/router-ctl\nap_scan=2\nnetwork={\n"
        f"ssid={ssid}\nmode=2\nfrequency=2437\nkey_mgmt=WPA-PSK\nproto=RSN\npairwise=CCMP\n"
        f'psk="{ROUTER_KEY}"\n}}\n'
    )
    within("router", "ip", "link", "set", "wlan2", "up")
    within("router", "ip", "addr", "replace", f"{ROUTER_NET}.1/24", "dev", "wlan2")
    start("router", "router.said", "wpa_supplicant", "-i", "wlan2", "-c", str(conf))
    leases = RUN / "udhcpd.conf"
    leases.write_text(
        f"start {ROUTER_NET}.50\nend {ROUTER_NET}.60\ninterface wlan2\n"
        f"lease_file {RUN}/leases\npidfile {RUN}/udhcpd.pid\noption subnet 255.255.255.0\n"
        f"option router {ROUTER_NET}.1\n"
    )
    (RUN / "leases").touch()
    start("router", "udhcpd.said", BUSYBOX, "udhcpd", "-f", str(leases))


def router_off() -> None:
    run("pkill", "-f", f"{RUN}/router.conf")
    run("pkill", "-f", f"{RUN}/udhcpd.conf")


def _joins(place: str, device: str, network: str) -> float:
    conf, control = RUN / f"{place}.conf", RUN / f"{place}-ctl"
    conf.write_text(
        f"ctrl_interface={control}\nnetwork={{\n{network}\nkey_mgmt=WPA-PSK\nproto=RSN\n}}\n"
    )
    start(place, f"{place}.said", "wpa_supplicant", "-i", device, "-c", str(conf))

    def is_in() -> bool:
        said = run("wpa_cli", "-p", str(control), "-i", device, "status").stdout
        return "wpa_state=COMPLETED" in said

    return wait(is_in, 180, f"{place} is let in: {(RUN / f'{place}.said').read_text()[-600:]}")


def as_phone(do: Callable[[], Any]) -> Any:
    """`do()` within the telephone's network; threads have networks of their own."""
    with ThreadPoolExecutor(1, initializer=_enter, initargs=("phone",)) as one:
        return one.submit(do).result()


def _enter(place: str) -> None:
    handle = os.open(f"/run/netns/{place}", os.O_RDONLY)
    os.setns(handle, os.CLONE_NEWNET)
    os.close(handle)


def resolve(name: str, server: str, port: int = 53) -> str:
    """The first address of `name` by DNS over UDP, asked by hand; "" for none. For multicast DNS
    the server is 224.0.0.251 and the port 5353: the answer comes back to who asked."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.settimeout(5)
        for _ in range(5):
            way.sendto(query, (server, port))
            with contextlib.suppress(TimeoutError):
                if found := _first_address(way.recv(1500)):
                    return found
    return ""


def _first_address(answer: bytes) -> str:
    _, _, questions, answers, _, _ = struct.unpack(">6H", answer[:12])
    at = 12
    for _ in range(questions):
        at = _behind_name(answer, at) + 4
    for _ in range(answers):
        at = _behind_name(answer, at)
        kind, _, _, length = struct.unpack(">HHIH", answer[at : at + 10])
        at += 10
        if kind == 1:
            return socket.inet_ntoa(answer[at : at + 4])
        at += length
    return ""


def _behind_name(answer: bytes, at: int) -> int:
    while answer[at]:
        if answer[at] >= 0xC0:
            return at + 2
        at += 1 + answer[at]
    return at + 1
