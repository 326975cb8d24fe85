"""The file stores of dbutils.fs: DBFS, volumes, workspace files and local files. The path selects the store."""

import base64
import os
import shutil

from .dbutils import ExecutionError
from .rest import RestError

_BLOCK = 1024 * 1024


def locate(rest, path):
    if not isinstance(path, str) or path == "":
        raise ExecutionError("dbutils.fs: a path must be a non-empty string, got %r" % (path,))
    if path.startswith("file:"):
        return _Local("/" + path[5:].lstrip("/"))
    store_path = "/" + path[5:].lstrip("/") if path.startswith("dbfs:") else path
    if "://" in path:
        raise ExecutionError("dbutils.fs in the local workspace supports dbfs:/, /Volumes, /Workspace and file:/, not %s" % path)
    store_path = store_path if store_path.startswith("/") else "/" + store_path
    store_path = store_path.rstrip("/") or "/"
    if store_path == "/Volumes" or store_path.startswith("/Volumes/"):
        return _Volume(rest, store_path)
    if store_path == "/Workspace" or store_path.startswith("/Workspace/"):
        return _Workspace(rest, store_path)
    return _Dbfs(rest, store_path)


class _Store:
    scheme = "dbfs:"

    def __init__(self, rest, path):
        self.rest = rest
        self.path = path

    def call(self, method, *args, **kwargs):
        try:
            return method(*args, **kwargs)
        except RestError as error:
            kind = "java.io.FileNotFoundException: " if error.status == 404 else ""
            raise ExecutionError("%s%s%s: %s" % (kind, self.scheme, self.path, error)) from None

    def stat(self):
        """Returns (is_dir, size), or None if the path does not exist."""
        raise NotImplementedError

    def exists(self):
        return self.stat() is not None

    def is_dir(self):
        stat = self.stat()
        if stat is None:
            raise ExecutionError("java.io.FileNotFoundException: %s%s" % (self.scheme, self.path))
        return stat[0]

    def row(self, path, is_dir, size, time):
        name = path.rstrip("/").rsplit("/", 1)[-1]
        end = "/" if is_dir else ""
        return (self.scheme + path + end, name + end, 0 if is_dir else size, time)

    def check_writable(self, overwrite):
        stat = self.stat()
        if stat is not None and stat[0]:
            raise ExecutionError("%s%s is a directory" % (self.scheme, self.path))
        if stat is not None and not overwrite:
            raise ExecutionError("java.nio.file.FileAlreadyExistsException: %s%s exists; pass overwrite=True to replace it" % (self.scheme, self.path))


class _Dbfs(_Store):
    def stat(self):
        try:
            stat = self.rest.get("/api/2.0/dbfs/get-status", path=self.path)
        except RestError as error:
            if error.status == 404:
                return None
            raise
        return stat["is_dir"], stat["file_size"]

    def ls(self):
        files = self.call(self.rest.get, "/api/2.0/dbfs/list", path=self.path).get("files", [])
        return [self.row(entry["path"], entry["is_dir"], entry["file_size"], entry["modification_time"]) for entry in files]

    def read(self, max_bytes=None):
        data = b""
        while max_bytes is None or len(data) < max_bytes:
            length = _BLOCK if max_bytes is None else min(_BLOCK, max_bytes - len(data))
            part = self.call(self.rest.get, "/api/2.0/dbfs/read", path=self.path, offset=len(data), length=length)
            if part["bytes_read"] == 0:
                break
            data += base64.b64decode(part["data"])
        return data

    def write(self, data, overwrite):
        self.check_writable(overwrite)
        handle = self.call(self.rest.post, "/api/2.0/dbfs/create", {"path": self.path, "overwrite": overwrite})["handle"]
        for offset in range(0, len(data), _BLOCK):
            block = base64.b64encode(data[offset : offset + _BLOCK]).decode()
            self.call(self.rest.post, "/api/2.0/dbfs/add-block", {"handle": handle, "data": block})
        self.call(self.rest.post, "/api/2.0/dbfs/close", {"handle": handle})

    def mkdirs(self):
        self.call(self.rest.post, "/api/2.0/dbfs/mkdirs", {"path": self.path})

    def rm(self, recurse):
        if self.stat() is None:
            return False
        self.call(self.rest.post, "/api/2.0/dbfs/delete", {"path": self.path, "recursive": bool(recurse)})
        return True


