/** Reads the objects in the state of a Terraform project that does not use lakeform. */
import fs from "node:fs";
import path from "node:path";
import { stateId } from "../../resources";
import type { Attributes } from "../../resources/kind";
import type { State } from "../../terraform/state-format";

export interface Instance {
  /** Terraform's address: `module.jobs.databricks_job.daily["eu"]`. */
  readonly address: string;
  readonly type: string;
  /** The object's name in the code: the resource's name, followed by its key. */
  readonly key: string;
  readonly id: string;
  readonly attributes: Attributes;
  /** Top-level fields whose values must not be in the code. */
  readonly sensitive: readonly string[];
  readonly schemaVersion: number;
}

/** Returns the managed resources of all providers. */
export function instancesIn(state: State): readonly Instance[] {
  return state.resources.flatMap(({ mode, type, name, module, instances }) =>
    mode !== "managed"
      ? []
      : instances.map((instance): Instance => {
          const { index_key: key, attributes, schema_version: schemaVersion } = instance;
          const index =
            key === undefined ? "" : `[${typeof key === "number" ? key : JSON.stringify(key)}]`;
          return {
            address: `${module === undefined ? "" : `${module}.`}${type}.${name}${index}`,
            type,
            // cdktf and cdktn add a hash to the names of their resources.
            key: `${name.replace(/(?<=.)_[0-9A-F]{8}$/, "")}${key === undefined ? "" : ` ${key}`}`,
            id: String(stateId(type, attributes)),
            attributes: attributes as Attributes,
            sensitive: sensitiveIn(instance),
            schemaVersion,
          };
        }),
  );
}

function sensitiveIn(instance: object): string[] {
  const { sensitive_attributes: paths } = instance as {
    readonly sensitive_attributes?: readonly unknown[];
  };
  return (paths ?? []).flatMap((steps) => {
    const [first] = Array.isArray(steps) ? (steps as { readonly value?: unknown }[]) : [];
    return typeof first?.value === "string" ? [first.value] : [];
  });
}

/**
 * Returns the resources that a folder's configuration declares, as `type.name`, except those of
 * modules.
 */
export function declaredIn(directory: string): readonly string[] {
  const files = fs.readdirSync(directory).filter((file) => /\.tf(\.json)?$/.test(file));
  return files.flatMap((file) => {
    const text = fs.readFileSync(path.join(directory, file), "utf8");
    if (file.endsWith(".tf"))
      return [...text.matchAll(/^\s*resource\s+"(\w+)"\s+"([\w-]+)"/gm)].map(
        ([, type, name]) => `${type ?? ""}.${name ?? ""}`,
      );
    const { resource } = JSON.parse(text) as {
      readonly resource?: Readonly<Record<string, object>>;
    };
    return Object.entries(resource ?? {}).flatMap(([type, resourcesByName]) =>
      Object.keys(resourcesByName).map((name) => `${type}.${name}`),
    );
  });
}
