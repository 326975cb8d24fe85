/** The provider process: what Terraform starts. */
import { serve } from "./server";
import { ProviderService } from "./service";

serve(new ProviderService(process.cwd()).handlers).catch((error: unknown) => {
  process.stderr.write(`[ERROR] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
