import { scim } from "../families/scim";
import { textOrEmpty } from "../shape/attributes";
import { optionalText } from "../shape/json";
import { principalSpec } from "./user";

export const servicePrincipal = scim({
  ...principalSpec,
  type: "databricks_service_principal",
  title: "service principal",
  collection: "ServicePrincipals",
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
  name: (attributes) =>
    textOrEmpty(attributes, "application_id") === ""
      ? ["display_name", "displayName"]
      : ["application_id", "applicationId"],
  // Only a create sends the application id. (On Azure, the official provider also sends it in an
  // update.)
  body: (attributes, prior) => {
    const applicationId = prior === undefined ? textOrEmpty(attributes, "application_id") : "";
    return { ...principalSpec.body(attributes), ...(applicationId !== "" && { applicationId }) };
  },
  attributesOf: (item) => {
    const id = optionalText(item.applicationId) ?? "";
    return {
      ...principalSpec.attributesOf(item, id),
      application_id: id,
      acl_principal_id: `servicePrincipals/${id}`,
    };
  },
  folders: (attributes) =>
    principalSpec.folders(attributes, textOrEmpty(attributes, "application_id")),
});
