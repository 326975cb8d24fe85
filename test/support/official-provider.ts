import path from "node:path";
import { mirrorOf } from "./both-ways";

/**
 * A CLI configuration with the official provider's binary.
 * @throws Error without one: `npm run test:official` reports it and runs nothing
 */
export function officialProvider(): string {
  const binary = process.env.TERRAFORM_PROVIDER_OFFICIAL ?? "";
  if (binary === "") {
    throw new Error(
      "NOT RUN: TERRAFORM_PROVIDER_OFFICIAL is not set. It names the binary of databricks/databricks 1.99.0, which this test is about: npm run test:official",
    );
  }
  return mirrorOf(path.resolve(binary));
}
