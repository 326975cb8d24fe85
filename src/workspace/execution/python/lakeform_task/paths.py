"""Redirects file calls of this process for /dbfs, /Volumes, /Workspace and dbfs:/ to the mapped folder."""

import builtins
import functools
import importlib.machinery
import io
import os
import sys

_root = ""
_prefixes = ("/dbfs", "/Volumes", "/Workspace")


def local(path):
    """Returns the local path of a workspace path; returns other paths unchanged."""
    if isinstance(path, int) or path is None:
        return path
    try:
        text = os.fspath(path)
    except TypeError:
        return path
    as_bytes = isinstance(text, bytes)
    if as_bytes:
        text = os.fsdecode(text)
    translated = _translate(text)
    if translated is None:
        return path
    return os.fsencode(translated) if as_bytes else translated


def _translate(text):
    if text.startswith("dbfs:/"):
        text = "/" + text[6:].lstrip("/")
        return _root + (text if _under(text, "/Volumes") else "/dbfs" + text)
    if not text.startswith("/"):
        return None
    if text.startswith("//"):
        text = "/" + text.lstrip("/")
    if _under(text, "/dbfs/Volumes"):
        return _root + text[5:]
    for prefix in _prefixes:
        if _under(text, prefix):
            return _root + text
    return None


def _under(path, folder):
    return path == folder or path.startswith(folder + "/")


def workspace_path(path):
    """Returns the workspace path of a local path."""
    return path[len(_root) :] or "/" if _root and _under(path, _root) else path


def _check_mkdir(path):
    """Raises an error for a folder at the path of a missing catalog, schema or volume: mkdir cannot create these."""
    parts = [part for part in local(path)[len(_root) :].split("/") if part] if _translate(os.fsdecode(os.fspath(path))) else []
    if parts[:1] == ["Volumes"] and len(parts) <= 4 and not _exists(local(path)):
        name = ".".join(parts[1:])
        raise FileNotFoundError(2, "there is no volume '%s' in the workspace: create it first" % name, os.fspath(path))


def _exists(path):
    try:
        _stat(path)
    except OSError:
        return False
    return True


_stat = os.stat


def _redirect(function, count):
    @functools.wraps(function)
    def call(*args, **kwargs):
        args = list(args)
        original_args = args[:count]
        for index in range(min(count, len(args))):
            args[index] = local(args[index])
        for name in ("path", "file", "src", "dst"):
            if name in kwargs:
                kwargs[name] = local(kwargs[name])
        try:
            return function(*args, **kwargs)
        except OSError as error:
            # The error contains the path as the user wrote it.
            for name, index in (("filename", 0), ("filename2", 1)):
                if index < len(original_args) and getattr(error, name, None) is not None and isinstance(original_args[index], (str, bytes, os.PathLike)):
                    setattr(error, name, os.fspath(original_args[index]))
            raise

    return call


def install(root):
    global _root
    _root = root
    one_path = "stat lstat open listdir scandir mkdir rmdir remove unlink access chmod utime truncate readlink chdir statvfs mkfifo".split()
    for name, count in [(name, 1) for name in one_path] + [(name, 2) for name in ("rename", "replace", "link", "symlink")]:
        original = getattr(os, name, None)
        if original is None:
            continue
        wrapped = _redirect(original, count)
        for group in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if original in group:
                group.add(wrapped)
        setattr(os, name, wrapped)
    original_mkdir = os.mkdir

    @functools.wraps(original_mkdir)
    def mkdir(path, *args, **kwargs):
        if not isinstance(path, int):
            _check_mkdir(path)
        return original_mkdir(path, *args, **kwargs)

    os.mkdir = mkdir
    wrapped = _redirect(builtins.open, 1)
    builtins.open = io.open = wrapped
    getcwd = os.getcwd
    os.getcwd = lambda: workspace_path(getcwd())
    sys.path_hooks.insert(0, _finder)


def _finder(path):
    """Imports modules from workspace folders in sys.path, because the import system makes its own file calls."""
    folder = _translate(path)
    if folder is None:
        raise ImportError
    loaders = [
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    ]
    return importlib.machinery.FileFinder(folder, *loaders)
