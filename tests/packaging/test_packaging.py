"""What people get when they install graph_ext: one version, the built front end, the wiring."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.paths import ENV_CONFIG_PATH, ENV_JUPYTER_PATH
from jupyter_server.extension.config import ExtensionConfigManager

import graph_ext

ROOT = Path(__file__).parents[2]

PANEL = "share/jupyter/labextensions/graph-ext"
WIRING = "etc/jupyter/jupyter_server_config.d/graph_ext.json"

# in pieces, so that this file passes its own test
REGISTRIES = [
    ".".join(labels)
    for labels in [
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npm", "jupyter", "org"),
        ("pypi", "org"),
        ("pythonhosted", "org"),
    ]
]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """Build a wheel of the checkout and open it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip_wheel, "--no-build-isolation", "-w", folder, ROOT], check=True)
    [file] = folder.glob("graph_ext-*.whl")
    return zipfile.Path(file)


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = {
        "pyproject.toml": project["version"],
        "the installed distribution": importlib.metadata.version("graph_ext"),
        "graph_ext.__version__": graph_ext.__version__,
        "package.json": read_json(ROOT / "labextension/package.json")["version"],
        "package-lock.json": read_json(ROOT / "labextension/package-lock.json")["version"],
    }
    assert len(set(versions.values())) == 1, versions


def test_a_wheel_holds_the_built_panel_and_no_second_copy(wheel: zipfile.Path) -> None:
    data = wheel / f"graph_ext-{graph_ext.__version__}.data" / "data"
    panel = data / PANEL
    build = json.loads((panel / "package.json").read_text())["jupyterlab"]["_build"]
    assert (panel / build["load"]).is_file()
    assert (panel / "install.json").is_file()
    assert not (wheel / "graph_ext" / "labextension").exists()


def test_a_wheel_holds_the_built_widget(wheel: zipfile.Path) -> None:
    static = wheel / "graph_ext" / "static"
    assert (static / "widget.js").read_text()
    assert (static / "widget.css").is_file()


def test_a_wheel_enables_the_server_extension(wheel: zipfile.Path) -> None:
    data = wheel / f"graph_ext-{graph_ext.__version__}.data" / "data"
    wiring = json.loads((data / WIRING).read_text())
    assert wiring == {"ServerApp": {"jpserver_extensions": {"graph_ext": True}}}


def test_the_installed_server_extension_is_enabled() -> None:
    config = ExtensionConfigManager(read_config_path=ENV_CONFIG_PATH)
    assert config.get_jpserver_extensions()["graph_ext"] is True  # type: ignore[no-untyped-call]


def test_the_installed_panel_is_the_built_one() -> None:
    panels = [Path(path) / "labextensions/graph-ext" for path in ENV_JUPYTER_PATH]
    [panel] = [path for path in panels if path.is_dir()]
    build = read_json(panel / "package.json")["jupyterlab"]["_build"]
    built = ROOT / "graph_ext/labextension" / build["load"]
    assert (panel / build["load"]).read_bytes() == built.read_bytes()


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"]
    listing = subprocess.run(
        [*git, "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    files = [ROOT / name for name in listing.split("\0") if name]
    forbidden = [*(host.encode() for host in REGISTRIES), str(ROOT).encode()]
    found = [
        f"{file.relative_to(ROOT)}: {word.decode()}"
        for file in files
        if file.is_file()
        for word in forbidden
        if word in file.read_bytes()
    ]
    assert files
    assert not found
