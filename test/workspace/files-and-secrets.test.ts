import { base64, serve, type Server } from "./http-client";

let server: Server;
beforeAll(async () => (server = await serve()));
afterAll(() => server.workspace.close());

describe("workspace objects", () => {
  it("include notebooks, which can be imported, read, exported and deleted", async () => {
    const { api } = server;
    const missingParent = await api("POST", "/api/2.0/workspace/import", {
      path: "/Shared/etl/load",
      format: "SOURCE",
      language: "PYTHON",
      content: base64("print(1)\n"),
      overwrite: true,
    });
    expect(missingParent).toMatchObject({
      status: 404,
      body: {
        error_code: "RESOURCE_DOES_NOT_EXIST",
        message: "The parent folder (/Shared/etl) does not exist.",
      },
    });
    expect((await api("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/etl" })).status).toBe(
      200,
    );
    const { body } = await api("POST", "/api/2.0/workspace/import", {
      path: "/Shared/etl/load",
      format: "SOURCE",
      language: "PYTHON",
      content: base64("print(1)\n"),
    });
    expect(typeof body.object_id).toBe("number");
    const status = await api(
      "GET",
      "/api/2.0/workspace/get-status?path=/Workspace/Shared/etl/load",
    );
    expect(status.body).toMatchObject({
      path: "/Workspace/Shared/etl/load",
      object_id: body.object_id,
      object_type: "NOTEBOOK",
      language: "PYTHON",
    });
    const exported = await api(
      "GET",
      "/api/2.0/workspace/export?path=/Shared/etl/load&format=SOURCE",
    );
    expect(Buffer.from(String(exported.body.content), "base64").toString()).toBe(
      "# Databricks notebook source\nprint(1)\n",
    );
    expect(
      (await api("GET", "/api/2.0/workspace/export?path=/Shared/etl/load&direct_download=true"))
        .text,
    ).toBe("# Databricks notebook source\nprint(1)\n");
    expect(
      await api("POST", "/api/2.0/workspace/import", {
        path: "/Shared/etl/load",
        language: "PYTHON",
        content: "",
      }),
    ).toMatchObject({
      status: 400,
      body: { error_code: "RESOURCE_ALREADY_EXISTS" },
    });
    expect(await api("POST", "/api/2.0/workspace/delete", { path: "/Shared/etl" })).toMatchObject({
      status: 400,
      body: { error_code: "DIRECTORY_NOT_EMPTY" },
    });
    expect(
      (await api("POST", "/api/2.0/workspace/delete", { path: "/Shared/etl", recursive: true }))
        .status,
    ).toBe(200);
    expect((await api("GET", "/api/2.0/workspace/get-status?path=/Shared/etl/load")).status).toBe(
      404,
    );
    expect((await api("GET", "/api/2.0/workspace/list?path=/Shared")).body).toEqual({});
  });

  it("include multipart imports, files and Jupyter notebooks", async () => {
    const { api } = server;
    const form = new FormData();
    form.set("path", "/Shared/app.yml");
    form.set("format", "RAW");
    form.set("overwrite", "true");
    form.set("content", new Blob(["a: 1\n"]), "app.yml");
    expect((await api("POST", "/api/2.0/workspace/import", form)).status).toBe(200);
    expect(
      (await api("GET", "/api/2.0/workspace/get-status?path=/Shared/app.yml")).body,
    ).toMatchObject({ object_type: "FILE", size: 5 });
    const ipynb = JSON.stringify({
      cells: [
        { cell_type: "code", source: ["a = 1\n", "b = 2"] },
        { cell_type: "markdown", source: ["# hi"] },
      ],
      metadata: { language_info: { name: "python" } },
      nbformat: 4,
    });
    await api("POST", "/api/2.0/workspace/import", {
      path: "/Shared/nb.ipynb",
      format: "AUTO",
      content: base64(ipynb),
    });
    expect((await api("GET", "/api/2.0/workspace/get-status?path=/Shared/nb")).body).toMatchObject({
      object_type: "NOTEBOOK",
      language: "PYTHON",
    });
    expect(
      (
        await api(
          "GET",
          "/api/2.0/workspace/export?path=/Shared/nb&direct_download=true&format=SOURCE",
        )
      ).text,
    ).toBe(
      "# Databricks notebook source\na = 1\nb = 2\n\n# COMMAND ----------\n\n# MAGIC %md\n# MAGIC # hi\n",
    );
    const upload = await api(
      "POST",
      `/api/2.0/workspace-files/import-file/${encodeURIComponent("/Workspace/Shared/deploy.lock")}?overwrite=false`,
      "{}",
    );
    expect(upload.status).toBe(200);
    expect(
      (
        await api(
          "POST",
          "/api/2.0/workspace-files/import-file/Workspace%2FShared%2Fdeploy.lock?overwrite=false",
          "{}",
        )
      ).status,
    ).toBe(409);
    expect(
      (
        await api(
          "POST",
          "/api/2.0/workspace-files/import-file/Workspace%2FShared%2Fno%2Fdeploy.lock?overwrite=true",
          "{}",
        )
      ).status,
    ).toBe(404);
    expect(
      (await api("GET", "/api/2.0/workspace/export?path=/Shared/deploy.lock&direct_download=true"))
        .text,
    ).toBe("{}");
  });

  it("are rejected if they are too large, have an invalid path or belong to other users", async () => {
    const { api, asUser } = server;
    const large = Buffer.alloc(10 * 1024 * 1024 + 1).toString("base64");
    expect(
      (
        await api("POST", "/api/2.0/workspace/import", {
          path: "/Shared/x",
          format: "RAW",
          content: large,
        })
      ).body,
    ).toMatchObject({
      error_code: "MAX_NOTEBOOK_SIZE_EXCEEDED",
    });
    for (const path of ["relative", "/Shared/../x", "/Shared/\u0000"])
      expect((await api("POST", "/api/2.0/workspace/mkdirs", { path })).status).toBe(400);
    const bob = await asUser("bob@example.com");
    expect(
      (await bob("POST", "/api/2.0/workspace/mkdirs", { path: "/Users/bob@example.com/x" })).status,
    ).toBe(200);
    expect(
      await bob("POST", "/api/2.0/workspace/mkdirs", { path: "/Users/admin@lakeform.local/x" }),
    ).toMatchObject({
      status: 403,
      body: { error_code: "PERMISSION_DENIED" },
    });
  });
});

