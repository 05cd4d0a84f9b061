"""This file checks each call we make of picamera2 against its signature, and the rules of use.

Where picamera2 is installed (a Pi) its own signatures are asked; elsewhere those recorded from
0.3.38. Behaviour is proved by `./hien test-camera`, over the real thing.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from pathlib import Path
from typing import Any

import pytest

from appliance.devices.camera import picamera2 as adapter

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(adapter.__file__).read_text("utf-8")

# name -> its parameters as of picamera2 0.3.38, without self
RECORDED = {
    "Picamera2": "camera_num=0, verbose_console=None, tuning=None, allocator=None",
    "create_still_configuration": (
        "main={}, lores=None, raw={}, transform=None, colour_space=None, buffer_count=1,"
        " controls={}, display=None, encode=None, queue=True, sensor={}, use_case='still'"
    ),
    "configure": "camera_config=None",
    "camera_configuration": "",
    "start": "config=None, show_preview=False",
    "capture_request": "wait=None, signal_function=None, flush=None",
    "capture_metadata": "wait=None, signal_function=None",
    "start_encoder": "encoder=None, output=None, pts=None, quality=None, name=None",
    "stop_encoder": "encoders=None",
    "cancel_all_and_flush": "",
    "close": "",
    "save": "name, file_output, format=None, exif_data=None",
    "get_metadata": "",
    "release": "",
    "JpegEncoder": "num_threads=4, q=None, colour_space=None, colour_subsampling='420'",
    "FileOutput": "file=None, pts=None, split=None",
}
OF_REQUEST = {"save", "get_metadata", "release"}
CLASSES = {"Picamera2", "JpegEncoder", "FileOutput"}


def calls(source: str) -> list[tuple[str, ast.Call]]:
    """Every call in `source` upon a camera, a request, or one of picamera2's classes."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in CLASSES:
            found.append((node.func.id, node))
        elif isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if owner in ("camera", "self._camera", "request"):
                found.append((node.func.attr, node))
    return found


def signature(name: str) -> inspect.Signature:
    if importlib.util.find_spec("picamera2") is not None:
        return real_signature(name)
    namespace: dict[str, Any] = {}
    exec(f"def recorded({RECORDED[name]}): ...", namespace)
    return inspect.signature(namespace["recorded"])


def real_signature(name: str) -> inspect.Signature:
    from picamera2 import Picamera2
    from picamera2.encoders import JpegEncoder
    from picamera2.outputs import FileOutput
    from picamera2.request import CompletedRequest

    classes = {"Picamera2": Picamera2, "JpegEncoder": JpegEncoder, "FileOutput": FileOutput}
    if name in classes:
        return inspect.signature(classes[name])
    owner = CompletedRequest if name in OF_REQUEST else Picamera2
    whole = inspect.signature(getattr(owner, name))
    return whole.replace(parameters=list(whole.parameters.values())[1:])


def bind(name: str, call: ast.Call) -> None:
    """TypeError when the call does not fit."""
    keywords = {word.arg: None for word in call.keywords if word.arg}
    signature(name).bind(*[None for _ in call.args], **keywords)


def test_every_call_fits() -> None:
    found = calls(SOURCE)
    assert {name for name, _ in found} == set(RECORDED)
    for name, call in found:
        bind(name, call)


def test_a_wrong_keyword_is_seen() -> None:
    """The check can fail: `timeout` is what one would write, `wait` is what it is called."""
    [(name, call)] = calls("request = self._camera.capture_request(timeout=3)")
    with pytest.raises(TypeError):
        bind(name, call)


def test_no_wait_is_without_end() -> None:
    """`wait=None` waits for ever; each capture call gives its own limit."""
    for name, call in calls(SOURCE):
        if name.startswith("capture_"):
            assert "wait" in {word.arg for word in call.keywords}, ast.unparse(call)


def test_a_request_is_released_whatever_happens() -> None:
    """`release` stands in a `finally`: after four requests not given back all stands still."""
    finals = [
        ast.unparse(node.finalbody[0])
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Try) and node.finalbody
    ]
    assert "request.release()" in finals


def test_nothing_made_for_tests_is_ever_imported_by_the_room() -> None:
    """Neither the bridge to the software camera nor any test module."""
    for file in (ROOT / "appliance" / "devices").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in ("tests", "bridge", "pykms", "unittest"), file


def test_the_package_kms_is_in_no_lock_and_not_installed() -> None:
    """picamera2 imports `kms` when it is there; the one to be had by pip is something else."""
    assert (
        importlib.util.find_spec("kms") is None
        or Path("/usr/lib/python3/dist-packages/kms").exists()
    )
    for lock in ROOT.glob("requirements*.lock"):
        assert "\nkms==" not in lock.read_text("utf-8")


def test_without_picamera2_the_camera_says_what_to_install() -> None:
    if importlib.util.find_spec("picamera2") is not None:
        pytest.skip("picamera2 is installed here")
    from appliance.devices.camera import CameraError, open_camera

    camera = open_camera("picamera2:")
    assert camera.check().code == "camera_none"
    with pytest.raises(CameraError, match="python3-picamera2"):
        camera.capture()
    assert camera.preview() is None
    camera.close()


@pytest.mark.parametrize(
    ("controls", "url", "wanted"),
    [
        ({}, "picamera2:", {}),
        ({"AfMode": 0}, "picamera2:?focus_m=0.5", {"AfMode": "manual", "LensPosition": 2.0}),
        ({"AfMode": 0}, "picamera2:", {"AfMode": "continuous", "AfRange": "full"}),
    ],
)
def test_focus_is_set_only_where_the_camera_has_it(
    controls: dict[str, int], url: str, wanted: dict[str, object]
) -> None:
    """An unknown control is an error in libcamera; a fixed stand gets a fixed lens."""
    from types import SimpleNamespace

    from appliance.devices.camera.picamera2 import Picamera2Camera
    from appliance.devices.url import parse_url

    modes = SimpleNamespace(
        AfModeEnum=SimpleNamespace(Manual="manual", Continuous="continuous"),
        AfRangeEnum=SimpleNamespace(Full="full"),
    )
    camera = Picamera2Camera(parse_url(url))
    assert camera._focus(SimpleNamespace(camera_controls=controls), modes) == wanted
