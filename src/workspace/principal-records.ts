/** A user or service principal with its groups; every call has one as its caller. */
export interface Principal {
  /** The SCIM id. */
  readonly id: string;
  readonly kind: "user" | "service_principal";
  /** The user name (an e-mail address), or the application id of a service principal. */
  readonly name: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  /** Whether the principal is a member of `admins`, directly or through other groups. */
  readonly admin: boolean;
}

export interface UserRecord {
  readonly id: string;
  readonly kind: "user" | "service_principal";
  readonly name: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly externalId?: string;
  readonly entitlements: string[];
  readonly roles: string[];
  /** The SHA-256 hashes of the secrets that a service principal may use to log in. */
  readonly secretHashes?: string[];
}

export interface GroupRecord {
  readonly id: string;
  readonly displayName: string;
  readonly externalId?: string;
  readonly entitlements: string[];
  readonly roles: string[];
  /** The ids of member users, service principals and groups. */
  readonly members: string[];
}

export interface TokenRecord {
  readonly token_id: string;
  readonly hash: string;
  readonly owner_id: string;
  readonly creation_time: number;
  /** The expiry in milliseconds since 1970; -1: never. */
  readonly expiry_time: number;
  readonly comment: string;
  /**
   * "pat": a personal access token. "oauth": issued by the token endpoint or for a run, and not
   * listed among the personal access tokens.
   */
  readonly kind: "pat" | "oauth";
}

/** A principal that is created at startup, for `startWorkspace({principals})`. */
export interface PrincipalOption {
  readonly name: string;
  readonly kind?: "user" | "service_principal";
  readonly admin?: boolean;
  readonly groups?: readonly string[];
  /** A token that is valid from the start. */
  readonly token?: string;
  /** The OAuth secret of a service principal. */
  readonly secret?: string;
}
