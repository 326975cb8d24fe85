/**
 * Reads a Terraform project as objects to adopt: the resources in its state, with their current
 * values in the workspace.
 */
import { withoutKey } from "../../terraform/references";
import type { ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { blocks, textOrEmpty } from "../../resources/shape/attributes";
import { optionalText } from "../../resources/shape/json";
import { schemaOf } from "../../resources/shape/schema";
import type { Value } from "../../resources/kind";
import type { State } from "../../terraform/state-format";
import type { AdoptedObject, ArtifactType, Grant } from "../code/context";
import { withoutEmpty } from "../code/fields";
import { followedTypes, readObject } from "../follow";
import { followable, type Followed, type FoundJob, type Note } from "../model";
import { concurrently, readJob } from "../workspace";
import { declaredIn, instancesIn, type Instance } from "./instances";

export interface TerraformProject {
  readonly jobs: readonly FoundJob[];
  readonly objects: readonly AdoptedObject[];
  /** Notebooks and files, whether a job uses them or not. */
  readonly artifacts: readonly { readonly type: ArtifactType; readonly path: string }[];
  readonly notes: readonly Note[];
  /** Addresses to remove from the old state. */
  readonly addresses: readonly string[];
}

const artifactTypes: readonly string[] = [
  "databricks_notebook",
  "databricks_workspace_file",
  "databricks_dbfs_file",
] satisfies ArtifactType[];
/** Resource types that become calls on the objects that they belong to. */
const partTypes = [
  "databricks_permissions",
  "databricks_secret_acl",
  "databricks_grant",
  "databricks_grants",
  "databricks_secret",
];

/**
 * @param directory the project's folder, for its configuration and for messages
 * @throws LakeformError NO_TERRAFORM_STATE
 */
export async function readTerraformProject(
  api: ReadClient,
  directory: string,
  state: State | undefined,
): Promise<TerraformProject> {
  const instances = state === undefined ? [] : instancesIn(state);
  if (instances.length === 0) {
    throw new LakeformError(
      "NO_TERRAFORM_STATE",
      "the Terraform project has no objects in its state",
      {
        value: directory,
        allowed:
          "a folder with terraform.tfstate, or one that is initialized, so that `terraform state pull` prints its state",
        fix: `terraform -chdir=${directory} init`,
      },
    );
  }
  return new Reader(api, instances, declaredIn(directory)).read();
}

class Reader {
  readonly #notes: Note[] = [];
  readonly #databricksInstances: readonly Instance[];
  readonly #handled = new Set<Instance>();
  /** Addresses that are not adopted. */
  readonly #keptAddresses = new Set<string>();

  constructor(
    private readonly api: ReadClient,
    private readonly instances: readonly Instance[],
    private readonly declared: readonly string[],
  ) {
    this.#databricksInstances = instances.filter(({ type }) => type.startsWith("databricks_"));
  }

  async read(): Promise<TerraformProject> {
    for (const { address, type } of this.instances)
      if (!type.startsWith("databricks_"))
        this.#note(address, "it belongs to another provider: it stays in the old state");
    const inState = new Set(this.instances.map(({ address }) => withoutKey(address)));
    for (const address of this.declared)
      if (address.startsWith("databricks_") && !inState.has(address))
        this.#note(
          address,
          "it is in the configuration but not in the state: apply it first, or write new code for it",
        );
    for (const { address, type, schemaVersion } of this.#databricksInstances) {
      const supported = schemaOf(type)?.version;
      if (supported !== undefined && schemaVersion > supported)
        this.#note(
          address,
          `its state was written by a newer provider (schema version ${schemaVersion}, supported: ${supported}): its values come from the workspace instead`,
        );
    }
    const jobs = await this.#readJobs();
    const objects = await this.#readObjects();
    const artifacts = this.#take(...artifactTypes).map(({ type, attributes, id }) => ({
      type: type as ArtifactType,
      path: (textOrEmpty(attributes, "path") || id).replace(/^\/Workspace(?=\/)/, ""),
    }));
    const unhandled = this.#databricksInstances.filter(
      (instance) => !this.#handled.has(instance) && !partTypes.includes(instance.type),
    );
    const parts = this.#databricksInstances.filter(
      (instance) => partTypes.includes(instance.type) && !this.#handled.has(instance),
    );
    return {
      jobs,
      objects: [
        ...objects,
        ...[...unhandled, ...parts].flatMap((instance) => this.#withBindings(instance)),
      ],
      artifacts,
      notes: this.#notes,
      addresses: this.#databricksInstances
        .map(({ address }) => address)
        .filter((address) => !this.#keptAddresses.has(address)),
    };
  }

  #note(object: string, note: string): void {
    this.#notes.push({ object, text: note });
  }

  /** Returns the instances of these types, and marks them as handled. */
  #take(...types: readonly string[]): readonly Instance[] {
    const matches = this.#databricksInstances.filter(({ type }) => types.includes(type));
    for (const instance of matches) this.#handled.add(instance);
    return matches;
  }

  async #readJobs(): Promise<readonly FoundJob[]> {
    const instances = this.#take("databricks_job");
    const jobs = await concurrently(instances, ({ id }) => readJob(this.api, id));
    return instances.flatMap(({ address, key, id }, index) => {
      const job = jobs[index];
      if (job === undefined) return this.#reportMissing(address);
      return [{ ...job, key, access: this.#takeAccess(`/jobs/${id}`) }];
    });
  }

  async #readObjects(): Promise<readonly AdoptedObject[]> {
    const instances = this.#take(...Object.keys(followedTypes));
    const follow = new Set<Followed>(
      followable.filter((kind) => kind !== "permissions" && kind !== "grants"),
    );
    const options = { api: this.api, follow, isKnown: () => false, note: () => undefined };
    const remoteObjects = await concurrently(instances, ({ type, id, attributes }) =>
      readObject(
        options,
        type,
        type === "databricks_repo" ? textOrEmpty(attributes, "path") : id,
        new Map(),
      ),
    );
    return instances.flatMap(({ address, key, type, id }, index) => {
      const object = remoteObjects[index];
      if (object === undefined) return this.#reportMissing(address);
      const access = this.#takeAccess(`${followedTypes[type]?.access ?? "/"}${id}`);
      // The grants that the project manages replace all grants in the workspace.
      const { grants: _all, ...rest } = object;
      return [{ ...rest, key, grants: this.#takeGrants(type, id), ...defined({ access }) }];
    });
  }

  #reportMissing(address: string): [] {
    this.#note(address, "it does not exist in the workspace, only in the old state");
    return [];
  }

  /** Returns the access list of an object, if the project manages it. */
  #takeAccess(id: string): AdoptedObject["access"] {
    const list = this.#databricksInstances.find(
      (instance) => instance.type === "databricks_permissions" && instance.id === id,
    );
    if (list === undefined) return undefined;
    this.#handled.add(list);
    return {
      id,
      entries: blocks(list.attributes, "access_control").map((entry) =>
        Object.fromEntries(
          Object.entries(entry).filter(([, value]) => value !== "" && value !== null),
        ),
      ),
    };
  }

  /** Returns the grants on an object that the project manages. */
  #takeGrants(type: string, id: string): readonly Grant[] {
    const securable = type.replace("databricks_", "");
    const privileges = (value: Value | undefined): string[] =>
      Array.isArray(value) ? value.map(String).sort() : [];
    const grants = this.#databricksInstances.flatMap((instance): Grant[] => {
      const { attributes } = instance;
      const isOfScope =
        type === "databricks_secret_scope" && textOrEmpty(attributes, "scope") === id;
      if (instance.type === "databricks_secret_acl" && isOfScope) {
        this.#handled.add(instance);
        return [
          {
            principal: textOrEmpty(attributes, "principal"),
            privileges: [textOrEmpty(attributes, "permission")],
          },
        ];
      }
      if (instance.type === "databricks_secret" && isOfScope) {
        this.#handled.add(instance);
        this.#note(
          instance.address,
          "its value is not adopted and stays in the workspace: to manage it, use SecretScope.addSecret with SecretValue.fromEnvironment",
        );
        return [];
      }
      if (
        textOrEmpty(attributes, securable) !== id ||
        !["databricks_grant", "databricks_grants"].includes(instance.type)
      )
        return [];
      this.#handled.add(instance);
      if (instance.type === "databricks_grant")
        return [
          {
            principal: textOrEmpty(attributes, "principal"),
            privileges: privileges(attributes["privileges"]),
          },
        ];
      return blocks(attributes, "grant").map((grant) => ({
        principal: textOrEmpty(grant, "principal"),
        privileges: privileges(grant["privileges"]),
      }));
    });
    return grants.toSorted((a, b) => (a.principal < b.principal ? -1 : 1));
  }

  #keepInOldState(address: string, reason: string): [] {
    this.#keptAddresses.add(address);
    this.#note(address, reason);
    return [];
  }

  /** Returns an object that is written with its class from the provider's bindings, if adopted. */
  #withBindings({ address, type, key, id, attributes, sensitive }: Instance): AdoptedObject[] {
    if (type === "databricks_secret") {
      return this.#keepInOldState(
        address,
        "its scope is not in this state: the secret stays in the old state, and its value is not adopted",
      );
    }
    if (type === "databricks_service_principal_secret" || type === "databricks_obo_token")
      return this.#keepInOldState(
        address,
        "only the old state has its value: it stays there; create a new one and revoke this one",
      );
    const schema = schemaOf(type);
    if (schema !== undefined && schema.importable !== true) {
      return this.#keepInOldState(
        address,
        "objects of this type cannot be imported: it stays in the old state",
      );
    }
    if (type === "databricks_file")
      return this.#keepInOldState(
        address,
        "its content is a file of the old project, where it stays: to upload a file, use VolumeFile",
      );
    const name = optionalText(attributes["name"]) ?? key;
    return [
      {
        type,
        id,
        name,
        key,
        sensitive,
        attributes: schema === undefined ? attributes : withoutEmpty(schema.block, attributes),
      },
    ];
  }
}
