/**
 * A workspace in this process, and deployments without Terraform: they use the kinds' create
 * functions, and write the state like the provider.
 */
import { connect, type Connection } from "../../src/api";
import type { ReadClient } from "../../src/api/client";
import { findKind } from "../../src/resources";
import { withDefaults } from "../../src/resources/shape/defaults";
import type { Attributes } from "../../src/resources/kind";
import { schemaOf } from "../../src/resources/shape/schema";
import { stateOf } from "../../src/resources/shape/sdk-state";
import type { StackMetadata } from "../../src/terraform/metadata";
import {
  verifyFully,
  type Verification,
  type VerifyOptions,
  type VerifyReport,
} from "../../src/verify";
import { desiredOfStack } from "../../src/verify/desired/desired";
import type { StateResource, SynthesizedStack, TerraformState } from "../../src/verify/input";
import type { VerifyTarget } from "../../src/verify/target";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { indexState } from "../../src/verify/deployed/state-index";
import { plain } from "../../src/verify/expressions/values";
import type { PrincipalOption } from "../../src/workspace/principal-records";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";

export interface Lab {
  readonly workspace: RunningWorkspace;
  readonly client: Connection;
  close(): Promise<void>;
}

/** The part of a lab that a verification uses. */
interface Readable {
  readonly client: ReadClient;
}

export async function openLab(principals: readonly PrincipalOption[] = []): Promise<Lab> {
  const workspace = await startWorkspace({ principals });
  const client = connect({
    env: {},
    host: workspace.host,
    token: workspace.token,
    retry: { baseMs: 1, capMs: 5 },
  });
  return {
    workspace,
    client,
    close: async () => {
      await client.close();
      await workspace.close();
    },
  };
}

export type Resources = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

export interface Deployed {
  readonly stack: SynthesizedStack;
  readonly state: TerraformState;
}

/** Returns the id of the first resource with this address, type or name. */
export function idIn({ state }: Deployed, selector: string): string {
  const isSelected = ({ type, name }: { type: string; name: string }): boolean =>
    [`${type}.${name}`, type, name].includes(selector);
  return String(state.resources.find(isSelected)?.instances[0]?.attributes?.["id"]);
}

/** Creates the resources in the given order, so referenced ones must come first. */
export async function deployDirect(
  lab: Lab,
  resource: Resources,
  options: {
    directory?: string;
    more?: Partial<SynthesizedStack>;
    variable?: (name: string) => string | undefined;
  } = {},
): Promise<Deployed> {
  const stack: SynthesizedStack = { ...options.more, resource };
  const directory = options.directory ?? "/nowhere";
  const resources: StateResource[] = [];
  const state = (): TerraformState => ({ version: 4, serial: 1, lineage: "lab", resources });
  for (const [type, named] of Object.entries(resource)) {
    for (const name of Object.keys(named)) {
      const index = indexState(state());
      const resolved = desiredOfStack(stack, {
        directory,
        state: index,
        ...(options.variable === undefined ? {} : { variable: options.variable }),
      });
      const attributes = await createOne(
        lab,
        type,
        plain(resolved.get(`${type}.${name}`)?.attributes ?? {}),
        directory,
      );
      resources.push({ mode: "managed", type, name, instances: [{ attributes }] });
    }
  }
  return { stack, state: state() };
}

async function createOne(
  lab: Lab,
  type: string,
  config: Attributes,
  directory: string,
): Promise<Attributes> {
  const kind = findKind(type);
  const block = schemaOf(type)?.block;
  if (kind === undefined || block === undefined) throw new Error(`no kind ${type}`);
  const planned = withDefaults(block, config);
  const written = await kind.create(lab.client, planned, { directory });
  const plannedState = { ...planned, ...written.attributes };
  const remote = await kind.read(lab.client, written.id, { known: plannedState, deep: false });
  if (remote === undefined)
    throw new Error(`${type} ${written.id} does not exist right after its creation`);
  return {
    ...(kind.toState?.(remote, plannedState, "write", true) ??
      stateOf(block, plannedState, remote, true)),
    id: written.id,
  };
}

export function metadataFor(resource: Resources, more: Partial<StackMetadata> = {}): StackMetadata {
  const resources = Object.fromEntries(
    Object.entries(resource).flatMap(([type, named]) =>
      Object.keys(named).map((name) => [
        `${type}.${name}`,
        { path: `lab-local/${name}`, source: `stacks/lab.ts:${name.length}`, stamped: false },
      ]),
    ),
  );
  return {
    version: 1,
    project: "lab",
    environment: "local",
    stack: "lab-local",
    provider: "embedded",
    stamp: "lab/lab-local",
    recordFolder: "/Shared/.lakeform/lab/lab-local",
    resources,
    variables: {},
    ignores: [],
    suppressions: [],
    ...more,
  };
}

export interface CheckOptions extends Partial<Omit<VerifyOptions, "api">> {
  readonly directory?: string;
  readonly metadata?: Partial<StackMetadata>;
  readonly record?: DeploymentRecord;
  readonly state?: VerifyTarget["state"];
  readonly variable?: (name: string) => string | undefined;
  readonly workspace?: string;
  /** The code if it has changed since the deploy. */
  readonly stack?: SynthesizedStack;
}

export async function check(
  lab: Readable,
  deployed: Deployed,
  options: CheckOptions = {},
): Promise<VerifyReport> {
  return (await checkFully(lab, deployed, options)).report;
}

export function checkFully(
  lab: Readable,
  deployed: Deployed,
  options: CheckOptions = {},
): Promise<Verification> {
  const { directory, metadata, record, state, variable, workspace, stack, ...rest } = options;
  const target: VerifyTarget = {
    name: "lab-local",
    directory: directory ?? "/nowhere",
    metadata: metadataFor(deployed.stack.resource ?? {}, metadata),
    desired: { stack: stack ?? deployed.stack },
    state: state ?? (() => Promise.resolve(structuredClone(deployed.state))),
    ...(record === undefined ? {} : { record }),
    ...(variable === undefined ? {} : { variable }),
    ...(workspace === undefined ? {} : { workspace }),
  };
  return verifyFully({ targets: [target], api: lab.client, ...rest });
}

/**
 * Returns a line such as `drift databricks_job.a schedule` for each finding and each unexpected
 * result.
 */
export function summary(report: VerifyReport): string[] {
  return [
    ...report.resources.flatMap((resource) =>
      resource.findings.length > 0
        ? resource.findings.map(
            (finding) => `${finding.status} ${resource.address} ${finding.path}`,
          )
        : resource.status === "match"
          ? []
          : [`${resource.status} ${resource.address}`],
    ),
    ...report.unmanaged.map((object) => `${object.status} ${object.kind} ${object.name}`),
    ...report.failures.map(({ what }) => `failure ${what}`),
  ].sort();
}
