/**
 * Makes one write whose response is lost, with the provider's code of a kind and real HTTP but
 * without Terraform; then deploys again and counts the objects.
 */
import fs from "node:fs";
import path from "node:path";
import { connect, RetryBudget, type Connection } from "../../src/api";
import type { AttemptReport } from "../../src/api/transport/diagnostics";
import { Resource } from "../../src/provider/resource";
import { View } from "../../src/provider/view";
import { sameValue, type DynamicObject } from "../../src/provider/unknown";
import { conform } from "../../src/provider/values";
import { findKind, stateId } from "../../src/resources";
import { PendingNotes } from "../../src/resources/families/pending-notes";
import { schemaOf, type Block } from "../../src/resources/shape/schema";
import type { RunningWorkspace } from "../../src/workspace/server";
import { makeFolder } from "../support/project";
import { everyKind, prepare, type Sample } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import type { Caller } from "../support/stack";

/** The way in which a response is lost. */
const losses: Readonly<Record<string, object>> = {
  "500": { status: 500 },
  "502": { status: 502 },
  "503": { status: 503 },
  "504": { status: 504 },
  "408": { status: 408 },
  "a gateway's page": { status: 502, headers: { "content-type": "text/html" } },
  "a reset": { drop: true },
  "half an answer": { truncate: true },
};

/** `once`: the next calls succeed. `down`: all calls fail until the deploy has ended. */
type Recovery = "once" | "down";

interface Write {
  readonly method: string;
  /** The path of the fault that loses its response, with `*` for an id. */
  readonly path: string;
  /** Its number among the writes with this method and path. */
  readonly nth: number;
}

interface Loss {
  readonly write: Write;
  readonly failure: object;
  readonly when: "before" | "after";
  readonly recovery: Recovery;
}

/** The state of one resource, and deploys of it. */
export class Deploys implements Caller {
  readonly #notes = makeFolder("pending");
  readonly #directory = makeFolder("stack");
  readonly #retry = { attempts: 3, baseMs: 1, capMs: 2 };
  state: DynamicObject | undefined;
  #tainted = false;

  constructor(
    private readonly workspace: RunningWorkspace,
    private readonly type: string,
  ) {}

