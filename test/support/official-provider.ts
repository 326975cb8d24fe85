import path from "node:path";
import { mirrorOf } from "./both-ways";

/**
 * Returns the path of a CLI configuration with the official provider's binary.
 * @throws Error if TERRAFORM_PROVIDER_OFFICIAL is not set
 */
export function officialProvider(): string {
  const binary = process.env.TERRAFORM_PROVIDER_OFFICIAL ?? "";
  if (binary === "") {
    throw new Error(
      "NOT RUN: TERRAFORM_PROVIDER_OFFICIAL is not set. Set it to the path of the binary of databricks/databricks 1.99.0, and run: npm run test:official",
    );
  }
  return mirrorOf(path.resolve(binary));
}
