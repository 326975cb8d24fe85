/**
 * Random objects of every kind, some changed in the workspace: an object that verify calls current
 * is read as the state has it, so a refresh that skips it has the same state as one that reads it.
 * Runs in this process, without Terraform.
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
    : JSON.parse(JSON.stringify(ordered(block, state), withoutEmpty));
}

function ordered(block: Block, value: DynamicObject): DynamicObject {
  const byText = (items: readonly Dynamic[]): Dynamic[] =>
    [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const made: DynamicObject = { ...value };
  for (const [name, { type }] of Object.entries(block.attributes)) {
    const items = made[name];
    if (Array.isArray(type) && type[0] === "set" && Array.isArray(items))
      made[name] = byText(items);
  }
  for (const [name, { block: inner, nesting }] of Object.entries(block.blocks)) {
    const given = made[name];
    if (!Array.isArray(given)) continue;
    const items = given.map((item) => (isObject(item) ? ordered(inner, item) : item));
    made[name] = nesting === "set" ? byText(items) : items;
  }
  return made;
}

const idOf = (type: string, state: Readonly<Record<string, unknown>>): string => {
  const id = stateId(type, state);
  return typeof id === "string" ? id : "";
};

/** Fields whose change is not a manual change of the object. */
function forcesNew(type: string, field: string): boolean {
  const forced = (block: Block): boolean =>
    Object.values(block.attributes).some(({ forceNew }) => forceNew === true) ||
    Object.values(block.blocks).some((inner) => inner.forceNew === true || forced(inner.block));
  const { attributes, blocks } = schemaOf(type)?.block ?? { attributes: {}, blocks: {} };
  const block = blocks[field];
  return (
    attributes[field]?.forceNew === true ||
    (block !== undefined && (block.forceNew === true || forced(block.block)))
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

  /** Counts the calls of a refresh. */
  function resourceOf(type: string, current: ReadonlySet<string>, calls: string[]): Resource {
    const [kind, schema] = [findKind(type), schemaOf(type)];
    if (kind === undefined || schema === undefined) throw new Error(`no kind ${type}`);
    const { client } = lab;
    const counting = {
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
      view: () => new View(counting, client),
      host: client.host,
      context: { directory: "/nowhere" },
      pending: new PendingNotes(() => ({
        directory: "/",
        workspace: "default",
        host: client.host,
      })),
      isAlreadyRead: (of, id) => current.has(`${of} ${id}`),
    });
  }

  const kinds = [...resourceTypes()].filter((type) => type !== "databricks_library");

  test("equal the result of a refresh, and every changed object is read", async () => {
    const seen = { current: 0, changed: 0, skipped: new Set<string>() };
    for (const type of kinds) {
      const random = randomResources(type, prerequisites, count, seed);
      const named = Object.fromEntries(random.map(({ config }, i) => [`r${i}`, config]));
      const deployed = await deployDirect(lab, { [type]: named });
      const kind = findKind(type);
      // Every second one gets a different value.
      for (const [i, { changed }] of random.entries()) {
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
        const planned = {
          ...state,
          ...withDefaults(schemaOf(type)?.block as Block, config),
          id: state["id"] ?? null,
        };
        await kind.update(lab.client, idOf(type, state), state, planned, { directory: "/nowhere" });
        seen.changed += 1;
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
        const [full, short]: string[][] = [[], []];
        const whole = await resourceOf(type, new Set(), full ?? []).read(state);
        const quick = await resourceOf(type, ids, short ?? []).read(state);
        expect([type, whole.diagnostics, quick.diagnostics]).toEqual([type, [], []]);
        expect([type, comparable(block, quick.state)]).toEqual([
          type,
          comparable(block, whole.state),
        ]);
        const isCurrent = ids.has(`${type} ${idOf(type, state)}`);
        expect([type, short?.length]).toEqual([type, isCurrent ? 0 : full?.length]);
        if (isCurrent) seen.current += 1;
        if (isCurrent) seen.skipped.add(type);
      }
    }
    expect(seen.changed).toBeGreaterThan(10);
    expect(seen.skipped).toContain("databricks_job");
    expect(seen.skipped.size).toBeGreaterThan(25);
  }, 600_000);
});
