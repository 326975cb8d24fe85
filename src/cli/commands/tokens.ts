import { Command, InvalidArgumentError } from "commander";
import { outputStyle } from "../terminal";
import { Tokens, TokensReader, type TokenInfo } from "../../api/families/tokens";
import { workspaceNow } from "../../api/transport/clock";
import { LakeformError } from "../../errors";
import { printable } from "../../printable";
import { renderListing, formatTime } from "../../run/format";
import type { Io, MakeCommand } from "../io";
import { emit, openRest, withRestFlags, type RestFlags } from "../rest";

const dayMs = 86_400_000;

export const command: MakeCommand = (io) =>
  new Command("tokens")
    .description("List, create and revoke access tokens; warn before they expire")
    .addCommand(listCommand(io))
    .addCommand(createCommand(io))
    .addCommand(revokeCommand(io))
    .addHelpText(
      "after",
      "\nExamples:\n  lakeform tokens list --fail-below 14   exit 2 if a token expires within 14 days, for CI\n  lakeform tokens create --comment ci --days 30 > token\n  lakeform tokens revoke TOKEN_ID",
    );

interface ListFlags extends RestFlags {
  readonly failBelow?: number;
}

const listCommand = (io: Io): Command =>
  withRestFlags(new Command("list"), false)
    .description(
      "List your tokens and their expiry; with --fail-below, exit 2 if one expires soon or never",
    )
    .addHelpText("after", "\nExample: lakeform tokens list --fail-below 14")
    .option(
      "--fail-below <days>",
      "exit 2 if a token expires sooner than this, or never",
      parseDays,
    )
    .action(async (flags: ListFlags) => {
      const { client } = await openRest(io, flags);
      const tokens = await new TokensReader(client).list();
      const now = workspaceNow(client.host);
      const report = tokens
        .map((token) => ({ ...token, days_left: daysLeft(token, now) }))
        .sort((a, b) => (a.days_left ?? Infinity) - (b.days_left ?? Infinity));
      const limit = flags.failBelow;
      const expiring = report.filter(
        (token) => limit !== undefined && token.days_left !== null && token.days_left < limit,
      );
      const neverExpiring =
        limit === undefined ? [] : report.filter((token) => token.days_left === null);
      const rows = report.map((token) => [
        expiring.includes(token) || neverExpiring.includes(token) ? "!" : "",
        token.token_id,
        formatTime(token.creation_time),
        token.days_left === null ? "never" : formatTime(token.expiry_time),
        token.days_left === null
          ? ""
          : token.days_left < 0
            ? "expired"
            : `${Math.floor(token.days_left)} days`,
        token.comment ?? "",
      ]);
      const text = renderListing(
        "no tokens",
        ["", "ID", "CREATED (UTC)", "EXPIRES (UTC)", "LEFT", "COMMENT"],
        rows,
        outputStyle(io).width,
      );
      emit(
        io,
        flags,
        {
          schema: "lakeform/tokens/1",
          tokens: report,
          expiring: expiring.map(idOf),
          never_expiring: neverExpiring.map(idOf),
        },
        text,
      );
      if (expiring.length > 0)
        io.stderr.write(
          `${expiring.length === 1 ? "1 token expires" : `${expiring.length} tokens expire`} in less than ${limit ?? 0} days: create new ones with lakeform tokens create\n`,
        );
      if (neverExpiring.length > 0)
        io.stderr.write(
          `${neverExpiring.length === 1 ? "1 token never expires" : `${neverExpiring.length} tokens never expire`}: create a new one with --days, then revoke the old one: lakeform tokens revoke ID\n`,
        );
      if (expiring.length + neverExpiring.length > 0) io.exitCode = 2;
    });

const idOf = ({ token_id: id }: TokenInfo): string => id;

/** Returns the days until the token expires; null if it never expires. */
function daysLeft(token: TokenInfo, now: number): number | null {
  return token.expiry_time === undefined || token.expiry_time < 0
    ? null
    : Math.round(((token.expiry_time - now) / dayMs) * 100) / 100;
}

const createCommand = (io: Io): Command =>
  withRestFlags(new Command("create"))
    .description("Create a token; its value is printed to stdout once and cannot be shown again")
    .addHelpText("after", "\nExample: lakeform tokens create --comment ci --days 30 > token")
    .requiredOption("--comment <text>", "purpose of the token")
    .option("--days <days>", "lifetime", parseDays, 90)
    .action(async (flags: RestFlags & { readonly comment: string; readonly days: number }) => {
      const { token, info, unclear } = await new Tokens((await openRest(io, flags)).client).create(
        flags.comment,
        Math.round(flags.days * 86_400),
      );
      // The value is the result of this command, and is printed only here.
      emit(
        io,
        flags,
        { schema: "lakeform/token/1", token_value: token.reveal(), ...info },
        token.reveal(),
      );
      if (flags.quiet !== true)
        io.stderr.write(
          `token ${printable(info.token_id)} "${printable(flags.comment)}" expires ${info.expiry_time === undefined || info.expiry_time < 0 ? "never" : `${formatTime(info.expiry_time)} UTC`}\n`,
        );
      for (const { token_id: id } of unclear)
        io.stderr.write(
          `the response to the first call was lost, and so is the value of the token that it may have created; if no other command has created ${printable(id)}: lakeform tokens revoke ${printable(id)}\n`,
        );
    });

const revokeCommand = (io: Io): Command =>
  withRestFlags(new Command("revoke"))
    .description("Revoke a token immediately")
    .addHelpText("after", "\nExample: lakeform tokens revoke TOKEN_ID")
    .argument("<token-id>", "token id, from lakeform tokens list")
    .action(async (id: string, flags: RestFlags) => {
      const tokens = new Tokens((await openRest(io, flags)).client);
      if (!(await tokens.list()).some((token) => token.token_id === id)) {
        throw new LakeformError(
          "UNKNOWN_TOKEN",
          "you have no token with this id in this workspace",
          {
            value: id.startsWith("dapi") ? "a token's value" : id,
            fix: "pass the token's id, not its value: lakeform tokens list",
          },
        );
      }
      await tokens.revoke(id);
      emit(io, flags, { schema: "lakeform/token/1", token_id: id, revoked: true }, `revoked ${id}`);
    });

function parseDays(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("must be a number of days above 0");
  return value;
}
