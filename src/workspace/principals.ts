import { createHash, randomBytes, randomUUID } from "node:crypto";
import { denied, exists, WorkspaceError } from "./errors";
import type { Clock } from "./clock";
import type { GroupRecord, Principal, TokenRecord, UserRecord } from "./principal-records";
import type { Collection, Store } from "./store";

export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Users, service principals, groups and tokens. Secrets are stored only as hashes. */
export class Principals {
  readonly users: Collection<UserRecord>;
  readonly groups: Collection<GroupRecord>;
  readonly tokens: Collection<TokenRecord>;
  private readonly byName: Collection<string>;
  private readonly byHash: Collection<string>;
  /** Caches stored tokens by value. Cleared when a user, group or token is changed or removed. */
  private readonly tokenCache = new Map<string, TokenRecord>();
  /** The tokens of runs. They are never stored, so they end with the process. */
  private readonly temporaryTokens = new Map<string, TokenRecord>();
  private readonly newUserCallbacks: ((record: UserRecord) => void)[] = [];
  /** Caches principals by id. Cleared together with the tokens. */
  private readonly callerCache = new Map<
    string,
    { readonly principal: Principal; readonly active: boolean }
  >();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {
    this.users = store.collection("users");
    this.groups = store.collection("groups");
    this.tokens = store.collection("tokens");
    this.byName = store.collection("user_names");
    this.byHash = store.collection("token_hashes");
  }

  /**
   * Registers a callback that runs inside the write that adds a user or service principal. It is
   * used to create the home folder.
   */
  onNewUser(callback: (record: UserRecord) => void): void {
    this.newUserCallbacks.push(callback);
  }

  /**
   * Adds a user or service principal. Call only inside `store.write`.
   * @throws if the name is taken
   */
  addUser(fields: { name: string; kind: UserRecord["kind"] } & Partial<UserRecord>): UserRecord {
    const key = nameKey(fields.name);
    if (this.byName.has(key))
      throw exists(
        fields.kind === "user"
          ? `User with username ${fields.name} already exists.`
          : `Service principal with application ID ${fields.name} already exists.`,
      );
    const record: UserRecord = {
      displayName: fields.name,
      active: true,
      entitlements: [],
      roles: [],
      ...fields,
      // The platform stores user names in lower case.
      name: fields.kind === "user" ? fields.name.toLowerCase() : fields.name,
      id: String(this.store.nextId("principal")),
    };
    this.users.put(record.id, record);
    this.byName.put(key, record.id);
    for (const callback of this.newUserCallbacks) callback(record);
    return record;
  }

  /** Stores a user, whose name may have changed. Call only inside `store.write`. */
  putUser(record: UserRecord): void {
    const previous = this.users.get(record.id);
    if (previous !== undefined && previous.name !== record.name)
      this.byName.remove(nameKey(previous.name));
    this.users.put(record.id, record);
    this.byName.put(nameKey(record.name), record.id);
    this.clearCaches();
  }

  /** Removes a user with its tokens and memberships. Call only inside `store.write`. */
  removeUser(record: UserRecord): void {
    this.users.remove(record.id);
    this.byName.remove(nameKey(record.name));
    for (const token of this.tokens.values())
      if (token.owner_id === record.id) this.revoke(token.token_id);
    this.removeMember(record.id);
    this.clearCaches();
  }

  /** Adds a group. Call only inside `store.write`. @throws if the name is taken */
  addGroup(fields: { displayName: string } & Partial<GroupRecord>): GroupRecord {
    if (this.findGroup(fields.displayName) !== undefined)
      throw exists(`Group with name ${fields.displayName} already exists.`);
    const record: GroupRecord = {
      entitlements: [],
      roles: [],
      members: [],
      ...fields,
      id: String(this.store.nextId("principal")),
    };
    this.putGroup(record);
    return record;
  }

  /** Removes a group and its memberships in other groups. Call only inside `store.write`. */
  removeGroup(id: string): void {
    this.groups.remove(id);
    this.removeMember(id);
    this.clearCaches();
  }

  private removeMember(id: string): void {
    for (const group of this.groups.values())
      if (group.members.includes(id))
        this.groups.put(group.id, {
          ...group,
          members: group.members.filter((member) => member !== id),
        });
  }

