/** The answers of the workspace to the calls of a verification, kept as digests. */
import { createHash } from "node:crypto";
import { parseExact } from "../../exact-json";
import type { CallOptions, Query, ReadClient } from "../../api/client";

/** A call and the digest of its answer. */
export type KnownAnswer = readonly [path: string, query: Query, digest: string];

export class Answers {
  readonly #known = new Map<string, KnownAnswer>();
  /** What {@link isSame} has read, until it is used. */
  readonly #outcomes = new Map<string, () => unknown>();
  #isComplete = true;

  constructor(private readonly api: ReadClient) {}

  /**
   * The calls so far; undefined if an answer has no digest (an error, content that is not JSON) or
   * differs between calls.
   */
  get known(): readonly KnownAnswer[] | undefined {
    return this.#isComplete ? [...this.#known.values()] : undefined;
  }

  /** Notes a call whose answer has no digest. */
  miss(): void {
    this.#isComplete = false;
  }

  async get(path: string, options: CallOptions = {}): Promise<unknown> {
    let text: string | undefined;
    try {
      const parse = (answer: string): unknown => parseExact((text = answer));
      const answer = await this.api.get(path, { ...options, parse });
      this.#note(path, options, text);
      return answer;
    } catch (error) {
      this.miss();
      throw error;
    }
  }

  /** Returns the outcome of {@link isSame} for a call, once; undefined if there is none. */
  take(path: string, { query }: CallOptions = {}): Promise<unknown> | undefined {
    const key = keyOf(path, query);
    const outcome = this.#outcomes.get(key);
    this.#outcomes.delete(key);
    return outcome && Promise.resolve().then(outcome);
  }

  /** Makes a known call again. @returns whether its answer is still the same */
  async isSame([path, query, digest]: KnownAnswer): Promise<boolean> {
    let text: string | undefined;
    const parse = (answer: string): object => ({ text: (text = answer) });
    await this.api.get(path, { query, parse });
    const answer = text;
    if (answer === undefined) return false;
    this.#outcomes.set(keyOf(path, query), () => {
      this.#note(path, { query }, answer);
      return parseExact(answer);
    });
    return digestOf(answer) === digest;
  }

  /** Notes that a call of {@link isSame} has failed, after all retries. */
  fail([path, query]: KnownAnswer, error: unknown): void {
    this.#outcomes.set(keyOf(path, query), () => {
      this.miss();
      throw error;
    });
  }

  #note(path: string, { query = {}, headers }: CallOptions, text: string | undefined): void {
    if (text === undefined || headers !== undefined) return this.miss();
    const key = keyOf(path, query);
    const digest = digestOf(text);
    if (digest !== (this.#known.get(key)?.[2] ?? digest)) return this.miss();
    this.#known.set(key, [path, query, digest]);
  }
}

const keyOf = (path: string, query: Query = {}): string => `${path} ${JSON.stringify(query)}`;

export const digestOf = (text: string | Buffer): string =>
  createHash("sha256").update(text).digest("base64url");
