import fs from "node:fs";
import path from "node:path";
import { planWithoutResources, stateOfPlan } from "../../../src/resources/cut/saved-plan";
import { unzip, zip } from "../../../src/workspace/objects/zip";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

function planOf(name: string, content: string): string {
  const file = path.join(makeFolder("plan"), "tfplan");
  fs.writeFileSync(file, zip(name, Buffer.from(content)));
  return file;
}

/** Returns a file of a saved plan that is reduced to its changes. */
function reducedEntry(name: string, content: string): string {
  const [fullPlan, planFile] = [planOf(name, content), path.join(makeFolder("plan"), "tfplan")];
  const entries = [
    ...(unzip(fs.readFileSync(fullPlan)) ?? []),
    ...(unzip(fs.readFileSync(planOf("tfplan", "changes"))) ?? []),
  ];
  fs.writeFileSync(planFile, archiveOf(entries.map((entry) => [entry.name, entry.content()])));
  const [first, second, ...more] = unzip(planWithoutResources(planFile) ?? Buffer.alloc(0)) ?? [];
  expect([first?.name, second?.name, second?.content().toString("utf8"), more]).toEqual([
    name,
    "tfplan",
    "changes",
    [],
  ]);
  return first?.content().toString("utf8") ?? "";
}

/** Merges two archives with one file each. */
function archiveOf([first, second]: (readonly [name: string, content: Buffer])[]): Buffer {
  const parts = [first, second].map((entry) =>
    zip(entry?.[0] ?? "", entry?.[1] ?? Buffer.alloc(0)),
  );
  const central = Buffer.from("PK\x01\x02");
  const [a, b] = parts.map((bytes) => ({
    local: bytes.subarray(0, bytes.indexOf(central)),
    list: bytes.subarray(bytes.indexOf(central), -22),
  }));
  if (a === undefined || b === undefined) throw new Error("not two archives");
  const moved = Buffer.from(b.list);
  moved.writeUInt32LE(a.local.length, 42);
  const end = Buffer.from(parts[0]?.subarray(-22) ?? []);
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(a.list.length + moved.length, 12);
  end.writeUInt32LE(a.local.length + b.local.length, 16);
  return Buffer.concat([a.local, b.local, a.list, moved, end]);
}

const resources = [{ mode: "managed", type: "databricks_job", name: "a", instances: [] }];
const state = {
  version: 4,
  terraform_version: "1.11.4",
  serial: 3,
  lineage: "l",
  outputs: { o: { value: 1 } },
  resources,
};
const empty = { version: 4, serial: 3, lineage: "l", outputs: {}, resources: [] };

test.each(["tfstate", "tfstate-prev"])("the reduced plan has no resource of %s", (name) => {
  for (const indent of [2, 0])
    expect(JSON.parse(reducedEntry(name, JSON.stringify(state, undefined, indent)))).toEqual(empty);
});

test("the reduced plan has the configuration without resources, with unchanged numbers", () => {
  const text =
    '{"variable":{"v":{"default":12345678901234567890}},"resource":{"databricks_job":{"a":{"name":"a"}}},"output":{"o":{"value":"1"}}}';
  expect(reducedEntry("tfconfig/m-/cdk.tf.json", text)).toBe(
    '{"variable":{"v":{"default":12345678901234567890}},"output":{"o":{"value":"1"}}}',
  );
});

test("the reduced plan keeps resources of other providers, from which Terraform determines the schemas it needs", () => {
  const provider = (name: string): string => `provider["registry.terraform.io/${name}"]`;
  const databricksResource = { ...resources[0], provider: provider("databricks/databricks") };
  const other = {
    mode: "managed",
    type: "terraform_data",
    name: "t",
    provider: 'provider["terraform.io/builtin/terraform"]',
    instances: [],
  };
  expect(
    JSON.parse(
      reducedEntry("tfstate", JSON.stringify({ ...state, resources: [databricksResource] })),
    ),
  ).toEqual(empty);
  expect(
    JSON.parse(
      reducedEntry(
        "tfstate",
        JSON.stringify({ ...state, resources: [databricksResource, other] }, undefined, 2),
      ),
    ),
  ).toEqual({
    ...empty,
    resources: [other],
  });
  const configuration = { resource: { databricks_job: { a: {} }, random_id: { b: {} } } };
  expect(
    JSON.parse(reducedEntry("tfconfig/m-/cdk.tf.json", JSON.stringify(configuration))),
  ).toEqual({
    resource: { random_id: { b: {} } },
  });
});

test.each(["tfconfig/modules.json", "tfconfig/m-child/main.tf.json", ".terraform.lock.hcl"])(
  "the reduced plan has an unchanged %s",
  (name) => {
    const text = JSON.stringify({ resource: { databricks_job: { a: {} } }, resources });
    expect(reducedEntry(name, text)).toBe(text);
  },
);

test("a file that is not an unencrypted plan is left to Terraform", () => {
  expect(planWithoutResources(planOf("other", "{}"))).toBeUndefined();
  const file = path.join(makeFolder("plan"), "encrypted");
  fs.writeFileSync(file, '{"encrypted_data":"x"}');
  expect(planWithoutResources(file)).toBeUndefined();
});

test("the version of a plan's state can be read without the state", () => {
  const version = { lineage: "l", serial: 3 };
  expect(stateOfPlan(planOf("tfstate", JSON.stringify(state, undefined, 2)))).toEqual(version);
  expect(stateOfPlan(planOf("tfstate", JSON.stringify(state)))).toEqual(version);
  expect(
    stateOfPlan(planOf("tfstate", JSON.stringify({ ...state, lineage: "" }, undefined, 2))),
  ).toBeUndefined();
});
