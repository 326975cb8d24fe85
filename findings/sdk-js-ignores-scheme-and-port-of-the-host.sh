#!/usr/bin/env bash
# @databricks/sdk-experimental (JavaScript) 0.14.2: only the name of the configured host is used.
# Scheme and port are ignored, and every call goes to https://<name>:443. With host
# "http://127.0.0.1:PORT" (a proxy, a recorded workspace in tests, a port forward) it tries port 443
# and reports "connection refused" for a port that nobody configured.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent @databricks/sdk-experimental@0.14.2
node -e '
  const { WorkspaceClient } = require("@databricks/sdk-experimental");
  let asked = 0;
  const server = require("http").createServer((_, response) => { asked += 1; response.end("{}"); });
  server.listen(0, "127.0.0.1", async () => {
    const host = `http://127.0.0.1:${server.address().port}`;
    const finish = (error) => {
      console.log(`host: http://127.0.0.1:<port>, requests there: ${asked}, tried instead: ${error?.address}:${error?.port} (${error?.code})`);
      process.exit(asked === 0 && error?.port === 443 ? 0 : 1);
    };
    process.once("uncaughtException", finish).once("unhandledRejection", finish);
    await new WorkspaceClient({ host, token: "not-a-real-token" }).jobs.get({ job_id: 1 });
    finish();
  });
'
# Output seen: host: http://127.0.0.1:<port>, requests there: 0, tried instead: 127.0.0.1:443 (ECONNREFUSED)
