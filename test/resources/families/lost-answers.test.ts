/** If the response to a create is lost, no object is created twice, and none is lost. */
import { catalog } from "../../../src/resources/kinds/catalog";
import { cluster } from "../../../src/resources/kinds/cluster";
import { connect } from "../../../src/api";
import type { LostCreate } from "../../../src/resources/kind";
import { dbfsFile } from "../../../src/resources/kinds/dbfs-file";
import { job } from "../../../src/resources/kinds/job";
import { secretScope } from "../../../src/resources/kinds/secret-scope";
import { token } from "../../../src/resources/kinds/token";
import { ucSchema } from "../../../src/resources/kinds/uc-schema";
import { volume } from "../../../src/resources/kinds/volume";
import { listAll, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
beforeAll(async () => {
  lab = await openKindLab();
  await lab.api.post("/api/2.1/unity-catalog/catalogs", { name: "lake" });
  await lab.api.post("/api/2.1/unity-catalog/schemas", { catalog_name: "lake", name: "raw" });
});
afterEach(() => {
  const unusedFaults = lab.workspace.faults.list().filter(({ fired }) => fired === 0);
  lab.workspace.faults.clear();
  expect(unusedFaults).toEqual([]);
});
afterAll(() => lab.close());

/** Makes the next call take effect without a response. */
function loseResponse(path: string): void {
  lab.workspace.faults.add({ method: "POST", path, nth: 1, when: "after", drop: true });
}

test.each([
  ["secret scope", secretScope, "/api/2.0/secrets/scopes/create", { name: "app" }, "app"],
  ["catalog", catalog, "/api/2.1/unity-catalog/catalogs", { name: "sales" }, "sales"],
  [
    "schema",
    ucSchema,
    "/api/2.1/unity-catalog/schemas",
    { catalog_name: "lake", name: "silver" },
    "lake.silver",
  ],
  [
    "volume",
    volume,
    "/api/2.1/unity-catalog/volumes",
    { catalog_name: "lake", schema_name: "raw", name: "in", volume_type: "MANAGED" },
    "lake.raw.in",
  ],
])(
  "a %s whose create lost its response is found and adopted",
  async (_title, kind, path, planned, id) => {
    loseResponse(path);
    expect(await kind.create(lab.api, planned, lab.context)).toMatchObject({ id });
    expect(await kind.read(lab.reader, id, { known: planned })).toBeDefined();
  },
);

test("the upload of a DBFS file restarts after a lost block, and the file is complete", async () => {
  const content = Buffer.alloc(2_100_000, "0123456789abcdef");
  const planned = { path: "/tmp/lost.bin", content_base64: content.toString("base64") };
  lab.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/dbfs/add-block",
    nth: 2,
    when: "after",
    drop: true,
  });
  await dbfsFile.create(lab.api, planned, lab.context);
  const remote = await dbfsFile.read(lab.reader, "/tmp/lost.bin", { known: planned });
  expect(remote?.content).toEqual(await dbfsFile.desiredContent?.(planned, "."));
});

const jobIds = async (name: string): Promise<number[]> =>
  (
    (await lab.api.get("/api/2.2/jobs/list", { query: { name } })) as {
      jobs?: { job_id: number }[];
    }
  ).jobs?.map((job) => job.job_id) ?? [];

test("two jobs of one name created at once both exist, regardless of which response is lost", async () => {
  loseResponse("/api/2.0/jobs/create");
  const createdIds = await Promise.all(
    [1, 2].map(() => job.create(lab.api, { name: "twins" }, lab.context)),
  );
  expect(createdIds.map(({ id }) => Number(id)).sort()).toEqual((await jobIds("twins")).sort());
  expect(new Set(createdIds.map(({ id }) => id)).size).toBe(2);
});

