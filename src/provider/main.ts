/** The provider itself: what `start.ts` runs. */
import type { Handshake } from "./handshake";
import { serve } from "./server";
import { useSchemaFor } from "../resources/shape/schema";
import { ProviderService } from "./service";
import { versionInUse } from "./version";

export function main(early?: Handshake): void {
  useSchemaFor(versionInUse());
  serve(new ProviderService(process.cwd()), early).catch((error: unknown) => {
    process.stderr.write(`[ERROR] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  });
}
