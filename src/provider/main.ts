/** Runs the provider after `start.ts` has performed the handshake. */
import type { Handshake } from "./handshake";
import { serve } from "./server";
import { useSchemaFor } from "../resources/shape/schema";
import { servedSchema } from "./served-schema";
import { ProviderService } from "./service";
import { versionInUse } from "./version";

export function main(handshake?: Handshake): void {
  useSchemaFor(versionInUse());
  const directory = process.cwd();
  const schema = servedSchema(directory);
  serve(() => new ProviderService(directory, schema), handshake).catch((error: unknown) => {
    process.stderr.write(
      `[ERROR] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
}
