/**
 * Deploys random configurations of every kind by REST, as `lakeform/testing` does, and by
 * Terraform, and compares the calls and the states.
 */
import { connect } from "../../src/api";
import { resourceTypes } from "../../src/resources/shape/schema";
import { applyByRest } from "../../src/testing/apply";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { withoutEmpty } from "../support/replay-compare";
import { scaled } from "../support/scale";
import { noChanges, Stack } from "../support/stack";

const count = scaled(20, 2);
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240102");

/** Sorts the keys of maps, and the lists that are sets: lists of strings, and libraries. */
function withSortedSets(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => withSortedSets(item));
    const isSet = items.every((item) => typeof item === "string") || /^librar(y|ies)$/.test(name);
    return isSet ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withSortedSets(inner, key)]));
}

/**
 * Serializes a value with placeholders for ids, times and addresses, which differ between
 * workspaces.
 */
const withoutIds = (value: unknown): string =>
  JSON.stringify(withSortedSets(value))
    .replaceAll(/\b\d{4}-\d{6}-[a-z0-9]{8}\b/g, "CLUSTER")
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
    .replaceAll(/\b([0-9a-f]{16,64}|[0-9A-F]{16}|\d{10,})\b/g, "ID")
    .replaceAll(/\d{4}-\d{6}-pool\d+-pool-[a-z0-9]{8}/g, "POOL")
    .replaceAll(/(dapi|dose)[0-9a-f]{32}/g, "TOKEN")
    .replaceAll(/"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"/g, '"TIME"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"')
    // These values depend on the time and on the object's id.
    .replaceAll(/"(state|num_clusters|zone_id)":("[A-Z]+"|"us-west-2[a-z]"|\d+)/g, '"$1":0')
    .replaceAll(/"port":\d+/g, '"port":0')
    .replaceAll(/127\.0\.0\.1:\d+/g, "HOST");

/**
 * Clears the position of an init script: the platform assigns the next free one, which depends on
 * the order in which creates arrive.
 */
function withoutPosition(address: string, state: JsonObject): JsonObject {
  return address.startsWith("databricks_global_init_script.")
    ? { ...state, position: null }
    : state;
}

async function deployAll(
  method: "rest" | "terraform",
): Promise<{ readonly calls: readonly string[]; readonly states: readonly string[] }> {
  const stack = await Stack.open();
  try {
    const prerequisites = await prepareRandom(stack, count);
    const client = connect({ env: {}, host: stack.workspace.host, token: stack.workspace.token });
    // Without the folder, dashboards that are created at the same time are created repeatedly.
    await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/random" });
    const resourcesByType = resourceTypes().map((type): [string, JsonObject] => {
      const resources = randomResources(type, prerequisites, count, seed);
      return [type, Object.fromEntries(resources.map(({ config }, i) => [`r${i}`, config]))];
    });
    const resource = Object.fromEntries(resourcesByType);
    const lastCall = stack.workspace.journal({ limit: 1_000_000 }).at(-1)?.sequence ?? 0;
    let states: Readonly<Record<string, unknown>>;
    if (method === "terraform") {
      stack.write(resource);
      expect(await stack.apply()).toMatchObject({ code: noChanges.code, errors: [] });
      states = stack.state();
    } else {
      const { resources } = await applyByRest(
        client,
        { directory: stack.directory.path, json: { resource } as never },
        () => undefined,
      );
      states = Object.fromEntries(
        resources.map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes]),
      );
    }
    await client.close();
    const calls = stack.workspace
      .journal({ after: lastCall, limit: 1_000_000 })
      .filter((call) => !["GET", "HEAD"].includes(call.method))
      .map((call) => withoutIds([call.method, call.path, call.query, call.body]));
    return {
      calls: calls.sort(),
      states: Object.entries(states)
        .map(
          ([address, state]) =>
            `${address} ${withoutIds(withoutPosition(address, withoutEmpty(state as JsonObject) as JsonObject))}`,
        )
        .sort(),
    };
  } finally {
    await stack.close();
  }
}

test(`REST and Terraform make the same calls and states for ${count} random configurations of each kind (LAKEFORM_SEED=${seed})`, async () => {
  const [byRest, byTerraform] = [await deployAll("rest"), await deployAll("terraform")];
  expect(byRest.calls).toEqual(byTerraform.calls);
  expect(byRest.states).toEqual(byTerraform.states);
});
