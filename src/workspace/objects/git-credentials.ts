import { defined } from "../../defined";
import { hashOf } from "../principals";
import { missing, WorkspaceError } from "../errors";
import type { Fields } from "../fields";
import type { Call, WorkspaceApp } from "../routes";
import { credentialProviders, parseProvider } from "./git-providers";

interface GitCredential {
  readonly credential_id: number;
  readonly owner_id: string;
  readonly git_provider: string;
  readonly git_username?: string;
  readonly git_email?: string;
  readonly name?: string;
  readonly is_default_for_provider?: boolean;
  /** The hash of the token, which is never returned and never used to fetch anything. */
  readonly token_hash?: string;
}

/**
 * Routes of `/api/2.0/git-credentials`: the caller's own credentials or, for admins with
 * `principal_id`, those of a service principal.
 */
export function gitCredentialRoutes(app: WorkspaceApp): void {
  const credentials = app.store.collection<GitCredential>("git_credentials");
  const credentialsOf = (owner: string): GitCredential[] =>
    credentials.values().filter((credential) => credential.owner_id === owner);
  const mustFind = (id: string | undefined, owner: string): GitCredential => {
    const credential = /^\d{1,16}$/.test(id ?? "") ? credentials.get(Number(id)) : undefined;
    if (credential?.owner_id !== owner)
      throw missing(`Git credential with id ${(id ?? "").slice(0, 100)} does not exist`);
    return credential;
  };
  const ownerOf = ({ input, caller }: Pick<Call, "input" | "caller">): string => {
    const id = input.optionalInteger("principal_id");
    if (id === undefined || String(id) === caller.id) return caller.id;
    app.permissions.requireAdmin(caller, "use the Git credentials of a service principal");
    if (app.principals.users.get(String(id))?.kind !== "service_principal")
      throw missing(`Service principal ${id} does not exist`);
    return String(id);
  };
  const renderCredential = ({
    owner_id: _owner,
    token_hash: _hash,
    ...fields
  }: GitCredential): object => fields;
  app.post(["2.0"], "/git-credentials", async ({ input, caller }) => {
    const settings = parseSettings(input);
    const owner_id = ownerOf({ input, caller });
    const newCredential = await app.store.write(() => {
      if (credentialsOf(owner_id).length > 0)
        throw new WorkspaceError(
          "INVALID_STATE",
          "Only one Git credential is supported for this user at this time. If you would like to update your credential, please use the PATCH endpoint.",
        );
      const credential_id = app.store.nextId("git_credential");
      const credential = { credential_id, owner_id, ...settings };
      credentials.put(credential_id, credential);
      return credential;
    });
    return renderCredential(newCredential);
  });
  app.get(["2.0"], "/git-credentials", (call) => ({
    credentials: credentialsOf(ownerOf(call)).map(renderCredential),
  }));
  app.get(["2.0"], "/git-credentials/:id", (call) =>
    renderCredential(mustFind(call.params.id, ownerOf(call))),
  );
  app.patch(["2.0"], "/git-credentials/:id", async (call) => {
    const settings = parseSettings(call.input);
    await app.store.write(() => {
      const previous = mustFind(call.params.id, ownerOf(call));
      credentials.put(previous.credential_id, { ...previous, ...settings });
    });
    return undefined;
  });
  app.delete(["2.0"], "/git-credentials/:id", async (call) => {
    await app.store.write(() =>
      credentials.remove(mustFind(call.params.id, ownerOf(call)).credential_id),
    );
    return undefined;
  });
}

function parseSettings(input: Fields): Omit<GitCredential, "credential_id" | "owner_id"> {
  const provider = parseProvider(input.string("git_provider"), credentialProviders) ?? "";
  const [git_username, git_email, name, token] = (
    ["git_username", "git_email", "name", "personal_access_token"] as const
  ).map((field) => input.optionalString(field));
  const isDefault = input.optionalBoolean("is_default_for_provider");
  return {
    git_provider: provider,
    ...defined({ is_default_for_provider: isDefault, git_username, git_email, name }),
    ...(token === undefined ? {} : { token_hash: hashOf(token) }),
  };
}
