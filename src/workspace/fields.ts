import { invalid, WorkspaceError, type JsonObject, type JsonValue } from "./errors";

const kindOf = (value: JsonValue): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

const malformed = (name: string, expected: string, value: JsonValue): WorkspaceError =>
  new WorkspaceError(
    "MALFORMED_REQUEST",
    `Could not parse request object: Expected ${expected} for field '${name}', got ${kindOf(value)}`,
  );

/**
 * The fields of a request, checked when they are read. Null counts as absent (as in proto3 JSON).
 * Numbers and booleans may be strings, as in query parameters. A value of the wrong type throws 400
 * MALFORMED_REQUEST, a missing required field 400 INVALID_PARAMETER_VALUE. Some callers read a field
 * only for this check, and then use all `values`.
 */
export class Fields {
  constructor(
    readonly values: JsonObject,
    private readonly path = "",
  ) {}

  private name(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  private read(name: string): JsonValue | undefined {
    return Object.hasOwn(this.values, name) ? (this.values[name] ?? undefined) : undefined;
  }

  private required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw invalid(`Missing required field: ${this.name(name)}`);
    return value;
  }

  /** @throws 400 if the field is absent */
  requireField(name: string): void {
    this.required(name, this.read(name));
  }

  has(name: string): boolean {
    return this.read(name) !== undefined;
  }

  optionalString(name: string): string | undefined {
    const value = this.read(name);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw malformed(this.name(name), "a string", value);
  }

  /** Returns a required, non-empty string. */
  string(name: string): string {
    const value = this.optionalString(name);
    return this.required(name, value === "" ? undefined : value);
  }

  optionalInteger(name: string): number | undefined {
    const value = this.read(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isInteger(number) || Math.abs(number) > 2 ** 63)
      throw malformed(this.name(name), "an integer", value);
    return number;
  }

  integer(name: string): number {
    return this.required(name, this.optionalInteger(name));
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.read(name);
    if (value === undefined || typeof value === "boolean") return value;
    // The official Python SDK writes "True" in nested query parameters.
    if (typeof value === "string" && /^(true|false)$/i.test(value))
      return value.toLowerCase() === "true";
    throw malformed(this.name(name), "a boolean", value);
  }

  boolean(name: string, defaultValue: boolean): boolean {
    return this.optionalBoolean(name) ?? defaultValue;
  }

  optionalObject(name: string): JsonObject | undefined {
    const value = this.read(name);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value) || value === null)
      throw malformed(this.name(name), "an object", value);
    return value;
  }

  object(name: string): JsonObject {
    return this.required(name, this.optionalObject(name));
  }

  /** Returns the fields of a nested object; empty if it is absent. */
  fields(name: string): Fields {
    return new Fields(this.optionalObject(name) ?? {}, this.name(name));
  }

  optionalArray(name: string): JsonValue[] | undefined {
    const value = this.read(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw malformed(this.name(name), "an array", value);
    return value;
  }

  /** Returns an array of objects; empty if it is absent. */
  list(name: string): Fields[] {
    return (this.optionalArray(name) ?? []).map((item, index) => {
      if (typeof item !== "object" || item === null || Array.isArray(item))
        throw malformed(`${this.name(name)}[${index}]`, "an object", item);
      return new Fields(item, `${this.name(name)}[${index}]`);
    });
  }

  optionalStrings(name: string): string[] | undefined {
    return this.optionalArray(name)?.map((item, index) => {
      if (typeof item !== "string")
        throw malformed(`${this.name(name)}[${index}]`, "a string", item);
      return item;
    });
  }

  /** Returns a map of strings; numbers and booleans are converted. */
  optionalStringMap(name: string): Record<string, string> | undefined {
    const object = this.optionalObject(name);
    if (object === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => {
        if (value === null || value === undefined || typeof value === "object")
          throw malformed(`${this.name(name)}.${key}`, "a string", value ?? null);
        return [key, String(value)];
      }),
    );
  }

  /** Returns one of the allowed values; undefined if the field is absent or empty. */
  optionalEnum<E extends string>(name: string, allowed: readonly E[]): E | undefined {
    const value = this.optionalString(name);
    if (value === undefined || value === "") return undefined;
    const match = allowed.find((item) => item === value);
    if (match === undefined)
      throw invalid(
        `Invalid value '${value.slice(0, 200)}' for field '${this.name(name)}'. Must be one of: ${allowed.join(", ")}`,
      );
    return match;
  }

  enum<E extends string>(name: string, allowed: readonly E[]): E {
    return this.required(name, this.optionalEnum(name, allowed));
  }
}
