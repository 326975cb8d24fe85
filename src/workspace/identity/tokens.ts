import { invalid, missing, WorkspaceError } from "../errors";
import type { Fields } from "../fields";
import type { TokenRecord } from "../principal-records";
import type { WorkspaceApp } from "../routes";

/** Max number of personal access tokens per user, as on the platform. */
const MAX_TOKENS = 600;
/** 100 years. */
const MAX_LIFETIME_SECONDS = 3_153_600_000;

const renderInfo = ({ token_id, creation_time, expiry_time, comment }: TokenRecord): object => ({
  token_id,
  creation_time,
  expiry_time,
  comment,
});

/**
 * Routes of the caller's own tokens (`/api/2.0/token/…`) and, for admins, of all tokens
 * (`/api/2.0/token-management/…`).
 */
export function tokenRoutes(app: WorkspaceApp): void {
  const { principals } = app;
  const tokensOf = (id: string): TokenRecord[] =>
    principals.tokens
      .values()
      .filter(
        (token) => token.owner_id === id && token.kind === "pat" && !principals.isExpired(token),
      );

  app.post(["2.0"], "/token/create", async ({ input, caller }) => {
    const lifetime = parseLifetime(input.optionalInteger("lifetime_seconds"));
    const comment = input.optionalString("comment") ?? "";
    const { value, record } = await app.store.write(() => {
      if (tokensOf(caller.id).length >= MAX_TOKENS)
        throw new WorkspaceError(
          "QUOTA_EXCEEDED",
          `The user has the maximum of ${MAX_TOKENS} tokens.`,
        );
      return principals.issue(caller.id, { comment, ...lifetime });
    });
    return { token_value: value, token_info: renderInfo(record) };
  });
  app.get(["2.0"], "/token/list", ({ caller }) => {
    const tokens = tokensOf(caller.id);
    return tokens.length === 0 ? {} : { token_infos: tokens.map(renderInfo) };
  });
  /** Applies a PATCH `{token, update_mask}`, which can only change the comment. */
  const update = async (
    id: string,
    input: Fields,
    mayChange: (token: TokenRecord) => boolean,
  ): Promise<TokenRecord> => {
    const mask = input.string("update_mask").split(",");
    if (!mask.every((field) => field.trim() === "comment"))
      throw invalid("Only the comment of a token can be updated.");
    const comment = input.fields("token").optionalString("comment") ?? "";
    return app.store.write(() => {
      const token = findToken(id);
      if (token === undefined || !mayChange(token))
        throw missing(`Token with id ${id} does not exist`);
      return principals.putToken({ ...token, comment });
    });
  };
  app.patch(["2.0"], "/token/:id", async ({ params, input, caller }) => {
    await update(
      params.id ?? "",
      input,
      (token) => token.owner_id === caller.id && token.kind === "pat",
    );
    return undefined;
  });
  app.post(["2.0"], "/token/delete", async ({ input, caller }) => {
    const id = input.string("token_id");
    await app.store.write(() => {
      const token = findToken(id);
      if (token?.owner_id !== caller.id) throw missing(`Token with id ${id} does not exist`);
      principals.revoke(id);
    });
    return undefined;
  });

  const findToken = (id: string): TokenRecord | undefined =>
    id.length > 200 ? undefined : principals.tokens.get(id);
  const renderManaged = (token: TokenRecord): object => {
    const owner = principals.users.get(token.owner_id);
    return {
      ...renderInfo(token),
      owner_id: Number(token.owner_id),
      created_by_id: Number(token.owner_id),
      created_by_username: owner?.name ?? "",
      workspace_id: Number(app.workspaceId),
    };
  };
  const adminOnly = { admin: true };
  app.get(
    ["2.0"],
    "/token-management/tokens",
    ({ input }) => {
      const user = input.optionalString("created_by_username");
      const id = input.optionalString("created_by_id");
      const owner = user === undefined ? id : (principals.findUser(user)?.id ?? "");
      const tokens = principals.tokens
        .values()
        .filter(
          (token) => token.kind === "pat" && (owner === undefined || token.owner_id === owner),
        );
      return tokens.length === 0 ? {} : { token_infos: tokens.map(renderManaged) };
    },
    adminOnly,
  );
  app.get(
    ["2.0"],
    "/token-management/tokens/:id",
    ({ params }) => {
      const token = findToken(params.id ?? "");
      if (token === undefined) throw missing(`Token ${params.id ?? ""} does not exist`);
      return { token_info: renderManaged(token) };
    },
    adminOnly,
  );
  app.patch(
    ["2.0"],
    "/token-management/tokens/:id",
    async ({ params, input }) => renderManaged(await update(params.id ?? "", input, () => true)),
    adminOnly,
  );
  app.delete(
    ["2.0"],
    "/token-management/tokens/:id",
    async ({ params }) => {
      await app.store.write(() => {
        if (findToken(params.id ?? "") === undefined || !principals.revoke(params.id ?? ""))
          throw missing(`Token ${params.id ?? ""} does not exist`);
      });
      return undefined;
    },
    adminOnly,
  );
  app.post(
    ["2.0"],
    "/token-management/on-behalf-of/tokens",
    async ({ input }) => {
      const application = input.string("application_id");
      const lifetime = parseLifetime(input.optionalInteger("lifetime_seconds"));
      const comment = input.optionalString("comment") ?? "";
      const { value, record } = await app.store.write(() => {
        const owner = principals.findUser(application);
        if (owner?.kind !== "service_principal")
          throw missing(`Service principal ${application} does not exist`);
        return principals.issue(owner.id, { comment, ...lifetime });
      });
      return { token_value: value, token_info: renderManaged(record) };
    },
    adminOnly,
  );
}

function parseLifetime(seconds: number | undefined): { lifetimeSeconds?: number } {
  if (seconds === undefined || seconds === -1) return {};
  if (seconds <= 0 || seconds > MAX_LIFETIME_SECONDS)
    throw invalid(`lifetime_seconds must be between 1 and ${MAX_LIFETIME_SECONDS}, or -1.`);
  return { lifetimeSeconds: seconds };
}