describe("dbfs", () => {
  it("puts, reads, lists, moves and deletes files", async () => {
    const { api } = server;
    expect(
      (
        await api("POST", "/api/2.0/dbfs/put", {
          path: "/tmp/sample.json",
          overwrite: true,
          contents: base64('{"a":1}'),
        })
      ).body,
    ).toEqual({});
    expect((await api("GET", "/api/2.0/dbfs/get-status?path=/tmp/sample.json")).body).toMatchObject(
      {
        path: "/tmp/sample.json",
        is_dir: false,
        file_size: 7,
      },
    );
    expect(
      (await api("GET", "/api/2.0/dbfs/read?path=/tmp/sample.json&offset=1&length=3")).body,
    ).toEqual({
      bytes_read: 3,
      data: base64('"a"'),
    });
    expect((await api("GET", "/api/2.0/dbfs/list?path=/tmp")).body.files).toHaveLength(1);
    expect(
      (await api("POST", "/api/2.0/dbfs/put", { path: "/tmp/sample.json", contents: "" })).body,
    ).toMatchObject({
      error_code: "RESOURCE_ALREADY_EXISTS",
    });
    expect(
      (
        await api("POST", "/api/2.0/dbfs/move", {
          source_path: "/tmp",
          destination_path: "/there/tmp2",
        })
      ).status,
    ).toBe(200);
    expect(
      (await api("GET", "/api/2.0/dbfs/get-status?path=dbfs:/there/tmp2/sample.json")).status,
    ).toBe(200);
    expect((await api("POST", "/api/2.0/dbfs/delete", { path: "/there" })).body).toMatchObject({
      error_code: "IO_ERROR",
    });
    expect(
      (await api("POST", "/api/2.0/dbfs/delete", { path: "/there", recursive: true })).status,
    ).toBe(200);
    expect((await api("GET", "/api/2.0/dbfs/get-status?path=/there")).body).toMatchObject({
      error_code: "RESOURCE_DOES_NOT_EXIST",
    });
  });

  it("streams files by handle and by multipart upload", async () => {
    const { api } = server;
    const block = Buffer.alloc(1_000_000, 7);
    const { body } = await api("POST", "/api/2.0/dbfs/create", {
      path: "/big.bin",
      overwrite: true,
    });
    expect(body.handle).toBeGreaterThan(0);
    for (let index = 0; index < 3; index++)
      expect(
        (
          await api("POST", "/api/2.0/dbfs/add-block", {
            handle: body.handle,
            data: block.toString("base64"),
          })
        ).status,
      ).toBe(200);
    expect((await api("POST", "/api/2.0/dbfs/close", { handle: body.handle })).status).toBe(200);
    expect((await api("GET", "/api/2.0/dbfs/get-status?path=/big.bin")).body).toMatchObject({
      file_size: 3_000_000,
    });
    expect((await api("GET", "/api/2.0/dbfs/read?path=/big.bin&offset=2999990")).body).toEqual({
      bytes_read: 10,
      data: block.subarray(0, 10).toString("base64"),
    });
    expect(
      (await api("GET", "/api/2.0/dbfs/read?path=/big.bin&length=1048577")).body,
    ).toMatchObject({
      error_code: "MAX_READ_SIZE_EXCEEDED",
    });
    expect(
      (
        await api("POST", "/api/2.0/dbfs/put", {
          path: "/x",
          contents: Buffer.alloc(1024 * 1024 + 1).toString("base64"),
        })
      ).body,
    ).toMatchObject({ error_code: "MAX_BLOCK_SIZE_EXCEEDED" });
    const form = new FormData();
    form.set("path", "/multi.bin");
    form.set("contents", new Blob([Buffer.alloc(2_000_000)]), "multi.bin");
    expect((await api("POST", "/api/2.0/dbfs/put", form)).status).toBe(200);
    expect((await api("GET", "/api/2.0/dbfs/get-status?path=/multi.bin")).body).toMatchObject({
      file_size: 2_000_000,
    });
  });
});

