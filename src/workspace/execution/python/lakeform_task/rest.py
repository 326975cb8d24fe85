"""Calls the workspace's REST API with the token of the run."""

import http.client
import json
import ssl
from urllib.parse import quote, urlencode, urlsplit


class RestError(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.error_code = code


class Rest:
    def __init__(self, host, token, ca=None):
        self._url = urlsplit(host)
        self._headers = {"Authorization": "Bearer " + token}
        self._context = None if self._url.scheme == "http" else ssl.create_default_context(cafile=ca)

    def _connection(self):
        if self._context is None:
            return http.client.HTTPConnection(self._url.hostname, self._url.port)
        return http.client.HTTPSConnection(self._url.hostname, self._url.port, context=self._context)

    def send(self, method, path, query=None, body=None, headers=None):
        """Sends one request. Returns the body of the response as bytes, and its headers."""
        connection = self._connection()
        try:
            target = quote(path, safe="/-._~") + ("?" + urlencode(query) if query else "")
            connection.request(method, target, body=body, headers={**self._headers, **(headers or {})})
            response = connection.getresponse()
            data = response.read()
            if response.status >= 400:
                try:
                    error_body = json.loads(data)
                except ValueError:
                    error_body = {}
                raise RestError(response.status, error_body.get("error_code", ""), error_body.get("message", "HTTP %d" % response.status))
            return data, response.headers
        finally:
            connection.close()

    def get(self, path, /, **query):
        return json.loads(self.send("GET", path, query=query)[0] or b"{}")

    def post(self, path, body, headers=None):
        data = json.dumps(body).encode()
        return json.loads(self.send("POST", path, body=data, headers={"Content-Type": "application/json", **(headers or {})})[0] or b"{}")
