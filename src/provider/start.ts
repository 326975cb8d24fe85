/**
 * The process that Terraform starts (dist/provider.js): shakes hands, then runs provider-main.js
 * from V8's code cache. Terraform starts the process several times for each command, and compiling
 * a megabyte of JavaScript was the larger part of each start.
 */
import path from "node:path";
import { loadFromCache } from "../code-cache";
import { cachedCertificate } from "./certificate-cache";
import { clientCertificate, Handshake, endWithTerraform, startedByTerraform } from "./handshake";
import type { main as Main } from "./main";

/** The hash of provider-main.js, from scripts/build.mjs. */
declare const BUILD: string;

function load(): typeof Main {
  const main = path.join(__dirname, "provider-main.js");
  return (loadFromCache(main, { name: "provider", build: BUILD }) as { main: typeof Main }).main;
}

function start(): void {
  if (!startedByTerraform()) {
    process.stderr.write(
      "This is lakeform's Terraform provider. Do not run it manually: terraform, tofu and cdktf start it.\n",
    );
    process.exitCode = 1;
    return;
  }
  endWithTerraform();
  const certificate = clientCertificate() === undefined ? undefined : cachedCertificate();
  // The first start has no cached certificate: it loads the library that generates one.
  if (certificate === undefined && clientCertificate() !== undefined) load()();
  else Handshake.make(certificate, (handshake) => load()(handshake));
}

start();
