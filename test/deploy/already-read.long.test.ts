/**
 * Random objects of every kind, some of them changed in the workspace. A refresh that skips the
 * objects that verify calls current must give the same state as a refresh that reads them. Runs in
 * this process, without Terraform.
 */
import { PendingNotes } from "../../src/resources/families/pending-notes";
import { Resource } from "../../src/provider/resource";
import { conform } from "../../src/provider/values";
import { View } from "../../src/provider/view";
import { isObject, type Dynamic, type DynamicObject } from "../../src/provider/unknown";
import { findKind, stateId } from "../../src/resources";
import type { Attributes } from "../../src/resources/kind";
import { withDefaults } from "../../src/resources/shape/defaults";
import { resourceTypes, schemaOf, type Block } from "../../src/resources/shape/schema";
import { indexState } from "../../src/verify/deployed/state-index";
import { desiredOfStack } from "../../src/verify/desired/desired";
import { plain } from "../../src/verify/expressions/values";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { callRest } from "../support/rest";
import { scaled } from "../support/scale";
import { checkFully, deployDirect, openLab, type Lab } from "../verify/harness";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240105");
const count = scaled(20, 2);

/** Removes null and empty values, which equal absent ones in a state. */
const withoutEmpty = (_key: string, value: unknown): unknown =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0)
    ? undefined
    : value;

/** Returns a state with sorted sets, for comparison. */
function comparable(block: Block, state: DynamicObject | undefined): unknown {
  return state === undefined
    ? undefined
    : JSON.parse(JSON.stringify(withSortedSets(block, state), withoutEmpty));
}

function withSortedSets(block: Block, value: DynamicObject): DynamicObject {
  const byText = (items: readonly Dynamic[]): Dynamic[] =>
    [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const sorted: DynamicObject = { ...value };
  for (const [name, { type }] of Object.entries(block.attributes)) {
    const items = sorted[name];
    if (Array.isArray(type) && type[0] === "set" && Array.isArray(items))
      sorted[name] = byText(items);
  }
  for (const [name, { block: inner, nesting }] of Object.entries(block.blocks)) {
    const blockItems = sorted[name];
    if (!Array.isArray(blockItems)) continue;
    const items = blockItems.map((item) => (isObject(item) ? withSortedSets(inner, item) : item));
    sorted[name] = nesting === "set" ? byText(items) : items;
  }
  return sorted;
}

const idOf = (type: string, state: Readonly<Record<string, unknown>>): string => {
  const id = stateId(type, state);
  return typeof id === "string" ? id : "";
};

/** Whether a change of the field recreates the object. */
function forcesNew(type: string, field: string): boolean {
  const hasForceNew = (block: Block): boolean =>
    Object.values(block.attributes).some(({ forceNew }) => forceNew === true) ||
    Object.values(block.blocks).some(
      (inner) => inner.forceNew === true || hasForceNew(inner.block),
    );
  const { attributes, blocks } = schemaOf(type)?.block ?? { attributes: {}, blocks: {} };
  const block = blocks[field];
  return (
    attributes[field]?.forceNew === true ||
    (block !== undefined && (block.forceNew === true || hasForceNew(block.block)))
  );
}

describe(`objects that verify has read (LAKEFORM_SEED=${seed})`, () => {
  let lab: Lab;
  let prerequisites: Awaited<ReturnType<typeof prepareRandom>>;

  beforeAll(async () => {
    lab = await openLab();
    prerequisites = await prepareRandom({ call }, count);
  });
  afterAll(() => lab.close());

  const call = (method: string, route: string, body?: unknown): Promise<JsonObject> =>
    callRest(lab.workspace, method, route, body) as Promise<JsonObject>;

  /** Returns a resource that adds the calls of its reads to `calls`. */
  function resourceOf(type: string, current: ReadonlySet<string>, calls: string[]): Resource {
    const [kind, schema] = [findKind(type), schemaOf(type)];
    if (kind === undefined || schema === undefined) throw new Error(`no kind ${type}`);
    const { client } = lab;
    const countingClient = {
      ...client,
      host: client.host,
      get: (path: string, options?: object) => (calls.push(path), client.get(path, options)),
      head: (path: string, options?: object) => (calls.push(path), client.head(path, options)),
      download: (path: string, options?: object) => (
        calls.push(path),
        client.download(path, options)
      ),
    };
    return new Resource(kind, schema, {
      view: () => new View(countingClient, client),
      host: client.host,
      context: { directory: "/nowhere" },
      pending: new PendingNotes(() => ({
        directory: "/",
        workspace: "default",
        host: client.host,
      })),
      isAlreadyRead: (objectType, id) => current.has(`${objectType} ${id}`),
    });
  }

  const kinds = [...resourceTypes()].filter((type) => type !== "databricks_library");

  test("are not read again, the state is that of a full refresh, and every other object is read", async () => {
    const counts = { current: 0, changed: 0, skipped: new Set<string>() };
    for (const type of kinds) {
      const randomConfigs = randomResources(type, prerequisites, count, seed);
      const configByName = Object.fromEntries(
        randomConfigs.map(({ config }, i) => [`r${i}`, config]),
      );
      const deployed = await deployDirect(lab, { [type]: configByName });
      const kind = findKind(type);
      // Every second object gets a different value.
      for (const [i, { changed }] of randomConfigs.entries()) {
        const state = deployed.state.resources[i]?.instances[0]?.attributes as Attributes;
        if (
          i % 2 === 0 ||
          changed === undefined ||
          kind?.update === undefined ||
          forcesNew(type, changed.field)
        )
          continue;
        const stack = { resource: { [type]: { changed: changed.config } } };
        const desired = desiredOfStack(stack, {
          directory: "/nowhere",
          state: indexState(undefined),
          variable: () => undefined,
        });
        const config = plain(desired.get(`${type}.changed`)?.attributes ?? {});
        const plannedChange = {
          ...state,
          ...withDefaults(schemaOf(type)?.block as Block, config),
          id: state["id"] ?? null,
        };
        await kind.update(lab.client, idOf(type, state), state, plannedChange, {
          directory: "/nowhere",
        });
        counts.changed += 1;
      }
      const { currentObjects } = await checkFully(lab, deployed, {
        deep: true,
        compareState: true,
        unmanaged: "none",
      });
      const ids = new Set(currentObjects("lab-local")[type]?.map((id) => `${type} ${id}`));
      for (const { instances } of deployed.state.resources) {
        const block = schemaOf(type)?.block as Block;
        const state = conform(block, instances[0]?.attributes as never);
        const [fullCalls, shortCalls]: string[][] = [[], []];
        const fullRead = await resourceOf(type, new Set(), fullCalls ?? []).read(state);
        const shortRead = await resourceOf(type, ids, shortCalls ?? []).read(state);
        expect([type, fullRead.diagnostics, shortRead.diagnostics]).toEqual([type, [], []]);
        expect([type, comparable(block, shortRead.state)]).toEqual([
          type,
          comparable(block, fullRead.state),
        ]);
        const isCurrent = ids.has(`${type} ${idOf(type, state)}`);
        expect([type, shortCalls?.length]).toEqual([type, isCurrent ? 0 : fullCalls?.length]);
        if (isCurrent) counts.current += 1;
        if (isCurrent) counts.skipped.add(type);
      }
    }
    expect(counts.changed).toBeGreaterThan(10);
    expect(counts.skipped).toContain("databricks_job");
    expect(counts.skipped.size).toBeGreaterThan(25);
  }, 600_000);
});
