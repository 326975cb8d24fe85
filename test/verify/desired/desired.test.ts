import fs from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { desiredOfStack } from "../../../src/verify/desired/desired";
import { desiredOfPlan } from "../../../src/verify/desired/desired-of-plan";
import type { SynthesizedStack, TerraformState } from "../../../src/verify/input";
import { indexState } from "../../../src/verify/deployed/state-index";
import { Sensitive, Unresolved } from "../../../src/verify/expressions/values";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

const state: TerraformState = {
  version: 4,
  serial: 3,
  lineage: "l",
  resources: [
    instance("managed", "databricks_notebook", "ingest", {
      id: "/Shared/ingest",
      path: "/Shared/ingest",
      object_id: 12,
    }),
    instance("managed", "databricks_job", "other", {
      id: "1001",
      name: "other",
      task: [{ task_key: "a" }, { task_key: "b" }],
    }),
    instance("data", "databricks_current_user", "me", { id: "7", user_name: "dev@example.com" }),
    instance("managed", "databricks_token", "ci", { id: "t1", token_value: "dapi-very-secret" }),
  ],
};

function instance(
  mode: "managed" | "data",
  type: string,
  name: string,
  attributes: Record<string, unknown>,
): TerraformState["resources"][number] {
  return { mode, type, name, instances: [{ attributes }] };
}

function attributesOf(
  value: unknown,
  more: Partial<SynthesizedStack> = {},
  options: { directory?: string; variable?: (name: string) => string | undefined } = {},
): unknown {
  const stack: SynthesizedStack = {
    ...more,
    resource: { databricks_x: { y: { value } }, ...more.resource },
  };
  const desired = desiredOfStack(stack, {
    directory: options.directory ?? ".",
    state: indexState(state),
    ...(options.variable === undefined ? {} : { variable: options.variable }),
  });
  return desired.get("databricks_x.y")?.attributes.value;
}

