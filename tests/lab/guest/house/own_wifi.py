"""This file runs in a house that knows no network: own Wi-Fi, a telephone, a router."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import air
from house import say, wait
from machine import must, run, well

HOUSE = "10.42.0.1"
# What devices ask, and what tells them that they are on the internet: (host, path, status, body).
PROBES = {
    "Android": ("connectivitycheck.gstatic.com", "/generate_204", 204, ""),
    "Chrome": ("www.google.com", "/gen_204", 204, ""),
    "iOS": ("captive.apple.com", "/hotspot-detect.html", 200, "Success"),
    "Windows": ("www.msftconnecttest.com", "/connecttest.txt", 200, "Microsoft Connect Test"),
    "Windows 7": ("www.msftncsi.com", "/ncsi.txt", 200, "Microsoft NCSI"),
    "Firefox": ("detectportal.firefox.com", "/success.txt", 200, "success"),
}
OPEN = {53, 80, 8080}
CLOSED = (1, 21, 23, 25, 110, 111, 139, 445, 631, 1883, 3306, 5353, 5432, 5900, 6000, 8000, 8444,
          8883, 9100)  # fmt: skip
# Programs that listen on every address: the house must not let them be reached.
DECOYS = (1883, 5900)
ASK = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.settimeout(120)
line.connect("/run/hien-helper/ask")
line.sendall(sys.argv[1].encode() + b"\\n")
print(line.makefile().readline())
"""


def main() -> None:
    began_s = time.monotonic()
    air.radios()
    seen_s = time.monotonic()
    wait(lambda: "hien-own" in active() and HOUSE in addresses(), 300, f"own Wi-Fi: {devices()}")
    say(f"own Wi-Fi up {time.monotonic() - seen_s:.1f} s after the chip (the air made in "
        f"{seen_s - began_s:.1f} s)")  # fmt: skip
    name, key = Path("/etc/hien/wifi").read_text().split()
    well(300)
    a_phone_joins(name, key)
    a_wrong_key_is_refused(name)
    the_sheet_opens()
    only_the_houses_ports()
    by_its_name()
    given_a_network()
    the_router_was_off()


def a_phone_joins(name: str, key: str) -> None:
    """WPA2 by the key that is printed; an address; every name is the house."""
    took_s = air.phone_joins(name, key)
    address = air.phone_asks_for_an_address()
    lease = (air.RUN / "lease").read_text().split()
    say(f"a telephone joined {name} in {took_s:.1f} s and has {address}, told {lease[1:]}")
    assert address.startswith("10.42.0."), address
    assert set(lease[1:]) == {HOUSE}, lease
    found = air.as_phone(lambda: air.resolve("connectivitycheck.gstatic.com", HOUSE))
    assert found == HOUSE, found


def a_wrong_key_is_refused(name: str) -> None:
    """The access point is not open: its own word says WPA2 with CCMP, and nothing older."""
    cell = must("iw", "dev", "wlan0", "info")
    assert "type AP" in cell, cell
    seen = air.within("phone", "wpa_cli", "-p", f"{air.RUN}/phone-ctl", "-i", "wlan1", "status")
    assert "key_mgmt=WPA2-PSK" in seen and "pairwise_cipher=CCMP" in seen, seen


def the_sheet_opens() -> None:
    """First each device is sent to the start page, so that its sheet opens; once it has been there,
    it hears what it expects and stays."""
    for who, (host, path, _, _) in PROBES.items():
        status, headers, _ = get(HOUSE, path, host)
        assert (status, headers.get("location")) == (302, f"http://{HOUSE}/"), (
            who,
            status,
            headers,
        )
    status, _, body = get(HOUSE, "/", HOUSE)
    assert status == 200 and 'action="/tickets"' in body, (status, body[:500])
    for who, (host, path, expected, text) in PROBES.items():
        status, _, body = get(HOUSE, path, host)
        assert status == expected and text in body, (who, status, body)
    say(f"captive probes answered: {len(PROBES)} of {len(PROBES)} ({', '.join(PROBES)}), "
        "before and after the start page")  # fmt: skip


