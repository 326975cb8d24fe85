/** The states of several stacks, each in its workspace. */
import type { Client, ReadClient } from "../api/client";
import type { LakeformError } from "../errors";
import { atInterrupt } from "../interrupt";
import type { SynthesizedStack } from "../terraform/stack";
import type { WorkspaceStates } from "../terraform/workspace-states";
import { hasErroredState, takeOverErroredState } from "./errored-state";
import { stateKeys, type StateKeys } from "./pack";
import { startStateServer, type StateServer } from "./server";
import { StateStore } from "./store";

export class States implements WorkspaceStates {
  readonly #stores = new Map<string, StateStore>();
  readonly #keys: StateKeys;
  readonly #lockErrors = new Map<string, LakeformError>();
  #server: StateServer | undefined;
  #removeInterruptHandler: (() => void) | undefined;

  constructor(
    readonly env: NodeJS.ProcessEnv,
    private readonly warn: (text: string) => void,
  ) {
    this.#keys = stateKeys(env);
  }

  /** The server's secret, to be masked in all output. */
  get secret(): string {
    return this.#server?.secret ?? "";
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#server?.environment ?? {};
  }

  /** Adds the state of a stack. */
  add(
    { name, metadata }: Pick<SynthesizedStack, "name" | "metadata">,
    client: ReadClient | Client,
  ): StateStore {
    const store = new StateStore(client, {
      stack: name,
      recordFolder: metadata.recordFolder,
      keys: this.#keys,
      warn: this.warn,
    });
    this.#stores.set(name, store);
    return store;
  }

  storeOf(stack: string): StateStore | undefined {
    return this.#stores.get(stack);
  }

  async read({
    name,
    metadata,
  }: Pick<SynthesizedStack, "name" | "metadata">): Promise<Buffer | undefined> {
    const store = this.#stores.get(name);
    if (store === undefined)
      throw new Error(`the state of ${metadata.stack} belongs to a workspace that is unknown here`);
    return store.read();
  }

  async readers({ name }: Pick<SynthesizedStack, "name">): Promise<readonly string[] | undefined> {
    return this.#stores.get(name)?.readers();
  }

  lockRefused({ name }: Pick<SynthesizedStack, "name">): LakeformError | undefined {
    return this.#lockErrors.get(name);
  }

  async isHeld({ name }: Pick<SynthesizedStack, "name">): Promise<boolean> {
    return (await this.#stores.get(name)?.lock.holder()) !== undefined;
  }

  async takeOver({
    name,
    directory,
  }: Pick<SynthesizedStack, "name" | "directory">): Promise<string | undefined> {
    const store = this.#stores.get(name);
    if (store === undefined || !hasErroredState({ directory }, this)) return undefined;
    return store.lock.during("lakeform take over", async (lock) => {
      const [current] = await store.versions();
      return takeOverErroredState({ name, directory }, this, {
        description: "the one in the workspace",
        current,
        write: (state) => store.write(state, { lock, note: "taken over from errored.tfstate" }),
      });
    });
  }

  /**
   * Serves the states to Terraform.
   * @param onProblem called with details that Terraform's message lacks
   * @param onLockedState called with the details of a lock that another process holds; set if
   * lakeform does not run Terraform itself
   */
  async serve(
    onProblem: (error: LakeformError) => void,
    onLockedState?: (error: LakeformError) => void,
  ): Promise<void> {
    const onLockRefused = (stack: string, error: LakeformError): void => {
      // Terraform retries a locked state, so report each lock only once. The fix contains its id.
      const isReported = this.#lockErrors.get(stack)?.details.fix === error.details.fix;
      if (error.code === "STATE_LOCKED" && !isReported) onLockedState?.(error);
      this.#lockErrors.set(stack, error);
    };
    this.#server ??= await startStateServer({
      storeOf: (stack) => this.#stores.get(stack),
      onProblem,
      onLockRefused,
    });
    this.#removeInterruptHandler ??= atInterrupt(async () => {
      await Promise.all([...this.#stores.values()].map((store) => store.lock.releaseHeld()));
    });
  }

  async close(): Promise<void> {
    this.#removeInterruptHandler?.();
    this.#removeInterruptHandler = undefined;
    await this.#server?.close();
    this.#server = undefined;
  }
}