class _Volume(_Store):
    def stat(self):
        for kind in ("files", "directories"):
            try:
                _data, headers = self.rest.send("HEAD", "/api/2.0/fs/%s%s" % (kind, self.path))
            except RestError as error:
                if error.status in (400, 404):
                    continue
                raise
            return kind == "directories", int(headers.get("content-length") or 0)
        return None

    def ls(self):
        rows, token = [], None
        stat = self.stat()
        if stat is not None and not stat[0]:
            return [self.row(self.path, False, stat[1], 0)]
        while True:
            query = {} if token is None else {"page_token": token}
            page = self.call(self.rest.get, "/api/2.0/fs/directories" + self.path, **query)
            for entry in page.get("contents", []):
                rows.append(self.row(entry["path"], entry["is_directory"], entry.get("file_size", 0), entry["last_modified"]))
            token = page.get("next_page_token")
            if not token:
                return rows

    def read(self, max_bytes=None):
        if max_bytes == 0:
            return b""
        headers = {} if max_bytes is None else {"Range": "bytes=0-%d" % (max_bytes - 1)}
        try:
            return self.rest.send("GET", "/api/2.0/fs/files" + self.path, headers=headers)[0]
        except RestError as error:
            if error.status == 416:
                return b""
            raise ExecutionError("java.io.FileNotFoundException: dbfs:%s: %s" % (self.path, error)) from None

    def write(self, data, overwrite):
        self.check_writable(overwrite)
        query = {"overwrite": "true" if overwrite else "false"}
        headers = {"Content-Type": "application/octet-stream"}
        self.call(self.rest.send, "PUT", "/api/2.0/fs/files" + self.path, query=query, body=data, headers=headers)

    def mkdirs(self):
        self.call(self.rest.send, "PUT", "/api/2.0/fs/directories" + self.path)

    def rm(self, recurse):
        stat = self.stat()
        if stat is None:
            return False
        if not stat[0]:
            self.call(self.rest.send, "DELETE", "/api/2.0/fs/files" + self.path)
            return True
        if recurse:
            for path, _name, _size, _time in self.ls():
                _Volume(self.rest, path[len(self.scheme) :].rstrip("/")).rm(True)
        self.call(self.rest.send, "DELETE", "/api/2.0/fs/directories" + self.path)
        return True


class _Workspace(_Store):
    scheme = ""

    def stat(self):
        try:
            stat = self.rest.get("/api/2.0/workspace/get-status", path=self.path)
        except RestError as error:
            if error.status == 404:
                return None
            raise
        return stat["object_type"] in ("DIRECTORY", "REPO"), stat.get("size", 0)

    def ls(self):
        objects = self.call(self.rest.get, "/api/2.0/workspace/list", path=self.path).get("objects", [])
        return [self.row(entry["path"], entry["object_type"] in ("DIRECTORY", "REPO"), entry.get("size", 0), entry.get("modified_at", 0)) for entry in objects]

    def read(self, max_bytes=None):
        data, _headers = self.call(self.rest.send, "GET", "/api/2.0/workspace/export", query={"path": self.path, "direct_download": "true", "format": "AUTO"})
        return data if max_bytes is None else data[:max_bytes]

    def write(self, data, overwrite):
        self.check_writable(overwrite)
        body = {"path": self.path, "format": "RAW", "overwrite": overwrite, "content": base64.b64encode(data).decode()}
        self.call(self.rest.post, "/api/2.0/workspace/import", body)

    def mkdirs(self):
        self.call(self.rest.post, "/api/2.0/workspace/mkdirs", {"path": self.path})

    def rm(self, recurse):
        if self.stat() is None:
            return False
        self.call(self.rest.post, "/api/2.0/workspace/delete", {"path": self.path, "recursive": bool(recurse)})
        return True


class _Local(_Store):
    scheme = "file:"

    def __init__(self, path):
        super().__init__(None, path)

    def stat(self):
        if not os.path.exists(self.path):
            return None
        return os.path.isdir(self.path), os.path.getsize(self.path)

    def ls(self):
        if not self.is_dir():
            return [self.row(self.path, False, os.path.getsize(self.path), int(os.path.getmtime(self.path) * 1000))]
        rows = []
        for name in sorted(os.listdir(self.path)):
            path = os.path.join(self.path, name)
            rows.append(self.row(path, os.path.isdir(path), os.path.getsize(path), int(os.path.getmtime(path) * 1000)))
        return rows

    def read(self, max_bytes=None):
        if self.is_dir():
            raise ExecutionError("file:%s is a directory" % self.path)
        with open(self.path, "rb") as file:
            return file.read() if max_bytes is None else file.read(max_bytes)

    def write(self, data, overwrite):
        self.check_writable(overwrite)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "wb") as file:
            file.write(data)

    def mkdirs(self):
        os.makedirs(self.path, exist_ok=True)

    def rm(self, recurse):
        stat = self.stat()
        if stat is None:
            return False
        if not stat[0]:
            os.remove(self.path)
        elif recurse:
            shutil.rmtree(self.path)
        else:
            os.rmdir(self.path)
        return True