test("a job that this process has already created, or one with other settings, is not mistaken for the lost one", async () => {
  await job.create(lab.api, { name: "known", max_concurrent_runs: 2 }, lab.context);
  await lab.api.post("/api/2.2/jobs/create", { name: "known", max_concurrent_runs: 3 });
  lab.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/jobs/create",
    nth: 1,
    when: "before",
    drop: true,
  });
  const before = await jobIds("known");
  const { id } = await job.create(lab.api, { name: "known", max_concurrent_runs: 2 }, lab.context);
  expect(before).not.toContain(Number(id));
  expect((await jobIds("known")).sort()).toEqual([...before, Number(id)].sort());
});

test("a truncated response counts as lost", async () => {
  lab.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/jobs/create",
    nth: 1,
    when: "after",
    truncate: true,
  });
  const { id } = await job.create(lab.api, { name: "truncated" }, lab.context);
  expect(await jobIds("truncated")).toEqual([Number(id)]);
});

test("a cluster with an idempotency token is requested again, and is created once", async () => {
  loseResponse("/api/2.1/clusters/create");
  const spec = {
    cluster_name: "tokened",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
    no_wait: true,
  };
  const { id } = await cluster.create(lab.api, { ...spec, idempotency_token: "t-1" }, lab.context);
  const all = (
    (await lab.api.get("/api/2.1/clusters/list")) as { clusters: { cluster_id: string }[] }
  ).clusters;
  expect(all.map((item) => item.cluster_id)).toEqual([id]);
});

test("a secret scope that contains secrets is assumed to belong to another user", async () => {
  await lab.api.post("/api/2.0/secrets/scopes/create", { scope: "theirs" });
  await lab.api.post("/api/2.0/secrets/put", { scope: "theirs", key: "k", string_value: "v" });
  lab.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/secrets/scopes/create",
    nth: 1,
    when: "before",
    drop: true,
  });
  await expect(secretScope.create(lab.api, { name: "theirs" }, lab.context)).rejects.toThrow();
});

test("a token with a lost value is revoked, and another one is created", async () => {
  loseResponse("/api/2.0/token/create");
  const { id } = await token.create(lab.api, { comment: "lost" }, lab.context);
  expect(
    (await listAll(lab, token))
      .filter((item) => item.attributes.comment === "lost")
      .map((item) => item.id),
  ).toEqual([id]);
});

/** Makes the next create of a token fail without an effect, after another one may have ended. */
const loseTokenRequest = (): unknown =>
  lab.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/token/create",
    nth: 1,
    when: "before",
    delay_ms: 300,
    drop: true,
  });
const tokensNamed = async (comment: string): Promise<string[]> =>
  (await listAll(lab, token))
    .filter(({ attributes }) => attributes.comment === comment)
    .map(({ id }) => id)
    .sort();

test("after a lost request, no token of another create of the same process is revoked", async () => {
  loseTokenRequest();
  const created = await Promise.all(
    [1, 2].map(() => token.create(lab.api, { comment: "twice" }, lab.context)),
  );
  expect(await tokensNamed("twice")).toEqual(created.map(({ id }) => id).sort());
});

test("after a lost request, no token with another lifetime, or created much later, is revoked", async () => {
  loseTokenRequest();
  const planned = { comment: "shared", lifetime_seconds: 3600 };
  const creating = token.create(lab.api, planned, lab.context);
  const other = connect({ host: lab.workspace.host, token: lab.workspace.token, env: {} });
  const { token_info: info } = (await other.post("/api/2.0/token/create", {
    comment: "shared",
    lifetime_seconds: 86_400,
  })) as { token_info: { token_id: string } };
  const { id } = await creating;
  expect(await tokensNamed("shared")).toEqual([info.token_id, id].sort());
  // The note of a process that was killed an hour ago.
  const begin = (): Promise<LostCreate> => Promise.resolve({ started: Date.now() - 3_600_000 });
  const pending = { begin, discard: () => undefined };
  const third = await token.create(lab.api, planned, { ...lab.context, pending });
  expect(await tokensNamed("shared")).toEqual([info.token_id, id, third.id].sort());
  await other.close();
});
