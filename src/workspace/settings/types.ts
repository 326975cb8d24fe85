/** `/api/2.0/settings/types/<type>/names/default`: workspace settings with an etag. */
import { defined } from "../../defined";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import type { WorkspaceApp } from "../routes";

/**
 * The supported settings with their initial values. A setting without an initial value returns 404
 * until it is set.
 */
const known: Readonly<Record<string, JsonObject | undefined>> = {
  default_namespace_ws: undefined,
  restrict_workspace_admins: { restrict_workspace_admins: { status: "ALLOW_ALL" } },
  automatic_cluster_update: { automatic_cluster_update_workspace: { enabled: false } },
  disable_legacy_dbfs: { disable_legacy_dbfs: { value: false } },
};

interface Setting {
  readonly version: number;
  readonly values?: JsonObject;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the settings with one masked field replaced by the request's value. */
function masked(
  values: JsonObject,
  changes: JsonObject,
  [name = "", ...rest]: readonly string[],
): JsonObject {
  const [before, after] = [values[name], changes[name]];
  if (rest.length > 0)
    return isObject(before) || isObject(after)
      ? {
          ...values,
          [name]: masked(isObject(before) ? before : {}, isObject(after) ? after : {}, rest),
        }
      : values;
  const { [name]: _dropped, ...others } = values;
  return after === undefined || after === null ? others : { ...others, [name]: after };
}

export function settingTypeRoutes(app: WorkspaceApp): void {
  const settings = app.store.collection<Setting>("setting_types");
  const etagOf = (version: number): string => Buffer.from(`version ${version}`).toString("base64");
  const staleError = (
    name: string,
    { version, values }: Setting,
    code: "NOT_FOUND" | "RESOURCE_CONFLICT",
  ): WorkspaceError =>
    new WorkspaceError(
      code,
      values === undefined
        ? `Setting ${name} does not exist.`
        : `Setting ${name} was changed since it was read.`,
      {
        reason: code === "NOT_FOUND" ? "SETTING_NOT_FOUND" : "ETAG_MISMATCH",
        metadata: { etag: etagOf(version) },
      },
    );
  for (const [name, byDefault] of Object.entries(known)) {
    const path = `/settings/types/${name}/names/default`;
    const current = (): Setting =>
      settings.get(name) ?? { version: 0, ...defined({ values: byDefault }) };
    const shown = ({ version, values }: Setting): JsonObject => ({
      ...values,
      etag: etagOf(version),
      setting_name: "default",
    });
    app.get(["2.0"], path, () => {
      const found = current();
      if (found.values === undefined) throw staleError(name, found, "NOT_FOUND");
      return shown(found);
    });
    app.patch(
      ["2.0"],
      path,
      async ({ input }) => {
        const given = input.object("setting");
        const mask = input.string("field_mask").split(",");
        const unknownField = mask.find(
          (field) => !Object.keys(given).includes(field.split(".")[0] ?? ""),
        );
        if (unknownField !== undefined)
          throw invalid(
            `field_mask names ${unknownField.slice(0, 200)}, which the setting does not have.`,
          );
        return app.store.write(() => {
          const found = current();
          if (given.etag !== etagOf(found.version))
            throw staleError(
              name,
              found,
              found.values === undefined ? "NOT_FOUND" : "RESOURCE_CONFLICT",
            );
          const values = mask.reduce(
            (changedSettings, field) => masked(changedSettings, given, field.split(".")),
            found.values ?? {},
          );
          const next = { version: found.version + 1, values };
          settings.put(name, next);
          return shown(next);
        });
      },
      { admin: true },
    );
    if (name === "automatic_cluster_update") continue;
    app.delete(
      ["2.0"],
      path,
      async ({ input }) => {
        const etag = input.optionalString("etag") ?? "";
        return app.store.write(() => {
          const found = current();
          if (found.values === undefined) throw staleError(name, found, "NOT_FOUND");
          if (etag !== etagOf(found.version)) throw staleError(name, found, "RESOURCE_CONFLICT");
          settings.put(name, { version: found.version + 1, ...defined({ values: byDefault }) });
          return { etag: etagOf(found.version + 1) };
        });
      },
      { admin: true },
    );
  }
}
