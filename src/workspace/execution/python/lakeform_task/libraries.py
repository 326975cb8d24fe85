"""The task's libraries: wheels are unpacked into a folder of the run; what has to come from an index is installed only when that is allowed."""

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
    "installing packages is off here: install them into the Python that runs the tasks (see --python), or start the workspace with --allow-pip, "
    "which installs them into a folder of the run"
)


class Libraries:
    def __init__(self, folder, allow_pip):
        self.folder = folder
        self.allow_pip = allow_pip

    def _on_path(self):
        os.makedirs(self.folder, exist_ok=True)
        if self.folder not in sys.path:
            sys.path.insert(0, self.folder)
        importlib.invalidate_caches()

    def wheel(self, path):
        where = paths.local(path)
        self._on_path()
        try:
            with zipfile.ZipFile(where) as archive:
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
                    self._merge(os.path.join(self.folder, entry, kind))

    def _merge(self, folder):
        if not os.path.isdir(folder):
            return
        for name in os.listdir(folder):
            target = os.path.join(self.folder, name)
            if not os.path.exists(target):
                os.rename(os.path.join(folder, name), target)

    def package(self, requirement, index=None):
        """A requirement of the task: what the environment has already is taken as it is."""
        if self.allow_pip:
            self.pip(["install", *([] if index is None else ["--index-url", index]), requirement])
            return
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        try:
            found = importlib.metadata.version(name.group(0) if name else requirement)
        except importlib.metadata.PackageNotFoundError:
            raise LibraryError("the library %s is not installed, and %s" % (requirement, NO_PIP)) from None
        exact = re.search(r"==\s*([^,;\s]+)", requirement)
        if exact and exact.group(1) != found and not exact.group(1).endswith("*"):
            raise LibraryError("the library %s is wanted, and %s is installed; %s" % (requirement, found, NO_PIP))

    def pip(self, words):
        if not self.allow_pip:
            raise LibraryError("%%pip %s: %s" % (" ".join(words), NO_PIP))
        self._on_path()
        words = [paths.local(word) for word in words]
        into = ["--target", self.folder, "--upgrade"] if words[:1] == ["install"] else []
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *words, *into]
        code = subprocess.call(command, env={**os.environ, "PYTHONPATH": self.folder})
        if code != 0:
            raise LibraryError("pip %s ended with exit code %d" % (" ".join(words), code))
        importlib.invalidate_caches()

    def install(self, wanted):
        """The task's own list, as the Jobs API has it."""
        for each in wanted:
            if "whl" in each:
                self.wheel(each["whl"])
            elif "pypi" in each:
                self.package(each["pypi"]["package"], each["pypi"].get("repo"))
            elif "requirements" in each:
                with open(each["requirements"], encoding="utf-8") as file:
                    for line in file:
                        text = line.split("#")[0].strip()
                        if text:
                            self.package(text)
            elif "path" in each:
                self.wheel(each["path"]) if each["path"].endswith(".whl") else self.package(each["path"])
            else:
                raise LibraryError("a library of kind %s cannot be used here" % ", ".join(sorted(each)))