  /**
   * Adds a member to a group, which is created if it does not exist. Call only inside
   * `store.write`.
   */
  addToGroup(name: string, memberId: string): void {
    const group = this.findGroup(name) ?? this.addGroup({ displayName: name });
    this.putGroup({ ...group, members: [...group.members, memberId] });
  }

  /** Stores a group. Call only inside `store.write`. */
  putGroup(record: GroupRecord): void {
    this.groups.put(record.id, record);
    this.clearCaches();
  }

  /** Adds a secret with which a service principal can log in. Call only inside `store.write`. */
  addSecret(id: string, secret: string): void {
    const record = this.users.get(id);
    if (record !== undefined)
      this.users.put(id, {
        ...record,
        secretHashes: [...(record.secretHashes ?? []), hashOf(secret)],
      });
  }

  /** Whether the token is stored, even if it has expired. */
  hasToken(value: string): boolean {
    return this.byHash.has(hashOf(value));
  }

  findGroup(name: string): GroupRecord | undefined {
    return this.groups
      .values()
      .find((group) => group.displayName.toLowerCase() === name.toLowerCase());
  }

  findUser(name: string): UserRecord | undefined {
    const id = this.byName.get(nameKey(name));
    return id === undefined ? undefined : this.users.get(id);
  }

  /** Whether a user, service principal or group of that name exists. */
  exists(name: string): boolean {
    return this.findUser(name) !== undefined || this.findGroup(name) !== undefined;
  }

