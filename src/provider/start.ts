/**
 * The process that Terraform starts (dist/provider.js): performs the handshake, and runs
 * provider-main.js from V8's code cache. Terraform starts the process several times for each
 * command, and without the cache, compiling a megabyte of JavaScript takes most of each start.
 */
import path from "node:path";
import { loadFromCache } from "../code-cache";
import { cachedCertificate } from "./certificate-cache";
import { clientCertificate, Handshake, endWithTerraform, isStartedByTerraform } from "./handshake";
import type { main as Main } from "./main";

/** The hash of provider-main.js, from scripts/build.mjs. */
declare const BUILD: string;

function loadMain(): typeof Main {
  const main = path.join(__dirname, "provider-main.js");
  return (loadFromCache(main, { name: "provider", build: BUILD }) as { main: typeof Main }).main;
}

function start(): void {
  if (!isStartedByTerraform()) {
    process.stderr.write(
      "This is lakeform's Terraform provider. Do not run it manually: terraform, tofu and cdktf start it.\n",
    );
    process.exitCode = 1;
    return;
  }
  endWithTerraform();
  const certificate = clientCertificate() === undefined ? undefined : cachedCertificate();
  // Without a cached certificate, `main` generates one before it performs the handshake itself.
  if (certificate === undefined && clientCertificate() !== undefined) loadMain()();
  else Handshake.make(certificate, (handshake) => loadMain()(handshake));
}

start();
