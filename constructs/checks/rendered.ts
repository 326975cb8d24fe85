import { ConstructError } from "../core/errors";

/** A block or a resource in cdk.tf.json. */
export type Block = Readonly<Record<string, unknown>>;

/** A resource of a rendered stack, and its origin. */
export interface Rendered {
  /** The construct path. */
  readonly path: string;
  readonly type: string;
  readonly body: Block;
  /**
   * The body as JSON: a string search excludes most resources, so that only a few have to be
   * traversed.
   */
  readonly json: string;
}

/** The finding of a check, before it is attached to a construct. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  /** The position inside the construct: a task's key. */
  readonly at?: string;
  readonly value?: string;
  readonly allowed?: string;
  readonly fix: string;
}

/** One check: a pure function of one rendered resource. */
export type Check = (resource: Rendered) => readonly Finding[];

export function errorOf(
  resource: Rendered,
  { code, message, at, ...details }: Finding,
): ConstructError {
  return new ConstructError(code, message, {
    path: at === undefined ? resource.path : `${resource.path}/${at}`,
    ...details,
  });
}

/** The blocks with a name: one is written as an object, several as a list. */
export function blocks(body: Block, name: string): readonly Block[] {
  const value = body[name];
  if (Array.isArray(value))
    return value.filter((item): item is Block => typeof item === "object" && item !== null);
  return typeof value === "object" && value !== null ? [value as Block] : [];
}

export function text(body: Block, name: string): string | undefined {
  const value = body[name];
  return typeof value === "string" ? value : undefined;
}

export function number(body: Block, name: string): number | undefined {
  const value = body[name];
  return typeof value === "number" ? value : undefined;
}

/** A cluster in a resource, with its path: an all-purpose cluster, or the job clusters of a job. */
export function clusterSpecs(
  type: string,
  body: Block,
): { readonly at?: string; readonly spec: Block }[] {
  if (type === "databricks_cluster") return [{ spec: body }];
  if (type !== "databricks_job") return [];
  const made = (around: Block, at: string): { at: string; spec: Block }[] =>
    blocks(around, "new_cluster").map((spec) => ({ at, spec }));
  return [
    ...blocks(body, "job_cluster").flatMap((cluster) =>
      made(cluster, text(cluster, "job_cluster_key") ?? ""),
    ),
    ...blocks(body, "task").flatMap((task) => {
      const key = text(task, "task_key") ?? "";
      return [
        ...made(task, key),
        ...innerTasks(task).flatMap((inner) =>
          made(inner, `${key}/${text(inner, "task_key") ?? ""}`),
        ),
      ];
    }),
  ];
}

/** The task of a for_each. */
export function innerTasks(task: Block): readonly Block[] {
  return blocks(task, "for_each_task").flatMap((each) => blocks(each, "task"));
}

/** Whether a string is known only when Terraform runs. */
export function isReference(value: string): boolean {
  return value.includes("${");
}

/** Visits every string in a block, with its path, except in cdktf's metadata. */
export function eachString(
  value: unknown,
  path: readonly string[],
  visit: (path: readonly string[], value: string) => void,
): void {
  if (typeof value === "string") visit(path, value);
  else if (Array.isArray(value)) for (const item of value) eachString(item, path, visit);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      if (key !== "//") eachString(inner, [...path, key], visit);
  }
}