  /** Terraform's steps for a resource: refresh, plan, apply. @returns errors */
  async deploy(
    config: DynamicObject | undefined,
    onAttempt?: (report: AttemptReport) => void,
  ): Promise<readonly string[]> {
    const client = this.#client(onAttempt);
    const notes = new PendingNotes(
      () => ({ directory: this.#directory, workspace: "default", host: client.host }),
      this.#notes,
    );
    const resource = this.#resource(client, notes);
    try {
      const errors = await this.#apply(resource, config);
      if (errors.length === 0) notes.close();
      return errors;
    } finally {
      await client.close();
      this.#endProcesses();
    }
  }

  async #apply(resource: Resource, config: DynamicObject | undefined): Promise<readonly string[]> {
    if (this.state !== undefined) {
      const { state, diagnostics } = await resource.read(this.state);
      if (diagnostics.length > 0)
        return diagnostics.map(({ detail, summary }) => `${summary}: ${detail}`);
      this.state = state;
    }
    const desired =
      config === undefined ? undefined : conform(resource.block, asLists(resource.block, config));
    if (this.state !== undefined && (this.#tainted || desired === undefined)) {
      const { state, diagnostics } = await resource.apply(this.state, undefined);
      this.state = state;
      if (diagnostics.length > 0)
        return diagnostics.map(({ detail, summary }) => `${summary}: ${detail}`);
    }
    this.#tainted = false;
    if (desired === undefined) return [];
    const prior = this.state;
    const proposed = { ...desired };
    for (const [name, { computed }] of Object.entries(resource.block.attributes))
      if (computed === true && (proposed[name] ?? null) === null)
        proposed[name] = prior?.[name] ?? null;
    const plan = await resource.plan(prior, proposed, desired);
    if (prior !== undefined && sameValue(prior, plan.state)) return [];
    const { state, diagnostics } = await resource.apply(prior, plan.state);
    this.#tainted = prior === undefined && state !== undefined && diagnostics.length > 0;
    this.state = state;
    return diagnostics.map(({ detail, summary }) => `${summary}: ${detail}`);
  }

  /** Returns the writes that a deploy makes. */
  async writesOf(config: DynamicObject | undefined): Promise<Write[]> {
    const writes: Write[] = [];
    const errors = await this.deploy(config, ({ method, path: calledPath }) => {
      if (method === "GET" || method === "HEAD") return;
      const route = faultPathOf(calledPath);
      writes.push({
        method,
        path: route,
        nth: 1 + writes.filter((write) => write.method === method && write.path === route).length,
      });
    });
    if (errors.length > 0) throw new Error(`${this.type}: ${errors.join("\n")}`);
    return writes;
  }

  /** Deploys with a lost response, and then again. @returns the errors of the second deploy */
  async deployWithLoss(
    config: DynamicObject | undefined,
    { write, failure, when, recovery }: Loss,
  ): Promise<readonly string[]> {
    const { faults } = this.workspace;
    faults.add({ ...write, ...failure, ...(!("truncate" in failure) && { when }) });
    let isDown = false;
    await this.deploy(config, () => {
      if (isDown || recovery === "once" || !faults.list().some(({ fired }) => fired > 0)) return;
      isDown = true;
      faults.add({ path: "/api/*", status: 503 });
    });
    if (!faults.list().some(({ fired }) => fired > 0))
      throw new Error(`${this.type}: no ${write.method} ${write.path} (${write.nth})`);
    faults.clear();
    return this.deploy(config);
  }

  /** Loses a create before it takes effect, after which its object is looked up. @returns errors */
  async loseCreate(config: DynamicObject): Promise<readonly string[]> {
    for (const method of ["POST", "PUT", "PATCH"])
      this.workspace.faults.add({ path: "/api/*", method, when: "before", status: 503, nth: 1 });
    const errors = await this.deploy(config);
    this.workspace.faults.clear();
    return errors;
  }

  /** Counts the objects in the workspace that equal the one in the state. */
  async count(): Promise<number> {
    const kind = kindOf(this.type);
    const client = this.#client();
    try {
      const state = this.state as never;
      if (!(await this.existsInWorkspace(client))) return 0;
      if (kind.list === undefined) return 1;
      let count = 0;
      for await (const item of kind.list(client))
        if (kind.identity.naturalKey(item.attributes) === kind.identity.naturalKey(state))
          count += 1;
      return Math.max(1, count); // The lists of some kinds omit the object; their names are unique.
    } finally {
      await client.close();
    }
  }

  private async existsInWorkspace(client: Connection): Promise<boolean> {
    const id = stateId(this.type, this.state);
    return (
      typeof id === "string" &&
      (await kindOf(this.type).read(client, id, { known: this.state as never })) !== undefined
    );
  }

  async call(method: string, route: string, body?: unknown): Promise<never> {
    const response = await fetch(`${this.workspace.host}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.workspace.token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as never;
  }

  #client(onAttempt?: (report: AttemptReport) => void): Connection {
    const { host, token } = this.workspace;
    return connect({
      host,
      token,
      env: {},
      retry: this.#retry,
      budget: new RetryBudget(),
      ...(onAttempt && { onAttempt }),
    });
  }

  #resource(client: Connection, pending: PendingNotes): Resource {
    const schema = schemaOf(this.type);
    if (schema === undefined) throw new Error(`no schema of ${this.type}`);
    const context = { directory: this.#directory };
    return new Resource(kindOf(this.type), schema, {
      view: () => new View(client, client),
      host: client.host,
      context,
      pending,
    });
  }

  /** Marks the processes in the notes as ended, since the next deploy has others. */
  #endProcesses(): void {
    for (const name of fs.readdirSync(this.#notes)) {
      const file = path.join(this.#notes, name);
      const note = JSON.parse(fs.readFileSync(file, "utf8")) as object;
      fs.writeFileSync(
        file,
        JSON.stringify({ ...note, maker: { pid: 2 ** 30 }, terraform: { pid: 2 ** 30 } }),
      );
    }
  }
}

function kindOf(type: string): NonNullable<ReturnType<typeof findKind>> {
  const kind = findKind(type);
  if (kind === undefined) throw new Error(`no kind ${type}`);
  return kind;
}

/** Converts a single block to a list, since JSON allows an object for a single block. */
function asLists(block: Block, config: DynamicObject): DynamicObject {
  const entries = Object.entries(config).map(([name, value]): [string, DynamicObject[string]] => {
    const inner = block.blocks[name];
    if (inner === undefined || typeof value !== "object" || value === null) return [name, value];
    return [name, [value].flat().map((item) => asLists(inner.block, item as DynamicObject))];
  });
  return Object.fromEntries(entries);
}

/** Returns a path with `*` for the rest from its id, which differs between deploys. */
function faultPathOf(calledPath: string): string {
  const segments = (calledPath.split("?")[0] ?? "").split("/");
  const id = segments.findIndex(
    (segment, index) => index > 3 && /^[0-9a-fA-F-]{12,}$|^\d+$/.test(segment),
  );
  return id < 0 ? segments.join("/") : `${segments.slice(0, id).join("/")}/*`;
}

/** Fields that avoid waiting, and delete a catalog with its default schema. */
const additionalFields: Readonly<Record<string, DynamicObject>> = {
  databricks_cluster: { no_wait: true },
  databricks_sql_endpoint: { no_wait: true },
  databricks_catalog: { force_destroy: true },
};
/** Kinds whose id is their name, and changes with it. */
const renamedKinds = { databricks_catalog: true, databricks_volume: true };

/**
 * Kinds whose object cannot be found after a lost response: it remains, and a second one is created
 * (docs/reliability.md).
 */
const unidentified = new Set(["databricks_service_principal_secret", "databricks_obo_token"]);

/** A sample of every kind, with its prerequisites. */
export async function samplesIn(workspace: RunningWorkspace): Promise<readonly Sample[]> {
  const caller = new Deploys(workspace, "");
  return [...everyKind(await prepare(caller)), ...moreKinds(await prepareMore(caller))];
}

async function removeFolder({ host, token }: RunningWorkspace, path: string): Promise<void> {
  const response = await fetch(`${host}/api/2.0/workspace/delete`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ path, recursive: true }),
  });
  if (!response.ok && response.status !== 404) throw new Error(`${response.status} for ${path}`);
}

const combinations = Object.entries(losses).flatMap(([name, failure]) =>
  (["before", "after"] as const).flatMap((when) =>
    (["once", "down"] as const).map((recovery) => ({ name, failure, when, recovery })),
  ),
);
/**
 * Tests each write of a sample's create, update, rename and deletion with each kind of lost
 * response.
 * @param isChosen spreads the omitted cases over all kinds and losses
 * @returns the failures
 */
export async function tryWrites(
  workspace: RunningWorkspace,
  sample: Sample,
  isChosen: () => boolean,
): Promise<string[]> {
  const problems: string[] = [];
  if (unidentified.has(sample.type)) return problems;
  const config = { ...sample.config, ...additionalFields[sample.type] };
  const steps: readonly {
    readonly name: string;
    readonly before?: DynamicObject;
    readonly to: DynamicObject | undefined;
  }[] = [
    { name: "create", to: config },
    ...(sample.update === undefined
      ? []
      : [{ name: "update", before: config, to: { ...config, ...sample.update } }]),
    ...(sample.type in renamedKinds
      ? [{ name: "rename", before: config, to: { ...config, name: "another" } }]
      : []),
    { name: "delete", before: config, to: undefined },
  ];
  for (const { name, before, to } of steps) {
    const newDeploys = async (): Promise<Deploys> => {
      const deploys = new Deploys(workspace, sample.type);
      if (before !== undefined) expect(await deploys.deploy(before)).toEqual([]);
      return deploys;
    };
    const removeObject = async (deploys: Deploys): Promise<void> => {
      expect(await deploys.deploy(undefined)).toEqual([]);
      // The folder of a dashboard is created only if it is missing.
      const folder = config["parent_path"];
      if (sample.type === "databricks_dashboard" && typeof folder === "string")
        await removeFolder(workspace, folder);
    };
    const firstDeploys = await newDeploys();
    const writes = await firstDeploys.writesOf(to);
    await removeObject(firstDeploys);
    if (sample.type !== "databricks_directory" || name !== "update") expect(writes).not.toEqual([]);
    for (const write of writes)
      for (const { name: lossName, ...loss } of combinations.filter(isChosen)) {
        const caseName = `${sample.type}: ${name}, ${write.method} ${write.path} (${write.nth}), ${lossName} ${loss.when} it took effect, ${loss.recovery}`;
        const deploys = await newDeploys();
        const errors = await deploys.deployWithLoss(to, { write, ...loss });
        if (errors.length > 0) problems.push(`${caseName}: ${errors.join("\n")}`);
        else if (to !== undefined && (await deploys.count()) !== 1)
          problems.push(`${caseName}: exists ${await deploys.count()} times`);
        await removeObject(deploys);
      }
  }
  return problems;
}
