/**
 * A refresh requests shared responses and complete lists once, and returns the same objects as
 * individual reads.
 */
import { View } from "../../src/provider/view";
import { findKind, typesWith } from "../../src/resources";
import type { Attributes, Kind } from "../../src/resources/kind";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { deployDirect, openLab, type Lab } from "../verify/harness";
import { callRest } from "../support/rest";

const count = 4;
const idOf = ({ id, policy_id }: Attributes): string =>
  (typeof id === "string" ? id : policy_id) as string;

describe("a refresh", () => {
  let lab: Lab;
  let prerequisites: Awaited<ReturnType<typeof prepareRandom>>;
  let calls: string[];
  let view: View;

  beforeAll(async () => {
    lab = await openLab();
    prerequisites = await prepareRandom({ call }, count);
  });
  afterAll(() => lab.close());
  beforeEach(() => {
    const { client } = lab;
    calls = [];
    const countingClient = {
      host: client.host,
      get: (path: string, options?: object) => (
        calls.push(path.replace(/^\/api\/[\d.]+/, "")),
        client.get(path, options)
      ),
      head: (path: string, options?: object) => client.head(path, options),
      download: (path: string, options?: object) => client.download(path, options),
    };
    view = new View(countingClient, client);
  });

  const call = (method: string, route: string, body?: unknown): Promise<JsonObject> =>
    callRest(lab.workspace, method, route, body) as Promise<JsonObject>;
  const kindOf = (type: string): Kind => {
    const kind = findKind(type);
    if (kind === undefined) throw new Error(`no kind ${type}`);
    return kind;
  };
  const deployStates = async (
    type: string,
    resources: readonly object[],
  ): Promise<Attributes[]> => {
    const { state } = await deployDirect(lab, {
      [type]: Object.fromEntries(resources.map((resource, i) => [`r${i}`, resource as never])),
    });
    return state.resources.map(({ instances }) => instances[0]?.attributes as Attributes);
  };
  const deployIds = async (type: string, resources: readonly object[]): Promise<string[]> =>
    (await deployStates(type, resources)).map(idOf);

  test.each(typesWith("readFromList"))(
    "returns the same %s from one list as from single reads",
    async (type) => {
      const kind = kindOf(type);
      // An isolated object is read individually.
      const withoutIsolation = ({ isolation_mode }: JsonObject): JsonObject =>
        isolation_mode === "ISOLATED" ? { isolation_mode: "OPEN" } : {};
      const configs = randomResources(type, prerequisites, count, 20240106).map(({ config }) => ({
        ...config,
        ...withoutIsolation(config),
      }));
      const states = await deployStates(type, configs);
      const options = (known: Attributes): { known: Attributes; deep: false } => ({
        known,
        deep: false,
      });
      const remotes: unknown[] = [];
      for (const state of states) remotes.push(await view.read(kind, idOf(state), options(state)));
      expect(calls.filter((path) => !path.startsWith("/.well-known"))).toHaveLength(2);
      for (const [i, state] of states.entries())
        expect(remotes[i]).toEqual(await kind.read(lab.client, idOf(state), options(state)));
      // Not in the list: read individually.
      const [deletedState = {}, otherState = {}] = states;
      await kind.delete(lab.client, idOf(deletedState), deletedState, { directory: "/nowhere" });
      const newView = new View(lab.client, lab.client);
      await newView.read(kind, idOf(otherState), options(otherState));
      expect(await newView.read(kind, idOf(deletedState), options(deletedState))).toBeUndefined();
    },
  );

  test("requests a shared response once, and again after a write and for an import", async () => {
    const kind = kindOf("databricks_secret");
    await deployIds("databricks_secret_scope", [{ name: "shared" }]);
    const secret = (key: string): object => ({ scope: "shared", key, string_value: "v" });
    const ids = await deployIds("databricks_secret", ["k1", "k2", "k3"].map(secret));
    const readAll = async (): Promise<boolean[]> =>
      Promise.all(
        ids.map(
          async (id) => (await view.read(kind, id, { known: {}, deep: false })) !== undefined,
        ),
      );
    expect(await readAll()).toEqual([true, true, true]);
    expect(calls).toEqual(["/secrets/list"]);
    await view.writer.post("/api/2.0/secrets/delete", { scope: "shared", key: "k2" });
    expect(await readAll()).toEqual([true, false, true]);
    expect(calls).toEqual(["/secrets/list", "/secrets/list"]);
    // Terraform reads an import again, and must get the current object.
    await view.import(kind, ids[0] ?? "", { known: {}, deep: false });
    expect(await readAll()).toEqual([true, false, true]);
    expect(calls).toHaveLength(3);
  });
});