def only_the_houses_ports() -> None:
    """From the telephone: the house's pages and its names; what else listens is not reached."""
    decoys = [socket.create_server(("", port)) for port in DECOYS]
    must("ip", "netns", "exec", "phone", "true")

    def reached() -> set[int]:
        return {port for port in {*OPEN, *CLOSED, *DECOYS, 22, 443, 8443} if connects(HOUSE, port)}

    found = air.as_phone(reached)
    assert all(connects("127.0.0.1", port) for port in DECOYS)
    listening = sorted(
        {line.split()[3].rsplit(":", 1)[1] for line in must("ss", "-Htln").splitlines()}
    )
    say(f"listening: {listening}; reached from the telephone: {sorted(found)}")
    assert found == OPEN, found
    # The negative control: without the firewall the decoys are reached.
    must("systemctl", "stop", "hien-firewall")
    assert air.as_phone(lambda: connects(HOUSE, DECOYS[0]))
    must("systemctl", "start", "hien-firewall")
    assert not air.as_phone(lambda: connects(HOUSE, DECOYS[0]))
    for decoy in decoys:
        decoy.close()


def by_its_name() -> None:
    """hien.local by multicast DNS and by the house's own DNS; and the page under that name."""
    by_dns = air.as_phone(lambda: air.resolve("hien.local", HOUSE))
    by_mdns = air.as_phone(lambda: air.resolve("hien.local", "224.0.0.251", 5353))
    say(f"hien.local is {by_mdns or 'nobody'} by multicast, {by_dns or 'nobody'} by DNS")
    assert by_dns == HOUSE and by_mdns == HOUSE
    status, _, body = get(HOUSE, "/", "hien.local")
    assert status == 200 and 'action="/tickets"' in body
    status, _, _ = get(HOUSE, "/", "evil.example")
    assert status == 302


def given_a_network() -> None:
    """What the desk's page asks root's helper for: the house joins a router, and is found there."""
    air.router_on()
    air.phone_leaves()
    began_s = time.monotonic()
    said = helper(verb="set-wifi", name=air.ROUTER, password=air.ROUTER_KEY)
    assert said == {"ok": True}, said
    wait(lambda: "hien-wifi" in active() and air.ROUTER_NET in addresses(), 300,
         f"the router: {devices()} {router_words()}")  # fmt: skip
    address = addresses().split(f"{air.ROUTER_NET}.")[1].split("/")[0]
    own = f"{air.ROUTER_NET}.{address}"
    say(f"joined {air.ROUTER!r} in {time.monotonic() - began_s:.1f} s as {own}")
    assert "hien-own" not in active()
    look = f"import urllib.request as u; print(u.urlopen('http://{own}/').status)"
    assert air.within("router", "python3", "-I", "-c", look).strip() == "200"


def the_router_was_off() -> None:
    """Off for a while: the own Wi-Fi is back. On again: the house goes back to it."""
    air.router_off()
    took_s = wait(lambda: "hien-own" in active() and HOUSE in addresses(), 400,
                  f"own Wi-Fi again: {devices()}")  # fmt: skip
    air.router_on()
    time.sleep(3)
    began_s = time.monotonic()
    must("systemctl", "start", "hien-wifi-back")
    wait(lambda: "hien-wifi" in active() and air.ROUTER_NET in addresses(), 300,
         f"back at the router: {devices()}")  # fmt: skip
    say(f"own Wi-Fi {took_s:.1f} s after the router was off, and the router again "
        f"{time.monotonic() - began_s:.1f} s after it was looked for")  # fmt: skip


def active() -> list[str]:
    return run("nmcli", "-t", "-f", "NAME", "connection", "show", "--active").stdout.split("\n")


def addresses() -> str:
    return run("ip", "-4", "-br", "addr", "show", "dev", "wlan0").stdout


def devices() -> str:
    log = run("journalctl", "-b", "--no-pager", "-ocat", "-n", "25", "-u", "NetworkManager").stdout
    return run("nmcli", "device").stdout + log


def router_words() -> str:
    return (air.RUN / "router.said").read_text()[-500:]


def get(address: str, path: str, host: str) -> tuple[int, dict[str, str], str]:
    """One page at port 80, as the telephone asks for it."""

    def ask() -> Any:
        line = http.client.HTTPConnection(address, 80, timeout=60)
        line.request("GET", path, headers={"Host": host})
        answer = line.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read().decode("utf-8", "replace")

    found: tuple[int, dict[str, str], str] = air.as_phone(ask)
    return found


def connects(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 2).close()
    except OSError:
        return False
    return True


def helper(**what: str) -> Any:
    done = subprocess.run(
        ["setpriv", "--reuid=hien-web", "--regid=hien-web", "--init-groups", "python3", "-I", "-c",
         ASK, json.dumps(what)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
