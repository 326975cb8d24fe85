/** Runtime, Spark version, Scala version, and whether it has long-term support. */
const runtimes: readonly (readonly [string, string, string, boolean])[] = [
  ["9.1", "3.1.2", "2.12", true],
  ["10.4", "3.2.1", "2.12", true],
  ["11.3", "3.3.0", "2.12", true],
  ["12.2", "3.3.2", "2.12", true],
  ["13.3", "3.4.1", "2.12", true],
  ["14.3", "3.5.0", "2.12", true],
  ["15.4", "3.5.0", "2.12", true],
  ["16.1", "3.5.0", "2.12", false],
  ["16.2", "3.5.2", "2.12", false],
  ["16.3", "3.5.2", "2.12", false],
  ["16.4", "3.5.2", "2.12", true],
  ["17.0", "4.0.0", "2.13", false],
  ["17.1", "4.0.0", "2.13", false],
  ["17.2", "4.0.0", "2.13", false],
  ["17.3", "4.0.0", "2.13", true],
];

/** The response of clusters/spark-versions. */
export const sparkVersions: readonly { readonly key: string; readonly name: string }[] =
  runtimes.flatMap(([runtime, spark, scala, lts]) => {
    const name = `${runtime}${lts ? " LTS" : ""}`;
    const sparkName = `Apache Spark ${spark}`;
    // Only 16.4 LTS exists for two Scala versions.
    const scalaVersions = runtime === "16.4" ? ["2.12", "2.13"] : [scala];
    return scalaVersions.flatMap((scalaVersion) => [
      {
        key: `${runtime}.x-scala${scalaVersion}`,
        name: `${name} (includes ${sparkName}, Scala ${scalaVersion})`,
      },
      {
        key: `${runtime}.x-photon-scala${scalaVersion}`,
        name: `${name} Photon (includes ${sparkName}, Scala ${scalaVersion})`,
      },
      {
        key: `${runtime}.x-aarch64-scala${scalaVersion}`,
        name: `${name} aarch64 (includes ${sparkName}, Scala ${scalaVersion})`,
      },
      {
        key: `${runtime}.x-cpu-ml-scala${scalaVersion}`,
        name: `${name} ML (includes ${sparkName}, Scala ${scalaVersion})`,
      },
      {
        key: `${runtime}.x-gpu-ml-scala${scalaVersion}`,
        name: `${name} ML (includes ${sparkName}, GPU, Scala ${scalaVersion})`,
      },
    ]);
  });
