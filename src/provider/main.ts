/** The provider itself: what `start.ts` runs. */
import type { Handshake } from "./handshake";
import { serve } from "./server";
import { ProviderService } from "./service";

export function main(early?: Handshake): void {
  serve(new ProviderService(process.cwd()), early).catch((error: unknown) => {
    process.stderr.write(`[ERROR] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  });
}
