import { scaled } from "../support/scale";
import { serve } from "./http-client";
import { fuzzWorkspace } from "./fuzz";

it("the workspace handles 20,000 random calls without a 5xx, a crash or a file outside its folder", async () => {
  for (let round = 0; round < 4; round++)
    expect(await fuzzWorkspace(scaled(5_000, 500), 1000 + round)).toEqual([]);
});

it("the workspace rejects bodies of 100 MB and continues to serve", async () => {
  const { api, workspace } = await serve();
  for (const path of ["/api/2.0/dbfs/put", "/api/2.0/workspace/import", "/api/2.2/jobs/create"]) {
    const status = await api("POST", path, Buffer.alloc(100 * 1024 * 1024, 0x20)).then(
      (response) => response.status,
      // The server may close the connection instead of reading the body.
      () => 413,
    );
    expect(status).toBe(413);
  }
  expect((await api("GET", "/api/2.0/dbfs/list?path=/")).status).toBe(200);
  await workspace.close();
});