describe("secrets", () => {
  it("are stored with scopes and ACLs", async () => {
    const { api } = server;
    expect((await api("POST", "/api/2.0/secrets/scopes/create", { scope: "etl" })).body).toEqual(
      {},
    );
    expect(await api("POST", "/api/2.0/secrets/scopes/create", { scope: "ETL" })).toMatchObject({
      status: 400,
      body: { error_code: "RESOURCE_ALREADY_EXISTS" },
    });
    expect((await api("GET", "/api/2.0/secrets/scopes/list")).body).toEqual({
      scopes: [{ name: "etl", backend_type: "DATABRICKS" }],
    });
    expect(
      (
        await api("POST", "/api/2.0/secrets/put", {
          scope: "etl",
          key: "password",
          string_value: "s3cret",
        })
      ).body,
    ).toEqual({});
    expect((await api("GET", "/api/2.0/secrets/get?scope=etl&key=password")).body).toEqual({
      key: "password",
      value: base64("s3cret"),
    });
    const { body } = await api("GET", "/api/2.0/secrets/list?scope=etl");
    expect(body.secrets).toEqual([
      { key: "password", last_updated_timestamp: expect.any(Number) as number },
    ]);
    expect(
      (await api("GET", "/api/2.0/secrets/acls/get?scope=etl&principal=admin@lakeform.local")).body,
    ).toEqual({
      principal: "admin@lakeform.local",
      permission: "MANAGE",
    });
    expect(
      (
        await api("POST", "/api/2.0/secrets/acls/put", {
          scope: "etl",
          principal: "analysts",
          permission: "READ",
        })
      ).body,
    ).toEqual({});
    expect((await api("GET", "/api/2.0/secrets/acls/list?scope=etl")).body.items).toHaveLength(2);
    expect(await api("GET", "/api/2.0/secrets/list?scope=nope")).toMatchObject({
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Scope nope does not exist!" },
    });
    expect(
      (await api("POST", "/api/2.0/secrets/put", { scope: "etl", key: "p" })).body,
    ).toMatchObject({
      error_code: "INVALID_PARAMETER_VALUE",
    });
    expect(
      (
        await api("POST", "/api/2.0/secrets/put", {
          scope: "etl",
          key: "p",
          string_value: "x".repeat(128 * 1024 + 1),
        })
      ).status,
    ).toBe(400);
  });

  it("are denied to callers without permission, and never shown in the journal", async () => {
    const { api, asUser, workspace } = server;
    const carol = await asUser("carol@example.com");
    expect((await carol("GET", "/api/2.0/secrets/list?scope=etl")).body).toMatchObject({
      error_code: "PERMISSION_DENIED",
    });
    expect((await carol("GET", "/api/2.0/secrets/scopes/list")).body).toEqual({});
    await api("POST", "/api/2.0/secrets/acls/put", {
      scope: "etl",
      principal: "carol@example.com",
      permission: "READ",
    });
    expect((await carol("GET", "/api/2.0/secrets/get?scope=etl&key=password")).status).toBe(200);
    expect(
      (
        await carol("POST", "/api/2.0/secrets/put", {
          scope: "etl",
          key: "password",
          string_value: "x",
        })
      ).status,
    ).toBe(403);
    const journal = JSON.stringify(workspace.journal({ limit: 10_000 }));
    expect(journal).toContain("/api/2.0/secrets/put");
    for (const secret of ["s3cret", base64("s3cret"), workspace.token])
      expect(journal).not.toContain(secret);
  });
});

