import { scim } from "../families/scim";
import { str, text } from "../shape/json";
import { personal } from "./user";

export const servicePrincipal = scim({
  ...personal,
  type: "databricks_service_principal",
  title: "service principal",
  collection: "ServicePrincipals",
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
  name: (attributes) =>
    str(attributes, "application_id") === ""
      ? ["display_name", "displayName"]
      : ["application_id", "applicationId"],
  // Like the official provider, send the application id in a create and, on Azure only, in an
  // update.
  body: (attributes, prior) => {
    const applicationId = prior === undefined ? str(attributes, "application_id") : "";
    return { ...personal.body(attributes), ...(applicationId !== "" && { applicationId }) };
  },
  attributesOf: (item) => {
    const id = text(item.applicationId) ?? "";
    return {
      ...personal.attributesOf(item, id),
      application_id: id,
      acl_principal_id: `servicePrincipals/${id}`,
    };
  },
  folders: (attributes) => personal.folders(attributes, str(attributes, "application_id")),
});
