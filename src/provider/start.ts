/**
 * The process that Terraform starts (dist/provider.js): shakes hands, then runs provider-main.js
 * from V8's code cache. Terraform starts the process several times for each command, and compiling
 * a megabyte of JavaScript was the larger part of each start.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Script } from "node:vm";
import { defined } from "../defined";
import { cacheFolder, readPrivate, writePrivate } from "../resources/families/private-files";
import { keptCertificate } from "./certificate-cache";
import {
  clientCertificate,
  Handshake,
  liveAsLongAsTerraform,
  startedByTerraform,
} from "./handshake";
import type { main as Main } from "./main";

const main = path.join(__dirname, "provider-main.js");

function load(): typeof Main {
  const source = fs.readFileSync(main, "utf8");
  const { mtimeMs, size } = fs.statSync(main);
  const file = path.join(
    cacheFolder(),
    `provider-${process.version}-${size}-${Math.floor(mtimeMs)}.bin`,
  );
  const cachedData = readPrivate(file);
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  const script = new Script(wrapped, { filename: main, ...defined({ cachedData }) });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // At the end, when all needed code has been compiled.
    process.on("exit", () => writePrivate(file, script.createCachedData(), /^provider-.*\.bin$/));
  }
  const run = script.runInThisContext() as (...parts: unknown[]) => void;
  const loaded = { exports: {} as { main: typeof Main } };
  run(loaded.exports, createRequire(main), loaded, main, __dirname);
  return loaded.exports.main;
}

function start(): void {
  if (!startedByTerraform()) {
    process.stderr.write(
      "This is lakeform's Terraform provider. Do not run it manually: terraform, tofu and cdktf start it.\n",
    );
    process.exitCode = 1;
    return;
  }
  liveAsLongAsTerraform();
  const certificate = clientCertificate() === undefined ? undefined : keptCertificate();
  // The first start has no cached certificate: it loads the library that generates one.
  if (certificate === undefined && clientCertificate() !== undefined) load()();
  else Handshake.make(certificate, (handshake) => load()(handshake));
}

start();
