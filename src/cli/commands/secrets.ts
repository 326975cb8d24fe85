import { Command } from "commander";
import { outputStyle } from "../terminal";
import { Secret } from "../../api";
import { Secrets, SecretsReader } from "../../api/families/secrets";
import { LakeformError } from "../../errors";
import { renderListing, formatTime } from "../../run/format";
import { askHidden, readStdin } from "../questions";
import type { Io, MakeCommand } from "../io";
import { emit, openRest, withRestFlags, type RestFlags } from "../rest";

export const command: MakeCommand = (io) =>
  new Command("secrets")
    .description("List, put and delete secrets; values are never shown")
    .addCommand(listCommand(io))
    .addCommand(putCommand(io))
    .addCommand(deleteCommand(io))
    .addHelpText(
      "after",
      '\nExamples:\n  lakeform secrets list\n  lakeform secrets list daily-etl\n  printf %s "$WAREHOUSE_PASSWORD" | lakeform secrets put daily-etl warehouse-password',
    );

const listCommand = (io: Io): Command =>
  withRestFlags(new Command("list"))
    .description("List the scopes, or the keys of a scope")
    .addHelpText("after", "\nExample: lakeform secrets list daily-etl")
    .argument("[scope]")
    .action(async (scope: string | undefined, flags: RestFlags) => {
      const secrets = new SecretsReader((await openRest(io, flags)).client);
      if (scope === undefined) {
        const scopes = await secrets.scopes();
        emit(
          io,
          flags,
          { schema: "lakeform/secret-scopes/1", scopes },
          renderListing(
            "no scopes",
            ["SCOPE", "BACKEND"],
            scopes.map((scope) => [scope.name, scope.backend_type ?? ""]),
            outputStyle(io).width,
          ),
        );
        return;
      }
      const keys = await secrets.list(scope);
      const rows = keys.map(({ key, last_updated_timestamp: updated }) => [
        key,
        formatTime(updated),
      ]);
      emit(
        io,
        flags,
        { schema: "lakeform/secrets/1", scope, secrets: keys },
        renderListing("no secrets", ["KEY", "UPDATED (UTC)"], rows, outputStyle(io).width),
      );
    });

const putCommand = (io: Io): Command =>
  withRestFlags(new Command("put"))
    .description("Set a secret; the value is read from stdin or a prompt, never from an argument")
    .argument("<scope>")
    .argument("<key>")
    .option("--create-scope", "create the scope if it does not exist")
    .addHelpText(
      "after",
      '\nExample:\n  printf %s "$WAREHOUSE_PASSWORD" | lakeform secrets put daily-etl warehouse-password\n\nOne trailing line break of stdin is removed.',
    )
    .action(
      async (scope: string, key: string, flags: RestFlags & { readonly createScope?: boolean }) => {
        const secrets = new Secrets((await openRest(io, flags)).client);
        if (
          !(await secrets.scopes()).some(
            (candidate) => candidate.name.toLowerCase() === scope.toLowerCase(),
          )
        ) {
          if (flags.createScope !== true)
            throw new LakeformError("UNKNOWN_SCOPE", "no such secret scope", {
              value: scope,
              fix: "check the name with lakeform secrets list, or create it with --create-scope",
            });
          await secrets.createScope(scope);
        }
        const value = await readSecretValue(io);
        await secrets.put(scope, key, value);
        emit(io, flags, { schema: "lakeform/secret/1", scope, key }, `set ${scope}/${key}`);
      },
    );

async function readSecretValue(io: Io): Promise<Secret> {
  const input = io.stdin.isTTY
    ? await askHidden(io, "value (not shown): ")
    : (await readStdin(io)).replace(/\r?\n$/, "");
  if (input === undefined || input === "")
    throw new LakeformError("EMPTY_SECRET", "no value was given", {
      fix: 'type it, or pipe it in: printf %s "$VALUE" | lakeform secrets put SCOPE KEY',
    });
  return new Secret(input);
}

const deleteCommand = (io: Io): Command =>
  withRestFlags(new Command("delete"))
    .description("Delete a secret")
    .addHelpText("after", "\nExample: lakeform secrets delete daily-etl warehouse-password")
    .argument("<scope>")
    .argument("<key>")
    .action(async (scope: string, key: string, flags: RestFlags) => {
      await new Secrets((await openRest(io, flags)).client).delete(scope, key);
      emit(
        io,
        flags,
        { schema: "lakeform/secret/1", scope, key, deleted: true },
        `deleted ${scope}/${key}`,
      );
    });
