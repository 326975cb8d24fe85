import fs from "node:fs";
import fc from "fast-check";
import ts from "typescript";
import type { JsonObject, JsonValue } from "../../src/workspace/errors";
import { knownFields } from "../../src/workspace/known-fields";
import { serve, type Server } from "./http-client";

let server: Server;
beforeAll(async () => {
  server = await serve();
});
afterAll(() => server.workspace.close());

const HEADER = "x-lakeform-unknown-fields";
const misspeltJob = {
  name: "misspelt",
  max_concurent_runs: 5,
  tasks: [
    {
      task_key: "a",
      max_retrys: 3,
      notebook_task: {
        notebook_path: "/Shared/a",
        notebook_params: { x: "1" },
        base_parameters: { any: "name" },
      },
      new_cluster: {
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
        spark_confs: { a: "b" },
        spark_conf: { a: "b" },
      },
    },
    {
      task_key: "b",
      for_each_task: {
        inputs: "[1]",
        task: { task_key: "c", notebook_task: { notebook_path: "/c", sources: "GIT" } },
      },
    },
  ],
  trigger: { periodic: { interval: 1, unit: "DAYS", units: 2 } },
  tags: { whatever: "is a tag" },
};
const unknownPaths = [
  "max_concurent_runs",
  "tasks[0].max_retrys",
  "tasks[0].notebook_task.notebook_params",
  "tasks[0].new_cluster.spark_confs",
  "tasks[1].for_each_task.task.notebook_task.sources",
  "trigger.periodic.units",
];

