import type { Client, ReadClient } from "../client";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken } from "../transport/paging";

export interface ClusterPolicySpec {
  readonly name?: string;
  /** The policy as a JSON string. */
  readonly definition?: string;
  readonly policy_family_id?: string;
  readonly [field: string]: unknown;
}

export interface ClusterPolicy extends ClusterPolicySpec {
  readonly policy_id: string;
}

const base = "/api/2.0/policies/clusters";

export class PoliciesReader {
  constructor(private readonly reader: ReadClient) {}

  async get(policyId: string): Promise<ClusterPolicy> {
    return (await this.reader.get(`${base}/get`, {
      query: { policy_id: policyId },
    })) as ClusterPolicy;
  }

  list(): AsyncGenerator<ClusterPolicy> {
    return byToken<ClusterPolicy>(this.reader, { path: `${base}/list`, items: "policies" });
  }
}

export class Policies extends PoliciesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a policy exactly once: after a lost response, the policies with this name are compared
   * with those that existed before.
   */
  async create(policy: ClusterPolicySpec): Promise<string> {
    const policiesOfName = async (): Promise<ClusterPolicy[]> =>
      (await all(this.list())).filter((clusterPolicy) => clusterPolicy.name === policy.name);
    const created = await createOnceByName(
      this.client,
      `policy ${policy.name ?? ""}`,
      (clusterPolicy) => clusterPolicy.policy_id,
      policiesOfName,
      (recover) => this.client.post(`${base}/create`, policy, { recover }),
    );
    return created.policy_id;
  }

  async edit(policyId: string, policy: ClusterPolicySpec): Promise<void> {
    await this.client.post(
      `${base}/edit`,
      { ...policy, policy_id: policyId },
      { idempotent: true },
    );
  }

  async delete(policyId: string): Promise<void> {
    await this.client.post(
      `${base}/delete`,
      { policy_id: policyId },
      { idempotent: true, removes: true },
    );
  }
}
