import { objectPages } from "../../src/workspace/web/object-pages";
import { openFormBrowser, type FormBrowser } from "./forms";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
let browser: FormBrowser;
beforeAll(async () => {
  server = await startTestWorkspace();
  browser = openFormBrowser(server.workspace.host);
  await browser.get("/");
  await browser.send("/login", { token: server.workspace.token });
});
afterAll(() => server.close());

test("an app's page, to which its url leads, shows the app", async () => {
  const { url } = (await server.ok("POST", "/api/2.0/apps", { name: "sales-app" })) as {
    url: string;
  };
  const { status, text } = await browser.get(url.slice(server.workspace.host.length));
  expect(status).toBe(200);
  expect(text).toContain("sales-app");
});

test.each(objectPages.map(({ address }) => [address]))(
  "the page %s reads a route of the API",
  async (address) => {
    const { text } = await browser.get(address.replace(/:\w+$/, "none"));
    expect(text).not.toContain("does not have GET");
  },
);

test("the repair of an active run fails with its reason", async () => {
  const tasks = [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }];
  const { job_id } = await server.ok("POST", "/api/2.2/jobs/create", { name: "j", tasks });
  const { run_id } = (await server.ok("POST", "/api/2.2/jobs/run-now", { job_id })) as {
    run_id: number;
  };
  await browser.get("/");
  const { status, text } = await browser.send(`/runs/${run_id}/repair`);
  expect(status).toBe(400);
  expect(text).toContain("<h1>Action failed");
  expect(text).toContain("is active and cannot be repaired");
});

test("a job's page shows where each task runs", async () => {
  const { job_id } = (await server.ok("POST", "/api/2.2/jobs/create", {
    name: "compute",
    tasks: [
      { task_key: "a", notebook_task: { notebook_path: "/Shared/a" } },
      { task_key: "b", sql_task: { warehouse_id: "w1", query: { query_id: "q" } } },
      { task_key: "c", pipeline_task: { pipeline_id: "p" } },
    ],
  })) as { job_id: number };
  const { text } = await browser.get(`/jobs/${job_id}`);
  for (const compute of ["serverless", "SQL warehouse", "pipeline"])
    expect(text).toContain(`<td>${compute}</td>`);
});
