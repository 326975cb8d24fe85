"""Installs the task's libraries. Wheels are unpacked into a folder of the run; packages are installed from an index only if --allow-pip is set."""

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile

from . import paths


class LibraryError(Exception):
    pass


NO_PIP = (
    "the local workspace does not install packages; install them into the Python that runs the tasks (see --python), or start the workspace with --allow-pip, "
    "which installs them into a folder of the run"
)


class Libraries:
    def __init__(self, folder, allow_pip):
        self.folder = folder
        self.allow_pip = allow_pip

    def _add_to_path(self):
        os.makedirs(self.folder, exist_ok=True)
        if self.folder not in sys.path:
            sys.path.insert(0, self.folder)
        importlib.invalidate_caches()

    def install_wheel(self, path):
        file = paths.local(path)
        self._add_to_path()
        try:
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    target = os.path.realpath(os.path.join(self.folder, name))
                    if not target.startswith(os.path.realpath(self.folder) + os.sep):
                        raise LibraryError("the wheel %s has a file outside of its folder: %s" % (path, name))
                archive.extractall(self.folder)
        except FileNotFoundError:
            raise LibraryError("the library %s does not exist in the workspace" % path) from None
        except zipfile.BadZipFile:
            raise LibraryError("the library %s is not a wheel" % path) from None
        for entry in list(os.listdir(self.folder)):
            if entry.endswith(".data"):
                for kind in ("purelib", "platlib"):
                    self._move_into_folder(os.path.join(self.folder, entry, kind))

    def _move_into_folder(self, folder):
        """Moves the purelib or platlib part of an unpacked wheel to the wheel's other modules. Existing files stay."""
        if not os.path.isdir(folder):
            return
        for name in os.listdir(folder):
            target = os.path.join(self.folder, name)
            if not os.path.exists(target):
                os.rename(os.path.join(folder, name), target)

    def require_package(self, requirement, index=None):
        """Provides a package that the task requires. Without --allow-pip, it must already be installed, in the version of an `==` without a wildcard; other constraints are not checked."""
        if self.allow_pip:
            self.pip(["install", *([] if index is None else ["--index-url", index]), requirement])
            return
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        try:
            installed = importlib.metadata.version(name.group(0) if name else requirement)
        except importlib.metadata.PackageNotFoundError:
            raise LibraryError("the library %s is not installed, and %s" % (requirement, NO_PIP)) from None
        exact = re.search(r"==\s*([^,;\s]+)", requirement)
        if exact and exact.group(1) != installed and not exact.group(1).endswith("*"):
            raise LibraryError("the library %s is required, but version %s is installed; %s" % (requirement, installed, NO_PIP))

    def pip(self, arguments):
        if not self.allow_pip:
            raise LibraryError("%%pip %s: %s" % (" ".join(arguments), NO_PIP))
        self._add_to_path()
        arguments = [paths.local(argument) for argument in arguments]
        target_options = ["--target", self.folder, "--upgrade"] if arguments[:1] == ["install"] else []
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments, *target_options]
        code = subprocess.call(command, env={**os.environ, "PYTHONPATH": self.folder})
        if code != 0:
            raise LibraryError("pip %s ended with exit code %d" % (" ".join(arguments), code))
        importlib.invalidate_caches()

    def install(self, libraries):
        """Installs libraries in the format of the Jobs API, or `{ dependency }` for a dependency of an environment: a wheel's path or a package."""
        for library in libraries:
            if "whl" in library:
                self.install_wheel(library["whl"])
            elif "pypi" in library:
                self.require_package(library["pypi"]["package"], library["pypi"].get("repo"))
            elif "requirements" in library:
                with open(library["requirements"], encoding="utf-8") as file:
                    for line in file:
                        requirement = line.split("#")[0].strip()
                        if requirement:
                            self.require_package(requirement)
            elif "dependency" in library:
                dependency = library["dependency"]
                if dependency.endswith(".whl"):
                    self.install_wheel(dependency)
                else:
                    self.require_package(dependency)
            else:
                raise LibraryError("the local workspace does not support libraries of kind %s" % ", ".join(sorted(library)))