describe("references", () => {
  test.each([
    ["${databricks_notebook.ingest.path}", "/Shared/ingest"],
    ["${databricks_notebook.ingest.object_id}", 12],
    ["at ${databricks_notebook.ingest.path}!", "at /Shared/ingest!"],
    ["${databricks_job.other.task[1].task_key}", "b"],
    ['${databricks_job.other.task["0"].task_key}', "a"],
    ["${data.databricks_current_user.me.user_name}", "dev@example.com"],
    ["$${not.a.reference}", "${not.a.reference}"],
    ["{{job.parameters.x}}", "{{job.parameters.x}}"],
  ])("%s", (text, value) => expect(attributesOf(text)).toEqual(value));

  test("the code takes precedence over the state for a reference", () => {
    const resource = { databricks_notebook: { ingest: { path: "/Shared/new" } } };
    expect(attributesOf("${databricks_notebook.ingest.path}", { resource })).toBe("/Shared/new");
    expect(attributesOf("${databricks_notebook.ingest.object_id}", { resource })).toBe(12);
  });

  test("variables have their default or the value of their type, and sensitive ones are never shown", () => {
    const variable = {
      plain: { default: "d" },
      list: { type: "list(string)" },
      key: { sensitive: true },
      gone: {},
    };
    const variableValue = (name: string): string | undefined =>
      ({ list: '["a","b"]', key: "hunter2-hunter2" })[name];
    expect(attributesOf("${var.plain}", { variable })).toBe("d");
    expect(attributesOf("${var.list[1]}", { variable }, { variable: variableValue })).toBe("b");
    expect(attributesOf("${var.gone}", { variable })).toBeInstanceOf(Unresolved);
    const secret = attributesOf(
      "key=${var.key}",
      { variable },
      { variable: variableValue },
    ) as Sensitive;
    expect(secret).toBeInstanceOf(Sensitive);
    expect(secret.reveal()).toBe("key=hunter2-hunter2");
    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect(secret)}`).not.toContain(
      "hunter2",
    );
    expect((attributesOf("${var.key}", { variable }) as Sensitive).reveal()).toBeUndefined();
  });

  test("a sensitive attribute of the state stays sensitive where it is used", () => {
    expect(attributesOf("${databricks_token.ci.token_value}")).toBeInstanceOf(Sensitive);
  });

  test("cycles are detected", () => {
    const resource = {
      databricks_a: { x: { v: "${databricks_b.x.v}" } },
      databricks_b: { x: { v: "${databricks_a.x.v}" } },
    };
    const desired = desiredOfStack({ resource }, { directory: ".", state: new Map() });
    expect(desired.get("databricks_a.x")?.attributes.v).toBeInstanceOf(Unresolved);
  });
});

describe("expressions", () => {
  const directory = makeFolder("expressions");
  fs.writeFileSync(path.join(directory, "hello.txt"), "hello\n");

  test.each([
    ['${file("hello.txt")}', "hello\n"],
    ['${filemd5("${path.module}/hello.txt")}', "b1946ac92492d2347c6235b4d2611184"],
    [
      '${jsonencode({"b" = 1, "a" = ["<x>", true, null]})}',
      '{"a":["\\u003cx\\u003e",true,null],"b":1}',
    ],
    ['${jsondecode("{\\"a\\":[1,2]}").a[1]}', 2],
    ['${join("-", ["a", "b"])}', "a-b"],
    ["${1 + 2 * 3}", 7],
    ['${(1 + 2) * 3 >= 9 ? upper("yes") : "no"}', "YES"],
    ["${!true || 2 == 2}", true],
    ["${-1 + 1}", 0],
    ['${base64encode("a${1 + 1}b")}', "YTJi"],
    ['${merge({a = 1}, {b = 2})["b"]}', 2],
    ['${format("%s/%d%%", "x", 5)}', "x/5%"],
    ['${lookup({a = "1"}, "z", "none")}', "none"],
    ["${try(databricks_nothing.x.y, 5)}", 5],
    ['${trimprefix("refs/heads/main", "refs/heads/")}', "main"],
  ])("%s", (text, value) => expect(attributesOf(text, {}, { directory })).toEqual(value));

  test.each([
    ["${databricks_job.new.id}", /not deployed yet/],
    ["${uuid()}", /uuid\(\) returns a different/],
    ["${timestamp()}", /different value each time/],
    ['${cidrhost("10.0.0.0/8", 1)}', /cidrhost\(\) is not supported/],
    ["%{ if true }a", /endif/],
    ["${null ? 1 : 2}", /must be true or false/],
    ["${[for x in databricks_none.x : x]}", /unknown here/],
    ["${jsonencode(databricks_job.other)}", /whole resource in jsonencode/],
    ['${[for x in [1, 2] : x if uuid() == "a"]}', /different value/],
    ['${regex("[[:alpha:]]+", "a")}', /pattern/],
    ["${module.a.b}", /module/],
    ['${file("missing.txt")}', /cannot read/],
    ['${templatefile("missing.tftpl", {})}', /cannot read/],
    ["${databricks_job.other}", /whole/],
    ["${1 +", /expected/],
    ["${local.missing}", /no local/],
  ])("%s is unresolved, with the expression", (text, reason) => {
    const value = attributesOf(text, {}, { directory }) as Unresolved;
    expect(value).toBeInstanceOf(Unresolved);
    expect(value.expression).toBe(text);
    expect(value.reason).toMatch(reason);
  });

  test("instances of repeated resources are resolved, even if they are not deployed yet; a repeated resource as a whole is not", () => {
    const resource = {
      databricks_directory: {
        named: { for_each: '${toset(["b", "a"])}', path: "/x/${each.key}" },
        counted: { count: 2, path: "/y/${count.index}" },
      },
    };
    const value = (text: string): unknown => attributesOf(text, { resource });
    expect(value("${[for d in databricks_directory.named : d.path]}")).toEqual(["/x/a", "/x/b"]);
    expect(value("${databricks_directory.counted[*].path}")).toEqual(["/y/0", "/y/1"]);
    expect(value("${values(databricks_directory.named)[*].path}")).toEqual(["/x/a", "/x/b"]);
    expect(value('${databricks_directory.named["a"].path}')).toBe("/x/a");
    expect(value("${length(databricks_directory.named)}")).toBe(2);
    expect(value("${databricks_job.other.task[*].task_key}")).toEqual(["a", "b"]);
    expect(value("${databricks_directory.named}")).toBeInstanceOf(Unresolved);
  });

  test("a reference to a zero value of the state resolves to it, not to null", () => {
    const stateEntries = indexState({
      ...state,
      resources: [instance("data", "databricks_x", "d", { id: "1", on: false, size: 0, text: "" })],
    });
    const stack: SynthesizedStack = {
      resource: {
        databricks_x: {
          y: {
            a: "${data.databricks_x.d.on ? 1 : 2}",
            b: "n=${data.databricks_x.d.size}${data.databricks_x.d.text}",
          },
        },
      },
    };
    expect(
      desiredOfStack(stack, { directory: ".", state: stateEntries }).get("databricks_x.y")
        ?.attributes,
    ).toEqual({ a: 2, b: "n=0" });
  });

  test("terraform.workspace, path.module, path.root and path.cwd are resolved", () => {
    const stack = (value: string): SynthesizedStack => ({
      resource: { databricks_x: { y: { value } } },
    });
    const desiredWith = (value: string, workspace?: string): unknown =>
      desiredOfStack(stack(value), {
        directory,
        state: new Map(),
        ...(workspace === undefined ? {} : { workspace }),
      }).get("databricks_x.y")?.attributes.value;
    expect(desiredWith("a-${terraform.workspace}")).toBe("a-default");
    expect(desiredWith("a-${terraform.workspace}", "blue")).toBe("a-blue");
    // Files are resolved from the stack's folder, wherever the command runs.
    expect(desiredWith("${path.module}/hello.txt")).toBe("./hello.txt");
    expect(desiredWith('${file("${path.root}/hello.txt")}')).toBe("hello\n");
    expect(desiredWith("${path.cwd}/hello.txt")).toBe(path.join(directory, "hello.txt"));
  });

  test("a condition on a sensitive value with an unresolved part selects no branch, and functions of sensitive values are sensitive", () => {
    const variable = { key: { sensitive: true }, list: { type: "list(string)", sensitive: true } };
    const variableValue = (name: string): string | undefined =>
      ({ key: "hunter2-hunter2", list: '["hunter2-hunter2"]' })[name];
    const value = (text: string): unknown =>
      attributesOf(text, { variable }, { variable: variableValue });
    expect(value('${sensitive(uuid()) == "x" ? "yes" : "no"}')).toBeInstanceOf(Unresolved);
    expect(value('${sensitive([uuid()])[0] == "x" ? "yes" : "no"}')).toBeInstanceOf(Unresolved);
    expect((value('${var.key == "hunter2-hunter2" ? "yes" : "no"}') as Sensitive).reveal()).toBe(
      "yes",
    );
    expect((value("${jsonencode({k = var.key})}") as Sensitive).reveal()).toBe(
      '{"k":"hunter2-hunter2"}',
    );
    expect((value('${join(",", ["a", var.key])}') as Sensitive).reveal()).toBe("a,hunter2-hunter2");
    expect((value('${join(",", var.list)}') as Sensitive).reveal()).toBe("hunter2-hunter2");
    expect(inspect(value("${merge({a = var.key}, {b = 1})}"), { depth: 9 })).not.toContain(
      "hunter2",
    );
  });

  test("only the undetermined part of a value is unresolved", () => {
    const value = attributesOf({ a: "x", b: ["${uuid()}", "y"] }) as { a: unknown; b: unknown[] };
    expect(value.a).toBe("x");
    expect(value.b[0]).toBeInstanceOf(Unresolved);
    expect(value.b[1]).toBe("y");
  });
});

describe("repeated resources", () => {
  test("count and for_each are expanded", () => {
    const resource = {
      databricks_directory: {
        numbered: { count: 2, path: "/a/${count.index}" },
        named: { for_each: '${toset(["x", "y"])}', path: "/b/${each.key}" },
        mapped: {
          for_each: { k: "v" },
          path: "/c/${each.key}/${each.value}",
          depends_on: ["databricks_directory.named"],
          lifecycle: { ignore_changes: ["path"] },
        },
      },
    };
    const desired = desiredOfStack({ resource }, { directory: ".", state: new Map() });
    expect(
      Object.fromEntries([...desired].map(([address, { attributes }]) => [address, attributes])),
    ).toEqual({
      "databricks_directory.numbered[0]": { path: "/a/0" },
      "databricks_directory.numbered[1]": { path: "/a/1" },
      'databricks_directory.named["x"]': { path: "/b/x" },
      'databricks_directory.named["y"]': { path: "/b/y" },
      'databricks_directory.mapped["k"]': { path: "/c/k/v" },
    });
    expect(desired.get('databricks_directory.mapped["k"]')?.ignoreChanges).toEqual(["path"]);
  });

  test("dynamic blocks next to fixed ones are known if the value they iterate over is known", () => {
    const task = (for_each: unknown): unknown => {
      const dynamic = {
        task: {
          for_each,
          iterator: "t",
          content: { task_key: "${t.key}-${t.value}", max_retries: 1 },
        },
      };
      const resource = {
        databricks_job: { j: { name: "n", task: [{ task_key: "first" }], dynamic } },
      };
      return desiredOfStack({ resource }, { directory: ".", state: new Map() }).get(
        "databricks_job.j",
      )?.attributes.task;
    };
    // Terraform iterates a map in the order of its keys.
    expect(task({ b: "y", a: "x" })).toEqual([
      { task_key: "first" },
      { task_key: "a-x", max_retries: 1 },
      { task_key: "b-y", max_retries: 1 },
    ]);
    expect(task(["q"])).toEqual([{ task_key: "first" }, { task_key: "0-q", max_retries: 1 }]);
    // The key of an element of a set is the element.
    expect(task('${toset(["q"])}')).toEqual([
      { task_key: "first" },
      { task_key: "q-q", max_retries: 1 },
    ]);
    expect(task("${databricks_none.x}")).toBeInstanceOf(Unresolved);
  });
});

test("a plan provides the desired values of a project in HCL: secrets wrapped, unknown values unresolved", () => {
  const plan = {
    planned_values: {
      root_module: {
        resources: [
          {
            address: "databricks_secret.s",
            mode: "managed",
            type: "databricks_secret",
            name: "s",
            values: { scope: "a", key: "k", string_value: "hunter2" },
            sensitive_values: { string_value: true },
          },
        ],
        child_modules: [
          {
            resources: [
              {
                address: "module.m.databricks_job.j",
                mode: "managed",
                type: "databricks_job",
                name: "j",
                values: { name: "n", tags: { a: "b" } },
                sensitive_values: { tags: { a: true } },
              },
            ],
          },
        ],
      },
    },
    resource_changes: [
      {
        address: "module.m.databricks_job.j",
        change: {
          actions: ["update"],
          after_unknown: { description: true, id: true, task: [{ existing_cluster_id: true }] },
        },
      },
    ],
  };
  const desired = desiredOfPlan({ plan });
  expect(desired.get("databricks_secret.s")?.attributes.string_value).toBeInstanceOf(Sensitive);
  const job = desired.get("module.m.databricks_job.j")?.attributes;
  expect((job?.tags as { a: unknown }).a).toBeInstanceOf(Sensitive);
  expect(job?.description).toBeInstanceOf(Unresolved);
  expect(job?.id).toBeUndefined();
});
