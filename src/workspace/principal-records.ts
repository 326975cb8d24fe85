/** The caller. */
export interface Principal {
  /** The SCIM id. */
  readonly id: string;
  readonly kind: "user" | "service_principal";
  /** The user name (an e-mail address), or a service principal's application id. */
  readonly name: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  /** Member of `admins`. */
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
  /** sha256 of the secrets with which a service principal may log in. */
  readonly secretHashes?: string[];
}

export interface GroupRecord {
  readonly id: string;
  readonly displayName: string;
  readonly externalId?: string;
  readonly entitlements: string[];
  readonly roles: string[];
  /** Ids of users, service principals and groups. */
  readonly members: string[];
}

export interface TokenRecord {
  readonly token_id: string;
  readonly hash: string;
  readonly owner_id: string;
  readonly creation_time: number;
  /** Milliseconds since 1970; -1: never. */
  readonly expiry_time: number;
  readonly comment: string;
  /** "oauth": from the token endpoint, not listed among the personal tokens. */
  readonly kind: "pat" | "oauth";
}

/** An initial principal: for `startWorkspace({principals})`. */
export interface PrincipalOption {
  readonly name: string;
  readonly kind?: "user" | "service_principal";
  readonly admin?: boolean;
  readonly groups?: readonly string[];
  /** A token that is valid from the start. */
  readonly token?: string;
  /** A service principal's OAuth secret. */
  readonly secret?: string;
}
