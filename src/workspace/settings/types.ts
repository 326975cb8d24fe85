/** Routes of `/api/2.0/settings/types/<type>/names/default`: workspace settings with an etag. */
import { defined } from "../../defined";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import type { WorkspaceApp } from "../routes";
import { replaceMaskedField } from "../update-mask";

/**
 * The supported settings with their initial values. A setting without an initial value returns 404
 * until it is set.
 */
const INITIAL_VALUES: Readonly<Record<string, JsonObject | undefined>> = {
  default_namespace_ws: undefined,
  restrict_workspace_admins: { restrict_workspace_admins: { status: "ALLOW_ALL" } },
  automatic_cluster_update: { automatic_cluster_update_workspace: { enabled: false } },
  disable_legacy_dbfs: { disable_legacy_dbfs: { value: false } },
};

interface Setting {
  readonly version: number;
  readonly values?: JsonObject;
}

export function settingTypeRoutes(app: WorkspaceApp): void {
  const settings = app.store.collection<Setting>("setting_types");
  const etagOf = (version: number): string => Buffer.from(`version ${version}`).toString("base64");
  const settingError = (
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
  for (const [name, initialValue] of Object.entries(INITIAL_VALUES)) {
    const path = `/settings/types/${name}/names/default`;
    const currentSetting = (): Setting =>
      settings.get(name) ?? { version: 0, ...defined({ values: initialValue }) };
    const renderSetting = ({ version, values }: Setting): JsonObject => ({
      ...values,
      etag: etagOf(version),
      setting_name: "default",
    });
    app.get(["2.0"], path, () => {
      const setting = currentSetting();
      if (setting.values === undefined) throw settingError(name, setting, "NOT_FOUND");
      return renderSetting(setting);
    });
    app.patch(
      ["2.0"],
      path,
      async ({ input }) => {
        const requestedSetting = input.object("setting");
        const mask = input.string("field_mask").split(",");
        const unknownField = mask.find(
          (field) => !Object.keys(requestedSetting).includes(field.split(".")[0] ?? ""),
        );
        if (unknownField !== undefined)
          throw invalid(
            `field_mask names ${unknownField.slice(0, 200)}, which the setting in the request does not have.`,
          );
        return app.store.write(() => {
          const setting = currentSetting();
          if (requestedSetting.etag !== etagOf(setting.version))
            throw settingError(
              name,
              setting,
              setting.values === undefined ? "NOT_FOUND" : "RESOURCE_CONFLICT",
            );
          const values = mask.reduce(
            (changedSettings, field) =>
              replaceMaskedField(changedSettings, requestedSetting, field.split(".")),
            setting.values ?? {},
          );
          const changedSetting = { version: setting.version + 1, values };
          settings.put(name, changedSetting);
          return renderSetting(changedSetting);
        });
      },
      { admin: true },
    );
    // The platform has no call that resets this setting.
    if (name === "automatic_cluster_update") continue;
    app.delete(
      ["2.0"],
      path,
      async ({ input }) => {
        const etag = input.optionalString("etag") ?? "";
        return app.store.write(() => {
          const setting = currentSetting();
          if (setting.values === undefined) throw settingError(name, setting, "NOT_FOUND");
          if (etag !== etagOf(setting.version))
            throw settingError(name, setting, "RESOURCE_CONFLICT");
          settings.put(name, {
            version: setting.version + 1,
            ...defined({ values: initialValue }),
          });
          return { etag: etagOf(setting.version + 1) };
        });
      },
      { admin: true },
    );
  }
}