describe("fields that the API does not have", () => {
  it("are dropped from a job at every level, and named in a header and in the journal", async () => {
    const { api } = server;
    const created = await api("POST", "/api/2.2/jobs/create", misspeltJob);
    expect(created.headers.get(HEADER)).toBe(unknownPaths.join(", "));
    const get = async (): Promise<string> =>
      (await api("GET", `/api/2.2/jobs/get?job_id=${String(created.body.job_id)}`)).text;
    for (const text of [
      await get(),
      (await api("GET", "/api/2.2/jobs/list?expand_tasks=true")).text,
    ]) {
      for (const field of [
        "max_concurent_runs",
        "max_retrys",
        "notebook_params",
        "spark_confs",
        "sources",
        "units",
      ])
        expect(text).not.toContain(`"${field}"`);
      for (const expectedText of ['"any":"name"', '"spark_conf":{"a":"b"}', '"whatever"'])
        expect(text).toContain(expectedText);
    }
    for (const [call, body] of [
      ["reset", { new_settings: misspeltJob }],
      ["update", { new_settings: misspeltJob }],
    ] as const) {
      const response = await api("POST", `/api/2.2/jobs/${call}`, {
        job_id: created.body.job_id,
        ...body,
      });
      expect(response.headers.get(HEADER)).toBe(
        unknownPaths.map((path) => `new_settings.${path}`).join(", "),
      );
      expect(await get()).not.toContain("max_retrys");
    }
    const run = await api("POST", "/api/2.2/jobs/runs/submit", {
      run_name: "r",
      tasks: misspeltJob.tasks.slice(1),
      whatever: 1,
    });
    expect(run.headers.get(HEADER)).toBe(
      "tasks[0].for_each_task.task.notebook_task.sources, whatever",
    );
    const validJob = await api("POST", "/api/2.2/jobs/create", {
      name: "valid",
      tasks: [{ task_key: "a", notebook_task: { notebook_path: "/a" } }],
    });
    expect(validJob.headers.get(HEADER)).toBeNull();
    const { entries } = (await api("GET", "/_lakeform/journal?path=/api/2.2/jobs/create")).body as {
      entries: { sequence: number; unknown_fields: string[] }[];
    };
    expect(entries.map((entry) => entry.unknown_fields)).toEqual([unknownPaths, []]);
  });

  it("are named for a rejected job too, since they may be the cause", async () => {
    const response = await server.api("POST", "/api/2.2/jobs/create", {
      tasks: [{ task_keys: "a" }],
    });
    expect([response.status, response.headers.get(HEADER)]).toEqual([400, "tasks[0].task_keys"]);
  });

  it("are dropped from the task at the top of a job in the old format", async () => {
    const { api } = server;
    const created = await api("POST", "/api/2.0/jobs/create", {
      name: "old",
      notebook_task: { notebook_path: "/a", path: "/b" },
      max_retries: 1,
    });
    expect(created.headers.get(HEADER)).toBe("notebook_task.path");
    expect(
      (await api("GET", `/api/2.0/jobs/get?job_id=${String(created.body.job_id)}`)).body,
    ).toMatchObject({
      settings: { notebook_task: { notebook_path: "/a" }, max_retries: 1 },
    });
  });

  it("are dropped from clusters and warehouses, and named", async () => {
    const { api } = server;
    const settings = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
      spark_confs: {},
      aws_attributes: { zone: "a", zone_id: "b" },
    };
    const cluster = await api("POST", "/api/2.1/clusters/create", settings);
    expect(cluster.headers.get(HEADER)).toBe("spark_confs, aws_attributes.zone");
    const clusterResponse = await api(
      "GET",
      `/api/2.1/clusters/get?cluster_id=${String(cluster.body.cluster_id)}`,
    );
    expect(clusterResponse.body).toMatchObject({ aws_attributes: { zone_id: "b" } });
    expect(clusterResponse.text).not.toMatch(/spark_confs|"zone"/);
    const warehouse = await api("POST", "/api/2.0/sql/warehouses", {
      name: "w",
      cluster_size: "Small",
      auto_stop_minutes: 5,
      channel: { name: "CHANNEL_NAME_CURRENT", names: 1 },
    });
    expect(warehouse.headers.get(HEADER)).toBe("auto_stop_minutes, channel.names");
  });

  it("cannot inject into the header, which names at most 20 of them", async () => {
    const fields = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`x-${index}\r\nset-cookie: ä, b`, 1]),
    );
    const header =
      (
        await server.api("POST", "/api/2.2/jobs/create", {
          name: "j",
          tasks: misspeltJob.tasks.slice(1, 2),
          ...fields,
        })
      ).headers.get(HEADER) ?? "";
    expect(header).toMatch(/^[ -~]+, and 11 more$/);
  });

  it("property: are dropped at any level, and no other fields are", () => {
    const { max_concurent_runs: _a, ...validSettings } = misspeltJob;
    const { values } = knownFields(validSettings, "JobSettings");
    const objects: JsonObject[] = [];
    const collect = (value: JsonValue | undefined, key: string): void => {
      if (Array.isArray(value)) value.forEach((item) => collect(item, key));
      else if (
        typeof value === "object" &&
        value !== null &&
        !["tags", "spark_conf", "base_parameters"].includes(key)
      ) {
        objects.push(value);
        Object.entries(value).forEach(([name, item]) => collect(item, name));
      }
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.stringMatching(/^zz[ -~]{0,10}$/), fc.jsonValue()), {
          maxLength: 8,
        }),
        (additions) => {
          const withUnknownFields = structuredClone(values);
          objects.length = 0;
          collect(withUnknownFields, "");
          const addedFields = new Set<string>();
          for (const [objectIndex, name, value] of additions) {
            const object = objects[objectIndex % objects.length] ?? withUnknownFields;
            addedFields.add(`${objectIndex % objects.length} ${name}`);
            object[name] = value;
          }
          const result = knownFields(withUnknownFields, "JobSettings");
          expect(result.values).toEqual(values);
          expect(result.unknown).toHaveLength(addedFields.size);
        },
      ),
    );
  });

  it("include no field of a job in the official JavaScript SDK", () => {
    const interfaces = new Map<string, Map<string, string>>();
    for (const family of ["compute", "jobs"]) {
      const file = require.resolve(`@databricks/sdk-experimental/dist/apis/${family}/model.d.ts`);
      const source = ts.createSourceFile(
        file,
        fs.readFileSync(file, "utf8"),
        ts.ScriptTarget.Latest,
      );
      source.forEachChild((node) => {
        if (!ts.isInterfaceDeclaration(node)) return;
        const fields = new Map<string, string>();
        for (const member of node.members)
          if (
            ts.isPropertySignature(member) &&
            ts.isIdentifier(member.name) &&
            member.type !== undefined
          ) {
            const [item] = ts.isTypeReferenceNode(member.type)
              ? (member.type.typeArguments ?? [])
              : [];
            const type = item ?? member.type;
            const typeName = ts.isTypeReferenceNode(type) ? type.typeName.getText(source) : "";
            const name = typeName.includes(".") ? typeName : `${family}.${typeName}`;
            fields.set(member.name.text, name);
          }
        interfaces.set(`${family}.${node.name.text}`, fields);
      });
    }
    /** Returns an object of the interface `name` that has each field once. */
    const sample = (name: string, ancestors: readonly string[]): JsonObject =>
      Object.fromEntries(
        [...(interfaces.get(name) ?? [])].map(([field, type]) => [
          field,
          interfaces.has(type) && !ancestors.includes(type) && type !== name
            ? sample(type, [...ancestors, name])
            : "x",
        ]),
      );
    const job = sample("jobs.JobSettings", []);
    expect(JSON.stringify(job).length).toBeGreaterThan(5000);
    expect(knownFields(job, "JobSettings").unknown).toEqual([]);
  });
});
