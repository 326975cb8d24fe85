import { LakeformError } from "../../errors";
import type { Attributes, DataKind } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText } from "../shape/json";

interface Version {
  readonly key: string;
  readonly name: string;
}

/**
 * The part of a version key that marks a variant, by filter. A key of the variant matches only if
 * the filter is set, and then no other key matches.
 */
const variantMarkers = {
  ml: "-ml-",
  genomics: "-hls-",
  gpu: "-gpu-",
  photon: "-photon-",
  graviton: "-aarch64-",
} as const;

function matchesFilters(version: Version, config: Attributes): boolean {
  const { key, name } = version;
  // "2.12" by default: a newer version that exists only for 2.13 is not found, as in the official
  // provider.
  if (
    !key.includes(`-scala${textOrEmpty(config, "scala") || "2.12"}`) ||
    key.includes("apache-spark-")
  )
    return false;
  for (const [field, marker] of Object.entries(variantMarkers))
    if (key.includes(marker) !== (config[field] === true)) return false;
  if (name.includes("Beta") !== (config.beta === true)) return false;
  if (config.long_term_support === true && !name.includes("LTS") && !key.includes("-esr-"))
    return false;
  const spark = textOrEmpty(config, "spark_version");
  return spark === "" || name.includes(`Apache Spark ${spark}`);
}

/** Parses the numbers of a version: 15.4.x-… → [15, 4]. */
function versionNumbers(key: string): readonly number[] {
  return (/^[\d.]+/.exec(key)?.[0] ?? "").split(".").filter(Boolean).map(Number);
}

function compareNewestFirst(a: string, b: string): number {
  const [left, right] = [versionNumbers(a), versionNumbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const sparkVersion: DataKind = {
  type: "databricks_spark_version",
  title: "Spark version",
  async read(api, config, context) {
    const response = object(
      await api.get("/api/2.1/clusters/spark-versions", { signal: context.signal }),
    );
    const versions = objects(response.versions).map((item) => ({
      key: optionalText(item.key) ?? "",
      name: optionalText(item.name) ?? "",
    }));
    const matchingKeys = versions
      .filter((version) => matchesFilters(version, config))
      .map(({ key }) => key);
    const [first, second] = matchingKeys.sort(compareNewestFirst);
    if (first === undefined) {
      throw new LakeformError("NO_SPARK_VERSION", "no Spark version matches", {
        value: describeFilters(config),
        allowed: versions.map(({ key }) => key).join(", "),
        fix: "relax the filters; only Scala 2.12 versions are searched unless scala is set",
      });
    }
    if (second !== undefined && config.latest === false) {
      throw new LakeformError("MANY_SPARK_VERSIONS", "more than one Spark version matches", {
        value: describeFilters(config),
        allowed: matchingKeys.join(", "),
        fix: "set latest = true to use the newest one, or add filters",
      });
    }
    return { ...config, id: first };
  },
};

function describeFilters(config: Attributes): string {
  const setFields = Object.entries(config).filter(
    ([, value]) => typeof value === "string" || value === true,
  );
  return setFields
    .map(([field, value]) => `${field} = ${String(value as string | boolean)}`)
    .join(", ");
}
