import { isAccountHost, cloudOf } from "./cloud";
import type { DataKind } from "../kind";

/** Returns the provider's configuration without a call. */
export const currentConfig: DataKind = {
  type: "databricks_current_config",
  title: "current configuration",
  read(api, _config, context) {
    const is_account = isAccountHost(api.host);
    const auth_type = context.authType ?? "pat";
    return Promise.resolve({
      id: "_",
      host: api.host,
      is_account,
      account_id: "",
      auth_type,
      cloud_type: cloudOf(api.host),
    });
  },
};
