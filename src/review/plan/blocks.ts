import { defined } from "../../defined";
import { isList, isObject, list, object, text, type JsonObject } from "./json";
import type { StackFacts } from "./stack";

/**
 * A block of a stack that is not a resource, or that configures one: `backend`, `provider`,
 * `provisioner`, `lifecycle`, `moved`, …
 */
export interface StackBlock {
  /**
   * Terraform's name of the block; `lakeform` for the stack's own metadata, `file` for other files
   * that Terraform reads.
   */
  readonly kind: string;
  /**
   * Identifies the block: `terraform_data.x.provisioner[0]`, `provider.databricks`, `output.url`.
   */
  readonly name: string;
  /** The construct path, or the name. */
  readonly path: string;
  /** The resource that it configures. */
  readonly address?: string;
  readonly value: unknown;
}

/** Parts of the stack's metadata that have no effect. */
const metadataWithoutEffect = new Set(["version", "resources"]);

/**
 * Returns everything in a synthesized stack except resource fields. Keeps blocks of unknown types
 * under their own name.
 */
export function readBlocks(json: unknown, stack: StackFacts): StackBlock[] {
  const blocks: StackBlock[] = [];
  const add = (
    kind: string,
    name: string,
    value: unknown,
    details: Partial<StackBlock> = {},
  ): void => {
    blocks.push({ kind, name, path: name, value, ...details });
  };
  const root = object(json);
  for (const [section, value] of Object.entries(root)) {
    if (section === "//") {
      for (const [key, entry] of Object.entries(object(object(value).lakeform))) {
        if (!metadataWithoutEffect.has(key)) add("lakeform", `lakeform.${key}`, entry);
      }
    } else if (section === "resource") {
      // `readStack` does not treat lists as resources. Terraform accepts them here, but cdktf does
      // not write them.
      if (!isObject(value)) add(section, section, value);
      for (const [type, blocksByName] of Object.entries(object(value))) {
        if (!isObject(blocksByName)) add(section, type, blocksByName);
        for (const [name, body] of Object.entries(object(blocksByName)))
          if (!isObject(body)) add(section, `${type}.${name}`, body);
      }
    } else if (section === "terraform") {
      for (const [key, inner] of Object.entries(withoutComment(value))) {
        if (key === "backend" || key === "required_providers")
          for (const [label, body] of Object.entries(object(inner)))
            add(key, `${key}.${label}`, withoutComment(body));
        else add("terraform", `terraform.${key}`, inner);
      }
    } else if (section === "data" && isObject(value)) {
      for (const [type, blocksByName] of Object.entries(value)) {
        if (!isObject(blocksByName)) add("data", `data.${type}`, blocksByName);
        for (const [name, body] of Object.entries(object(blocksByName))) {
          const path = text(object(object(object(body)["//"]).metadata).path);
          add("data", `data.${type}.${name}`, withoutComment(body), {
            address: `data.${type}.${name}`,
            ...defined({ path }),
          });
        }
      }
    } else if (section === "locals" && isObject(value)) {
      for (const [name, local] of Object.entries(value))
        add(section, `${section}.${name}`, { value: local });
    } else if (isObject(value)) {
      for (const [name, body] of Object.entries(value)) {
        if (isList(body))
          body.forEach((block, index) =>
            add(
              section,
              `${section}.${name}${body.length === 1 ? "" : `[${index}]`}`,
              withoutComment(block),
            ),
          );
        else add(section, `${section}.${name}`, withoutComment(body));
      }
    } else if (isList(value))
      value.forEach((block, index) => add(section, `${section}[${index}]`, withoutComment(block)));
    else add(section, section, value);
  }
  for (const { address, path, controlArguments } of stack.resources.values()) {
    for (const [kind, value] of Object.entries(controlArguments)) {
      const nested = kind === "provisioner" ? listProvisioners(value) : [value];
      nested.forEach((block, index) =>
        add(
          kind,
          kind === "provisioner" ? `${address}.${kind}[${index}]` : `${address}.${kind}`,
          kind === "depends_on" ? [...list(block)].sort() : block,
          {
            path,
            address,
          },
        ),
      );
    }
  }
  return blocks;
}

/**
 * Returns the provisioners and data sources in modules, from the plan. Their files are listed
 * separately.
 */
export function readModuleBlocks(calls: unknown, prefix = ""): StackBlock[] {
  return Object.entries(object(calls)).flatMap(([name, call]) => {
    const moduleConfig = object(object(call).module);
    const moduleBlocks = list(moduleConfig.resources).flatMap((entry): StackBlock[] => {
      const resource = object(entry);
      const address = `${prefix}module.${name}.${text(resource.address) ?? ""}`;
      if (resource.mode === "data")
        return [
          {
            kind: "data",
            name: address,
            path: address,
            address,
            value: object(resource.expressions),
          },
        ];
      return list(resource.provisioners).map((provisioner, index): StackBlock => {
        const provisionerName = `${address}.provisioner[${index}]`;
        return {
          kind: "provisioner",
          name: provisionerName,
          path: provisionerName,
          address,
          value: provisioner,
        };
      });
    });
    return [
      ...moduleBlocks,
      ...readModuleBlocks(moduleConfig.module_calls, `${prefix}module.${name}.`),
    ];
  });
}

/**
 * Converts `{ "local-exec": {…} }`, `{ "local-exec": [{…}, {…}] }`, or a list of these to one
 * `{ type, … }` for each provisioner.
 */
function listProvisioners(value: unknown): unknown[] {
  return (isList(value) ? value : [value]).flatMap((entry): unknown[] =>
    !isObject(entry)
      ? [entry]
      : Object.entries(entry).flatMap(([type, bodies]) =>
          (isList(bodies) ? bodies : [bodies]).map((body) => ({ type, ...withoutComment(body) })),
        ),
  );
}

function withoutComment(body: unknown): JsonObject {
  if (!isObject(body)) return { value: body };
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== "//"));
}
