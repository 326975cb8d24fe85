/** What a refresh reads: shared answers and whole lists once, the same objects as reads of each. */
import { View } from "../../src/provider/view";
import { findKind } from "../../src/resources";
import type { Kind } from "../../src/resources/kind";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { deployDirect, openLab, type Lab } from "../verify/harness";

const count = 4;

describe("a refresh", () => {
  let lab: Lab;
  let ground: Awaited<ReturnType<typeof prepareRandom>>;
  let calls: string[];
  let view: View;

  beforeAll(async () => {
    lab = await openLab();
    ground = await prepareRandom({ call }, count);
  });
  afterAll(() => lab.close());
  beforeEach(() => {
    const { client } = lab;
    calls = [];
    const counting = {
      host: client.host,
      get: (path: string, options?: object) => (calls.push(path.replace(/^\/api\/[\d.]+/, "")), client.get(path, options)),
      head: (path: string, options?: object) => client.head(path, options),
      download: (path: string, options?: object) => client.download(path, options),
    };
    view = new View(counting, client);
  });

  async function call(method: string, route: string, body?: unknown): Promise<JsonObject> {
    const answer = await fetch(`${lab.workspace.host}${route}`, {
      method,
      headers: { authorization: `Bearer ${lab.workspace.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as JsonObject);
  }
  const kindOf = (type: string): Kind => {
    const kind = findKind(type);
    if (kind === undefined) throw new Error(`no kind ${type}`);
    return kind;
  };
  const idsOf = async (type: string, resources: readonly object[]): Promise<string[]> => {
    const { state } = await deployDirect(lab, { [type]: Object.fromEntries(resources.map((one, i) => [`r${i}`, one as never])) });
    return state.resources.map(({ instances }) => String(instances[0]?.attributes?.["id"]));
  };

  test.each(["databricks_cluster_policy", "databricks_instance_pool", "databricks_ip_access_list"])(
    "has %s from one list as reads of each have it",
    async (type) => {
      const kind = kindOf(type);
      const ids = await idsOf(type, randomResources(type, ground, count, 20240106).map(({ config }) => config)); // prettier-ignore
      const options = { known: {}, deep: false };
      const found = await Promise.all(ids.map((id) => view.read(kind, id, options)));
      expect(calls).toHaveLength(2);
      for (const [i, id] of ids.entries()) expect(found[i]).toEqual(await kind.read(lab.client, id, options));
      // Not in the list: asked for by itself.
      const [gone = ""] = ids;
      await kind.delete(lab.client, gone, { id: gone }, { directory: "/nowhere" });
      const other = new View(lab.client, lab.client);
      await other.read(kind, ids[1] ?? "", options);
      expect(await other.read(kind, gone, options)).toBeUndefined();
    },
  );

  test("requests shared responses once, and again after a write", async () => {
    const kind = kindOf("databricks_secret");
    await idsOf("databricks_secret_scope", [{ name: "shared" }]);
    const ids = await idsOf("databricks_secret", [1, 2, 3].map((i) => ({ scope: "shared", key: `k${i}`, string_value: "v" }))); // prettier-ignore
    const read = async (): Promise<boolean[]> =>
      Promise.all(ids.map(async (id) => (await view.read(kind, id, { known: {}, deep: false })) !== undefined));
    expect(await read()).toEqual([true, true, true]);
    expect(calls).toEqual(["/secrets/list"]);
    await view.writer.post("/api/2.0/secrets/delete", { scope: "shared", key: "k2" });
    expect(await read()).toEqual([true, false, true]);
    expect(calls).toEqual(["/secrets/list", "/secrets/list"]);
    // An import is read again by Terraform, which has to see what there is then.
    await view.import(kind, ids[0] ?? "", { known: {}, deep: false });
    expect(await read()).toEqual([true, false, true]);
    expect(calls).toHaveLength(3);
  });
});
