import { findKind, kinds } from "../../src/resources";
import { notebook } from "./jobs-support";
import {
  createJob,
  createSampleObjects,
  errors,
  externalRequests,
  openPage,
  page,
  runNow,
  server,
  signIn,
  useWebLab,
} from "./web-lab";

useWebLab();
beforeAll(signIn);

test("the link of every kind leads to a page, and those of four kinds show their object", async () => {
  const ids: Readonly<Record<string, string>> = {
    databricks_directory: "/Shared",
    databricks_file: "/Volumes/a/b/c/d",
    databricks_notebook: "/Shared/a",
    databricks_registered_model: "a.b.c",
    databricks_volume: "a.b.c",
    databricks_workspace_file: "/Shared/a",
  };
  for (const { type, identity } of kinds) {
    const address = identity.link?.("", ids[type] ?? "7", { path: "/Repos/a" });
    if (address === undefined) continue;
    const requestedAddress = address.startsWith("/#")
      ? `/hash?address=${encodeURIComponent(address.slice(1))}`
      : address;
    const response = await fetch(`${server.workspace.host}${requestedAddress}`, {
      redirect: "manual",
    });
    expect([type, response.status < 400 && response.headers.get("location") !== "/"]).toEqual([
      type,
      true,
    ]);
  }
  const warehouse = (
    await server.ok("POST", "/api/2.0/sql/warehouses", { name: "reports", cluster_size: "Small" })
  ).id as string;
  const pool = { instance_pool_name: "spare", node_type_id: "Standard_DS3_v2" };
  const { instance_pool_id } = await server.ok("POST", "/api/2.0/instance-pools/create", pool);
  await server.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "a@b" });
  await server.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/100% a b" });
  const linkFor = (type: string, objectId: string): string =>
    findKind(type)?.identity.link?.("", objectId, {}) ?? "";
  for (const [type, objectId, expectedUrl, expectedText] of [
    ["databricks_sql_endpoint", warehouse, `/sql/warehouses/${warehouse}`, '"name": "reports"'],
    [
      "databricks_instance_pool",
      instance_pool_id as string,
      "/instance-pools/",
      '"instance_pool_name": "spare"',
    ],
    ["databricks_secret_scope", "a@b", "/secrets#a%40b", "a@b"],
    ["databricks_directory", "/Shared/100% a b", "/workspace?path=", "100% a b"],
  ] as const) {
    await page.goto("about:blank");
    await openPage(linkFor(type, objectId));
    await page.waitForURL((url) => url.href.includes(expectedUrl));
    expect(await page.textContent("main")).toContain(expectedText);
  }
  expect(
    await page.request
      .get(`${server.workspace.host}/sql/warehouses/none`)
      .then((response) => response.status()),
  ).toBe(404);
});

test("long lists are paged, and every page fits a phone", async () => {
  await createSampleObjects();
  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      createJob({ name: `bulk ${index}`, tasks: [notebook("a")] }),
    ),
  );
  const job = await createJob({ name: "often", tasks: [notebook("a")], max_concurrent_runs: 100 });
  for (let index = 0; index < 60; index++) await runNow(job);
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
  for (let index = 0; index < 51; index++)
    await server.ok("POST", "/api/2.1/clusters/create", { ...cluster, cluster_name: `c ${index}` });
  const rows = (): Promise<number> => page.locator("tbody tr").count();
  for (const [address, olderLink, newestLink] of [
    ["/jobs", "Older jobs", "Newest jobs"],
    [`/runs?job=${job}`, "Older runs", "Newest runs"],
    ["/clusters", "Older clusters", "Newest clusters"],
  ] as const) {
    await openPage(address);
    expect([address, await rows(), await page.locator(`text=${newestLink}`).count()]).toEqual([
      address,
      50,
      0,
    ]);
    await page.click(`text=${olderLink}`);
    await page.waitForSelector(`text=${newestLink}`);
    expect(await rows()).toBeGreaterThan(0);
    await page.click(`text=${newestLink}`);
    await page.waitForSelector(`text=${olderLink}`);
  }
  await openPage(`/jobs/${job}`);
  await page.click("text=All runs of this job");
  await page.waitForSelector("h1:has-text('Runs of often')");
  await page.setViewportSize({ width: 390, height: 800 });
  const [run] = (await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}&limit=1`)).runs as {
    run_id: number;
  }[];
  for (const address of [
    "/",
    "/jobs",
    `/jobs/${job}`,
    `/jobs/${job}/runs/${run?.run_id ?? 0}`,
    "/runs",
    "/clusters",
    "/secrets",
    "/dbfs",
    "/workspace?path=/Shared/etl",
    "/journal",
  ]) {
    await openPage(address);
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect([address, overflow]).toEqual([address, 0]);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
});

test("the pages load nothing from outside and comply with their content security policy", () => {
  expect(externalRequests).toEqual([]);
  expect(errors).toEqual([]);
});