describe("tokens", () => {
  it("are created, listed, used, revoked, and expire", async () => {
    const { api, workspace } = server;
    const { body } = await api("POST", "/api/2.0/token/create", {
      lifetime_seconds: 1,
      comment: "ci",
    });
    const { token_info, token_value } = body as {
      token_value: string;
      token_info: { token_id: string; expiry_time: number };
    };
    const me = (): Promise<{ status: number }> =>
      fetch(`${workspace.host}/api/2.0/preview/scim/v2/Me`, {
        headers: { authorization: `Bearer ${token_value}` },
      });
    expect((await me()).status).toBe(200);
    expect(JSON.stringify((await api("GET", "/api/2.0/token/list")).body)).toContain(
      token_info.token_id,
    );
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, token_info.expiry_time - Date.now()) + 5),
    );
    expect((await me()).status).toBe(401);
    expect(await api("POST", "/api/2.0/token/delete", { token_id: "nope" })).toMatchObject({
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST" },
    });
    const secondToken = await api("POST", "/api/2.0/token/create", {});
    expect(secondToken.body.token_info).toMatchObject({ expiry_time: -1 });
    await api("POST", "/api/2.0/token/delete", {
      token_id: (secondToken.body.token_info as { token_id: string }).token_id,
    });
    expect(
      (
        await fetch(`${workspace.host}/api/2.0/token/list`, {
          headers: { authorization: `Bearer ${String(secondToken.body.token_value)}` },
        })
      ).status,
    ).toBe(401);
  });

  it("allow only a change of the comment, by their owner or an admin", async () => {
    const { api, asUser } = server;
    const dora = await asUser("dora@example.com");
    const { token_info } = (await dora("POST", "/api/2.0/token/create", { comment: "ci" }))
      .body as { token_info: { token_id: string } };
    const { token_id } = token_info;
    const change = (comment: string, update_mask = "comment"): object => ({
      token: { comment },
      update_mask,
    });
    expect((await dora("PATCH", `/api/2.0/token/${token_id}`, change("deploy"))).body).toEqual({});
    expect((await api("GET", `/api/2.0/token-management/tokens/${token_id}`)).body).toMatchObject({
      token_info: { comment: "deploy" },
    });
    expect(await api("PATCH", `/api/2.0/token/${token_id}`, change("theirs"))).toMatchObject({
      status: 404,
    });
    expect(
      await dora("PATCH", `/api/2.0/token/${token_id}`, change("x", "expiry_time")),
    ).toMatchObject({ status: 400 });
    expect(
      await dora("PATCH", `/api/2.0/token-management/tokens/${token_id}`, change("x")),
    ).toMatchObject({ status: 403 });
    expect(
      (await api("PATCH", `/api/2.0/token-management/tokens/${token_id}`, change("seen"))).body,
    ).toMatchObject({ comment: "seen" });
  });
});
