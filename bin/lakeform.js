#!/usr/bin/env node
"use strict";
// A reader that closes the pipe early (`lakeform … | head`) is not an error.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
require("../dist/lakeform.js")
  .start(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