  /**
   * Returns the kind of the principal with a name. An unknown principal is created, as by a sync
   * from an identity provider: without `kind`, a name with `@` is a user, a UUID a service
   * principal, anything else a group. Call only inside `store.write`.
   */
  ensure(
    name: string,
    kind?: "user" | "group" | "service_principal",
  ): "user" | "group" | "service_principal" {
    const existingKind =
      this.findUser(name)?.kind ?? (this.findGroup(name) === undefined ? undefined : "group");
    if (existingKind !== undefined && (kind === undefined || kind === existingKind))
      return existingKind;
    const newKind =
      kind ??
      (name.includes("@")
        ? "user"
        : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)
          ? "service_principal"
          : "group");
    if (newKind === "group") this.addGroup({ displayName: name });
    else this.addUser({ name, kind: newKind });
    return newKind;
  }

  /** Whether the caller is an admin or has the entitlement, directly or through a group. */
  isEntitled(caller: Principal, entitlement: string): boolean {
    return caller.admin || this.entitlementsOf(caller.id).includes(entitlement);
  }

  /** Returns the entitlements of a principal, including those of its groups. */
  entitlementsOf(id: string): string[] {
    return [
      ...(this.users.get(id)?.entitlements ?? []),
      ...this.groupsOf(id).flatMap((group) => group.entitlements),
    ];
  }

  /** Returns the groups that contain an id, directly or indirectly. */
  groupsOf(id: string): GroupRecord[] {
    const groups = this.groups.values();
    const result = new Map<string, GroupRecord>();
    let memberIds = new Set([id]);
    while (memberIds.size > 0) {
      const parentIds = new Set<string>();
      for (const group of groups)
        if (!result.has(group.id) && group.members.some((member) => memberIds.has(member))) {
          result.set(group.id, group);
          parentIds.add(group.id);
        }
      memberIds = parentIds;
    }
    return [...result.values()];
  }

  toPrincipal(record: UserRecord): Principal {
    const groups = this.groupsOf(record.id).map((group) => group.displayName);
    return {
      id: record.id,
      kind: record.kind,
      name: record.name,
      displayName: record.displayName,
      groups,
      admin: groups.includes("admins"),
    };
  }

  /** Creates a token. Call only inside `store.write`. @returns its value, which is not stored */
  issue(
    ownerId: string,
    options: {
      comment?: string;
      lifetimeSeconds?: number;
      kind?: TokenRecord["kind"];
      value?: string;
    } = {},
  ): { value: string; record: TokenRecord } {
    const value = options.value ?? `dapi${randomBytes(16).toString("hex")}`;
    const now = this.clock.now();
    const record: TokenRecord = {
      token_id: createHash("sha256").update(randomUUID()).digest("hex"),
      hash: hashOf(value),
      owner_id: ownerId,
      creation_time: now,
      expiry_time:
        options.lifetimeSeconds === undefined ? -1 : now + options.lifetimeSeconds * 1000,
      comment: options.comment ?? "",
      kind: options.kind ?? "pat",
    };
    this.tokens.put(record.token_id, record);
    this.byHash.put(record.hash, record.token_id);
    return { value, record };
  }

  /** Creates a token in memory only. @returns its value, and a function to revoke it */
  issueTemporary(ownerId: string, comment: string): { value: string; revoke: () => void } {
    const value = `dapi${randomBytes(16).toString("hex")}`;
    const record: TokenRecord = {
      token_id: hashOf(randomUUID()),
      hash: hashOf(value),
      owner_id: ownerId,
      creation_time: this.clock.now(),
      expiry_time: -1,
      comment,
      kind: "oauth",
    };
    this.temporaryTokens.set(value, record);
    return { value, revoke: () => void this.temporaryTokens.delete(value) };
  }

  /** Stores a token. Call only inside `store.write`. */
  putToken(record: TokenRecord): TokenRecord {
    this.tokens.put(record.token_id, record);
    this.clearCaches();
    return record;
  }

  /** Deletes a token. Call only inside `store.write`. @returns whether it existed */
  revoke(tokenId: string): boolean {
    const record = this.tokens.get(tokenId);
    if (record === undefined) return false;
    this.tokens.remove(tokenId);
    this.byHash.remove(record.hash);
    this.clearCaches();
    return true;
  }

  isExpired(token: TokenRecord): boolean {
    return token.expiry_time !== -1 && token.expiry_time <= this.clock.now();
  }

  /**
   * Clears the caches twice: now, and when the write is durable, because a call in between caches
   * the old state again. Call only inside `store.write`.
   */
  private clearCaches(): void {
    const clear = (): void => {
      this.tokenCache.clear();
      this.callerCache.clear();
    };
    clear();
    this.store.onSettled(clear);
  }

  /**
   * Returns the principal of an `Authorization` header.
   * @throws 401 for a missing, unknown or expired token, 403 for an inactive principal
   */
  authenticate(header: string | undefined): Principal {
    const bearer = tokenOf(header ?? "");
    if (bearer === undefined)
      throw new WorkspaceError(
        "UNAUTHENTICATED",
        "Credential was not sent or was of an unsupported type for this API.",
      );
    const token =
      this.tokenCache.get(bearer) ?? this.temporaryTokens.get(bearer) ?? this.lookUpToken(bearer);
    if (token === undefined) throw new WorkspaceError("UNAUTHENTICATED", "Invalid access token.");
    if (this.isExpired(token))
      throw new WorkspaceError("UNAUTHENTICATED", "Access token has expired.");
    const caller = this.callerCache.get(token.owner_id) ?? this.lookUpCaller(token.owner_id);
    if (!caller.active)
      throw denied(`User ${caller.principal.name} is not active in this workspace.`);
    return caller.principal;
  }

  private lookUpToken(value: string): TokenRecord | undefined {
    const id = this.byHash.get(hashOf(value));
    const token = id === undefined ? undefined : this.tokens.get(id);
    if (token !== undefined) {
      if (this.tokenCache.size >= 1000) this.tokenCache.clear();
      this.tokenCache.set(value, token);
    }
    return token;
  }

  private lookUpCaller(id: string): { readonly principal: Principal; readonly active: boolean } {
    const owner = this.users.get(id);
    if (owner === undefined) throw new WorkspaceError("UNAUTHENTICATED", "Invalid access token.");
    const caller = { principal: this.toPrincipal(owner), active: owner.active };
    this.callerCache.set(id, caller);
    return caller;
  }
}

const nameKey = (name: string): string => name.toLowerCase().slice(0, 1000);

/** Returns the token in an `Authorization` header. */
export const tokenOf = (header: string): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header)?.[1] ?? basicToken(header);

/** Reads `Basic token:<token>`, which `curl -u token:…` sends. */
function basicToken(header: string): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const [user, ...tokenParts] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return user === "token" ? tokenParts.join(":") : undefined;
}
